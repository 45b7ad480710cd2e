"""What a synthetic person does on a date: when the watch is worn, in bed, out for a walk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random

from cromwelld.simulator.person.civil import Span, at_clock, seconds_of
from cromwelld.simulator.person.traits import Traits
from cromwelld.simulator.person.values import ActivityKind

WORN_DAYS_IN_FIFTEEN = 14 / 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Outing:
    """Plan one activity."""

    kind: ActivityKind
    start: datetime
    seconds: int

    @property
    def span(self) -> Span:
        """Give the stretch of UTC that the activity takes."""
        start = seconds_of(self.start)
        return Span(start, start + self.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diary:
    """Hold the plan of one date; a date on which the watch is not worn has no night, nap, outing or charging."""

    day: date
    worn: bool
    night: Span | None = None
    nap: Span | None = None
    charging: Span | None = None
    outings: tuple[Outing, ...] = ()


def worn(traits: Traits, day: date) -> bool:
    """Tell whether the watch is worn on a date: on all but one in about fifteen, and never before it was bought."""
    return day >= traits.member_since and traits.dice(day, "worn").random() < WORN_DAYS_IN_FIFTEEN


@lru_cache(maxsize=4096)
def diary(traits: Traits, day: date) -> Diary:
    """Plan a date."""
    if not worn(traits, day):
        return Diary(day=day, worn=False)
    return Diary(
        day=day,
        worn=True,
        night=_night(traits, day),
        nap=_nap(traits, day),
        charging=_charging(traits, day),
        outings=_outings(traits, day),
    )


def _night(traits: Traits, day: date) -> Span:
    """Plan the night that ends on a date: a watch left off the day before is put on after midnight."""
    dice = traits.dice(day, "night")
    bed = dice.randint(-130, 20) if worn(traits, day - timedelta(days=1)) else dice.randint(5, 55)
    bed_half = dice.choice((0.0, 0.5))
    wake = dice.randint(345, 460)
    return _between(traits, day, bed + bed_half, wake + bed_half)


def _nap(traits: Traits, day: date) -> Span | None:
    dice = traits.dice(day, "nap")
    if dice.random() > 1 / 4:
        return None
    start = dice.randint(13 * 60 + 20, 15 * 60)
    return _between(traits, day, start, start + dice.randint(25, 70))


def _charging(traits: Traits, day: date) -> Span:
    dice = traits.dice(day, "charging")
    start = dice.randint(7 * 60 + 48, 8 * 60)
    return _between(traits, day, start, start + dice.randint(18, 35))


def _outings(traits: Traits, day: date) -> tuple[Outing, ...]:
    """Plan walks on most dates, now and then an indoor activity or one that is only logged by hand."""
    dice = traits.dice(day, "outings")
    planned: list[Outing] = []
    for kind, chance, earliest, latest in _HABITS:
        if dice.random() < chance:
            planned.append(_outing(traits, day, kind=kind, minute=dice.randint(earliest, latest), dice=dice))
    return tuple(planned)


_HABITS: tuple[tuple[ActivityKind, float, int, int], ...] = (
    ("walk", 0.35, 8 * 60 + 45, 10 * 60 + 45),
    ("manual", 0.15, 12 * 60 + 10, 12 * 60 + 20),
    ("walk", 0.75, 16 * 60 + 45, 19 * 60),
    ("indoor", 0.25, 20 * 60, 20 * 60 + 25),
)


def _outing(traits: Traits, day: date, *, kind: ActivityKind, minute: int, dice: Random) -> Outing:
    seconds = 30 * 60 if kind == "manual" else dice.randint(30 * 60, 45 * 60)
    second = 0 if kind == "manual" else dice.randint(0, 59)
    return Outing(kind=kind, start=at_clock(day, minute + second / 60, traits.tz), seconds=seconds)


def _between(traits: Traits, day: date, start: float, end: float) -> Span:
    return Span(*(seconds_of(at_clock(day, minutes, traits.tz)) for minutes in (start, end)))
