"""An export from its files to archive and tables, some dates at a time."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cromwelld.day import Day
from cromwelld.errors import FarSideAway, StoreError
from cromwelld.jobs.fetching import Manner, fetch
from cromwelld.jobs.importing import evidence, intake
from cromwelld.jobs.importing.evidence import Findings, Known
from cromwelld.jobs.importing.intake import Inventory
from cromwelld.jobs.importing.record import ImportRecord, keep
from cromwelld.jobs.importing.staging import Staging
from cromwelld.jobs.importing.trust import TrustTable
from cromwelld.jobs.places import Places
from cromwelld.jobs.sealing import seal_exported
from cromwelld.jobs.store import Stored, store
from cromwelld.lake.memory import give_back
from cromwelld.pieces import Answer, Outcome, Piece, Stream
from cromwelld.sources.takeout.answers import SOURCE, STREAMS, answers
from cromwelld.sources.takeout.copies import Chosen
from cromwelld.sources.takeout.family import Clock
from cromwelld.sources.takeout.members import identity
from cromwelld.sources.takeout.window import Window

_STORE_DATES = 30
THREADS = 2  # each keeps memory of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to import, and how: the parts of one export, where to keep what was read until all is in.

    `timezone` is the person's where nothing tells of a date; `given` says how families without a zone are to be read.
    `record` is where it is kept that the export was imported. `sealing` tells that nothing but exports comes for the
    account, so that a date is final which one knows as a whole.
    """

    parts: Sequence[Path]
    folder: Path
    timezone: str | None = None
    steps_from: str = "watch"
    given: Mapping[str, Clock] = field(default_factory=dict)
    record: Path | None = None
    sealing: bool = False
    dry_run: bool = False


@dataclass(slots=True)
class Imported:
    """What an import found and did: dates by how they ended, and what is to be told of the export."""

    inventory: Inventory
    findings: Findings | None = None
    trust: TrustTable = field(default_factory=TrustTable)
    dates: set[dt.date] = field(default_factory=set)
    changed: int = 0
    problems: dict[str, list[dt.date]] = field(default_factory=dict)
    codes: set[int] = field(default_factory=set)
    left_out: Counter[str] = field(default_factory=Counter)
    zoneless: int = 0

    @property
    def waiting(self) -> int:
        """Count the dates that could not be stored."""
        return sum(len(dates) for dates in self.problems.values())

    @property
    def unchanged(self) -> int:
        """Count the dates of which the archive has everything already."""
        return len(self.dates) - self.changed - self.waiting

    @property
    def complete(self) -> bool:
        """Tell whether everything that was known could be read and stored."""
        undecided = self.findings is not None and self.findings.undecided
        return not (self.inventory.refused or self.problems or undecided or self.zoneless)


@dataclass(frozen=True, slots=True)
class Hearing:
    """Who hears of each file that was looked at, and of each date that was stored."""

    file: Callable[[object], None] = lambda _: None
    date: Callable[[object], None] = lambda _: None


async def import_export(places: Places, order: Order, hearing: Hearing) -> Imported:
    """Import an export; with `dry_run` nothing is written but what is forgotten again.

    Killed, it goes on where it was: files that were read are not read again.

    Raises: NotWritable.
    """
    known_as = await asyncio.to_thread(lambda: tuple(identity(part) for part in order.parts))
    staging = Staging(order.folder, known_as)
    try:
        imported = await _imported(places, order, hearing, staging)
        if not imported.problems:
            await asyncio.to_thread(_finish, places, order, imported, known_as)
        if order.dry_run or not imported.problems:
            await asyncio.to_thread(staging.clear)
    finally:
        await asyncio.to_thread(staging.close)
    return imported


async def _imported(places: Places, order: Order, hearing: Hearing, staging: Staging) -> Imported:
    inventory = await asyncio.to_thread(intake.take_in, staging, order.parts, hearing.file)
    await asyncio.to_thread(give_back)
    imported = Imported(inventory=inventory, left_out=+inventory.left_out)
    findings = await asyncio.to_thread(lambda: evidence.find(staging, _known(places, order)))
    imported.findings = findings
    if findings is not None:
        chosen = Chosen()
        waiting: list[dt.date] = []
        for first, last in await asyncio.to_thread(lambda: list(evidence.windows(staging, findings))):
            window = Window(first=first, last=last, load=staging.load, facts=findings.facts)
            waiting += await _one(places, order, imported, window=window, chosen=chosen)
            del window  # what it has read is not needed while its dates are stored
            if len(waiting) >= _STORE_DATES:
                waiting = await _store(places, order, imported, waiting)
            await asyncio.to_thread(give_back)
            for date in evidence.each_day(first, last):
                hearing.date(date)
        await _store(places, order, imported, waiting)
        imported.trust.recorders = chosen.by_measurement
        imported.zoneless = await asyncio.to_thread(evidence.zoneless, staging, findings)
    return imported


def _finish(places: Places, order: Order, imported: Imported, parts: tuple[str, ...]) -> None:
    """Keep that the export is in, as its parts were when it was begun."""
    if order.record is not None and imported.dates and not order.dry_run:
        first, end = min(imported.dates), max(imported.dates)
        keep(order.record, ImportRecord(parts=parts, first=first, end=end, at=places.clock()))


def _known(places: Places, order: Order) -> Known:
    stored = {date: kept.zone for date, kept in places.ledger.dates(places.account).items()}

    def told(date: dt.date) -> str | None:
        return stored.get(date) or places.zones.on(date) or order.timezone

    today = places.clock().date() + dt.timedelta(days=1)  # where dates begin first it may be tomorrow
    return Known(told=told, today=today, steps_from=order.steps_from, given=order.given)


async def _one(places: Places, order: Order, imported: Imported, *, window: Window, chosen: Chosen) -> list[dt.date]:
    """Bring the dates of a window into the outbox, and give those that are to be stored."""
    found = await asyncio.to_thread(answers, window, chosen)
    imported.left_out.update(+window.left_out)
    dates = sorted({answer.date for answer in found})
    imported.dates.update(dates)
    for date in dates:
        day = await _archived(places, date)
        if day is not None:
            told = [answer for answer in found if answer.date == date]
            await asyncio.to_thread(imported.trust.compare, day, told)
    if not order.dry_run:
        news = await asyncio.to_thread(_news, places, found)
        await fetch(_Export(news), places, _pieces(places, news), Manner(), lambda _: None)
    return [] if order.dry_run else dates


def _news(places: Places, found: Sequence[Answer]) -> list[Answer]:
    """Leave out what an export knows in part and a later one brought whole: exports may come in any order. Blocks."""
    parts = {(answer.stream, answer.date) for answer in found if answer.outcome is Outcome.PARTIAL}
    if not parts:
        return list(found)
    dates = [date for _, date in parts]
    whole = {
        (entry.stream, entry.date)
        for entry in places.ledger.entries(places.account, min(dates), max(dates))
        if entry.outcome is Outcome.OK
    }
    return [answer for answer in found if (answer.stream, answer.date) not in parts & whole]


async def _store(places: Places, order: Order, imported: Imported, dates: Sequence[dt.date]) -> list[dt.date]:
    """Store dates that wait in the outbox, many at once: tables that hold all dates are written anew each time."""
    for stored in await store(places, dates):
        _note(imported, stored)
    if order.sealing and dates:
        await seal_exported(places, dates)
    return []


def _note(imported: Imported, stored: Stored) -> None:
    if stored.error is not None:
        imported.problems.setdefault(stored.error.message, []).append(stored.date)
        imported.codes.add(stored.error.exit_code)
    imported.changed += stored.changed


async def _archived(places: Places, date: dt.date) -> Day | None:
    """Give a date as tables or archive have it; None where neither has it or can be read."""
    try:
        day = await asyncio.to_thread(places.lake.day, date)
        if day is None:
            opened = await places.archive.read(date)
            day = None if opened is None else opened.day
    except (StoreError, FarSideAway):
        return None
    return day


def _pieces(places: Places, found: Sequence[Answer]) -> list[Piece]:
    return [Piece(places.account, answer.stream, answer.date, answer.date) for answer in found]


@dataclass(frozen=True, slots=True)
class _Export:
    """Answers that are there already, as the source that they are of."""

    found: Sequence[Answer]
    name: str = SOURCE
    ahead_s: float | None = None

    @property
    def streams(self) -> Mapping[str, Stream]:
        """Give what an export can have."""
        return STREAMS

    async def fetch(self, pieces: Sequence[Piece]) -> AsyncGenerator[Answer, None]:
        """Yield the answers."""
        del pieces
        for answer in self.found:
            yield answer
