"""Reading everything back, for somebody who asked for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from cromwelld.daemon.desk.ground import Ground, Standing
from cromwelld.daemon.member import Member
from cromwelld.errors import CromwelldError
from cromwelld.jobs.verify import Finding, Order, Verified, verify
from cromwelld.web.protocol import Progress, Unsound, Verification
from cromwelld.wiring.vendors import STREAMS

_KEPT = 20


class Verifying(Standing):
    """Read back one account at a time for each purpose; the newest readings are remembered until the process ends."""

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self._readings: dict[int, Verification] = {}
        self._ended: dict[int, asyncio.Event] = {}

    async def ask_verification(self, account: str, *, repair: bool) -> Verification:
        """Begin to read everything back, or give the reading that runs already for that account and purpose."""
        member = self.member(account)
        for one in self._readings.values():
            if (one.account, one.repair) == (account, repair) and not one.ended:
                return one
        reading = Verification(id=max(self._readings, default=0) + 1, account=account, repair=repair, state="running")
        self._readings[reading.id], self._ended[reading.id] = reading, asyncio.Event()
        for old in sorted(self._readings)[:-_KEPT]:
            del self._readings[old], self._ended[old]
        self.ground.begin(self._read(member, reading))
        return reading

    async def verification(self, verification: int) -> Verification | None:
        """Give a reading back; None if there is none of that number (any more)."""
        return self._readings.get(verification)

    async def verification_ended(self, verification: int) -> None:
        """Wait until a reading back has ended; the caller limits the time."""
        ended = self._ended.get(verification)
        if ended is not None:
            await ended.wait()

    async def _read(self, member: Member, reading: Verification) -> None:
        try:
            async with member.turn:
                verified = await self._verified(member, reading)
            self._readings[reading.id] = _done(reading, verified)
        except CromwelldError as err:
            self._readings[reading.id] = replace(reading, state="failed", reason=err.message)
        finally:
            self._ended[reading.id].set()

    async def _verified(self, member: Member, reading: Verification) -> Verified:
        total = len(await asyncio.to_thread(member.places.ledger.dates, member.name))
        order = Order(streams=STREAMS, repair=reading.repair)
        return await verify(member.places, order, self._counting(reading, total))

    def _counting(self, reading: Verification, total: int) -> Callable[[object], None]:
        done = 0

        def count(_: object) -> None:
            nonlocal done
            done += 1
            progress = Progress(done=done, total=max(done, total))
            self._readings[reading.id] = replace(reading, progress=progress)

        return count


def _done(reading: Verification, verified: Verified) -> Verification:
    return replace(
        reading,
        state="done",
        dates=len(verified.dates),
        records=verified.records,
        findings=tuple(_unsound(one) for one in verified.findings),
    )


def _unsound(one: Finding) -> Unsound:
    return Unsound(date=one.date, place=one.place, what=one.sentence, mended=one.mended, remedy=one.remedy)
