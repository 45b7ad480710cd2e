"""How long the event loop is busy in one go, which is how long everybody else in it waits."""

from __future__ import annotations

import asyncio
import selectors
import sys
import time
from collections.abc import Callable

_TURN_S = 0.001
Tell = Callable[[float], None]


class _TimedSelector(selectors.DefaultSelector):
    """A selector that knows how long nobody came back to it.

    Between two looks at it the loop runs what is ready; so it sees every stall whole, and costs nothing while the loop
    sleeps.
    """

    def __init__(self, tell: Tell, clock: Callable[[], float]) -> None:
        super().__init__()
        self._tell = tell
        self._clock = clock
        self._left_at: float | None = None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for what is ready, as any selector, and say how long the loop was busy before."""
        if self._left_at is not None:
            self._tell(self._clock() - self._left_at)
        found = super().select(timeout)
        self._left_at = self._clock()
        return found


def take_turns_often() -> None:
    """Let threads that compute hand Python over five times as often as usual, so that the loop waits less for them."""
    sys.setswitchinterval(_TURN_S)


def loop_telling(tell: Tell, clock: Callable[[], float] = time.perf_counter) -> Callable[[], asyncio.AbstractEventLoop]:
    """Make a factory of event loops that tell, after every turn, how many seconds it took.

    For `asyncio.Runner(loop_factory=...)`. `tell` is called in the loop's thread, some thousand times a second when
    much is done: it must be quick and must not raise.
    """
    return lambda: asyncio.SelectorEventLoop(_TimedSelector(tell, clock))
