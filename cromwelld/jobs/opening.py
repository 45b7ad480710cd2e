"""One archive object as the dates that it holds."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Protocol

import pyarrow as pa

from cromwelld.archive import codec
from cromwelld.archive.codec import Opened
from cromwelld.archive.names import date_of
from cromwelld.archive.store import Content, Listed
from cromwelld.day import Day
from cromwelld.errors import StoreError
from cromwelld.jobs import foreign
from cromwelld.jobs.oddities import Oddities
from cromwelld.jobs.states import state_of
from cromwelld.jobs.zones import Zones
from cromwelld.lake.writer import LakeDay

Rows = Mapping[dt.date, Mapping[str, pa.Table]]


class Shelf(Protocol):
    """Where objects are read from: a bucket, a folder, files that were named."""

    def place(self, name: str) -> str:
        """Name an object for people."""

    async def read(self, name: str) -> Content | None:
        """Read an object; None if there is none.

        Raises: StoreError if this one cannot be read; FarSideAway if none can be.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What to take in: objects as a listing has them, what is known of the zones of foreign ones, whether to mend."""

    objects: Sequence[Listed]
    zones: Zones = field(default_factory=Zones)
    repairing: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What an object holds, without its records: measurements by date, and the zone of each date.

    `entry` is the date that the object is named for, with no rows; None if its name bears none.
    """

    one: Listed
    zones: Mapping[dt.date, str]
    entry: LakeDay | None
    holds: Mapping[dt.date, frozenset[str]]

    @property
    def date(self) -> dt.date | None:
        """Give the date that the object is named for."""
        return None if self.entry is None else self.entry.day.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An object as it was read: what it holds, with the rows of each date; or why there is nothing."""

    one: Listed
    held: Held | None = None
    rows: Rows = field(default_factory=dict)
    oddities: Oddities = field(default_factory=Oddities)
    problem: str = ""

    def fill(self, entry: LakeDay) -> LakeDay:
        """Give a date with the rows that the object has of it."""
        return replace(entry, day=replace(entry.day, tables=self.rows.get(entry.day.date, {})))


def bare_name(one: Listed) -> str:
    """Name an object without the folders that it lies in."""
    return PurePath(one.name).name


async def open_listed(shelf: Shelf, one: Listed, offer: Offer) -> Found:
    """Read an object and sort its records by date; what cannot be read is told as a problem.

    Raises: FarSideAway if nothing can be read.
    """
    try:
        content = await shelf.read(one.name)
        if content is None:
            return Found(one=one, problem=f"{shelf.place(one.name)} is not there any more")
        return await asyncio.to_thread(_found, shelf.place(one.name), one, content, offer)
    except StoreError as err:
        return Found(one=one, problem=err.message)


def _found(place: str, one: Listed, content: Content, offer: Offer) -> Found:
    date = date_of(bare_name(one))
    opened = replace(codec.open_object(content.data, place, date), mark=content.mark, about=content.about)
    odd = Oddities()
    odd.opened(bare_name(one), opened)
    days = {} if opened.day is None else {opened.day.date: opened.day}
    if opened.day is None:
        found = foreign.read(opened, date, offer.zones, repairing=offer.repairing)
        odd.mended(found)
        if found.problem:
            return Found(one=one, oddities=odd, problem=f"{place}: {found.problem}")
        days = dict(found.days)
    entry = None if date is None or date not in days else _entry(opened, days[date], days, one)
    holds = {day: frozenset(held.tables) for day, held in days.items() if held.tables}
    held = Held(one=one, zones={day: held.zone for day, held in days.items()}, entry=entry, holds=holds)
    return Found(one=one, held=held, rows={day: held.tables for day, held in days.items()}, oddities=odd)


def _entry(opened: Opened, day: Day, days: Mapping[dt.date, Day], one: Listed) -> LakeDay:
    """Give the date that an object is named for, with no rows."""
    return LakeDay(
        day=replace(day, tables={}),
        complete=True,
        state=state_of(day, ended=True),
        sealed=False,
        object_name=bare_name(one),
        digest=opened.digest,
        mark=opened.mark,
        also=tuple(sorted(other.isoformat() for other, held in days.items() if other != day.date and held.tables)),
    )
