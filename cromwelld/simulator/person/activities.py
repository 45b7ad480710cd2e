"""The activities of a synthetic person with everything a watch knows of them."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from cromwelld.simulator.person.civil import MINUTE_S
from cromwelld.simulator.person.diary import Outing, diary
from cromwelld.simulator.person.movement import movement
from cromwelld.simulator.person.pulse import between, heart_rate
from cromwelld.simulator.person.tracks import route
from cromwelld.simulator.person.traits import Traits
from cromwelld.simulator.person.values import Activity

NAMES = {"walk": "Walk", "indoor": "Elliptical"}
MANUAL_KCAL = 150


@lru_cache(maxsize=16)
def activities(traits: Traits, day: date) -> tuple[Activity, ...]:
    """Tell the activities that began on a date, in order."""
    return tuple(_activity(traits, day, outing) for outing in diary(traits, day).outings)


def _activity(traits: Traits, day: date, outing: Outing) -> Activity:
    if outing.kind == "manual":
        return Activity(kind="manual", name=None, start=outing.start, seconds=outing.seconds, calories_kcal=MANUAL_KCAL)
    moved = movement(traits, day)
    samples = between(heart_rate(traits, day), outing.span)
    minutes = slice((outing.span.start - moved.first) // MINUTE_S, -(-(outing.span.end - moved.first) // MINUTE_S))
    return Activity(
        kind=outing.kind,
        name=NAMES[outing.kind],
        start=outing.start,
        seconds=outing.seconds,
        calories_kcal=round(sum(moved.calories_kcal[minutes])),
        steps=sum(moved.steps[minutes]),
        average_bpm=round(sum(samples.bpm) / len(samples.bpm)),
        route=route(traits, outing) if outing.kind == "walk" else None,
        heart_rate=samples,
    )
