"""How the vendor writes times, and how it reads them.

Clock times are counted as seconds since 1970 on the clock that showed them, so that they compare as numbers do.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

DAY_S = 86_400
# the clocks that are furthest from UTC
LOWEST_OFFSET_S, HIGHEST_OFFSET_S = -12 * 3600, 14 * 3600
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
CIVIL = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
DURATION = re.compile(r"(\d{1,12})(?:\.0{1,9})?s")
YEARS = range(1900, 2201)
EPOCH_DAY = date(1970, 1, 1)
SECONDS_OF = {"hours": 3600, "minutes": 60, "seconds": 1}
MOST_OF = {"hours": 23, "minutes": 59, "seconds": 59}


def instant_text(seconds: int) -> str:
    """Write an instant."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def duration_text(seconds: int) -> str:
    """Write a duration or an offset."""
    return f"{seconds}s"


def date_body(day: date) -> dict[str, int]:
    """Write a date."""
    return {"year": day.year, "month": day.month, "day": day.day}


def civil_body(seconds: int) -> dict[str, Any]:
    """Write a clock time; members that are zero are left out, so that midnight is an empty object."""
    at = datetime.fromtimestamp(seconds, UTC)
    parts = {"hours": at.hour, "minutes": at.minute, "seconds": at.second}
    return {"date": date_body(at.date()), "time": {name: value for name, value in parts.items() if value}}


def day_at(seconds: float) -> date:
    """Find the date of a clock time, or the date in UTC of an instant."""
    return datetime.fromtimestamp(seconds, UTC).date()


def seconds_at(day: date) -> int:
    """Count the seconds to the midnight with which a date begins."""
    return (day - EPOCH_DAY) // timedelta(days=1) * DAY_S


def read_instant(text: str) -> float:
    """Read an instant. Raises: ValueError: it is none with a zone."""
    return _read(RFC_3339, text).timestamp()


def read_civil(text: str) -> float:
    """Read a date, or a date and clock time without a zone. Raises: ValueError: it is none."""
    return _read(CIVIL, text).replace(tzinfo=UTC).timestamp()


def read_date(text: str) -> float:
    """Read a date as the seconds to its midnight. Raises: ValueError: it is none."""
    return _read(DATE, text).replace(tzinfo=UTC).timestamp()


def read_duration(text: str) -> int:
    """Read a duration of whole seconds. Raises: ValueError: it is none."""
    found = DURATION.fullmatch(text)
    if not found:
        raise ValueError(text)
    return int(found[1])


def read_civil_body(body: Any) -> int:  # noqa: ANN401 - a piece of somebody's request
    """Read a clock time from a request's body. Raises: ValueError: it is none."""
    if not isinstance(body, dict) or not set(body) <= {"date", "time"}:
        raise ValueError("not a civil time")
    day = _whole_numbers(body.get("date"), {"year", "month", "day"})
    clock = _whole_numbers(body.get("time", {}), {*SECONDS_OF, "nanos"})
    if any(clock.get(name, 0) not in range(most + 1) for name, most in MOST_OF.items()) or clock.get("nanos"):
        raise ValueError("not a civil time")
    at = date(day.get("year", 0), day.get("month", 0), day.get("day", 0))
    if at.year not in YEARS:
        raise ValueError("not a year of this vendor")
    return seconds_at(at) + sum(size * clock.get(name, 0) for name, size in SECONDS_OF.items())


def _whole_numbers(body: Any, names: set[str]) -> dict[str, int]:  # noqa: ANN401 - a piece of somebody's request
    if not isinstance(body, dict) or not set(body) <= names or any(type(value) is not int for value in body.values()):
        raise ValueError("not whole numbers")
    return body


def _read(form: re.Pattern[str], text: str) -> datetime:
    if not form.fullmatch(text):
        raise ValueError(text)
    found = datetime.fromisoformat(text)
    if found.year not in YEARS:
        raise ValueError(text)
    return found
