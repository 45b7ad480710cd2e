"""Some dates of an export: the rows of each family around them, in UTC, cut by date."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.sources.takeout.calendar import Calendar
from cromwelld.sources.takeout.families import BY_NAME
from cromwelld.sources.takeout.family import Clock

Load = Callable[[str, dt.datetime, dt.datetime], pa.Table | None]

_DAY = dt.timedelta(days=1)
_EDGE = dt.timedelta(days=1)  # a civil date lies within its UTC date and as much on either side
_WIDE_EDGE = dt.timedelta(days=2)  # what begins on a date, or ends on it, may last
_FIRST_CLOCK = dt.time()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a whole export.

    `clocks` says of each family whose times bear no zone how they are read; one that is not in it is left out. `end` is
    the last date that the export knows; from `open_from` on it knows dates in part only, None if of all of them
    everything. `kg` is what a unit of the JSON weighings is; None if nothing tells.
    """

    calendar: Calendar
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    end: dt.date
    open_from: dt.date | None = None
    kg: float | None = None
    steps_from: str = "watch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The dates from `first` to `last`, both included, and what the export has around them.

    `load` gives a family's rows between two times as they are written, in the order in which they were read. What is
    left out on the way is counted in `left_out` by its reason.
    """

    first: dt.date
    last: dt.date
    load: Load
    facts: Facts
    left_out: Counter[str] = field(default_factory=Counter)
    _utc: dict[str, pa.Table | None] = field(default_factory=dict)

    @property
    def dates(self) -> Iterator[dt.date]:
        """Give the dates, the first one first."""
        return (self.first + step * _DAY for step in range((self.last - self.first).days + 1))

    def rows(self, family: str) -> pa.Table | None:
        """Give the rows of a family on the dates and around them, times as they are written; None if there are none."""
        return self._around(family, _WIDE_EDGE)

    def _around(self, family: str, edge: dt.timedelta) -> pa.Table | None:
        start = dt.datetime.combine(self.first - edge, _FIRST_CLOCK)
        return self.load(family, start, dt.datetime.combine(self.last + edge + _DAY, _FIRST_CLOCK))

    def utc(self, family: str) -> pa.Table | None:
        """Give the rows of a family with `time` (microseconds since 1970, UTC) in rising order, one for each recorder.

        None if there are none, or nothing tells how their times are to be read.
        """
        if family not in self._utc:
            self._utc[family] = self._in_utc(family)
        return self._utc[family]

    def _in_utc(self, family: str) -> pa.Table | None:
        clock = self.facts.clocks.get(family, BY_NAME[family].clock)
        rows = None if clock is Clock.MEASURED else self._around(family, _EDGE)
        if rows is None or not rows.num_rows:
            return None
        when = rows["when"].combine_chunks()
        times = pc.cast(when, pa.int64()) if clock is Clock.UTC else self.facts.calendar.to_utc(when)
        rows = rows.append_column("time", times)
        rows = rows.filter(pc.is_valid(times)) if times.null_count else rows
        return _last_of_each(_sorted(rows)) if rows.num_rows else None

    def cut(self, rows: pa.Table) -> Iterator[tuple[dt.date, pa.Table]]:
        """Give the rows of each date that has a zone and rows; `rows` are as `utc` gives them."""
        times = rows["time"].to_numpy()
        for date in self.dates:
            bounds = self.facts.calendar.bounds(date)
            if bounds is not None:
                start, end = (int(place) for place in np.searchsorted(times, bounds))
                if end > start:
                    yield date, rows.slice(start, end - start)

    def daily(self, family: str) -> Iterator[tuple[dt.date, dict[str, object]]]:
        """Give the rows of a family that has one a date, each with its date; instants among them by the zone."""
        rows = self.rows(family)
        padded = BY_NAME[family].padded
        for row in [] if rows is None else rows.to_pylist():
            date = self._date(row)
            if date is not None and self.first <= date <= self.last and not (padded and date > self.facts.end):
                yield date, row

    def _date(self, row: Mapping[str, object]) -> dt.date | None:
        when = row["when"]
        if not isinstance(when, dt.datetime):
            return None
        if row.get("instant"):
            return self.facts.calendar.date_of(when.replace(tzinfo=dt.UTC))
        return when.date()


def _sorted(rows: pa.Table) -> pa.Table:
    """Bring rows into the order of time, those of one time in the order in which they were read."""
    times = rows["time"].to_numpy()
    if len(times) < 2 or bool((np.diff(times) >= 0).all()):  # noqa: PLR2004 - one row is in order
        return rows
    return rows.take(pa.array(np.argsort(times, kind="stable")))


def _last_of_each(rows: pa.Table) -> pa.Table:
    """Keep the last of the rows that one recorder has of one time (in a zone): files of two exports overlap."""
    times = rows["time"].to_numpy()
    same = np.diff(times) == 0
    if not same.any():
        return rows
    doubled = np.flatnonzero(np.append(same, [False]) | np.insert(same, 0, values=False))
    few = rows.take(pa.array(doubled))
    names = [name for name in ("recorder", "zone") if name in rows.column_names]
    keys = [times[doubled]]
    keys += [few[name].combine_chunks().dictionary_encode("encode").indices.to_numpy() for name in names]
    order = np.lexsort(keys[::-1])  # stable: rows of one key stay in the order in which they were read
    last = np.ones(len(order), dtype=bool)
    last[:-1] = np.any([np.diff(key[order]) != 0 for key in keys], axis=0)
    if last.all():
        return rows
    keep = np.ones(rows.num_rows, dtype=bool)
    keep[doubled[order[~last]]] = False
    return rows.filter(pa.array(keep))
