"""An event loop whose clock jumps to the next timer when nothing is under way: days pass in seconds."""

from __future__ import annotations

import asyncio
import datetime as dt
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

_MOMENT_S = 0.001  # what was sent over loopback is there by then


class FastLoop(asyncio.SelectorEventLoop):
    """Jump over the time in which nobody does anything; what threads do takes its real time."""

    def __init__(self, begin: dt.datetime) -> None:
        self.ahead_s = 0.0
        self.in_threads = 0
        super().__init__(_Jumping(self))
        self._begin = begin
        self._begun = self.time()

    def time(self) -> float:
        return super().time() + self.ahead_s

    def clock(self) -> dt.datetime:
        """Give the instant on the wall."""
        return self._begin + dt.timedelta(seconds=self.time() - self._begun)

    def run_in_executor(  # type: ignore[override]
        self,
        executor: Executor | None,
        func: Callable[..., Any],
        *args: Any,  # noqa: ANN401 - as the loop has it
    ) -> asyncio.Future[Any]:
        self.in_threads += 1
        running = super().run_in_executor(executor, func, *args)
        running.add_done_callback(self._returned)
        return running

    def _returned(self, _: asyncio.Future[Any]) -> None:
        self.in_threads -= 1


class _Jumping(selectors.DefaultSelector):
    def __init__(self, loop: FastLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        found = super().select(min(timeout, _MOMENT_S))
        while not found and self._loop.in_threads:
            found = super().select(_MOMENT_S)
        if not found and timeout > _MOMENT_S:
            self._loop.ahead_s += timeout - _MOMENT_S
        return found
