"""Exercises with what was measured in them.

Source: https://developers.google.com/health/data-types/workouts
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date
from functools import lru_cache, partial
from itertools import pairwise

from cromwelld.simulator.google_health.points import Point
from cromwelld.simulator.google_health.truth_known import Known, activity_at, first_synced
from cromwelld.simulator.google_health.truth_points import (
    BY_HAND,
    HEALTH_CONNECT,
    Deferred,
    Payload,
    duration,
    interval,
    offset_s,
    stamp,
    stretch,
    watch,
)
from cromwelld.simulator.google_health.truth_spans import ZONES
from cromwelld.simulator.person import Activity, Person, Route
from cromwelld.simulator.person.civil import MINUTE_S, Span, civil_date, seconds_of
from cromwelld.simulator.person.diary import Outing
from cromwelld.simulator.person.zones import ACTIVE_MINUTE_FLOORS, minute_zones, personal_floors

ID_BASE, COPY_ID_BASE = 30_000_000_000, 35_000_000_000
TYPES = {"walk": "WALKING", "indoor": "ELLIPTICAL", "manual": "WALKING"}
METHODS = {"walk": "ACTIVELY_MEASURED", "indoor": "PASSIVELY_MEASURED"}
CHANCE_OF_A_COPY = 1 / 5
COPY_LATE_S, COPY_SHORT_S = 20, 45
SPLIT_M = 1000
WORTH = (0, 1, 2, 2)
Told = tuple[Point, ...]


def exercise(known: Known, day: date) -> Told:
    """Tell the exercises that began on a date and are over, and another app's empty copy of one now and then."""
    outings = known.outings(day)
    return (*(_point(known.person, day, outing) for outing in outings), *_copies(known.person, day, outings))


def name_of(start: int) -> str:
    """Name the exercise that began at an instant."""
    return str(ID_BASE + start)


def find(known: Known, name: str) -> Activity | None:
    """Find an exercise by its name; None where there is none, or where it is not over."""
    if not (name.isascii() and name.isdecimal()) or not ID_BASE <= int(name) <= ID_BASE + known.synced:
        return None
    start = int(name) - ID_BASE
    day = civil_date(start, known.person.tz)
    over = any(outing.span.start == start for outing in known.outings(day))
    return activity_at(known.person, day, start) if over else None


def _point(person: Person, day: date, outing: Outing) -> Point:
    start, end = outing.span.start, outing.span.end
    payload = Deferred(partial(_payload, person, day, start))
    origin = BY_HAND if outing.kind == "manual" else watch(person, METHODS[outing.kind])
    return interval(person.tz, (start, end), payload, origin, name=name_of(start))


def _copies(person: Person, day: date, outings: list[Outing]) -> Iterator[Point]:
    """Copy the first measured exercise of some dates as a second app would: a little shorter, and empty."""
    measured = [outing.span for outing in outings if outing.kind != "manual"]
    if measured and person.dice(day, "health-connect").random() < CHANCE_OF_A_COPY:
        start, end = measured[0].start + COPY_LATE_S, measured[0].end - COPY_SHORT_S
        payload = {
            "exerciseType": "WORKOUT",
            "activeDuration": duration(end - start),
            "metricsSummary": {"caloriesKcal": 0},
            "exerciseMetadata": {},
        }
        yield interval(person.tz, (start, end), payload, HEALTH_CONNECT, name=str(COPY_ID_BASE + start))


@lru_cache(maxsize=1024)
def _payload(person: Person, day: date, start: int) -> Payload:
    told = activity_at(person, day, start)
    seen = stamp(first_synced(seconds_of(told.end)))
    named = {} if told.name is None else {"displayName": told.name}
    return {
        "exerciseType": TYPES[told.kind],
        **named,
        "activeDuration": duration(told.seconds),
        "metricsSummary": _metrics(person, day, told),
        "exerciseMetadata": {"hasGps": True} if told.route else {},
        **({} if told.kind == "manual" else _course(person, told)),
        "createTime": seen,
        "updateTime": seen,
    }


def _metrics(person: Person, day: date, told: Activity) -> dict[str, object]:
    """Sum up: of one that was only logged by hand, nothing but the calories is known."""
    metrics: dict[str, object] = {"caloriesKcal": told.calories_kcal}
    if told.kind == "manual":
        return metrics
    return {**metrics, **_counted(person, day, told), **(_travelled(told.route, told.seconds) if told.route else {})}


def _counted(person: Person, day: date, told: Activity) -> dict[str, object]:
    minutes = person.civil(day).minutes_inside(_whole_minutes(told))
    active = minute_zones(person, day, ACTIVE_MINUTE_FLOORS)
    own = minute_zones(person, day, personal_floors(person, day))
    in_zones = [sum(own[minute] == zone for minute in minutes) for zone in range(len(ZONES))]
    return {
        "steps": str(told.steps),
        "averageHeartRateBeatsPerMinute": str(told.average_bpm),
        "activeZoneMinutes": str(sum(WORTH[active[minute] or 0] for minute in minutes)),
        "heartRateZoneDurations": {
            f"{zone.lower()}Time": duration(spent * MINUTE_S)
            for zone, spent in zip(ZONES, in_zones, strict=True)
            if spent
        },
    }


def _whole_minutes(told: Activity) -> Span:
    """Give the minutes that an exercise touches at its start, as many as it is long."""
    first = seconds_of(told.start) // MINUTE_S * MINUTE_S
    return Span(first, first + told.seconds // MINUTE_S * MINUTE_S)


def _travelled(route: Route, seconds: int) -> dict[str, object]:
    millimetres = round(route.distance_m[-1] * 1000)
    climbed = sum(max(0.0, upper - lower) for lower, upper in pairwise(route.altitude_m))
    return {
        "distanceMillimeters": millimetres,
        "averageSpeedMillimetersPerSecond": millimetres / seconds,
        "averagePaceSecondsPerMeter": seconds / millimetres * 1000,
        "elevationGainMillimeters": round(climbed * 1000),
    }


def _course(person: Person, told: Activity) -> dict[str, object]:
    """Tell how an exercise went: when it began and ended, and when each kilometre of it was done."""
    start, end = seconds_of(told.start), seconds_of(told.end)
    splits = {"splitSummaries": list(_splits(person, told, told.route))} if told.route else {}
    return {**splits, "exerciseEvents": [_event(person, start, "START"), _event(person, end, "STOP")]}


def _event(person: Person, at: int, kind: str) -> dict[str, str]:
    offset = duration(offset_s(person.tz, at))
    return {"eventTime": stamp(at), "eventUtcOffset": offset, "exerciseEventType": kind}


def _splits(person: Person, told: Activity, route: Route) -> Iterator[dict[str, object]]:
    """Cut a route where each kilometre is done; the rest is no split."""
    start, end = 0, bisect_left(route.distance_m, SPLIT_M)
    while end < len(route.distance_m):
        seconds = end - start
        yield {
            **stretch(person.tz, route.instants[start], route.instants[end]),
            "activeDuration": duration(seconds),
            "metricsSummary": {
                "distanceMillimeters": SPLIT_M * 1000,
                "caloriesKcal": round(told.calories_kcal * seconds / told.seconds, 1),
            },
            "splitType": "DISTANCE",
        }
        kilometres = round(route.distance_m[end] // SPLIT_M)
        start, end = end, bisect_left(route.distance_m, (kilometres + 1) * SPLIT_M)
