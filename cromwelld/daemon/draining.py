"""What waits in an account's outbox brought to the archive when that is back."""

from __future__ import annotations

import asyncio
import datetime as dt

from cromwelld.daemon.member import Member
from cromwelld.errors import CromwelldError
from cromwelld.events import Event, Kind
from cromwelld.jobs.store import store

_FIRST_S, _LONGEST_S = 300, 3600


class Drain:
    """Store what waits and is over, at the start and after each run; while it cannot be, less and less often."""

    def __init__(self, member: Member) -> None:
        self._member = member
        self._failures = 0
        self._finishing = False

    def finish(self) -> None:
        """Begin no other attempt."""
        self._finishing = True
        self._member.waits.ring()

    async def work(self) -> None:
        """Store what waits whenever there is reason to believe that it can be."""
        while not self._finishing:
            waits = await self._attempt()
            self._failures = self._failures + 1 if waits else 0
            await self._member.waits.until(self._again() if waits else None)

    def _again(self) -> dt.datetime:
        wait_s = min(_LONGEST_S, _FIRST_S * 2 ** min(self._failures - 1, 16))
        return self._member.places.clock() + dt.timedelta(seconds=wait_s)

    async def _attempt(self) -> bool:
        """Store what is over; tell whether something of it waits on."""
        async with self._member.turn:
            dates = await asyncio.to_thread(self._dates)
            if not dates:
                return False
            try:
                return any(one.error is not None for one in await store(self._member.places, dates))
            except CromwelldError as err:
                self._member.places.report(Event(Kind.WORK_WAITS, {"problem": err.message}))
                return True

    def _dates(self) -> list[dt.date]:
        today = self._member.today()
        return [date for date in self._member.places.outbox.dates() if date < today]
