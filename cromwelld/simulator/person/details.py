"""What a night tells about a synthetic person's body beyond its vitals."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from cromwelld.simulator.person.civil import MINUTE_S, seconds_of
from cromwelld.simulator.person.nights import sleeps
from cromwelld.simulator.person.traits import Traits
from cromwelld.simulator.person.values import NightDetails, Vitals
from cromwelld.simulator.person.vitals import vitals

NIGHTS_WITHOUT_BASELINE = 5
TWO_SIDED_95 = 1.96
CHANCE_OF_NO_BREATHING = 1 / 30
VARIABILITY_STEP_S = 300
OXYGEN_STEP_S = 60
OXYGEN_SECOND = 38
Reading = tuple[int, float]


@lru_cache(maxsize=1024)
def night_details(traits: Traits, day: date) -> NightDetails | None:
    """Tell the details of the night that ended on a date; None without vitals.

    The skin's baseline is not known in the first nights of a membership.
    """
    told = vitals(traits, day)
    if told is None:
        return None
    dice = traits.dice(day, "night-details")
    young = (day - traits.member_since).days < NIGHTS_WITHOUT_BASELINE
    baseline = round(33.6 + 0.3 * math.sin(day.toordinal() / 50.0), 1)
    deviation = round(dice.uniform(0.3, 0.6), 2)
    deep, light, rem = _breaths(traits, day, told)
    return NightDetails(
        non_rem_bpm=told.resting_bpm - dice.randint(0, 3),
        entropy=round(dice.uniform(2.4, 3.4), 3),
        temperature_c=round(baseline + told.skin_relative_c, 1),
        baseline_c=None if young else baseline,
        temperature_deviation_c=None if young else round(dice.uniform(0.25, 0.5), 2),
        oxygen_deviation=deviation,
        oxygen_lower=round(told.oxygen_avg - TWO_SIDED_95 * deviation, 1),
        oxygen_upper=round(told.oxygen_avg + TWO_SIDED_95 * deviation, 1),
        breaths_deep=deep,
        breaths_light=light,
        breaths_rem=rem,
    )


def variability(traits: Traits, day: date) -> Iterator[Reading]:
    """Tell the variability (ms) every five minutes of the main sleep that ended on a date."""
    told = vitals(traits, day)
    if told is not None:
        yield from _grid(traits, day, step_s=VARIABILITY_STEP_S, middle=told.daily_rmssd_ms)


def oxygen(traits: Traits, day: date) -> Iterator[Reading]:
    """Tell the oxygen (%) every minute of the main sleep that ended on a date, at an odd second as watches do."""
    told = vitals(traits, day)
    if told is not None:
        for at, value in _grid(traits, day, step_s=OXYGEN_STEP_S, middle=told.oxygen_avg):
            yield at // MINUTE_S * MINUTE_S + OXYGEN_SECOND, round(min(100.0, value), 1)


def _breaths(traits: Traits, day: date, told: Vitals) -> tuple[float | None, ...]:
    """Tell the breaths a minute in deep, light and dreaming sleep; now and then one cannot be worked out."""
    dice = traits.dice(day, "breaths-by-stage")
    return tuple(
        None if dice.random() < CHANCE_OF_NO_BREATHING else round(told.breaths_per_minute + more, 1)
        for more in (-0.3, 0.1, 0.4)
    )


def _grid(traits: Traits, day: date, *, step_s: int, middle: float) -> Iterator[Reading]:
    """Lay a grid over the main sleep of a date and let a number wander about its middle."""
    main = next(sleep for sleep in sleeps(traits, day) if sleep.main)
    dice = traits.dice(day, f"grid:{step_s}")
    start = seconds_of(main.start) // step_s * step_s + step_s
    for at in range(start, seconds_of(main.end), step_s):
        yield at, round(middle * dice.uniform(0.97, 1.03), 3)
