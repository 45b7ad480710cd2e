"""Minutes by level of activity, summed from spans over each civil date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cromwelld.sources.google_health.datatypes import ACTIVITY_LEVEL
from cromwelld.sources.google_health.page import of_type, payload
from cromwelld.sources.google_health.values import moment, offset
from cromwelld.sources.parsed import Asked, Parsed, Rows, daily
from cromwelld.sources.values import Object, member, obj, text

_DAY = dt.timedelta(days=1)
_MINUTE = dt.timedelta(minutes=1)
_NOTHING = dt.timedelta()
_MEASUREMENTS = {
    "LIGHTLY_ACTIVE": "Activity-minutesLightlyActive",
    "MODERATELY_ACTIVE": "Activity-minutesFairlyActive",
    "VERY_ACTIVE": "Activity-minutesVeryActive",
}
_LEVELS = {"SEDENTARY", *_MEASUREMENTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A span of time (UTC) with the offset from UTC that was valid at each of its ends."""

    start: dt.datetime
    end: dt.datetime
    start_offset: dt.timedelta
    end_offset: dt.timedelta


@dataclass(frozen=True, slots=True)
class _Level:
    stretch: Stretch
    level: str


def activity_levels(pages: Sequence[bytes], asked: Asked) -> Parsed:
    """Sum the minutes of each level over each civil date; a date with any known span has a value for every level.

    Spans that begin before the first date asked count from its midnight on. A span that came twice counts once.

    Raises: BadAnswer if a page is of another shape.
    Source: https://developers.google.com/health/data-types
    """
    rows = Rows()
    spans: dict[dt.datetime, _Level] = {}
    for record in of_type(pages, ACTIVITY_LEVEL.key):
        try:
            found = _level(payload(obj(record), ACTIVITY_LEVEL.key))
        except ValueError as err:
            rows.reject(err)
        else:
            spans[found.stretch.start] = found
    for date, sums in _by_date(spans.values()).items():
        for level, measurement in _MEASUREMENTS.items():
            for place in daily(asked, date, measurement, {"value": sums[level] / _MINUTE}):
                rows.add(*place)
    return rows.parsed()


def _level(record: Object) -> _Level:
    interval = member(record, "interval")
    stretch = Stretch(
        start=moment(interval, "startTime"),
        end=moment(interval, "endTime"),
        start_offset=offset(interval, "startUtcOffset"),
        end_offset=offset(interval, "endUtcOffset"),
    )
    if stretch.end <= stretch.start:
        raise ValueError("a span that ends before it starts")
    level = text(record, "activityLevelType")
    if level not in _LEVELS:
        raise ValueError("a level of activity that is not known")
    return _Level(stretch, level)


def _by_date(spans: Iterable[_Level]) -> Mapping[dt.date, Mapping[str, dt.timedelta]]:
    sums: dict[dt.date, dict[str, dt.timedelta]] = {}
    for span in spans:
        for date, elapsed in split(span.stretch):
            found = sums.setdefault(date, dict.fromkeys(_MEASUREMENTS, _NOTHING))
            found[span.level] = found.get(span.level, _NOTHING) + elapsed
    return sums


def split(stretch: Stretch) -> Iterator[tuple[dt.date, dt.timedelta]]:
    """Split a stretch at the person's midnights: the time that passed on each date, which adds up to all of it.

    A clock that was set back over midnight does not bring the earlier date back.
    """
    date, last = (stretch.start + stretch.start_offset).date(), (stretch.end + stretch.end_offset).date()
    start = stretch.start
    while date < last:
        date += _DAY
        midnight = max(start, _midnight(stretch, date))
        if midnight > start:
            yield date - _DAY, midnight - start
        start = midnight
    if stretch.end > start:
        yield date, stretch.end - start


def _midnight(stretch: Stretch, date: dt.date) -> dt.datetime:
    """Give the instant at which a date begins, with the offset that is valid at the nearer end of the stretch."""
    midnight = dt.datetime.combine(date, dt.time(), tzinfo=dt.UTC)
    early, late = midnight - stretch.start_offset, midnight - stretch.end_offset
    found = early if early - stretch.start <= stretch.end - late else late
    return min(max(found, stretch.start), stretch.end)
