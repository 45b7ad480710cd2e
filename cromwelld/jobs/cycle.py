"""One cycle of an account: what waits, how far the watch has synced, today's duties, then everything else that is open.

A cycle may begin at any time and as often as one likes: it asks for what is open and for nothing else.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field

from cromwelld.errors import CromwelldError
from cromwelld.jobs.fetching import Asked, Manner, Source
from cromwelld.jobs.open_work import STUCK, awaited, begin, open_work
from cromwelld.jobs.performing import Orders, Sources, perform
from cromwelld.jobs.places import Places
from cromwelld.jobs.sealing import seal
from cromwelld.jobs.stages import Stages
from cromwelld.jobs.store import Stored, store
from cromwelld.pieces import Piece
from cromwelld.planner import Batch, batches, todays, wanted

_MOST_ROUNDS = 5  # an answer may open more: a sync brings dates, a scope that is granted again a whole stream


@dataclass(slots=True, kw_only=True)
class Cycled:
    """What a cycle did: answers, dates that were stored or wait, dates that were sealed, and why it ended early."""

    asked: list[Asked] = field(default_factory=list)
    stored: dict[dt.date, Stored] = field(default_factory=dict)
    sealed: list[dt.date] = field(default_factory=list)
    ended_by: CromwelldError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """When a cycle takes place: `today` where the person is; a `light` one asks no more if the watch has not synced."""

    today: dt.date
    light: bool = False


async def cycle(sources: Sources, places: Places, turn: Turn, tell: Callable[[Asked], None]) -> Cycled:
    """Ask for what is open, and store what comes; `tell` hears of each answer.

    Today's duties come first. What is older leaves the reserve of the budget alone, and is asked newest first.
    """
    done = Cycled()

    def hear(item: Asked) -> None:
        done.asked.append(item)
        tell(item)

    orders = Orders(
        manner=Manner(),
        tell=hear,
        held_back=lambda: awaited(sources.urgent, places, turn.today),
        stages=Stages(asyncio.get_running_loop().time),
    )
    await asyncio.to_thread(begin, places, turn.today)
    done.stored |= {one.date: one for one in await drain(places, orders)}
    async for batch_list in _steps(sources.urgent, places, turn, done):
        performed = await perform(sources, places, batch_list, orders)
        done.stored |= performed.stored
        done.ended_by = performed.ended_by
        if done.ended_by is not None:
            break
    done.sealed = await seal(sources.urgent, places, turn.today)
    return done


async def drain(places: Places, orders: Orders) -> list[Stored]:
    """Store what waits from before, but for dates of which more is still to come."""
    return await store(places, set(places.outbox.dates()) - set(await asyncio.to_thread(orders.held_back)))


async def _steps(source: Source, places: Places, turn: Turn, done: Cycled) -> AsyncIterator[Iterable[Batch]]:
    """Give what to do, a step at a time, each planned when the one before is done."""
    before = places.ledger.open_work.devices(places.account)
    yield [_devices(source, places.account, turn.today)]
    if turn.light and before and before == places.ledger.open_work.devices(places.account):
        return
    yield [todays(places.account, source.streams, await asyncio.to_thread(open_work, source, places, turn.today))]
    for _ in range(_MOST_ROUNDS):
        answered = {(item.stream, item.date) for item in done.asked}
        work = wanted(source.streams, await asyncio.to_thread(open_work, source, places, turn.today))
        stuck = {item.stream for item in done.asked if item.outcome in STUCK}
        left = {
            name: {date for date in dates if (name, date) not in answered}
            for name, dates in work.items()
            if name not in stuck
        }
        if not any(left.values()):
            return
        yield batches(places.account, source.streams, left)


def _devices(source: Source, account: str, today: dt.date) -> Batch:
    """Ask the devices alone: what they say decides what else is due."""
    pieces = [Piece(account, stream.name, today, today) for stream in source.streams.values() if stream.undated]
    return Batch(pieces=tuple(pieces), first=today, last=today, urgent=True)
