"""One cycle of an account: what waits, how far the watch has synced, today's duties, then everything else that is open.

A cycle may begin at any time and as often as one likes: it asks for what is open and for nothing else.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from cromwelld.errors import ClockWrong, CromwelldError, OutOfBudget
from cromwelld.jobs import saying
from cromwelld.jobs.fetching import Asked, Manner, Source, clock_is_wrong, fetch
from cromwelld.jobs.open_work import awaited, begin, left_open, open_work
from cromwelld.jobs.performing import Orders, Sources, drain, perform
from cromwelld.jobs.places import Places
from cromwelld.jobs.sealing import seal
from cromwelld.jobs.stages import FETCH, Stages
from cromwelld.jobs.store import Stored
from cromwelld.pieces import Piece
from cromwelld.planner import Batch, batches, todays, wanted

_REST_S = 3600.0  # where nobody says when the requests are renewed
_MOST_ROUNDS = 5  # an answer may open more: a sync brings dates, a scope that is granted again a whole stream


@dataclass(slots=True, kw_only=True)
class Cycled:
    """What a cycle did: answers, dates that were stored or wait, dates that were sealed, and why it ended early.

    `resume_at` is when older dates can go on that this cycle left: at once after so many batches of them, later when
    the requests for them are spent, which is no failure.
    """

    asked: list[Asked] = field(default_factory=list)
    stored: dict[dt.date, Stored] = field(default_factory=dict)
    sealed: list[dt.date] = field(default_factory=list)
    ended_by: CromwelldError | None = None
    resume_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """When a cycle takes place, and how far it goes: `today` is the date where the person is.

    A `light` one asks no more if the watch has not synced. Every date from `since` on is to be had. After
    `most_batches` of older dates it ends, so that today's duties come to their turn again.
    """

    today: dt.date
    light: bool = False
    since: dt.date | None = None
    most_batches: int | None = None


async def cycle(sources: Sources, places: Places, turn: Turn, tell: Callable[[Asked], None]) -> Cycled:
    """Ask for what is open, and store what comes; `tell` hears of each answer.

    Today's duties come first. What is older leaves the reserve of the budget alone, and is asked newest first. By a
    clock that is wrong nothing is planned, stored or sealed.
    """
    done, stages = Cycled(), Stages(asyncio.get_running_loop().time)

    def hear(item: Asked) -> None:
        done.asked.append(item)
        tell(item)

    orders = Orders(
        manner=Manner(),
        tell=hear,
        held_back=lambda: awaited(sources.urgent, places, turn.today),
        stages=stages,
        stored=done.stored,
    )
    await _cycle(sources, places, turn, (orders, done))
    about = {"account": places.account}
    places.report(saying.collected(about, done.asked, done.stored.values(), ended_by=done.ended_by, stages=stages))
    return done


async def _cycle(sources: Sources, places: Places, turn: Turn, doing: tuple[Orders, Cycled]) -> None:
    orders, done = doing
    before = places.ledger.open_work.devices(places.account)
    devices = _devices(sources.urgent, places.account, turn.today)
    done.ended_by = await orders.timed(FETCH, fetch(sources.urgent, places, devices, orders.manner, orders.tell))
    if clock_is_wrong(sources.urgent):
        done.ended_by = _wrong_clock(sources.urgent.ahead_s or 0.0)
        return
    await asyncio.to_thread(begin, places, turn.today, turn.since)
    idle = turn.light and before and before == places.ledger.open_work.devices(places.account)
    works = done.ended_by is None and not idle
    later = {turn.today, turn.today - dt.timedelta(days=1)} if works else ()  # stored with what their work brings
    await drain(places, orders, later)
    if works:
        await _work(sources, places, turn, (orders, done))
    done.sealed = await seal(sources.urgent, places, turn.today)


async def _work(sources: Sources, places: Places, turn: Turn, doing: tuple[Orders, Cycled]) -> None:
    """Carry out one step after the other, until nothing is open or nothing more can be had."""
    orders, done = doing
    async for planned in _steps(sources.urgent, places, turn, done):
        performed = await perform(sources, places, planned, orders)
        done.ended_by = performed.ended_by
        if isinstance(done.ended_by, OutOfBudget) and not any(batch.urgent for batch in planned):
            done.resume_at = places.clock() + dt.timedelta(seconds=done.ended_by.retry_after_s or _REST_S)
            done.ended_by = None
            return
        if done.ended_by is not None:
            return


async def _steps(source: Source, places: Places, turn: Turn, done: Cycled) -> AsyncIterator[Sequence[Batch]]:
    """Give what to do, a step at a time, each planned when the one before is done."""
    yield [todays(places.account, source.streams, await asyncio.to_thread(open_work, source, places, turn.today))]
    for _ in range(_MOST_ROUNDS):
        planned = list(
            batches(places.account, source.streams, await asyncio.to_thread(_left, source, places, turn, done))
        )
        if not planned:
            return
        yield planned[: turn.most_batches]
        if turn.most_batches is not None and len(planned) > turn.most_batches:
            done.resume_at = places.clock()
            return


def _left(source: Source, places: Places, turn: Turn, done: Cycled) -> dict[str, set[dt.date]]:
    """Give what is wanted and was not asked in this cycle; a stream that was refused in it is not tried again."""
    answered = {(item.stream, item.date) for item in done.asked}
    refused = {item.stream for item in done.asked if item.outcome.withheld}
    work = wanted(source.streams, left_open(source, places, turn.today))
    return {
        name: {date for date in dates if (name, date) not in answered}
        for name, dates in work.items()
        if name not in refused
    }


def _devices(source: Source, account: str, today: dt.date) -> list[Piece]:
    """Ask the devices alone: what they say decides what else is due."""
    return [Piece(account, stream.name, today, today) for stream in source.streams.values() if stream.undated]


def _wrong_clock(ahead_s: float) -> ClockWrong:
    way = "before" if ahead_s > 0 else "behind"
    sentence = f"this machine's clock is {abs(ahead_s) / 60:.0f} minutes {way} the vendor's: nothing is planned by it"
    return ClockWrong(sentence, hint="let it be set by the network: timedatectl set-ntp true")
