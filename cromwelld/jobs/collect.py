"""Fetch dates now, and store them."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from cromwelld.errors import CromwelldError
from cromwelld.jobs import saying
from cromwelld.jobs.fetching import Asked, Manner, Source
from cromwelld.jobs.performing import Orders, Sources, perform
from cromwelld.jobs.places import Places
from cromwelld.jobs.stages import STORE, Stages
from cromwelld.jobs.store import Stored, store
from cromwelld.outbox import Held
from cromwelld.pieces import Answer
from cromwelld.planner import Batch, plan, windows
from cromwelld.planner.duties import WINDOW_DATES


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
        fine = all(item.outcome not in saying.MISSING for item in self.asked)
        return fine and self.ended_by is None and all(item.error is None for item in self.stored)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which dates are wanted, both included; `force` names streams whose new answer replaces whatever is stored.

    With `rezone` every stream's does: the dates were spent in another zone than the one that is stored with them.
    """

    first: dt.date
    last: dt.date
    force: frozenset[str] = frozenset()
    rezone: bool = False


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

    def hear(item: Asked) -> None:
        asked.append(item)
        tell(item)

    manner = Manner(anew=True, dress=lambda answer: _as_wished(answer, wish))
    done = await perform(
        Sources(urgent=source, patient=source),
        places,
        _batches(source, places.account, wish),
        Orders(manner=manner, tell=hear, stages=stages),
    )
    stored |= done.stored
    collected = Collected(
        asked=tuple(asked),
        stored=tuple(stored[date] for date in sorted(stored)),
        ended_by=done.ended_by,
        held=await asyncio.to_thread(places.outbox.held),
    )
    about = {"account": places.account, "first": wish.first.isoformat(), "last": wish.last.isoformat()}
    places.report(saying.collected(about, asked, stored.values(), ended_by=done.ended_by, stages=stages))
    return collected


def _batches(source: Source, account: str, wish: Wish) -> Iterator[Batch]:
    for first, last in windows(wish.first, wish.last, WINDOW_DATES):
        pieces = plan(account, source.streams.values(), first, last)
        yield Batch(pieces=tuple(pieces), first=first, last=last, urgent=True)


def _as_wished(answer: Answer, wish: Wish) -> Answer:
    """Let an answer carry the word of the person who wants it to replace what is stored, however late that is."""
    forced = (wish.rezone or answer.stream in wish.force) and wish.first <= answer.date <= wish.last
    return replace(answer, forced=True) if forced else answer
