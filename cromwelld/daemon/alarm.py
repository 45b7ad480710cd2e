"""Waiting for an instant, or for somebody who rings before it."""

from __future__ import annotations

import asyncio
import datetime as dt
from contextlib import suppress

from cromwelld.jobs.places import Clock

_LONGEST_S = 60.0  # the loop's timers stand still while a machine sleeps, and know nothing of a clock that is set


class Alarm:
    """An event with a deadline by the clock on the wall; whoever rings while nobody waits is heard the next time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake who waits, or who will."""
        self._rung.set()

    async def until(self, at: dt.datetime | None) -> None:
        """Wait for the instant, or for ever; a ring ends it."""
        while not self._rung.is_set() and (at is None or self._clock() < at):
            left_s = None if at is None else min(_LONGEST_S, (at - self._clock()).total_seconds())
            with suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await self._rung.wait()
        self._rung.clear()
