"""Of two or three copies of the same telemetry the one that is taken on each date, and whose count it is."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.sources.takeout.recorders import Counted, Rank, device, largest, rank, winners
from cromwelld.sources.takeout.window import Window

_MINUTE_US = 60_000_000
_MUCH_MORE = 1.1
MERGED_ONLY = "merged by the vendor"
_MIRRORED = "copied from Health Connect"
_IMPOSSIBLE = "a value that cannot be"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One copy of a telemetry: its family and column, how many of its units make one, and who of it may count.

    `ranks` is empty where the vendor has merged them. With `largest` the recorder with the largest sum counts alone. A
    copy of an inferior `tier` is taken only where no better one has rows.
    """

    family: str
    column: str = "value"
    units: float = 1.0
    ranks: tuple[Rank, ...] = ()
    largest: bool = False
    tier: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a value can be: above `above`, or equal to it if `closed`, and at most `most`."""

    above: float = 0.0
    most: float = 1e6
    closed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What counts on one date: the rows, their times (microseconds, UTC, rising), values, and recorders, by index."""

    copy: Copy
    rows: pa.Table
    times: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]
    who: npt.NDArray[np.int64]
    names: tuple[str, ...]

    @property
    def minutes(self) -> int:
        """Count the minutes that have a value above nought."""
        minutes = self.times[self.values > 0] // _MINUTE_US
        return int(np.count_nonzero(np.diff(minutes))) + bool(len(minutes))

    @property
    def recorder(self) -> str:
        """Name the one that most values are of."""
        if not len(self.who):
            return ""
        name = self.names[int(np.bincount(self.who).argmax())]
        return name or MERGED_ONLY

    def devices(self) -> pa.Array:
        """Give the device of each value; null where an app merged them."""
        return pa.array([device(name) for name in self.names], pa.string()).take(pa.array(self.who))


@dataclass(slots=True)
class Chosen:
    """Which recorders were taken, by measurement, counted by date."""

    by_measurement: dict[str, Counter[str]] = field(default_factory=dict)

    def note(self, measurement: str, taken: Taken) -> None:
        """Count a date of what was taken."""
        self.count(measurement, taken.recorder)

    def count(self, measurement: str, recorder: str) -> None:
        """Count a date of a recorder."""
        self.by_measurement.setdefault(measurement, Counter())[recorder] += 1


def taken(window: Window, copies: Sequence[Copy], bounds: Bounds) -> dict[dt.date, Taken]:
    """Choose for each date the first copy of the best tier that has rows, unless another has a tenth more minutes."""
    found: dict[dt.date, Taken] = {}
    for copy in copies:
        for date, one in _of(window, copy, bounds):
            before = found.get(date)
            if before is None or (before.copy.tier == copy.tier and one.minutes > _MUCH_MORE * before.minutes):
                found[date] = one
    return found


def _of(window: Window, copy: Copy, bounds: Bounds) -> Iterator[tuple[dt.date, Taken]]:
    rows = window.utc(copy.family)
    for date, part in [] if rows is None else window.cut(rows):
        one = _counting(part, copy, _Reading(bounds, window.left_out if copy.tier == 0 else Counter()))
        if len(one.times):
            yield date, one


@dataclass(frozen=True, slots=True)
class _Reading:
    bounds: Bounds
    left_out: Counter[str]

    def sound(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Mark the values that can be; the others are counted unless they are absent."""
        above = values >= self.bounds.above if self.bounds.closed else values > self.bounds.above
        good = above & (values <= self.bounds.most)
        self.left_out[_IMPOSSIBLE] += int((~good & ~np.isnan(values)).sum())
        return np.asarray(good)


def _counting(part: pa.Table, copy: Copy, reading: _Reading) -> Taken:
    times, who = part["time"].to_numpy(), np.zeros(part.num_rows, dtype=np.int64)
    values = np.asarray(pc.cast(part[copy.column], pa.float64()).to_numpy(), dtype=np.float64) / copy.units
    names: tuple[str, ...] = ("",)
    keep = reading.sound(values)
    if copy.ranks:
        named = part["recorder"].combine_chunks()
        coded = (pc.fill_null(named, "") if named.null_count else named).dictionary_encode()
        who, names = np.asarray(coded.indices.to_numpy(), dtype=np.int64), tuple(coded.dictionary.to_pylist())
        reading.left_out[_MIRRORED] += int(np.asarray([rank(name) is Rank.MIRROR for name in names])[who].sum())
        place = np.flatnonzero(keep)
        counted = Counted(times[place], values[place], who[place], names)
        keep = np.zeros(len(times), dtype=bool)
        keep[place] = (largest if copy.largest else winners)(counted, copy.ranks)
    rows = part if keep.all() else part.filter(pa.array(keep))
    return Taken(copy=copy, rows=rows, times=times[keep], values=values[keep], who=who[keep], names=names)


def totals(found: Mapping[dt.date, Taken]) -> dict[dt.date, float]:
    """Add up the values of each date."""
    return {date: float(one.values.sum()) for date, one in found.items()}
