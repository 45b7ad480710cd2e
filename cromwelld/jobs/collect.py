"""Fetch dates now, and store them."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Protocol

from cromwelld.errors import CromwelldError
from cromwelld.events import Event, Kind
from cromwelld.jobs.places import Places
from cromwelld.jobs.stages import FETCH, STORE, Stages
from cromwelld.jobs.store import Stored, store
from cromwelld.outbox import Held
from cromwelld.pieces import Answer, Outcome, Piece, Stream
from cromwelld.planner import plan, windows

_WINDOW_DATES = 30
_MISSING = frozenset({Outcome.FAILED, Outcome.REFUSED})


class Source(Protocol):
    """Where records come from."""

    @property
    def name(self) -> str:
        """Give the source's name as records bear it."""

    @property
    def streams(self) -> Mapping[str, Stream]:
        """Give what can be asked for, by name."""

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
class Collected:
    """What a collection did; `ended_by` is why nothing more could be had, if so; `held` is what waits afterwards."""

    asked: tuple[Asked, ...]
    stored: tuple[Stored, ...]
    ended_by: CromwelldError | None = None
    held: Held | None = None

    @property
    def complete(self) -> bool:
        """Tell whether everything asked was answered and stored."""
        fine = all(item.outcome not in _MISSING for item in self.asked)
        return fine and self.ended_by is None and all(item.error is None for item in self.stored)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which dates are wanted, both included; `force` names streams whose new answer replaces whatever is stored."""

    first: dt.date
    last: dt.date
    force: frozenset[str] = frozenset()


async def collect(source: Source, places: Places, wish: Wish, tell: Callable[[Asked], None]) -> Collected:
    """Store what waits from before, then fetch the wished dates and store them; `tell` hears of each answer.

    Dates are fetched and stored by the month, so that memory does not grow with the range. A wished date that waits
    from a run that was killed is stored once, when the rest of it has come.
    """
    stages = Stages(asyncio.get_running_loop().time)
    waiting = [date for date in places.outbox.dates() if not wish.first <= date <= wish.last]
    with stages.during(STORE):
        stored = {item.date: item for item in await store(places, waiting) if item.error is not None}
    asked: list[Asked] = []
    ended_by: CromwelldError | None = None
    for first, last in windows(wish.first, wish.last, _WINDOW_DATES):
        pieces = plan(places.account, source.streams.values(), first, last)
        with stages.during(FETCH):
            arrived, ended_by = await _fetch(source, places, wish, pieces=pieces, tell=tell)
        asked += arrived
        with stages.during(STORE):
            stored |= {item.date: item for item in await _store(places, wish, {item.date for item in asked})}
        if ended_by is not None:
            break
    collected = Collected(
        asked=tuple(asked),
        stored=tuple(stored[date] for date in sorted(stored)),
        ended_by=ended_by,
        held=await asyncio.to_thread(places.outbox.held),
    )
    places.report(Event(Kind.DATES_COLLECTED, {**_summed(places.account, wish, collected), **stages.fields()}))
    return collected


async def _fetch(
    source: Source, places: Places, wish: Wish, *, pieces: Sequence[Piece], tell: Callable[[Asked], None]
) -> tuple[list[Asked], CromwelldError | None]:
    """Keep the answers to some pieces as they come; give them, and what ended it before its time."""
    asked: list[Asked] = []
    ended_by: CromwelldError | None = None
    async with aclosing(_arrivals(source, pieces)) as arrivals:
        async for answers, end in arrivals:
            ended_by = end
            for item in await asyncio.to_thread(_keep, places, [_as_wished(one, wish) for one in answers]):
                asked.append(item)
                tell(item)
    return asked, ended_by


def _summed(account: str, wish: Wish, collected: Collected) -> dict[str, str | int | float]:
    """Say in one line what a collection did."""
    return {
        "account": account,
        "first": wish.first.isoformat(),
        "last": wish.last.isoformat(),
        "answered": sum(item.outcome.answered for item in collected.asked),
        "failed": sum(item.outcome in _MISSING for item in collected.asked),
        "stored": sum(item.error is None for item in collected.stored),
        "waiting": sum(item.error is not None for item in collected.stored),
        "ended_by": "" if collected.ended_by is None else collected.ended_by.message,
    }


async def _store(places: Places, wish: Wish, arrived: Collection[dt.date]) -> list[Stored]:
    """Store the wished dates that wait, and others for which something came."""
    waiting = places.outbox.dates()
    return await store(places, [date for date in waiting if wish.first <= date <= wish.last or date in arrived])


def _as_wished(answer: Answer, wish: Wish) -> Answer:
    """Let an answer carry the word of the person who wants it to replace what is stored, however late that is."""
    forced = answer.stream in wish.force and wish.first <= answer.date <= wish.last
    return replace(answer, forced=True) if forced else answer


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


def _keep(places: Places, answers: Sequence[Answer]) -> list[Asked]:
    """Make answers durable, enter them in the ledger, and only then speak of them."""
    pieces = places.outbox.put(answers)
    places.ledger.fetched(places.account, zip(answers, (piece.check for piece in pieces), strict=True), places.clock())
    for answer in answers:
        places.report(_event(places.account, answer))
    return [
        Asked(date=one.date, stream=one.stream, outcome=one.outcome, reason=one.reason, records=one.rows)
        for one in answers
    ]


def _event(account: str, answer: Answer) -> Event:
    fields: dict[str, str | int | float] = {
        "account": account,
        "date": answer.date.isoformat(),
        "stream": answer.stream,
        "outcome": answer.outcome.value,
        "records": answer.rows,
        "reason": answer.reason,
    }
    kind = Kind.STREAM_ANSWERED if answer.outcome.answered else Kind.STREAM_FAILED
    return Event(kind, fields, {name: rows.num_rows for name, rows in answer.tables.items() if rows.num_rows})
