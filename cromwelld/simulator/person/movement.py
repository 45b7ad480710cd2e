"""How a synthetic person moves, minute by minute, and what the minutes add up to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from random import Random

from cromwelld.simulator.person.civil import MINUTE_S, Span
from cromwelld.simulator.person.diary import Outing, diary
from cromwelld.simulator.person.tracks import route
from cromwelld.simulator.person.traits import Traits
from cromwelld.simulator.person.values import Movement, Totals

STRIDE_M = 0.75
RESTING_KCAL = 1.15
METS = (1.2, 2.2, 3.5, 4.8)
METS_ASLEEP = 0.95
STEPS_OF_LEVELS = (1, 60, 105)
CHANCE_OF_STARTING = 1 / 16
CHANCE_OF_STOPPING = 1 / 4
FLOORS_PER_STEPPING_MINUTE = 0.04


@lru_cache(maxsize=64)
def movement(traits: Traits, day: date) -> Movement:
    """Tell every real minute of a date; where the watch is not worn there are no steps, and the body only rests."""
    civil = traits.civil(day)
    dice = traits.dice(day, "movement")
    worn = diary(traits, day).worn
    asleep = _asleep(traits, day)
    steps = _steps(traits, day, asleep=asleep, dice=dice) if worn else [0] * civil.minutes
    levels = tuple(sum(count >= least for least in STEPS_OF_LEVELS) for count in steps)
    mets = (
        METS_ASLEEP if sleeping else METS[level] if worn else 1.0
        for level, sleeping in zip(levels, asleep, strict=True)
    )
    return Movement(
        first=civil.start,
        steps=tuple(steps),
        level=levels,
        calories_kcal=tuple(round(RESTING_KCAL * met, 4) for met in mets),
        floors=tuple(int(count > 0 and dice.random() < FLOORS_PER_STEPPING_MINUTE) for count in steps),
        asleep=tuple(asleep),
    )


@lru_cache(maxsize=4096)
def totals(traits: Traits, day: date, minutes: int | None = None) -> Totals:
    """Add up the first minutes of a date, or all of them."""
    moved = movement(traits, day)
    count = len(moved.steps) if minutes is None else minutes
    steps = sum(moved.steps[:count])
    awake = [level for level, asleep in zip(moved.level[:count], moved.asleep, strict=False) if not asleep]
    return Totals(
        steps=steps,
        calories_kcal=sum(moved.calories_kcal[:count]),
        distance_km=steps * STRIDE_M / 1000,
        floors=sum(moved.floors[:count]),
        minutes_sedentary=awake.count(0),
        minutes_lightly_active=awake.count(1),
        minutes_fairly_active=awake.count(2),
        minutes_very_active=awake.count(3),
    )


def _asleep(traits: Traits, day: date) -> list[bool]:
    today, tomorrow = diary(traits, day), diary(traits, day + timedelta(days=1))
    return _mask(traits.civil(day), [span for span in (today.night, today.nap, tomorrow.night) if span])


def _steps(traits: Traits, day: date, *, asleep: list[bool], dice: Random) -> list[int]:
    """Stroll about in bursts while awake, and walk on the planned walks."""
    plan, civil = diary(traits, day), traits.civil(day)
    off = _mask(civil, [plan.charging] if plan.charging else [])
    steps = [
        0 if sleeping or charging else strolled
        for sleeping, charging, strolled in zip(asleep, off, _strolling(dice), strict=False)
    ]
    for outing in plan.outings:
        for second, count in _outing_steps(traits, outing, dice):
            steps[(second - civil.start) // MINUTE_S] = count
    return steps


def _strolling(dice: Random) -> Iterator[int]:
    moving = False
    while True:
        moving = dice.random() > CHANCE_OF_STOPPING if moving else dice.random() < CHANCE_OF_STARTING
        yield dice.randint(4, 58) if moving else 0


def _outing_steps(traits: Traits, outing: Outing, dice: Random) -> Iterator[tuple[int, int]]:
    """Count the steps of each minute that an outing touches: a walk's from its distance, so that both agree."""
    first = outing.span.start // MINUTE_S * MINUTE_S
    if outing.kind == "walk":
        distances = route(traits, outing).distance_m
        for minute in range(first, outing.span.end, MINUTE_S):
            lower, upper = (
                max(0, minute - outing.span.start),
                min(outing.seconds, minute + MINUTE_S - outing.span.start),
            )
            yield minute, round((distances[upper - 1] - distances[lower]) / STRIDE_M)
    elif outing.kind == "indoor":
        for minute in range(first + MINUTE_S, outing.span.end, MINUTE_S):
            yield minute, dice.randint(108, 128)


def _mask(civil: Span, spans: list[Span]) -> list[bool]:
    """Mark the minutes of a date whose start lies in one of the stretches."""
    mask = [False] * civil.minutes
    for span in spans:
        for minute in civil.minutes_inside(span):
            mask[minute] = True
    return mask
