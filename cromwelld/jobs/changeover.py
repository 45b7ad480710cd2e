"""Hold the same dates from two vendors against each other, and both against the table of known differences."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from cromwelld.day import Day, Rules, merge
from cromwelld.jobs.fetching import Source
from cromwelld.measurements import MEASUREMENTS, Measurement
from cromwelld.measurements.changeover import DIFFERENCES, Change, Difference
from cromwelld.pieces import Answer
from cromwelld.planner import plan

Days = Mapping[dt.date, Day]
Place = tuple[str, str]
_Row = Mapping[str, Any]
_WORN = "HeartRate_Intraday"
_SIX_DIGITS = 1e-5  # as many as Fitbit writes


@dataclass(frozen=True, slots=True)
class _Listed:
    """What a table of differences says of each place."""

    known: Mapping[Place, Change]
    shown: frozenset[Place]

    @classmethod
    def of(cls, table: Sequence[Difference]) -> _Listed:
        shown = frozenset((one.measurement, one.column) for one in table if one.shown)
        return cls({(one.measurement, one.column): one.change for one in table}, shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was found: `equal` counts the values that are the same, by measurement.

    `seen` counts each difference by its place; `unlisted` are those that the table does not know or knows otherwise,
    `unseen` the places that the table says are shown and where nothing differed, `shown_after_all` the contrary.
    """

    equal: Mapping[str, int]
    seen: Mapping[tuple[Place, Change], int]
    unlisted: Mapping[tuple[Place, Change], int]
    unseen: tuple[Place, ...]
    shown_after_all: tuple[Place, ...]

    @property
    def holds(self) -> bool:
        """Tell whether the table says all that differs, and nothing that does not."""
        return not (self.unlisted or self.unseen or self.shown_after_all)


async def days_of(source: Source, first: dt.date, last: dt.date) -> dict[dt.date, Day]:
    """Fetch dates into memory, nothing on the disk: each date that got records, as it would be stored."""
    answers: dict[dt.date, list[Answer]] = {}
    async for answer in source.fetch(plan("compared", source.streams.values(), first, last)):
        if first <= answer.date <= last:
            answers.setdefault(answer.date, []).append(answer)
    return {date: _day(date, found) for date, found in sorted(answers.items())}


def _day(date: dt.date, answers: Sequence[Answer]) -> Day:
    zone = next((answer.zone for answer in answers if answer.zone), "")
    return merge(Day(date=date, zone=zone, tables={}, asked={}), answers, Rules()).day


def compare(old: Days, new: Days, table: Sequence[Difference] = DIFFERENCES) -> Comparison:
    """Compare every value of the dates that either has; by default those of Fitbit with those of Google."""
    listed = _Listed.of(table)
    equal: Counter[str] = Counter()
    seen: Counter[tuple[Place, Change]] = Counter()
    for date in sorted(old.keys() | new.keys()):
        worn = bool(_rows(old, date, _WORN))
        for name, measurement in MEASUREMENTS.items():
            pair = _Pair(measurement, _rows(old, date, name), _rows(new, date, name), worn)
            for column, change in pair.compared(listed):
                if change is None:
                    equal[name] += 1
                else:
                    seen[(name, column), change] += 1
    return _judged(equal, seen, listed)


def _judged(equal: Mapping[str, int], seen: Mapping[tuple[Place, Change], int], listed: _Listed) -> Comparison:
    """Hold what was seen against the table."""
    as_listed = {place for place, change in seen if listed.known.get(place) is change}
    return Comparison(
        equal=equal,
        seen=seen,
        unlisted={found: count for found, count in seen.items() if listed.known.get(found[0]) is not found[1]},
        unseen=tuple(place for place in listed.known if place in listed.shown and place not in as_listed),
        shown_after_all=tuple(place for place in listed.known if place not in listed.shown and place in as_listed),
    )


def _rows(days: Days, date: dt.date, name: str) -> list[_Row]:
    rows: pa.Table | None = days[date].tables.get(name) if date in days else None
    return [] if rows is None else rows.to_pylist()


@dataclass(frozen=True, slots=True)
class _Pair:
    """The rows that two vendors have of a measurement on a date, which was `worn` or not."""

    measurement: Measurement
    old: list[_Row]
    new: list[_Row]
    worn: bool

    def compared(self, listed: _Listed) -> Iterator[tuple[str, Change | None]]:
        """Give each value that is equal (None) and each that is not, pairing rows by the key that both have."""
        known = listed.known.get((self.measurement.name, ""))
        if self.new and known is Change.NEW:
            yield "", Change.NEW
            return
        keys = [
            name for name in self.measurement.key_columns if (self.measurement.name, _plain(name)) not in listed.known
        ]
        theirs = {_key(row, keys): row for row in self.new}
        for row in self.old:
            partner = theirs.pop(_key(row, keys), None)
            if partner is None:
                reasons = _reasons(row, unworn=not self.worn and not self.new)
                yield "", known if known in reasons else reasons[0]
            else:
                yield from _values(row, partner)
        extra = Change.MORE if not self.worn and not self.old else Change.NEW
        yield from (("", extra) for _ in theirs)


def _key(row: _Row, keys: Sequence[str]) -> tuple[object, ...]:
    return tuple(row.get(name) for name in keys)


def _reasons(row: _Row, *, unworn: bool) -> list[Change]:
    """Tell why a row may have no partner: nothing was worn all day, or at that moment; else it is lost."""
    zero = all(value in (None, 0.0) for name, value in row.items() if name.startswith("field_"))
    return [*([Change.UNWORN] if unworn else []), *([Change.FEWER] if zero else []), Change.GONE]


def _values(old: _Row, new: _Row) -> Iterator[tuple[str, Change | None]]:
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        if before is not None or after is not None:
            yield _plain(name), _change(name, before, after)


def _change(name: str, before: object, after: object) -> Change | None:
    if before is None:
        return Change.DERIVED if name.endswith("Derived") else Change.NEW
    if after is None:
        return Change.GONE
    if isinstance(before, float) and isinstance(after, float):
        same = math.isclose(before, after, rel_tol=_SIX_DIGITS)
    else:
        same = before == after
    return None if same else Change.CLOSE


def _plain(column: str) -> str:
    """Name a column as records do."""
    return column.removeprefix("tag_").removeprefix("field_")
