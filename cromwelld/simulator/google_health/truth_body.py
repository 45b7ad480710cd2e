"""Weight, fat and height.

Source: https://developers.google.com/health/data-types
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cromwelld.simulator.google_health.points import Point
from cromwelld.simulator.google_health.truth_known import Known
from cromwelld.simulator.google_health.truth_points import BY_HAND, sample, scale
from cromwelld.simulator.person import Weighing
from cromwelld.simulator.person.civil import at_clock, seconds_of

WEIGHT_ID_BASE, FAT_ID_BASE, HEIGHT_ID_BASE = 40_000_000_000, 45_000_000_000, 50_000_000_000
SIGNED_UP_AT_MINUTE = 12 * 60
GRAMS_PER_KG, MILLIMETRES_PER_METRE = 1000, 1000
Told = tuple[Point, ...]


def weight(known: Known, day: date) -> Told:
    """Tell the weighings of a date; the scale needs no watch."""
    clock, origin = known.person.tz, scale(known.person)
    return tuple(
        sample(clock, at, {"weightGrams": round(each.weight_kg * GRAMS_PER_KG)}, origin, name=str(WEIGHT_ID_BASE + at))
        for at, each in _weighings(known, day)
    )


def body_fat(known: Known, day: date) -> Told:
    """Tell the fat where a weighing measured it, at the weighing's own instant."""
    clock, origin = known.person.tz, scale(known.person)
    return tuple(
        sample(clock, at, {"percentage": each.fat_percent}, origin, name=str(FAT_ID_BASE + at))
        for at, each in _weighings(known, day)
        if each.fat_percent is not None
    )


def height(known: Known, day: date) -> Told:
    """Tell the one reading, made when the person signed up."""
    person = known.person
    at = seconds_of(at_clock(person.member_since, SIGNED_UP_AT_MINUTE, person.tz))
    if day != person.member_since or at > known.now:
        return ()
    payload = {"heightMillimeters": str(round(person.height_m * MILLIMETRES_PER_METRE))}
    return (sample(person.tz, at, payload, BY_HAND, name=str(HEIGHT_ID_BASE + at)),)


def _weighings(known: Known, day: date) -> Iterator[tuple[int, Weighing]]:
    for each in known.person.weighings(day):
        at = seconds_of(each.at)
        if at <= known.now:
            yield at, each
