"""The sign of life for systemd: given only while the loop turns, threads take work, and every account gets its turn."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from contextlib import suppress

from cromwelld.jobs.places import Clock
from cromwelld.monitor.notify import Notifier

_LATE = dt.timedelta(minutes=5)


def overdue(next_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Tell whether somebody should have looked up long ago."""
    return next_at is not None and now - next_at > _LATE


async def watch(
    notifier: Notifier, every_s: float, clock: Clock, turns: Callable[[], list[dt.datetime | None]]
) -> None:
    """Say that there was progress, twice as often as systemd wants; without progress nothing is said.

    `turns` gives when each account was to look up next, None for one at work.
    """
    while True:
        await asyncio.sleep(every_s / 2)
        with suppress(TimeoutError):
            async with asyncio.timeout(every_s / 2):
                await asyncio.to_thread(lambda: None)
            now = clock()
            if not any(overdue(turn, now) for turn in turns()):
                notifier.watchdog()
