"""Archive objects into tables, from wherever they are read."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Protocol

from cromwelld.archive import codec
from cromwelld.archive.codec import Opened
from cromwelld.archive.names import date_of
from cromwelld.archive.store import Content, Listed
from cromwelld.day import Day
from cromwelld.errors import StoreError
from cromwelld.events import Event, Kind, Report
from cromwelld.jobs import foreign
from cromwelld.jobs.oddities import Oddities
from cromwelld.jobs.states import state_of
from cromwelld.jobs.strays import Late, Strays
from cromwelld.jobs.zones import Zones
from cromwelld.lake.state import Origin
from cromwelld.lake.writer import Lake, LakeDay

_BATCH_DATES = 30


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
class Hearing:
    """Who hears of what: `tell` of each object, `report` of what is wrong."""

    report: Report
    tell: Callable[[Listed], object] = lambda _: None


@dataclass(slots=True)
class Compiled:
    """What became of the objects: dates written, objects whose content was there, and what could not be read."""

    written: list[dt.date] = field(default_factory=list)
    unchanged: int = 0
    oddities: Oddities = field(default_factory=Oddities)
    problems: list[str] = field(default_factory=list)


async def take_in(lake: Lake, shelf: Shelf, *, offer: Offer, hearing: Hearing) -> Compiled:
    """Write the dates of archive objects into tables, in batches; a damaged object is named and the rest goes on.

    An object whose mark the tables know is not read. An object without `Cromwelld_Day` may hold records of other dates:
    they are taken where no other object has them. Of several objects of one date the newest counts. Once started it may
    be stopped anywhere: the same call again ends as if there had been no stop.

    Raises: StoreError if the tables cannot be written; FarSideAway if objects cannot be had: what was read is written.
    """
    intake = _Intake(lake, shelf, offer)
    for one in _one_a_date(offer.objects):
        hearing.tell(one)
        await intake.take(one)
    await intake.finish()
    for problem in intake.result.problems:
        hearing.report(Event(Kind.FILE_DAMAGED, {"problem": problem}))
    return intake.result


def _one_a_date(objects: Iterable[Listed]) -> list[Listed]:
    """Choose the newest of the objects that bear one date, so that their order decides nothing."""
    chosen: dict[dt.date | str, Listed] = {}
    for one in sorted(objects, key=lambda one: (_bare(one), one.name)):
        key = date_of(_bare(one)) or one.name
        chosen[key] = max(chosen.get(key, one), one, key=lambda one: (one.changed_at, one.name))
    return list(chosen.values())


def _bare(one: Listed) -> str:
    return PurePath(one.name).name


class _Intake:
    """Objects on their way into one lake."""

    def __init__(self, lake: Lake, shelf: Shelf, offer: Offer) -> None:
        self._lake = lake
        self._shelf = shelf
        self._offer = offer
        self._known = lake.origins()
        self._strays = Strays({date: origin.digest for date, origin in self._known.items()})
        self._batch: list[LakeDay] = []
        self._marks: dict[str, str] = {}
        self.result = Compiled()

    async def take(self, one: Listed) -> None:
        """Read an object unless the tables know its mark, and write a batch when there is one."""
        origin = self._origin(date_of(_bare(one)))
        if origin is not None and one.mark and origin.mark == one.mark:
            self.result.unchanged += 1
            return
        entry = await self._entry(one)
        if entry is not None:
            self._batch.append(entry)
        if len(self._batch) >= _BATCH_DATES:
            await self._write()

    async def finish(self) -> None:
        """Write what is left, and what belongs to dates other than its object's."""
        await self._write()
        await self._write_late(list(self._strays.late()))

    async def _write(self) -> None:
        if self._batch:
            await asyncio.to_thread(self._lake.write, self._batch)
            self.result.written += [entry.day.date for entry in self._batch]
            self._batch = []
        await asyncio.to_thread(self._lake.note_marks, self._marks)
        self._marks = {}

    async def _write_late(self, late: Sequence[Late]) -> None:
        """Put strays beside what the objects of their dates hold; said is what was not there before."""
        for start in range(0, len(late), _BATCH_DATES):
            batch = [one.entry for one in late[start : start + _BATCH_DATES]]
            await asyncio.to_thread(self._lake.write, batch)
        done = set(self.result.written)
        self.result.written += [one.entry.day.date for one in late if one.fresh and one.entry.day.date not in done]

    def _origin(self, date: dt.date | None) -> Origin | None:
        return None if date is None else self._known.get(date.isoformat())

    async def _entry(self, one: Listed) -> LakeDay | None:
        """Read an object; give its date if the tables do not have it yet."""
        try:
            content = await self._shelf.read(one.name)
            if content is None:
                self.result.problems.append(f"{self._shelf.place(one.name)} is not there any more")
                return None
            return await asyncio.to_thread(self._opened, one, content)
        except StoreError as err:
            self.result.problems.append(err.message)
            return None

    def _opened(self, one: Listed, content: Content) -> LakeDay | None:
        name, date = self._shelf.place(one.name), date_of(_bare(one))
        opened = replace(codec.open_object(content.data, name, date), about=content.about)
        self.result.oddities.opened(_bare(one), opened)
        origin = self._origin(date)
        fresh = origin is None or origin.digest != opened.digest
        self.result.unchanged += not fresh
        day = opened.day or self._foreign(name, opened, date, fresh=fresh)
        if day is None:
            return None
        entry = LakeDay(
            day=day,
            complete=True,
            state=state_of(day, ended=True),
            sealed=False,
            object_name=_bare(one),
            digest=opened.digest,
            mark=content.mark if opened.day is not None else "",  # a foreign one is read again for its strays
        )
        self._strays.named(entry, fresh=fresh)
        if not fresh:
            self._marks[entry.day.date.isoformat()] = entry.mark
        return entry if fresh else None

    def _foreign(self, name: str, opened: Opened, date: dt.date | None, *, fresh: bool) -> Day | None:
        """Give a foreign object's own date, and its other records to the strays; None without a date or a zone."""
        found = foreign.read(opened, date, self._offer.zones, repairing=self._offer.repairing)
        if found.problem:
            self.result.problems += [f"{name}: {found.problem}"] if fresh else []
            return None
        self.result.oddities.mended(found)
        for day in found.others(date):
            self._strays.add(day.zone, {day.date: day.tables}, fresh=fresh)
        return None if date is None else found.days.get(date)
