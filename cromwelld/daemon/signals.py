"""The signals that the daemon hears, as events."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Signals:
    """What was asked of the process: to read its settings again, to stop, and, when asked twice, to stop at once."""

    reload: asyncio.Event = field(default_factory=asyncio.Event)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)

    def stopped(self) -> None:
        """Hear one more call to stop."""
        (self.hurry if self.stop.is_set() else self.stop).set()


@contextmanager
def heard() -> Iterator[Signals]:
    """Hear SIGHUP, SIGTERM and SIGINT while the block runs."""
    signals, loop = Signals(), asyncio.get_running_loop()
    heeded = {signal.SIGHUP: signals.reload.set, signal.SIGTERM: signals.stopped, signal.SIGINT: signals.stopped}
    for number, heed in heeded.items():
        loop.add_signal_handler(number, heed)
    try:
        yield signals
    finally:
        for number in heeded:
            loop.remove_signal_handler(number)
