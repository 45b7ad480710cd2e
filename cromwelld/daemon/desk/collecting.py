"""Runs, and what has become of dates."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence

from cromwelld.daemon.desk.ground import Standing
from cromwelld.jobs.days import DateState, days
from cromwelld.state import Run, RunWish
from cromwelld.web.protocol import Progress


class Collecting(Standing):
    """Take wishes, and tell what has become of them."""

    async def ask_run(self, wish: RunWish) -> Run:
        """Enter a wish; it is durable when this returns. Raises: NotWritable; DamagedFile; UsageError."""
        member = self.member(wish.account)
        run = await asyncio.to_thread(self.ground.ledger.runs.ask, wish, self.ground.clock())
        member.wanted.ring()
        return run

    async def runs(self, account: str | None, most: int) -> Sequence[Run]:
        """Give the newest runs, newest first. Raises: DamagedFile."""
        return await asyncio.to_thread(self.ground.ledger.runs.newest, most, account=account)

    async def run(self, run: int) -> Run | None:
        """Give a run; None if there is none of that number. Raises: DamagedFile."""
        return await asyncio.to_thread(self.ground.ledger.runs.find, run)

    async def run_report(self, run: int) -> str:
        """Give what a person is told of a run that has ended, as a JSON text; "" if there is nothing (any more)."""
        return await asyncio.to_thread(self.ground.ledger.runs.report, run)

    def run_progress(self, run: int) -> Progress | None:
        """Say how far a run is; None if it is not being worked on."""
        work = self.ground.household.board.progress(run)
        return None if work is None else Progress(done=work.done, total=work.total)

    async def run_ended(self, run: int) -> None:
        """Wait until a run has ended; the caller limits the time."""
        ending = self.ground.household.board.ending(run)
        found = await self.run(run)
        if found is not None and not found.state.ended:
            await ending.wait()

    async def days(self, account: str, first: dt.date, last: dt.date) -> Sequence[DateState]:
        """Tell how each date stands, both ends included, oldest first. Raises: DamagedFile; UsageError."""
        return await asyncio.to_thread(days, self.member(account).places.ledger, account, first, last)
