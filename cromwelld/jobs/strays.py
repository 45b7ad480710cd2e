"""Records of foreign objects that belong to dates other than the object's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

from cromwelld.day import Day
from cromwelld.jobs.states import state_of
from cromwelld.lake.writer import LakeDay


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A date that takes strays; `fresh` tells whether anything that it is made of is new to the tables."""

    entry: LakeDay
    fresh: bool


@dataclass(frozen=True, slots=True)
class _Named:
    """What the object named for a date is, and which measurements it has."""

    entry: LakeDay
    has: frozenset[str]
    fresh: bool


class Strays:
    """Hold strays until all objects are read: they count only where the object named for their date has nothing.

    `known` maps dates to the digests of the objects that the tables have of them.
    """

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known
        self._days: dict[dt.date, Day] = {}
        self._fresh: set[dt.date] = set()
        self._named: dict[dt.date, _Named] = {}

    def add(self, zone: str, dated: Mapping[dt.date, Mapping[str, pa.Table]], *, fresh: bool) -> None:
        """Hold records of other dates; what a later object has of a measurement counts instead."""
        for date, tables in dated.items():
            day = self._days.get(date) or Day(date=date, zone=zone, tables={}, asked={})
            self._days[date] = replace(day, tables={**day.tables, **tables})
            if fresh:
                self._fresh.add(date)

    def named(self, entry: LakeDay, *, fresh: bool) -> None:
        """Note what the object named for a date has of it, without its records."""
        bare = replace(entry, day=replace(entry.day, tables={}), complete=False)
        self._named[entry.day.date] = _Named(bare, frozenset(entry.day.tables), fresh)

    def late(self) -> Iterator[Late]:
        """Give what the objects named for their dates lack, by date; it leaves their zone, state and digest alone.

        A date whose object is in the tables but was not read now stays as it is.
        """
        for date, day in sorted(self._days.items()):
            named = self._named.get(date)
            if named is not None:
                tables = {name: rows for name, rows in day.tables.items() if name not in named.has}
                entry = replace(named.entry, day=replace(named.entry.day, tables=tables))
                if tables:
                    yield Late(entry=entry, fresh=named.fresh or date in self._fresh)
            elif not self._known.get(date.isoformat()):
                fresh = date in self._fresh or date.isoformat() not in self._known
                yield Late(entry=_alone(day), fresh=fresh)


def _alone(day: Day) -> LakeDay:
    state = state_of(day, ended=True)
    return LakeDay(day=day, complete=False, state=state, sealed=False, object_name="", digest="")
