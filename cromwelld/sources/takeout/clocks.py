"""How the old JSON's times are to be read: found by comparing with the copy in UTC, or by the names of the files."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.sources.takeout.calendar import Calendar
from cromwelld.sources.takeout.family import Clock
from cromwelld.sources.takeout.shifts import Agreement, Series, by_minute, met, telling
from cromwelld.sources.takeout.window import Window

_CLEARLY = 2
_NEARLY_ALL_DAY = dt.timedelta(hours=20)
_ENOUGH_FILES = 3


@dataclass(frozen=True, slots=True)
class Twin:
    """A family without a zone and its copy in UTC: their columns, and what a unit of the first is in the second's."""

    family: str
    column: str
    copy: str
    scale: float = 1.0
    summed: bool = True


TWINS = (
    Twin("json_heart_rate", "bpm", "heart_rate", summed=False),
    Twin("json_steps", "value", "steps"),
    Twin("json_distance", "value", "distance", scale=0.01),
    Twin("json_calories", "value", "calories"),
)


@dataclass(slots=True)
class Evidence:
    """What speaks for a family's times: minutes alike if they are UTC, if they are the person's clock, at any shift."""

    exact: Counter[Clock] = field(default_factory=Counter)
    near: Counter[Clock] = field(default_factory=Counter)
    shifts: Agreement = field(default_factory=Agreement)

    def count(self, clock: Clock) -> int:
        """Count the minutes that agree if the times are to be read so: equal ones, or near ones if none are equal."""
        return (self.exact if self.exact.total() else self.near)[clock]

    def clock(self) -> Clock | None:
        """Decide; None if neither is clearly better."""
        utc, local = self.count(Clock.UTC), self.count(Clock.LOCAL)
        if utc and utc >= _CLEARLY * local:
            return Clock.UTC
        return Clock.LOCAL if local and local >= _CLEARLY * utc else None


def measure(windows: Iterable[Window], twin: Twin) -> Evidence:
    """Compare a family with its copy in UTC on some dates."""
    found = Evidence()
    for window in windows:
        said, truths = _said(window, twin), _truths(window, twin)
        found.shifts.add(said, truths)
        for clock, read in _readings(window.facts.calendar, said).items():
            exact, near = met(read, truths, 0)
            found.exact[clock] += exact
            found.near[clock] += near
    return found


def _said(window: Window, twin: Twin) -> Series:
    rows = window.rows(twin.family)
    if rows is None or not rows.num_rows:
        return _none()
    rows = rows.filter(pc.is_valid(rows[twin.column]))
    times = np.asarray(pc.cast(rows["when"], pa.int64()).to_numpy(), dtype=np.int64)
    return telling(by_minute(times, rows[twin.column].to_numpy() * twin.scale, summed=twin.summed))


def _truths(window: Window, twin: Twin) -> list[Series]:
    """Give the series of each recorder."""
    rows = window.rows(twin.copy)
    if rows is None or not rows.num_rows:
        return []
    rows = rows.filter(pc.is_valid(rows["value"]))
    who = pc.fill_null(rows["recorder"], "")
    parts = [rows.filter(pc.equal(who, name)) for name in pc.unique(who).to_pylist()]
    return [
        by_minute(
            np.asarray(pc.cast(part["when"], pa.int64()).to_numpy(), dtype=np.int64),
            part["value"].to_numpy(),
            summed=twin.summed,
        )
        for part in parts
    ]


def _readings(calendar: Calendar, said: Series) -> dict[Clock, Series]:
    """Give the minutes as UTC and as the person's clock, in UTC; only those of which the two differ."""
    utc = calendar.to_utc(pc.cast(pa.array(said.minutes * 60_000_000), pa.timestamp("us")))
    known = np.asarray(pc.is_valid(utc).to_numpy(zero_copy_only=False))
    local = np.asarray(pc.fill_null(utc, 0).to_numpy(), dtype=np.int64) // 60_000_000
    differ = known & (local != said.minutes)
    order = np.argsort(local[differ], kind="stable")
    return {
        Clock.UTC: Series(said.minutes[differ], said.values[differ]),
        Clock.LOCAL: Series(local[differ][order], said.values[differ][order]),
    }


def _none() -> Series:
    return Series(np.zeros(0, dtype=np.int64), np.zeros(0))


@dataclass(frozen=True, slots=True)
class Span:
    """The first and last time in a file that is named for one date."""

    date: dt.date
    first: dt.datetime
    last: dt.datetime


def by_names(files: Sequence[Span], calendar: Calendar) -> Clock | None:
    """Tell how the times of files that cover a local day each are written; None if they do not show it.

    Times outside the date named are UTC. Only whole days that lie within theirs, of a person whose clock is not that
    of UTC, are the person's.
    """
    outside = sum(one.first.date() != one.date or one.last.date() != one.date for one in files)
    whole = [one for one in files if one.last - one.first >= _NEARLY_ALL_DAY and differs(calendar, one.date)]
    if outside and _fits(files, calendar):
        return Clock.UTC
    return Clock.LOCAL if not outside and len(whole) >= _ENOUGH_FILES else None


def differs(calendar: Calendar, date: dt.date) -> bool:
    """Tell whether the person's clock is not that of UTC on a date."""
    bounds = calendar.bounds(date)
    return bounds is not None and bounds[0] != _micros(date)


def _fits(files: Sequence[Span], calendar: Calendar) -> bool:
    """Tell whether the times, taken for UTC, lie within the local days named."""
    for one in files:
        bounds = calendar.bounds(one.date)
        if bounds is None or not bounds[0] <= _of(one.first) <= _of(one.last) < bounds[1]:
            return False
    return True


def _micros(date: dt.date) -> int:
    return _of(dt.datetime.combine(date, dt.time()))


def _of(when: dt.datetime) -> int:
    return (when.replace(tzinfo=dt.UTC) - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def decide(found: Mapping[str, Evidence], given: Mapping[str, Clock], named: Mapping[str, Clock]) -> dict[str, Clock]:
    """Give each family's clock: as a person said, else as it was measured, else as the names of files show."""
    measured = {family: clock for family, one in found.items() if (clock := one.clock()) is not None}
    return {**named, **measured, **given}
