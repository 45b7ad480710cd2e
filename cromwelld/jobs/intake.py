"""Archive objects into tables, from wherever they are read."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from cromwelld.archive.names import date_of
from cromwelld.archive.store import Listed
from cromwelld.errors import FarSideAway
from cromwelld.events import Event, Kind, Report
from cromwelld.jobs.oddities import Oddities
from cromwelld.jobs.opening import Found, Held, Offer, Shelf, bare_name, open_listed
from cromwelld.jobs.settling import Settling
from cromwelld.lake.memory import give_back
from cromwelld.lake.state import Origin
from cromwelld.lake.writer import Lake, LakeDay

__all__ = ["Compiled", "Hearing", "Offer", "Shelf", "take_in"]

_READ_AHEAD = 2  # two cores have work; each holds a date's text, its wrapping and its columns
_BATCH_BYTES = 12_000_000
_VALUE_BYTES = 11  # of an instant, a number or a text in columns, about: to sum up what they take takes its time
_BATCH_DATES = 62


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

    An object whose mark the tables know is not read. Objects are read ahead, a few at a time, while a batch is written;
    memory does not grow with their number. An object without `Cromwelld_Day` may hold records of other dates: they are
    taken where no other object has them. Of several objects of one date the newest counts. It may be stopped at any
    instant: the same call again ends as if there had been no stop.

    Raises: StoreError if the tables cannot be written; FarSideAway if objects cannot be had: what was read is written.
    """
    objects = _one_a_date(offer.objects)
    intake = _Intake(lake, shelf, offer)
    older = {one.name for one in offer.objects} - {one.name for one in objects}
    intake.result.oddities.passed_over += [f"{name}, an older copy" for name in sorted(older)]
    await intake.take(objects, hearing.tell)
    if intake.away is not None:
        _tell_problems(intake.result, hearing.report)
        raise intake.away
    settling = Settling(lake, shelf, replace(offer, objects=objects), intake.held)
    written = await settling.run(laid=frozenset(intake.result.written), before=intake.before)
    intake.result.written += sorted(written.difference(intake.result.written))
    intake.result.problems += settling.problems
    _tell_problems(intake.result, hearing.report)
    return intake.result


def _tell_problems(result: Compiled, report: Report) -> None:
    for problem in result.problems:
        report(Event(Kind.FILE_DAMAGED, {"problem": problem}))


def _one_a_date(objects: Iterable[Listed]) -> list[Listed]:
    """Choose the newest of the objects that bear one date, so that their order decides nothing."""
    chosen: dict[dt.date | str, Listed] = {}
    for one in sorted(objects, key=lambda one: (bare_name(one), one.name)):
        key = date_of(bare_name(one)) or one.name
        chosen[key] = max(chosen.get(key, one), one, key=lambda one: (one.changed_at, one.name))
    return list(chosen.values())


class _Intake:
    """Objects on their way into one lake, in order."""

    def __init__(self, lake: Lake, shelf: Shelf, offer: Offer) -> None:
        self._lake = lake
        self._shelf = shelf
        self._offer = offer
        self.before = lake.known()
        self._batch: list[LakeDay] = []
        self._same: list[LakeDay] = []
        self._bytes = 0
        self._writing: asyncio.Task[None] | None = None
        self.result = Compiled()
        self.held: list[Held] = []
        self.away: FarSideAway | None = None

    async def take(self, objects: Sequence[Listed], tell: Callable[[Listed], object]) -> None:
        """Read objects ahead and write what they hold, batch by batch, until all are written or none can be had."""
        try:
            async with asyncio.TaskGroup() as group:
                ahead: deque[asyncio.Task[Found | FarSideAway]] = deque()
                for one in objects:
                    if self.away is not None:
                        break
                    tell(one)
                    if self._is_known(one):
                        self.result.unchanged += 1
                        continue
                    ahead.append(group.create_task(self._found(one)))
                    if len(ahead) >= _READ_AHEAD:
                        await self._taken(group, await ahead.popleft())
                for task in ahead:
                    await self._taken(group, await task)
                await self._write(group)
        except ExceptionGroup as errors:  # the readers give theirs back: it is the one writer's
            raise errors.exceptions[0] from errors
        await asyncio.to_thread(self._lake.note, self._same)

    def _is_known(self, one: Listed) -> bool:
        origin = self._origin(date_of(bare_name(one)))
        return origin is not None and bool(one.mark) and origin.mark == one.mark

    def _origin(self, date: dt.date | None) -> Origin | None:
        return None if date is None else self.before.origins.get(date.isoformat())

    async def _found(self, one: Listed) -> Found | FarSideAway:
        try:
            return await open_listed(self._shelf, one, self._offer)
        except FarSideAway as err:
            return err

    async def _taken(self, group: asyncio.TaskGroup, found: Found | FarSideAway) -> None:
        """Put what was found into the batch unless the tables have it; write the batch when it is large."""
        if isinstance(found, FarSideAway):
            self.away = found
            return
        self.result.oddities.add(found.oddities)
        if found.held is None:
            self.result.problems.append(found.problem)
            return
        self.held.append(found.held)
        if found.held.entry is not None:
            self._enter(found, found.held.entry)
        if len(self._batch) >= _BATCH_DATES or self._bytes >= _BATCH_BYTES:
            await self._write(group)

    def _enter(self, found: Found, entry: LakeDay) -> None:
        origin = self._origin(entry.day.date)
        if origin is not None and origin.digest == entry.digest:
            self.result.unchanged += 1
            self._same.append(entry)
            return
        whole = found.fill(entry)
        self._batch.append(whole)
        self._bytes += _VALUE_BYTES * sum(rows.num_rows * rows.num_columns for rows in whole.day.tables.values())

    def _put(self, batch: Sequence[LakeDay]) -> None:
        self._lake.write(batch)
        give_back()

    async def _write(self, group: asyncio.TaskGroup) -> None:
        """Write the batch while reading goes on, once the batch before it is written."""
        if self._writing is not None:
            await self._writing
        batch, self._batch, self._bytes = self._batch, [], 0
        self._writing = group.create_task(asyncio.to_thread(self._put, batch)) if batch else None
        self.result.written += [entry.day.date for entry in batch]
