"""The sleeps of a synthetic person, each on the date on which it ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random

from cromwelld.simulator.person.civil import civil_date, seconds_of, utc
from cromwelld.simulator.person.diary import diary
from cromwelld.simulator.person.traits import Traits
from cromwelld.simulator.person.values import Sleep, Stage

GRAIN_S = 30
NAP_GRAIN_S = 60
SHORTEST_LONG_WAKE_S = 210
LONGEST_SHORT_WAKE_S = 180
ROOM_FOR_A_SHORT_WAKE_S = 600


@lru_cache(maxsize=512)
def sleeps(traits: Traits, day: date) -> tuple[Sleep, ...]:
    """Tell the sleeps that end on a date, the main one first."""
    plan = diary(traits, day)
    found = []
    if plan.night:
        found.append(night(traits, utc(plan.night.start), utc(plan.night.end)))
    if plan.nap:
        found.append(_nap(traits, utc(plan.nap.start), utc(plan.nap.end)))
    return tuple(found)


def night(traits: Traits, start: datetime, end: datetime, *, main: bool = True) -> Sleep:
    """Dream up a sleep with stages between two instants, a whole number of half minutes apart."""
    dice = traits.dice(civil_date(seconds_of(end), traits.tz), f"stages:{seconds_of(start)}")
    stages = tuple(_fit(_cycles(dice), start, end))
    short_wakes = tuple(_short_wakes(dice, stages))
    return Sleep(start=start, end=end, kind="stages", main=main, stages=stages, short_wakes=short_wakes)


def _nap(traits: Traits, start: datetime, end: datetime) -> Sleep:
    dice = traits.dice(civil_date(seconds_of(end), traits.tz), f"nap:{seconds_of(start)}")
    return Sleep(start=start, end=end, kind="classic", main=False, stages=tuple(_fit(_dozing(dice), start, end)))


def _fit(stretches: Iterator[tuple[str, int]], start: datetime, end: datetime) -> Iterator[Stage]:
    """Lay endless stretches one after the other from start to end; the last one is cut."""
    at = start
    while at < end:
        level, seconds = next(stretches)
        seconds = min(seconds, round((end - at).total_seconds()))
        yield Stage(start=at, level=level, seconds=seconds)
        at += timedelta(seconds=seconds)


def _cycles(dice: Random) -> Iterator[tuple[str, int]]:
    """Sleep in cycles of about an hour and a half: deep sleep early in the night, dreams late."""
    yield "wake", _seconds(dice, SHORTEST_LONG_WAKE_S, 600)
    cycle = 0
    while True:
        yield "light", _seconds(dice, 900, 2100)
        if cycle < 3:  # noqa: PLR2004 - deep sleep fills the first half of the night
            yield "deep", _seconds(dice, 1500 - 420 * cycle, 2700 - 600 * cycle)
            yield "light", _seconds(dice, 600, 1500)
        yield "rem", _seconds(dice, 480 + 240 * min(cycle, 3), 1080 + 300 * min(cycle, 3))
        if dice.random() < 2 / 5:
            yield "wake", _seconds(dice, SHORTEST_LONG_WAKE_S, 540)
        cycle += 1


def _dozing(dice: Random) -> Iterator[tuple[str, int]]:
    yield "awake", NAP_GRAIN_S * dice.randint(1, 3)
    while True:
        yield "asleep", NAP_GRAIN_S * dice.randint(8, 25)
        yield dice.choice(("restless", "restless", "awake")), NAP_GRAIN_S * dice.randint(1, 3)


def _short_wakes(dice: Random, stages: tuple[Stage, ...]) -> Iterator[Stage]:
    for stage in stages:
        if stage.level != "wake" and stage.seconds >= ROOM_FOR_A_SHORT_WAKE_S and dice.random() < 2 / 3:
            seconds = _seconds(dice, GRAIN_S, LONGEST_SHORT_WAKE_S)
            after = _seconds(dice, GRAIN_S, stage.seconds - seconds - GRAIN_S)
            yield Stage(start=stage.start + timedelta(seconds=after), level="wake", seconds=seconds)


def _seconds(dice: Random, least: int, most: int) -> int:
    """Draw a length on the grain of stages."""
    return GRAIN_S * dice.randint(least // GRAIN_S, most // GRAIN_S)
