"""Whose count of a minute is taken where several devices and apps recorded it: never the sum of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

_MINUTE_US = 60_000_000
_APPS = ("Google Health App", "Fitbit App", "Google Health", "Fitbit")


class Rank(IntEnum):
    """What kind of recorder a name is; the lower, the nearer to the body."""

    WATCH = 0
    MERGED = 1
    PHONE = 2
    APP = 3
    MIRROR = 4


def rank(name: str) -> Rank:
    """Tell by its name what a recorder is: what is no phone, app or mirror of one is taken for a device."""
    if name.endswith("Health Connect"):
        return Rank.MIRROR
    if name in {"", *_APPS}:
        return Rank.MERGED
    if name == "MobileTrack" or "phone" in name.lower().split():
        return Rank.APP if name.endswith(("App", "Health Kit")) else Rank.PHONE
    if name.endswith(("App", "Health Kit", "Web API")):
        return Rank.APP
    return Rank.WATCH


def device(name: str) -> str | None:
    """Give the name that a record bears as its device; apps are none."""
    return name if rank(name) in {Rank.WATCH, Rank.PHONE} else None


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows of one date: times (microseconds, rising), values, and who recorded each, by index into the names."""

    times: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]
    who: npt.NDArray[np.int64]
    names: Sequence[str]

    def codes(self) -> list[int]:
        """Give the indices of those who recorded any of the rows."""
        return [int(code) for code in np.flatnonzero(np.bincount(self.who))]

    def by_weight(self, codes: Sequence[int]) -> list[int]:
        """Order recorders by how much they counted, the most first; equal ones by name."""
        return sorted(codes, key=lambda code: (-float(self.values[self.who == code].sum()), self.names[code]))


def winners(rows: Counted, ranks: Sequence[Rank]) -> npt.NDArray[np.bool_]:
    """Mark the rows that count: those of the best rank there is, of the ranks that may count, the best first.

    Of several devices the one that counted more wins a minute, and the others keep theirs: people change watches. Of
    several apps or phones one counts alone: they record the same, each at its own times.
    """
    present = {code: rank(rows.names[code]) for code in rows.codes()}
    best = next((one for one in ranks if one in present.values()), None)
    codes = rows.by_weight([code for code, found in present.items() if found is best])
    if best is None or not codes:
        return np.zeros(len(rows.times), dtype=bool)
    if len(codes) == 1 or best is not Rank.WATCH:
        return np.asarray(rows.who == codes[0])
    place = np.full(len(rows.names), len(rows.names))
    place[codes] = np.arange(len(codes))
    places = place[rows.who]
    minute = np.append(0, np.cumsum(np.diff(rows.times // _MINUTE_US) > 0))
    first = np.full(minute[-1] + 1, len(rows.names))
    np.minimum.at(first, minute, places)
    return np.asarray((places < len(rows.names)) & (places == first[minute]))


def largest(rows: Counted, ranks: Sequence[Rank]) -> npt.NDArray[np.bool_]:
    """Mark the rows of the one recorder that counted most."""
    codes = rows.by_weight([code for code in rows.codes() if rank(rows.names[code]) in ranks])
    return np.asarray(rows.who == codes[0]) if codes else np.zeros(len(rows.times), dtype=bool)
