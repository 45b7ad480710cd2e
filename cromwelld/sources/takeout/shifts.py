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
_EXACT, _NEAR = 1e-4, 0.1


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


def telling(series: Series) -> Series:
    """Keep the minutes that differ from the one before: what stays the same for hours agrees with any hour."""
    changes = np.ones(len(series.minutes), dtype=bool)
    changes[1:] = (np.diff(series.values) != 0) | (np.diff(series.minutes) != 1)
    return Series(series.minutes[changes], series.values[changes])


@dataclass(slots=True)
class Agreement:
    """How many minutes have an equal value at each shift, and how many a value near it, of those compared."""

    exact: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(SHIFTS), dtype=np.int64))
    near: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(SHIFTS), dtype=np.int64))
    compared: int = 0

    def add(self, said: Series, truths: Sequence[Series]) -> None:
        """Compare with any of several series: at shift `s`, a minute `m` is held against `m - s` of them."""
        if not len(said.minutes) or not truths:
            return
        self.compared += len(said.minutes)
        for position, shift in enumerate(SHIFTS):
            exact, near = met(said, truths, int(shift))
            self.exact[position] += exact
            self.near[position] += near

    @property
    def best_min(self) -> int | None:
        """Give the shift at which most minutes are equal, or near; None if none are, or two shifts are as good."""
        counts = self.exact if self.exact.any() else self.near
        places = np.flatnonzero(counts == counts.max())
        return int(SHIFTS[places[0]]) if counts.any() and len(places) == 1 else None


def met(said: Series, truths: Sequence[Series], shift_min: int) -> tuple[int, int]:
    """Count the minutes of which any of several series has the value, and a value near it, `shift_min` earlier."""
    exact = np.zeros(len(said.minutes), dtype=bool)
    near = exact.copy()
    for truth in truths:
        apart = _apart(said, truth, shift_min)
        exact |= apart <= _EXACT
        near |= apart <= _NEAR
    return int(exact.sum()), int(near.sum())


def _apart(said: Series, truth: Series, shift_min: int) -> Values:
    """Tell by what share each value differs from the one `shift_min` minutes earlier; infinite where there is none."""
    if not len(truth.minutes):
        return np.full(len(said.minutes), np.inf)
    place = np.minimum(np.searchsorted(truth.minutes, said.minutes - shift_min), len(truth.minutes) - 1)
    there = truth.minutes[place] == said.minutes - shift_min
    share = np.abs(truth.values[place] - said.values) / np.maximum(truth.values[place], said.values)
    return np.asarray(np.where(there, share, np.inf))
