"""Samples through a day: heart rate by the second, steps by the minute."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld import localtime
from cromwelld.day import table
from cromwelld.errors import BadAnswer, Refused
from cromwelld.events import Event, Kind
from cromwelld.jsoncolumns import Columns, read_objects
from cromwelld.measurements import MEASUREMENTS
from cromwelld.sources.parsed import Asked, Parsed
from cromwelld.sources.values import cut, decode

_POINT = pa.schema([("time", pa.string()), ("value", pa.float64())])
_CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$"
_NOT_PERSONAL = "the answer came without intraday data: the application at dev.fitbit.com must be of the type Personal"
_LARGEST = 1e6

_Keep = Callable[[pa.Array, pa.Array, Asked], pa.Array]


def heart_rate(body: bytes, asked: Asked) -> Parsed:
    """Read the heart rate of one date; values that are not above zero are absent.

    Raises: Refused if the application may not have it, BadAnswer if the answer is of another shape.
    Source: https://dev.fitbit.com/build/reference/web-api/intraday/get-heartrate-intraday-by-date/
    """
    return _samples(body, asked, "HeartRate_Intraday", ("activities-heart-intraday", _beats))


def steps(body: bytes, asked: Asked) -> Parsed:
    """Read the steps of one date; zeros later than the tracker's last sync are unknown and left out.

    Raises: Refused if the application may not have it, BadAnswer if the answer is of another shape.
    Source: https://dev.fitbit.com/build/reference/web-api/intraday/get-activity-intraday-by-date/
    """
    return _samples(body, asked, "Steps_Intraday", ("activities-steps-intraday", _counted))


def _beats(_times: pa.Array, values: pa.Array, _asked: Asked) -> pa.Array:
    return pc.greater(values, 0.0)


def _counted(times: pa.Array, values: pa.Array, asked: Asked) -> pa.Array:
    known = pc.greater_equal(values, 0.0)
    if asked.last_sync is None:
        return known
    later = pc.greater(times, pa.scalar(asked.last_sync, times.type))
    return pc.and_not(known, pc.and_(later, pc.equal(values, 0.0)))


def _samples(body: bytes, asked: Asked, measurement: str, form: tuple[str, _Keep]) -> Parsed:
    key, keep = form
    top = cut(body)
    points, rejected = _points(top, key)
    _of_date(top, key, asked.first)
    zone = asked.zone_of(asked.first)
    if zone is None:
        return Parsed(tables={})
    seconds, values = _seconds(points["time"].combine_chunks()), points["value"].combine_chunks()
    times = localtime.clock_to_utc(asked.first, seconds, zone)
    wanted = keep(times, values, asked)
    columns = {"time": times.filter(wanted), "field_value": values.filter(wanted)}
    rows = table(MEASUREMENTS[measurement], columns)
    tables = {(asked.first, measurement): rows} if rows.num_rows else {}
    notes = _sent_once(asked.first, zone, seconds, measurement)
    return Parsed(tables=tables, rejected={"not a sample": rejected} if rejected else {}, notes=notes)


def _points(top: Mapping[str, msgspec.Raw], key: str) -> tuple[pa.Table, int]:
    """Give the samples that have a clock time and a plausible number, in the order sent, and how many had not."""
    columns = _dataset(top, key)
    points = columns.table
    value = pc.less_equal(pc.abs(points["value"]), _LARGEST)  # null and NaN are not
    clock = pc.match_substring_regex(points["time"], _CLOCK)
    sound = pc.and_(clock, pc.or_kleene(value, pc.is_null(points["value"])))
    good = points.filter(pc.fill_null(sound, fill_value=False))
    return good.filter(pc.is_valid(good["value"])), columns.rejected + points.num_rows - good.num_rows


def _dataset(top: Mapping[str, msgspec.Raw], key: str) -> Columns:
    if key not in top:
        if key.removesuffix("-intraday") in top:
            raise Refused(_NOT_PERSONAL, hint="change the application's type, then: cromwelld login")
        raise BadAnswer(f"the answer has no {key}")
    try:
        return read_objects(bytes(cut(top[key]).get("dataset", msgspec.Raw(b"[]"))), _POINT)
    except ValueError as err:
        raise BadAnswer(f"the answer's {key} has no list of samples") from err


def _of_date(top: Mapping[str, msgspec.Raw], key: str, asked: dt.date) -> None:
    """Make sure that the answer, if it says of which date it is, speaks of the one that was asked."""
    days = decode(bytes(top.get(key.removesuffix("-intraday"), msgspec.Raw(b"[]"))))
    stated = [day.get("dateTime") for day in days if isinstance(day, dict)] if isinstance(days, list) else []
    dates = [text[:10] for text in stated if isinstance(text, str)]
    if dates and asked.isoformat() not in dates:
        raise BadAnswer("the answer is of another date than was asked")


def _seconds(clock: pa.Array) -> pa.Array:
    """Turn HH:MM:SS into seconds since midnight."""
    hours, minutes, seconds = (pc.cast(pc.utf8_slice_codeunits(clock, at, at + 2), pa.int32()) for at in (0, 3, 6))
    return pc.add(pc.add(pc.multiply(hours, 3600), pc.multiply(minutes, 60)), seconds)


def _sent_once(date: dt.date, zone: str, seconds: pa.Array, measurement: str) -> tuple[Event, ...]:
    """Say so if the doubled hour of a fall-back day came once: nobody can tell which of the two it was."""
    doubled = localtime.doubled_hour(date, zone)
    if doubled is None or localtime.sent_twice(seconds, doubled):
        return ()
    within = pc.and_(pc.greater_equal(seconds, doubled[0]), pc.less(seconds, doubled[1]))
    if not pc.any(within).as_py():
        return ()
    return (Event(Kind.HOUR_SENT_ONCE, {"date": date.isoformat(), "measurement": measurement}),)
