"""What people do now and then: settle, pause, fill up."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Collection, Sequence

from cromwelld.daemon.desk.ground import Standing
from cromwelld.daemon.member import Member
from cromwelld.errors import UsageError
from cromwelld.events import Event, Kind
from cromwelld.jobs.backfill import lacking_within
from cromwelld.planner.backfill import Estimate, estimate
from cromwelld.state import Obstacle, Stretch
from cromwelld.state import Standing as InTheWay
from cromwelld.web.protocol import BackfillPlan, BackfillWish, Pause


class Tending(Standing):
    """Do what people wish."""

    async def accept(self, account: str, date: dt.date, streams: Collection[str]) -> Sequence[str]:
        """Settle streams of a date as they are, all of them if none is named; give those that were settled.

        Raises: UsageError if there is nothing to settle; StoreError.
        """
        work = self.member(account).places.ledger.open_work
        settled = await asyncio.to_thread(work.accept, account, date, streams)
        if not settled:
            raise UsageError(f"{date}: nothing of it is open", hint="cromwelld status shows what is")
        return settled

    async def pause(self, account: str, until: dt.datetime | None) -> Pause:
        """Collect nothing by itself for an account until a time, or until it is resumed. Raises: StoreError."""
        member, now = self.member(account), self.ground.clock()
        standing = InTheWay(obstacle=Obstacle.PAUSED, reason="", way="", since=now, until=until)
        await asyncio.to_thread(member.places.ledger.standings.put, account, standing)
        member.places.report(Event(Kind.ACCOUNT_PAUSED, {"until": "" if until is None else until.isoformat()}))
        member.wanted.ring()
        return Pause(account=account, paused=True, until=until)

    async def resume(self, account: str) -> Pause:
        """Collect for an account again. Raises: StoreError."""
        member = self.member(account)
        await asyncio.to_thread(member.places.ledger.standings.clear, account, Obstacle.PAUSED)
        member.places.report(Event(Kind.ACCOUNT_RESUMED))
        member.wanted.ring()
        return Pause(account=account, paused=False)

    async def backfill(self, wish: BackfillWish) -> BackfillPlan:
        """Plan a backfill, and enter it unless it is a dry run. Raises: UsageError; StoreError."""
        member, stretch = self.member(wish.account), Stretch(first=wish.first, last=wish.last)
        costs = await asyncio.to_thread(_costs, member, stretch)
        if not wish.dry_run:
            await asyncio.to_thread(member.places.ledger.open_work.promise, wish.account, stretch)
            member.more = True
            member.wanted.ring()
        return BackfillPlan(
            account=wish.account,
            first=wish.first,
            last=wish.last,
            dates=costs.dates,
            requests={**costs.requests, **({"gps": costs.tracks} if costs.tracks else {})},
            hours=costs.hours,
            entered=not wish.dry_run,
        )


def _costs(member: Member, stretch: Stretch) -> Estimate:
    """Say what a backfill costs. Blocks. Raises: UsageError."""
    if member.line is None:
        message = f"account {member.name}: {member.account.source!r} has nothing to collect from"
        raise UsageError(message, hint="fill up accounts with another source")
    source = member.line.offered()
    lacking = lacking_within(source, member.places, stretch, member.today())
    return estimate(source.streams, lacking, member.line.access.rate)
