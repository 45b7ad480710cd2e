"""What distinguishes one synthetic person from another, and the dice that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cromwelld.errors import UsageError
from cromwelld.simulator.person.civil import Span, civil_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """Hold the few facts from which every day follows: equal traits give equal days, in any process.

    `gap_s` bounds the seconds between two heart-rate samples, `exercise_gap_s` those in exercise. `start_latitude` and
    `start_longitude` lie in the North Sea, far from anybody's door.
    """

    seed: int = 7
    zone: str = "Europe/London"
    device: str = "PixelWatch3"
    scale: str = "Aria Air"
    member_since: date = date(2019, 1, 6)
    gap_s: tuple[int, int] = (5, 15)
    exercise_gap_s: tuple[int, int] = (1, 2)
    resting_bpm: int = 58
    weight_kg: float = 71.5
    height_m: float = 1.76
    start_latitude: float = 56.0
    start_longitude: float = 3.0

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError) as err:
            raise UsageError(f"{self.zone!r} is no time zone", hint="name one like Europe/London") from err

    @property
    def tz(self) -> ZoneInfo:
        """Give the zone in which the person lives."""
        return ZoneInfo(self.zone)

    def dice(self, day: date, topic: str) -> Random:
        """Give random numbers that depend on seed, date and topic, and on nothing else."""
        return Random(f"{self.seed}:{day.isoformat()}:{topic}")

    def civil(self, day: date) -> Span:
        """Find the stretch of UTC that a date covers where the person lives."""
        return civil_day(day, self.tz)
