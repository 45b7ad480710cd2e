"""What the vendor adds up for each civil date: steps, distance, energy, floors, time sitting, time by zone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cromwelld.sources.google_health import datatypes
from cromwelld.sources.google_health.datatypes import DataType
from cromwelld.sources.google_health.page import ROLLUPS, records
from cromwelld.sources.google_health.values import civil_date, count, duration_s
from cromwelld.sources.parsed import Asked, Parsed, Rows, daily
from cromwelld.sources.values import Object, items, member, obj, text

Parser = Callable[[Sequence[bytes], Asked], Parsed]
Fields = Mapping[str, float | None]

_DAY = dt.timedelta(days=1)
_MINUTE_S = 60.0
_MM_IN_KM = 1e6
_ZONES = {"LIGHT": "Light", "MODERATE": "MODERATE", "VIGOROUS": "VIGOROUS", "PEAK": "PEAK"}
_UNKNOWN_ZONE = "a zone that is not known"


@dataclass(frozen=True, slots=True)
class _Read:
    """The fields of one date, and how many of its parts were left out."""

    fields: Fields
    unknown: int = 0


def _rollup(measurement: str, data_type: DataType, read: Callable[[Object], _Read]) -> Parser:
    """Make the parser of one type's sums: a record for each date that has the type's own member.

    The parser raises: BadAnswer if a page is of another shape.
    Source: https://developers.google.com/health/endpoints, .../health/data-presence-and-true-zeros
    """

    def parse(pages: Sequence[bytes], asked: Asked) -> Parsed:
        rows = Rows()
        for record in records(pages, ROLLUPS):
            try:
                point = obj(record)
                if point.get(data_type.key) is None:  # nothing was worn
                    continue
                date, found = _date(point), read(member(point, data_type.key))
            except ValueError as err:
                rows.reject(err)
                continue
            rows.reject(_UNKNOWN_ZONE, found.unknown)
            for place in daily(asked, date, measurement, found.fields):
                rows.add(*place)
        return rows.parsed()

    return parse


def _date(point: Object) -> dt.date:
    """Give the civil date that a window is of.

    Raises: ValueError if it is longer than a date.
    """
    start, end = member(point, "civilStartTime"), member(point, "civilEndTime")
    date = civil_date(start)
    if "date" in end and _clock(end, civil_date(end)) - _clock(start, date) > _DAY:
        raise ValueError("a window longer than a date")
    return date


def _clock(civil: Object, date: dt.date) -> dt.datetime:
    time = member(civil, "time")
    hours, minutes, seconds = (count(time, part) or 0.0 for part in ("hours", "minutes", "seconds"))
    if max(hours, minutes, seconds) > _MINUTE_S:
        raise ValueError("time is no time of day")
    return dt.datetime.combine(date, dt.time()) + dt.timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _sums(members: Mapping[str, str], *, units: float = 1.0) -> Callable[[Object], _Read]:
    """Read sums by field, each divided by `units`; what the wire leaves out is a true zero, NaN is absent."""

    def read(value: Object) -> _Read:
        return _Read({field: _sum(value, name, units) for field, name in members.items()})

    return read


def _sum(value: Object, name: str, units: float) -> float | None:
    if value.get(name) is None:
        return 0.0
    found = count(value, name)
    return None if found is None else found / units


def _minutes(value: Object, name: str) -> float | None:
    seconds = duration_s(value, name)
    if seconds is not None and seconds < 0:
        raise ValueError(f"{name} is negative")
    return None if seconds is None else seconds / _MINUTE_S


def _sitting(value: Object) -> _Read:
    return _Read({"value": _minutes(value, "durationSum")})


def _by_zone(value: Object) -> _Read:
    """Read minutes by zone; a zone that came twice is added up, one that is not known is counted."""
    found: dict[str, float | None] = {}
    unknown = 0
    for entry in items(value, "timeInHeartRateZones"):
        field = _ZONES.get(text(obj(entry), "heartRateZone") or "")
        minutes = _minutes(obj(entry), "duration")
        if field is None:
            unknown += 1
        elif minutes is not None:
            found[field] = (found.get(field) or 0.0) + minutes
    return _Read(found, unknown)


def _value(name: str, *, units: float = 1.0) -> Callable[[Object], _Read]:
    return _sums({"value": name}, units=units)


_POINTS = {"inFatBurn": "sumInFatBurnHeartZone", "inCardio": "sumInCardioHeartZone", "inPeak": "sumInPeakHeartZone"}

steps = _rollup("Activity-steps", datatypes.STEPS, _value("countSum"))
distance = _rollup("Activity-distance", datatypes.DISTANCE, _value("millimetersSum", units=_MM_IN_KM))
calories = _rollup("Activity-calories", datatypes.TOTAL_CALORIES, _value("kcalSum"))
floors = _rollup("Activity-floors", datatypes.FLOORS, _value("countSum"))
sedentary = _rollup("Activity-minutesSedentary", datatypes.SEDENTARY_PERIOD, _sitting)
zones = _rollup("HR_Zones", datatypes.TIME_IN_HEART_RATE_ZONE, _by_zone)
zone_minutes = _rollup("ActiveZoneMinutes", datatypes.ACTIVE_ZONE_MINUTES, _sums(_POINTS))
