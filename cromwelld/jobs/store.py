"""The one way in which answered pieces reach archive and tables.

First run, second run, recovery after a crash and the end of an outage are all this: read the date's object, merge the
pieces, write the object, check it, write Parquet, mark them stored, drop the pieces. Killed between any two steps, the
pieces are still there and the next run ends in the same bytes. While the archive is away the tables go on, and the
pieces wait for it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from cromwelld import localtime
from cromwelld.archive.codec import Opened
from cromwelld.archive.names import object_name
from cromwelld.day import Change, Day, Merged, Rules, Verdict, empty, merge, rezoned
from cromwelld.errors import CromwelldError, FarSideAway, StoreError
from cromwelld.events import Event, Kind
from cromwelld.jobs import foreign
from cromwelld.jobs.again import ask_again
from cromwelld.jobs.archiving import NOTHING_PUT, put_object
from cromwelld.jobs.places import Places
from cromwelld.jobs.states import state_of
from cromwelld.lake.memory import give_back
from cromwelld.lake.writer import LakeDay
from cromwelld.measurements import describe
from cromwelld.outbox import Waiting
from cromwelld.pieces import Answer, Outcome
from cromwelld.planner.settling import REPEATED_AFTER

_BATCH_DATES = 30
_TIDY_DATES = 10  # what they needed on the way is given back then
_AT_ONCE = dt.timedelta(hours=2)  # answers of one asking come within so much, a wait for the budget included
_TOLD = {
    Verdict.SHRUNK: Kind.MEASUREMENT_SHRUNK,
    Verdict.DOUBTED: Kind.EMPTINESS_DOUBTED,
    Verdict.SOURCE_KEPT: Kind.SOURCE_KEPT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What became of one date: the day as it is now, whether its object is new, or why it had to wait.

    With the archive away the day is in the tables, `error` says what is in the way, and the pieces wait. `pieces` are
    those that were stored, and wait nevertheless while the date is not over.
    """

    date: dt.date
    day: Day | None = None
    pieces: Sequence[Waiting] = ()
    archived: bool = False
    changed: bool = False
    changes: tuple[Change, ...] = ()
    error: CromwelldError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """A date on its way into the tables: its object is written, or its turn for one has not come.

    With `done` its pieces are no longer needed once the tables have it.
    """

    stored: Stored
    pieces: Sequence[Waiting]
    entry: LakeDay
    done: bool


@dataclass(frozen=True, slots=True)
class _Batch:
    date: dt.date
    pieces: Sequence[Waiting]
    answers: Sequence[Answer]


async def store(places: Places, dates: Iterable[dt.date]) -> list[Stored]:
    """Store what waits for `dates`, oldest first, in batches.

    A date that cannot be stored keeps its pieces and says why. While the archive is away the tables take what waits;
    it is asked once, not for every date.
    """
    results: list[Stored] = []
    outage: FarSideAway | None = None
    remaining = iter(sorted(set(dates)))
    while batch := list(islice(remaining, _BATCH_DATES)):
        ready: list[_Ready] = []
        for number, date in enumerate(batch, start=1):
            prepared = await _prepare(places, date, outage)
            if number % _TIDY_DATES == 0:
                await asyncio.to_thread(give_back)
            if isinstance(prepared, _Ready):
                ready.append(prepared)
                outage = prepared.stored.error if isinstance(prepared.stored.error, FarSideAway) else outage
            elif prepared is not None:
                results.append(prepared)
        results += await _into_tables(places, ready)
    return results


async def _prepare(places: Places, date: dt.date, outage: FarSideAway | None) -> _Ready | Stored | None:
    """Bring what waits for a date into its object, or only into tables while the archive cannot take it."""
    pieces = await asyncio.to_thread(places.outbox.waiting, date)
    if not pieces:
        return None
    try:
        answers = await asyncio.to_thread(lambda: [places.outbox.read(piece) for piece in pieces])
        batch = _Batch(date, pieces, answers)
        try:
            if outage is not None:
                raise outage
            return await _merge_and_archive(places, batch)
        except (StoreError, FarSideAway) as err:
            return await _merge_without_archive(places, batch, err)
    except StoreError as err:
        return _waits(places, Stored(date=date), err)


def _waits(places: Places, stored: Stored, err: CromwelldError) -> Stored:
    fields: dict[str, str | int | float] = {
        "account": places.account,
        "date": stored.date.isoformat(),
        "problem": err.message,
        "where": "archive" if isinstance(err, FarSideAway) else "disk",
    }
    places.report(Event(Kind.DAY_WAITS, fields))
    return replace(stored, error=err)


async def _merge_and_archive(places: Places, batch: _Batch) -> _Ready | Stored:
    date = batch.date
    opened = await places.archive.read(date)
    base = _base(places, batch, opened)
    if base is None:  # nothing was answered and no zone is known: the ledger has the outcomes, there is nothing to keep
        await asyncio.to_thread(places.outbox.drop, batch.pieces)
        return Stored(date=date)
    merged = await asyncio.to_thread(lambda: merge(base, batch.answers, _rules(places, batch)))
    _tell(places, date, merged)
    ended = _ended(places, merged.day)
    finished = ended and (opened is not None or any(answer.outcome.answered for answer in batch.answers))
    put = await put_object(places, merged.day, opened) if finished else NOTHING_PUT
    entry = LakeDay(
        day=merged.day if opened is not None else _without_ghosts(merged.day, batch.answers),
        complete=opened is not None,
        state=state_of(merged.day, ended=ended),
        sealed=False,
        object_name=object_name(date) if finished else "",
        digest=put.digest,
        mark=put.mark,
    )
    stored = Stored(
        date=date,
        day=merged.day,
        pieces=batch.pieces,
        archived=finished,
        changed=put.changed,
        changes=merged.changes,
    )
    return _Ready(stored=stored, pieces=batch.pieces, entry=entry, done=ended)


async def _merge_without_archive(places: Places, batch: _Batch, err: CromwelldError) -> _Ready | Stored:
    """Let the tables take what waits; what they have stands for the object that cannot be read.

    Raises: StoreError if the tables cannot be read.
    """
    base = await asyncio.to_thread(places.lake.day, batch.date) or _base(places, batch, None)
    waits = _waits(places, Stored(date=batch.date), err)
    if base is None:
        return waits
    merged = await asyncio.to_thread(lambda: merge(base, batch.answers, _rules(places, batch)))
    _tell(places, batch.date, merged)
    state = state_of(merged.day, ended=_ended(places, merged.day))
    entry = LakeDay(day=merged.day, complete=True, state=state, sealed=False, object_name="", digest="")
    return _Ready(
        stored=replace(waits, day=merged.day, changes=merged.changes), pieces=batch.pieces, entry=entry, done=False
    )


def _ended(places: Places, day: Day) -> bool:
    return localtime.local_date(places.clock(), day.zone) > day.date


def _base(places: Places, batch: _Batch, opened: Opened | None) -> Day | None:
    """Give the date as the archive has it; else an empty one in the zone by which it was answered."""
    zone = next((answer.zone for answer in batch.answers if answer.zone), "")
    if opened is not None:
        day = opened.day or foreign.day_of(batch.date, opened, replace(places.zones, given=zone))
        told = next((answer.zone for answer in batch.answers if answer.forced and answer.zone), "")
        return rezoned(day, told) if told and day is not None else day  # a person may say where the date was spent
    return Day(date=batch.date, zone=zone, tables={}, asked={}) if zone else None


def _without_ghosts(day: Day, answers: Sequence[Answer]) -> Day:
    """Name, with no rows, what was in the tables while the date had no object and is not in it any more."""
    offered = {name for answer in answers for name, rows in answer.tables.items() if rows.num_rows}
    gone = {name: empty(describe(name)) for name in sorted(offered - day.tables.keys())}
    return replace(day, tables={**day.tables, **gone})


def _rules(places: Places, batch: _Batch) -> Rules:
    """Look up which streams have been empty for long enough, while others answered, to be believed.

    An answer that said what is stored is not in the batch: the ledger knows of it.
    """
    entries = places.ledger.entries(places.account, batch.date, batch.date)
    had = [entry.asked_at for entry in entries if entry.outcome is Outcome.OK]
    repeated = {
        entry.stream
        for entry in entries
        if entry.empty_since is not None
        and entry.asked_at - entry.empty_since >= REPEATED_AFTER
        and any(abs(at - entry.asked_at) < _AT_ONCE for at in had)
    }
    return Rules(emptiness_repeated=frozenset(repeated), label=places.label)


def _tell(places: Places, date: dt.date, merged: Merged) -> None:
    for change in merged.changes:
        if change.verdict in _TOLD:
            fields: dict[str, str | int | float] = {
                "account": places.account,
                "date": date.isoformat(),
                "stream": change.stream,
                "measurement": change.measurement,
                "archived": change.before,
                "offered": change.offered,
            }
            places.report(Event(_TOLD[change.verdict], fields))


async def _into_tables(places: Places, ready: Sequence[_Ready]) -> list[Stored]:
    if not ready:
        return []
    try:
        await asyncio.to_thread(places.lake.write, [item.entry for item in ready])
    except StoreError as err:  # what is archived stays so, and further dates are not held up
        return [_waits(places, item.stored, err) for item in ready]
    for item in ready:
        await asyncio.to_thread(_settle, places, item)
        if item.done:
            await asyncio.to_thread(places.outbox.drop, item.pieces)
    return [item.stored for item in ready]


def _settle(places: Places, item: _Ready) -> None:
    """Enter the date's zone and digest, and what became of each stream once its object is written. Blocks."""
    day = item.entry.day
    places.ledger.keep_date(places.account, day.date, zone=day.zone, digest=item.entry.digest)
    if not item.done:
        return
    verdicts = {piece.stream: "" for piece in item.pieces}
    for change in item.stored.changes:
        if change.verdict in _TOLD or not verdicts.get(change.stream):
            verdicts[change.stream] = change.verdict.value
    places.ledger.stored(places.account, day.date, list(verdicts.items()), places.clock())
    ask_again(places, day, item.stored.changes)
