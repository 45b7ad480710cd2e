"""The zones in which a synthetic person's heart beats."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from cromwelld.simulator.person.pulse import minute_means, resting_bpm
from cromwelld.simulator.person.traits import Traits

AGE = 40
HIGHEST_BPM = 220 - AGE
RESERVE_SHARES = (0.40, 0.60, 0.85)
ACTIVE_MINUTE_FLOORS = (110, 136, 169)


def personal_floors(traits: Traits, day: date) -> tuple[int, ...]:
    """Tell where the three upper zones of a date begin, from the resting rate and the reserve above it.

    Source: Karvonen, Kentala and Mustala (1957), to which the vendors refer
    """
    rest = resting_bpm(traits, day)
    return tuple(round(rest + share * (HIGHEST_BPM - rest)) for share in RESERVE_SHARES)


def zone_of(bpm: float, floors: Sequence[int]) -> int:
    """Find the number of the zone in which a heart beats, 0 below all floors."""
    return sum(bpm >= floor for floor in floors)


def minute_zones(traits: Traits, day: date, floors: Sequence[int]) -> tuple[int | None, ...]:
    """Tell the zone of every real minute of a date, None where the watch is off."""
    return tuple(None if mean is None else zone_of(mean, floors) for mean in minute_means(traits, day))
