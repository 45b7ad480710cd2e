"""Ask a source for pieces, and make every answer durable before anything else happens with it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from cromwelld import localtime
from cromwelld.day import Verdict
from cromwelld.errors import CromwelldError
from cromwelld.events import Event, Kind
from cromwelld.jobs.places import Places
from cromwelld.outbox import fingerprint
from cromwelld.pieces import Answer, Outcome, Piece, Stream
from cromwelld.planner import Asking, outlook
from cromwelld.planner.settling import ENDS_HERE, UNDATED, UNFINISHED
from cromwelld.state import Entry, Fetched, Outlook, Synced

_OPEN_VERDICTS = {Verdict.SHRUNK.value, Verdict.DOUBTED.value}
_CLOCKS_APART_S = 300.0
_LATEST_END = dt.timedelta(days=1, hours=12)  # where a date ends last, after its midnight in UTC


class Offer(Protocol):
    """What somebody can be asked for."""

    @property
    def name(self) -> str:
        """Give the source's name as records bear it."""

    @property
    def streams(self) -> Mapping[str, Stream]:
        """Give what can be asked for, by name."""


class Source(Offer, Protocol):
    """Where records come from."""

    @property
    def ahead_s(self) -> float | None:
        """Give the seconds that our clock is before the vendor's, as far as one has said."""

    def fetch(self, pieces: Sequence[Piece]) -> AsyncIterator[Answer]:
        """Yield an answer for each stream and date, failures included.

        Raises: LoginNeeded, Retired, OutOfBudget, when nothing more can be had now.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What became of one stream on one date."""

    date: dt.date
    stream: str
    outcome: Outcome
    reason: str
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How answers are taken.

    With `anew` every answer is stored again, as a person wishes; otherwise one that says what is stored already is
    only entered in the ledger. `dress` may change an answer before it is kept.
    """

    anew: bool = False
    dress: Callable[[Answer], Answer] = lambda answer: answer


async def fetch(
    source: Source, places: Places, pieces: Sequence[Piece], manner: Manner, tell: Callable[[Asked], None]
) -> CromwelldError | None:
    """Ask for pieces, and keep the answers as they come; `tell` hears of each. Give what ended it early, if so."""
    ended_by: CromwelldError | None = None
    async with aclosing(_arrivals(source, pieces)) as arrivals:
        async for answers, end in arrivals:
            ended_by = end
            dressed = [manner.dress(answer) for answer in answers]
            for item in await asyncio.to_thread(_keep, source, places, dressed, manner):
                tell(item)
    return ended_by


async def _arrivals(
    source: Source, pieces: Sequence[Piece]
) -> AsyncGenerator[tuple[list[Answer], CromwelldError | None], None]:
    """Give answers as they come, together with those that came while the last ones were written; then why it ended."""
    queue: asyncio.Queue[Answer | None] = asyncio.Queue()
    pump = asyncio.create_task(
        _pump(source, pieces, queue)
    )  # not a TaskGroup: it would cancel whoever waits at the yield
    try:
        ended = False
        while not ended:
            batch = [await queue.get()]
            while not queue.empty():
                batch.append(queue.get_nowait())
            ended = batch[-1] is None
            answers = [answer for answer in batch if answer is not None]
            yield answers, await pump if ended else None
    finally:
        pump.cancel()
        await asyncio.wait([pump])


async def _pump(source: Source, pieces: Sequence[Piece], queue: asyncio.Queue[Answer | None]) -> CromwelldError | None:
    """Put answers into the queue, None behind the last; give the error that ended them, if one did."""
    try:
        async for answer in source.fetch(pieces):
            queue.put_nowait(answer)
    except CromwelldError as err:
        return err
    finally:
        queue.put_nowait(None)
    return None


@dataclass(frozen=True, slots=True)
class _Case:
    """An answer beside what the ledger had of its stream and date."""

    answer: Answer
    digest: str
    entry: Entry | None

    @property
    def again(self) -> bool:
        """Tell whether it was answered before."""
        return self.entry is not None and self.entry.outcome.answered

    @property
    def changed(self) -> bool:
        """Tell whether it is another answer than before; what an archive told has no digest to compare."""
        return self.entry is not None and self.entry.digest not in {"", self.digest}

    @property
    def stored(self) -> bool:
        """Tell whether just this is stored already, and nothing about it is in doubt."""
        if self.entry is None or not self.entry.stored or self.answer.forced:
            return False
        return self.entry.digest == self.digest and self.entry.verdict not in _OPEN_VERDICTS

    @property
    def late(self) -> bool:
        """Tell whether it changes a date that was sealed."""
        if self.entry is None or not self.entry.outlook.sealed or self.entry.outlook.settled in {UNDATED, ENDS_HERE}:
            return False
        return self.again and self.changed


def _keep(source: Source, places: Places, answers: Sequence[Answer], manner: Manner) -> list[Asked]:
    """Make answers durable, enter them in the ledger, and only then speak of them."""
    now, work = places.clock(), places.ledger.open_work
    _note_sync(places, answers, now)
    before = work.entries(places.account, _keys(answers))
    cases = [_Case(one, fingerprint(one), before.get((one.stream, one.date))) for one in answers]
    waiting = [case for case in cases if manner.anew or not case.stored]
    places.outbox.put([case.answer for case in waiting])
    devices = work.devices(places.account)
    fetched = [
        Fetched(
            answer=case.answer,
            digest=case.digest,
            outlook=_outlook(source, case, devices, now),
            waits=case in waiting,
        )
        for case in cases
    ]
    places.ledger.fetched(places.account, fetched, now)
    for case in cases:
        _say(places, case)
    return [
        Asked(date=one.date, stream=one.stream, outcome=one.outcome, reason=one.reason, records=one.rows)
        for one in answers
    ]


def _note_sync(places: Places, answers: Sequence[Answer], now: dt.datetime) -> None:
    """Note how far the tracker has synced, before the answers that it brought are entered."""
    told = {(answer.device, answer.synced_at): answer for answer in answers if answer.synced_at is not None}
    for (device, synced_at), answer in told.items():
        zone = answer.zone or places.ledger.last_zone(places.account)
        if zone and synced_at is not None:
            places.ledger.open_work.synced(places.account, device, synced_at, zone=zone, now=now)


def _keys(answers: Sequence[Answer]) -> Mapping[str, Collection[dt.date]]:
    keys: dict[str, list[dt.date]] = {}
    for answer in answers:
        keys.setdefault(answer.stream, []).append(answer.date)
    return keys


def clock_is_wrong(source: Source) -> bool:
    """Tell whether our clock and the vendor's are more than five minutes apart."""
    return source.ahead_s is not None and abs(source.ahead_s) > _CLOCKS_APART_S


def _outlook(source: Source, case: _Case, devices: Mapping[str, Synced], now: dt.datetime) -> Outlook:
    stream = source.streams.get(case.answer.stream)
    if stream is None or stream.undated:
        return Outlook(settled=UNDATED)
    if stream.unasked:
        return Outlook(settled=ENDS_HERE if case.answer.outcome is Outcome.PARTIAL else "")
    if clock_is_wrong(source):  # nothing is sealed by it: the date is due as soon as the clock is right
        return Outlook(due_at=now - dt.timedelta(seconds=source.ahead_s or 0.0))
    answer, entry = case.answer, case.entry
    synced = devices.get(answer.device) if answer.synced_at is not None and answer.zone else None
    return outlook(
        Asking(
            outcome=answer.outcome,
            asked_at=now,
            day_end=_day_end(answer),
            synced_at=answer.synced_at,
            brought_at=None if synced is None else synced.brought_at(answer.date, answer.zone),
            passed_at=None if entry is None else entry.outlook.passed_at,
            failing_since=None if entry is None or case.changed else entry.changed_at,
            again=case.again,
            changed=case.changed,
            unfinished=entry is not None and entry.outlook.settled == UNFINISHED and not case.changed,
        )
    )


def _day_end(answer: Answer) -> dt.datetime:
    """Give the first instant after a date; without a zone, the one at which it is over everywhere."""
    if answer.zone:
        return localtime.bounds(answer.date, answer.zone)[1]
    return dt.datetime.combine(answer.date, dt.time(), dt.UTC) + _LATEST_END


def _say(places: Places, case: _Case) -> None:
    answer = case.answer
    place: dict[str, str | int | float] = {
        "account": places.account,
        "date": answer.date.isoformat(),
        "stream": answer.stream,
    }
    told = {**place, "outcome": answer.outcome.value, "records": answer.rows, "reason": answer.reason}
    kind = Kind.STREAM_ANSWERED if answer.outcome.answered else Kind.STREAM_FAILED
    places.report(Event(kind, told, {name: rows.num_rows for name, rows in answer.tables.items() if rows.num_rows}))
    if case.late and case.entry is not None:
        places.report(Event(Kind.STREAM_CHANGED_LATE, {**place, "before": case.entry.records, "records": answer.rows}))
