"""The steps that a synthetic person's phone counts, beside the watch and without it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from random import Random

from cromwelld.simulator.person.civil import MINUTE_S, Span, at_clock, seconds_of
from cromwelld.simulator.person.diary import diary
from cromwelld.simulator.person.movement import movement
from cromwelld.simulator.person.traits import Traits
from cromwelld.simulator.person.values import PhoneSteps

CHANCE_IN_THE_POCKET = 1 / 2
CHANCE_WHILE_CHARGING = 1 / 2
UP_AT_MINUTE, DOWN_AT_MINUTE = 8 * 60, 22 * 60


@lru_cache(maxsize=256)
def phone_steps(traits: Traits, day: date) -> tuple[PhoneSteps, ...]:
    """Tell what the phone counted on a date, in order.

    Beside the watch it counts some of the same minutes, and fewer steps; alone it sums up several minutes at once.
    """
    if day < traits.member_since:
        return ()
    plan, dice = diary(traits, day), traits.dice(day, "phone")
    if not plan.worn:
        return tuple(_alone(dice, _waking(traits, day)))
    charging = () if plan.charging is None else _while_charging(dice, plan.charging)
    return tuple(sorted((*_in_the_pocket(traits, day, dice), *charging), key=lambda each: each.start))


def _in_the_pocket(traits: Traits, day: date, dice: Random) -> Iterator[PhoneSteps]:
    moved = movement(traits, day)
    for minute, steps in enumerate(moved.steps):
        if steps and dice.random() < CHANCE_IN_THE_POCKET:
            start = moved.first + minute * MINUTE_S
            counted = max(1, round(steps * dice.uniform(0.6, 0.95)))
            yield PhoneSteps(start=start, end=start + MINUTE_S, steps=counted)


def _while_charging(dice: Random, charging: Span) -> Iterator[PhoneSteps]:
    if dice.random() < CHANCE_WHILE_CHARGING:
        minutes = dice.randint(5, min(12, charging.minutes))
        yield PhoneSteps(
            start=charging.start, end=charging.start + minutes * MINUTE_S, steps=minutes * dice.randint(8, 40)
        )


def _alone(dice: Random, waking: Span) -> Iterator[PhoneSteps]:
    at = waking.start
    while True:
        start = at + dice.randint(20, 90) * MINUTE_S
        minutes = dice.randint(2, 15)
        at = start + minutes * MINUTE_S
        if at > waking.end:
            return
        yield PhoneSteps(start=start, end=at, steps=minutes * dice.randint(20, 95))


def _waking(traits: Traits, day: date) -> Span:
    """Find the hours in which the person is about, by the clock."""
    return Span(*(seconds_of(at_clock(day, minute, traits.tz)) for minute in (UP_AT_MINUTE, DOWN_AT_MINUTE)))
