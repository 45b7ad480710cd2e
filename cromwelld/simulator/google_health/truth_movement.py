"""Movement minute by minute: steps, distance, floors, calories.

Source: https://developers.google.com/health/data-presence-and-true-zeros
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache

from cromwelld.simulator.google_health.points import Point
from cromwelld.simulator.google_health.truth_known import Known
from cromwelld.simulator.google_health.truth_points import PHONE, Payload, interval, nonzero, watch
from cromwelld.simulator.person import Movement
from cromwelld.simulator.person.civil import MINUTE_S
from cromwelld.simulator.person.movement import RESTING_KCAL, STRIDE_M

KCAL_PLACES = 4
Told = tuple[Point, ...]
Tell = Callable[[Movement, int], Payload | None]


def _each_worn_minute(method: str, tell: Tell) -> Callable[[Known, date], Told]:
    """Tell one amount of every minute in which the watch was worn; a payload of None leaves the minute out."""

    @lru_cache(maxsize=40)
    def told(known: Known, day: date) -> Told:
        moved, clock, origin = known.person.movement(day), known.person.tz, watch(known.person, method)
        minutes = ((moved.first + minute * MINUTE_S, tell(moved, minute)) for minute in known.worn_minutes(day))
        return tuple(
            interval(clock, (start, start + MINUTE_S), payload, origin)
            for start, payload in minutes
            if payload is not None
        )

    return told


def _steps(moved: Movement, minute: int) -> Payload:
    return nonzero(count=str(moved.steps[minute]))


def _distance(moved: Movement, minute: int) -> Payload:
    return nonzero(millimeters=str(round(moved.steps[minute] * STRIDE_M * 1000)))


def _floors(moved: Movement, minute: int) -> Payload:
    return nonzero(count=str(moved.floors[minute]))


def _burnt(moved: Movement, minute: int) -> Payload:
    return {"kcal": moved.calories_kcal[minute]}


def _burnt_by_moving(moved: Movement, minute: int) -> Payload | None:
    above = round(moved.calories_kcal[minute] - RESTING_KCAL, KCAL_PLACES)
    return {"kcal": above} if above > 0 and not moved.asleep[minute] else None


steps_of_the_watch = _each_worn_minute("PASSIVELY_MEASURED", _steps)
distance = _each_worn_minute("PASSIVELY_MEASURED", _distance)
floors = _each_worn_minute("PASSIVELY_MEASURED", _floors)
total_calories = _each_worn_minute("DERIVED", _burnt)
active_energy = _each_worn_minute("DERIVED", _burnt_by_moving)


def steps(known: Known, day: date) -> Told:
    """Tell the steps that the watch counted, true zeros included, then those of the phone, some in the same minutes."""
    clock = known.person.tz
    by_phone = (
        interval(clock, (each.start, each.end), nonzero(count=str(each.steps)), PHONE)
        for each in known.person.phone_steps(day)
        if each.end <= known.now
    )
    return (*steps_of_the_watch(known, day), *by_phone)
