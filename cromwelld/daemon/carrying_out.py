"""One run carried out: its dates fetched and stored, and what came of it."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cromwelld.daemon.member import Member
from cromwelld.errors import CromwelldError, LoginNeeded, Retired, UsageError, ours
from cromwelld.events import Event, Kind
from cromwelld.jobs.collect import Collected, Wish, collect
from cromwelld.jobs.cycle import Turn, cycle
from cromwelld.jobs.fetching import Asked, Source
from cromwelld.jobs.performing import Sources
from cromwelld.jobs.reporting import document
from cromwelld.pieces import Outcome
from cromwelld.planner import spans
from cromwelld.state import Counts, Run, RunEnd, RunState, WishedBy
from cromwelld.wiring.build import with_remedy

_MOST_BATCHES = 3  # of older dates: then today has its turn
Tell = Callable[[Asked], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """How a run is carried out: who hears of each answer; a `light` one asks no more where no watch has synced."""

    tell: Tell
    light: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a run ended, what ended it before its time, and whether the vendor answered anything.

    `resume_at` is when older dates can go on that it left.
    """

    end: RunEnd
    ended_by: CromwelldError | None
    answered: bool
    resume_at: dt.datetime | None = None


async def carry_out(member: Member, run: Run, orders: Orders) -> Done:
    """Fetch and store what a run is for. Whatever goes wrong in it is how it ended, and nobody else's business."""
    parts: list[Collected] = []
    ended_by: CromwelldError | None = None
    resume_at: dt.datetime | None = None
    try:
        sources = await _sources(member)
        if run.wished_by is WishedBy.SCHEDULE:
            part, resume_at = await _cycled(sources, member, orders)
            parts.append(part)
        else:
            await _wished(sources.urgent, member, run, tell=orders.tell, parts=parts)
    except Exception as err:  # noqa: BLE001 - a mistake in one person's day must not take the others with it
        ended_by = ours(err)
    return replace(_done(member, _joined(parts, ended_by)), resume_at=resume_at)


async def _sources(member: Member) -> Sources:
    """Give the way to the vendor. Raises: UsageError if there is none; LoginNeeded."""
    if member.line is None:
        message = f"account {member.name}: its data come by exports of Google Takeout; nobody can be asked for dates"
        raise UsageError(message, hint="put the next export into import_from")
    try:
        return await member.line.sources()
    except LoginNeeded as err:
        fields = {"source": member.account.source, "reason": err.message}
        member.places.report(Event(Kind.LOGIN_NEEDED, fields))
        raise


async def _cycled(sources: Sources, member: Member, orders: Orders) -> tuple[Collected, dt.datetime | None]:
    """Do what the ledger has open, a few months of older dates at most; tell when more of these can be had."""
    turn = Turn(
        today=await asyncio.to_thread(member.today),
        light=orders.light,
        since=member.settings.backfill.first,
        most_batches=_MOST_BATCHES,
    )
    done = await cycle(sources, member.places, turn, orders.tell)
    collected = Collected(
        asked=tuple(done.asked),
        stored=tuple(done.stored[date] for date in sorted(done.stored)),
        ended_by=done.ended_by,
        held=await asyncio.to_thread(member.places.outbox.held),
    )
    return collected, done.resume_at


async def _wished(source: Source, member: Member, run: Run, *, tell: Tell, parts: list[Collected]) -> None:
    """Fetch the dates that somebody wished, whatever is known of them; what is done of it is added to `parts`."""
    for first, last in spans(run.dates):
        wish = Wish(first=first, last=last, force=frozenset(run.force))
        parts.append(await collect(source, member.places, wish, tell))
        if parts[-1].ended_by is not None:
            return


def refused(member: Member, err: Retired) -> Done:
    """Say how a run ended that was not even begun."""
    return _done(member, _joined([], err))


def _joined(parts: Sequence[Collected], ended_by: CromwelldError | None) -> Collected:
    """Put together what was done for each span of dates."""
    return Collected(
        asked=tuple(item for part in parts for item in part.asked),
        stored=tuple(item for part in parts for item in part.stored),
        ended_by=ended_by or next((part.ended_by for part in parts if part.ended_by is not None), None),
        held=parts[-1].held if parts else None,
    )


def _done(member: Member, collected: Collected) -> Done:
    told = Collected(
        asked=collected.asked,
        stored=collected.stored,
        ended_by=with_remedy(collected.ended_by, member.account),
        held=collected.held,
    )
    end = RunEnd(
        state=_state(collected),
        reason=_reason(told),
        counts=_counts(collected),
        report=json.dumps(document(told, member.where)),
    )
    answered = any(item.outcome.answered for item in collected.asked)
    return Done(end=end, ended_by=collected.ended_by, answered=answered)


def _state(collected: Collected) -> RunState:
    """Choose the word: failed is what ended before its time or got no answer at all."""
    if collected.complete:
        return RunState.DONE
    answered = any(item.outcome.answered for item in collected.asked)
    return RunState.INCOMPLETE if answered and collected.ended_by is None else RunState.FAILED


def _reason(collected: Collected) -> str:
    """Say in one sentence why a run is not done."""
    if collected.ended_by is not None:
        hint = f"; {collected.ended_by.hint}" if collected.ended_by.hint else ""
        return f"{collected.ended_by.message}{hint}"
    waiting = next((item.error for item in collected.stored if item.error is not None), None)
    if waiting is not None:
        return waiting.message
    reasons = (item.reason for item in collected.asked if item.outcome in {Outcome.FAILED, Outcome.REFUSED})
    return next(reasons, "")


def _counts(collected: Collected) -> Counts:
    return Counts(
        asked=len(collected.asked),
        answered=sum(item.outcome.answered for item in collected.asked),
        failed=sum(item.outcome is Outcome.FAILED for item in collected.asked),
        stored=sum(item.error is None for item in collected.stored),
        changed=sum(item.changed for item in collected.stored),
        records=sum(item.records for item in collected.asked),
    )
