"""The heart: samples, minutes that count, calories by zone, the day's resting rate and zones.

Sources: https://developers.google.com/health/data-types/vitals, reference/rest/v4/users.dataTypes.dataPoints
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from cromwelld.simulator.google_health.points import Point
from cromwelld.simulator.google_health.truth_known import Known
from cromwelld.simulator.google_health.truth_points import daily, interval, sample, watch
from cromwelld.simulator.google_health.truth_spans import ZONES, zones
from cromwelld.simulator.person.civil import MINUTE_S
from cromwelld.simulator.person.zones import ACTIVE_MINUTE_FLOORS, minute_zones, personal_floors

SLOWEST_BPM, FASTEST_BPM = 30, 220
ACTIVE_ZONES: Mapping[int, Mapping[str, str]] = {
    1: {"heartRateZone": "FAT_BURN", "activeZoneMinutes": "1"},
    2: {"heartRateZone": "CARDIO", "activeZoneMinutes": "2"},
    3: {"heartRateZone": "PEAK", "activeZoneMinutes": "2"},
}
BEATS: Mapping[int, Mapping[str, str]] = {bpm: {"beatsPerMinute": str(bpm)} for bpm in range(1, 256)}
Told = tuple[Point, ...]


@lru_cache(maxsize=4)
def heart_rate(known: Known, day: date) -> Told:
    """Tell the samples of a date that have been synced."""
    truth, clock, origin = known.person.heart_rate(day), known.person.tz, watch(known.person)
    if day < known.person.member_since:
        return ()
    return tuple(
        sample(clock, at, BEATS[bpm], origin)
        for at, bpm in zip(truth.instants, truth.bpm, strict=True)
        if at < known.synced
    )


@lru_cache(maxsize=2048)
def active_zone_minutes(known: Known, day: date) -> Told:
    """Tell the minutes that count as active: they go by fixed limits, and count double in the upper two zones."""
    minutes = known.minutes(day)
    if not minutes:
        return ()
    person, first = known.person, known.person.civil(day).start
    counted = enumerate(minute_zones(person, day, ACTIVE_MINUTE_FLOORS)[:minutes])
    starts = ((first + minute * MINUTE_S, ACTIVE_ZONES[zone]) for minute, zone in counted if zone)
    clock, origin = person.tz, watch(person)
    return tuple(interval(clock, (start, start + MINUTE_S), worth, origin) for start, worth in starts)


@lru_cache(maxsize=64)
def calories_in_zone(known: Known, day: date) -> Told:
    """Tell by the minute what was burnt in which of the person's own zones."""
    person, moved = known.person, known.person.movement(day)
    clock, origin = person.tz, watch(person, "DERIVED")
    burnt = zip(
        range(moved.first, moved.first + len(moved.steps) * MINUTE_S, MINUTE_S), zones(known, day), strict=False
    )
    return tuple(
        interval(clock, (start, start + MINUTE_S), {"heartRateZoneType": zone, "kcal": kcal}, origin)
        for (start, zone), kcal in zip(burnt, moved.calories_kcal, strict=False)
        if zone is not None
    )


def resting_rate(known: Known, day: date) -> Told:
    """Tell the resting rate of a date that is over."""
    vitals = known.night(day)
    if vitals is None or not known.over(day):
        return ()
    method = {"calculationMethod": "WITH_SLEEP"}
    payload = {"beatsPerMinute": str(vitals.resting_bpm), "dailyRestingHeartRateMetadata": method}
    return (daily(day, payload, watch(known.person, "DERIVED")),)


def zone_limits(known: Known, day: date) -> Told:
    """Tell where the person's zones lay on a date that is over."""
    if known.night(day) is None or not known.over(day):
        return ()
    floors = (SLOWEST_BPM, *personal_floors(known.person, day))
    tops = (*(floor - 1 for floor in floors[1:]), FASTEST_BPM)
    limits = [
        {"heartRateZoneType": zone, "minBeatsPerMinute": str(least), "maxBeatsPerMinute": str(most)}
        for zone, least, most in zip(ZONES, floors, tops, strict=True)
    ]
    return (daily(day, {"heartRateZones": limits}, watch(known.person, "DERIVED")),)
