"""Carry out planned batches: fetch one while the one before is written, and keep each failure to its own stream."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Collection, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from cromwelld.errors import CromwelldError
from cromwelld.jobs.fetching import Asked, Manner, Source, fetch
from cromwelld.jobs.places import Places
from cromwelld.jobs.stages import FETCH, STORE, Stages
from cromwelld.jobs.store import Stored, store
from cromwelld.pieces import Outcome
from cromwelld.planner import Batch

_NOT_HAD = {Outcome.FAILED, Outcome.REFUSED}
Tell = Callable[[Asked], None]
_Done = TypeVar("_Done")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """One vendor reached in two ways: what is `urgent` may use the whole budget, what is `patient` leaves a reserve."""

    urgent: Source
    patient: Source


@dataclass(slots=True, kw_only=True)
class Performed:
    """What came of batches: dates that were stored or wait for the archive, and why it ended early, if it did.

    `stuck` streams were refused when they were asked last: patient batches ask them no more. `failed` could not be had.
    """

    stored: dict[dt.date, Stored] = field(default_factory=dict)
    ended_by: CromwelldError | None = None
    answered: set[tuple[str, dt.date]] = field(default_factory=set)
    stuck: set[str] = field(default_factory=set)
    failed: set[tuple[str, dt.date]] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """How batches are carried out: how answers are taken, who hears of them, and which dates are not stored yet.

    `held_back` names dates for which more is planned: what waits of them is stored with the rest of it. `stored` has
    what became of dates so far: one for which nothing came since is not stored again.
    """

    manner: Manner
    tell: Tell
    held_back: Callable[[], Collection[dt.date]] = tuple
    stages: Stages
    stored: dict[dt.date, Stored] = field(default_factory=dict)

    async def timed(self, stage: str, work: Coroutine[Any, Any, _Done]) -> _Done:
        """Count the seconds of a piece of work as a stage."""
        with self.stages.during(stage):
            return await work

    async def store(self, places: Places, dates: Collection[dt.date]) -> None:
        """Store dates."""
        found = await asyncio.to_thread(self._fresh, places, dates)
        self.stored.update({one.date: one for one in await self.timed(STORE, store(places, found))})

    def _fresh(self, places: Places, dates: Collection[dt.date]) -> list[dt.date]:
        known = {date: self.stored[date].pieces for date in dates if date in self.stored}
        return [date for date in dates if date not in known or places.outbox.waiting(date) != known[date]]


async def perform(sources: Sources, places: Places, batches: Iterable[Batch], orders: Orders) -> Performed:
    """Fetch batches in their order, each while the one before is stored.

    What came of a date waits in the outbox, and is not asked for again, until nothing more is planned for it. Killed
    at any instant, the same plan made later asks only for what had not come.
    """
    done = Performed(stored=orders.stored)

    def hear(item: Asked) -> None:
        done.answered.add((item.stream, item.date))
        (done.stuck.add if item.outcome.withheld else done.stuck.discard)(item.stream)
        if item.outcome in _NOT_HAD:
            done.failed.add((item.stream, item.date))
        orders.tell(item)

    begun: list[Batch] = []
    for batch in batches:
        dates = {date for _, date in done.answered}
        ready = await asyncio.to_thread(_ready, places, begun[-1], orders, dates) if begun else ()
        begun.append(batch)
        source = sources.urgent if batch.urgent else sources.patient
        pieces = [piece for piece in batch.pieces if batch.urgent or piece.stream not in done.stuck]
        fetching = orders.timed(FETCH, fetch(source, places, pieces, orders.manner, hear))
        done.ended_by = await _both(orders.store(places, ready), fetching)
        if done.ended_by is not None:
            break
    left = await asyncio.to_thread(_left, places, begun, orders, {date for _, date in done.answered})
    await orders.store(places, left)
    return done


async def drain(places: Places, orders: Orders, later: Collection[dt.date] = ()) -> None:
    """Store what waits from before, but for dates of which more is still to come, those of `later` among them."""
    held_back = {*later, *await asyncio.to_thread(orders.held_back)}
    await orders.store(places, set(places.outbox.dates()) - held_back)


async def _both(storing: Coroutine[Any, Any, None], fetching: Coroutine[Any, Any, _Done]) -> _Done:
    """Do both at once, and give what the second gives; the error of the one that fails first is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(storing)
            fetched = group.create_task(fetching)
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from errors
    return fetched.result()


def _ready(places: Places, batch: Batch, orders: Orders, told: Collection[dt.date]) -> list[dt.date]:
    """Give the dates of a batch that wait, and later ones (batteries) that something came for."""
    held_back = set(orders.held_back())
    inside = (date for date in places.outbox.dates() if batch.first <= date <= batch.last or batch.last < date in told)
    return [date for date in inside if date not in held_back]


def _left(places: Places, begun: Sequence[Batch], orders: Orders, told: Collection[dt.date]) -> list[dt.date]:
    """Give the dates that wait when all is over: those of batches, and others that something came for."""
    held_back = set(orders.held_back())
    within = [
        date for date in places.outbox.dates() if any(one.first <= date <= one.last for one in begun) or date in told
    ]
    return [date for date in within if date not in held_back]
