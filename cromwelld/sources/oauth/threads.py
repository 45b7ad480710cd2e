"""File work in a thread that is finished before anybody goes on, even one who is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

_Found = TypeVar("_Found")


async def finished(work: Callable[[], _Found]) -> _Found:
    """Do `work` in a thread; a cancellation is passed on after it, so that no lock is given back under it."""
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        if not running.cancelled():
            running.exception()  # looked at: the cancellation says enough
        raise
