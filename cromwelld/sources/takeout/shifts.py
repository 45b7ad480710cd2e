"""How far two series of minutes are apart: counted for every quarter of an hour, never assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Minutes = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]

_MINUTE_US = 60_000_000
_QUARTER_MIN = 15
_WIDEST_MIN = 14 * 60
SHIFTS = np.arange(-_WIDEST_MIN, _WIDEST_MIN + 1, _QUARTER_MIN)
_ALIKE = 0.1


@dataclass(frozen=True, slots=True)
class Series:
    """Values by minute (minutes since 1970, rising, each once)."""

    minutes: Minutes
    values: Values


def by_minute(times: Minutes, values: Values, *, summed: bool) -> Series:
    """Bring values at microseconds to minutes: their sum, or their mean; minutes that come to nought tell nothing."""
    minutes, place = np.unique(times // _MINUTE_US, return_inverse=True)
    found = np.bincount(place, weights=values, minlength=len(minutes)).astype(np.float64)
    if not summed:
        found = found / np.maximum(np.bincount(place, minlength=len(minutes)), 1)
    return Series(minutes[found > 0], found[found > 0])


@dataclass(slots=True)
class Agreement:
    """How many minutes are alike at each shift, and how many there were to compare."""

    alike: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(SHIFTS), dtype=np.int64))
    compared: int = 0

    def add(self, said: Series, truths: Sequence[Series]) -> None:
        """Compare with any of several series: at shift `s`, a minute `m` is held against `m - s` of them."""
        if not len(said.minutes) or not truths:
            return
        self.compared += len(said.minutes)
        for position, shift in enumerate(SHIFTS):
            self.alike[position] += met(said, truths, int(shift))

    @property
    def best_min(self) -> int | None:
        """Give the shift at which most minutes are alike; None if none are, or two shifts are as good."""
        best = int(self.alike.max())
        places = np.flatnonzero(self.alike == best)
        return int(SHIFTS[places[0]]) if best and len(places) == 1 else None

    def at(self, shift_min: int) -> int:
        """Count the minutes that are alike at a shift."""
        places = np.flatnonzero(shift_min == SHIFTS)
        return int(self.alike[places[0]]) if len(places) else 0


def alike(said: Series, truth: Series, shift_min: int) -> npt.NDArray[np.bool_]:
    """Mark the minutes of `said` that are, `shift_min` minutes earlier, in `truth` with a value within a tenth."""
    if not len(truth.minutes):
        return np.zeros(len(said.minutes), dtype=bool)
    place = np.minimum(np.searchsorted(truth.minutes, said.minutes - shift_min), len(truth.minutes) - 1)
    there = truth.minutes[place] == said.minutes - shift_min
    near = np.abs(truth.values[place] - said.values) <= _ALIKE * np.maximum(truth.values[place], said.values)
    return np.asarray(there & near)


def met(said: Series, truths: Sequence[Series], shift_min: int) -> int:
    """Count the minutes of `said` that any of several series has, `shift_min` minutes earlier."""
    found = np.zeros(len(said.minutes), dtype=bool)
    for truth in truths:
        found |= alike(said, truth, shift_min)
    return int(found.sum())
