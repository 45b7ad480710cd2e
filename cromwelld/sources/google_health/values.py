"""Single values as the Google Health API writes them: times with offsets, civil dates, durations, numbers as text.

Source: https://developers.google.com/health/data-types, and protobuf's JSON mapping.
"""

from __future__ import annotations

import datetime as dt
import re

from cromwelld.sources.values import FIRST_YEAR, LAST_YEAR, Object, finite, instant, member, text

_DURATION = re.compile(r"(-?[0-9]{1,9})(?:\.([0-9]{1,9}))?s")
_INFINITE = frozenset({"NaN", "Infinity", "-Infinity"})
_LONGEST_OFFSET_S = 18 * 3600


def amount(value: Object, name: str) -> float | None:
    """Read a number, also one sent as text; NaN and the infinities are absent.

    Raises: ValueError if it is none, or a truth value.
    """
    found = value.get(name)
    return None if isinstance(found, str) and found in _INFINITE else finite(found)


def positive(value: Object, name: str) -> float | None:
    """Read a quantity of which nought means that it was not computed."""
    found = amount(value, name)
    return None if found is None or found <= 0 else found


def count(value: Object, name: str) -> float | None:
    """Read a number that cannot be negative.

    Raises: ValueError if it is.
    """
    found = amount(value, name)
    if found is not None and found < 0:
        raise ValueError(f"{name} is negative")
    return found


def duration_s(value: Object, name: str) -> float | None:
    """Read a duration such as "934s" or "-3.5s" as seconds.

    Raises: ValueError if it is of another form.
    """
    found = value.get(name)
    if found is None:
        return None
    match = _DURATION.fullmatch(found) if isinstance(found, str) else None
    if match is None:
        raise ValueError(f"{name} is not a duration")
    return float(match[0].removesuffix("s"))


def moment(value: Object, name: str) -> dt.datetime:
    """Read an instant, UTC, perhaps with fractions of a second.

    Raises: ValueError if it is absent, has no offset, or lies outside the years that can be.
    """
    found = text(value, name)
    if found is None:
        raise ValueError(f"no {name}")
    try:
        when = dt.datetime.fromisoformat(found)
    except ValueError as err:
        raise ValueError(f"{name} is not a time") from err
    if when.tzinfo is None:
        raise ValueError(f"{name} is a time without an offset")
    return instant(when, "")


def offset(value: Object, name: str) -> dt.timedelta:
    """Read a UTC offset; an absent one is nought, as the wire leaves noughts out.

    Raises: ValueError if it is of another form or more than there are.
    """
    seconds = duration_s(value, name) or 0.0
    if abs(seconds) > _LONGEST_OFFSET_S:
        raise ValueError(f"{name} is more than an offset can be")
    return dt.timedelta(seconds=seconds)


def civil_date(value: Object, name: str = "date") -> dt.date:
    """Read a date sent as year, month and day.

    Raises: ValueError if a part is missing, nought or no number, or the year cannot be.
    """
    parts = [amount(member(value, name), part) for part in ("year", "month", "day")]
    if any(part is None or part != int(part) for part in parts):
        raise ValueError(f"{name} is not a whole date")
    year, month, day = (int(part) for part in parts if part is not None)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError("a date outside the years that can be")
    try:
        return dt.date(year, month, day)
    except ValueError as err:
        raise ValueError(f"{name} is not a date") from err


def started_on(interval: Object) -> dt.date:
    """Give the person's civil date of an interval's start: as sent, else by its own offset."""
    return _date_of(interval, "civilStartTime", ("startTime", "startUtcOffset"))


def ended_on(interval: Object) -> dt.date:
    """Give the person's civil date of an interval's end: as sent, else by its own offset."""
    return _date_of(interval, "civilEndTime", ("endTime", "endUtcOffset"))


def sampled_on(sample_time: Object) -> dt.date:
    """Give the person's civil date of a sample: as sent, else by its own offset."""
    return _date_of(sample_time, "civilTime", ("physicalTime", "utcOffset"))


def _date_of(times: Object, civil: str, physical: tuple[str, str]) -> dt.date:
    if "date" in member(times, civil):
        return civil_date(member(times, civil))
    return (moment(times, physical[0]) + offset(times, physical[1])).date()
