"""The metrics as the daemon has them: told of events and of how everything stands, and rendered for Prometheus."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Collection

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from cromwelld.errors import Cause
from cromwelld.events import Event, Kind
from cromwelld.measurements import CATALOGUE
from cromwelld.monitor.alerts.model import AlertKind
from cromwelld.monitor.metrics.board import Board, Closed
from cromwelld.monitor.metrics.counting import REFUSED, SENT, UNSENT, count
from cromwelld.monitor.metrics.expecting import begin, begin_account, begin_streams
from cromwelld.monitor.metrics.standing import show
from cromwelld.monitor.snapshot import Snapshot
from cromwelld.pieces import Outcome
from cromwelld.sources.counting import CLASSES
from cromwelld.sources.raw import ACCOUNT, LOGIN

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_FRESH_S, _USABLE_S = 1.0, 2.0


class Metrics:
    """Count events, show snapshots, and render both; counting and showing may happen in any thread.

    `accounts` and `streams` close the label sets: what is of none of them is counted as `other`.
    """

    def __init__(
        self, accounts: Collection[str], streams: Collection[str], *, clock: Callable[[], float] = time.time
    ) -> None:
        self._clock = clock
        self._accounts: set[str] = set()
        self._board = Board(_closed(self._accounts, streams))
        self._rendering: asyncio.Future[None] | None = None
        self._rendered: tuple[float, bytes] = (-math.inf, b"")
        begin(self._board)
        self.take_on(accounts)

    def take_on(self, accounts: Collection[str]) -> frozenset[str]:
        """Take on other accounts: the series of new ones begin, those of accounts that are gone end. Give the new."""
        gone, new = self._accounts - set(accounts), set(accounts) - self._accounts
        self._accounts |= new
        for account in new:
            begin_account(self._board, account)
        self._accounts -= gone
        for account in gone:
            self._board.forget("account", account)
        return frozenset(new)

    def expect(self, account: str, source: str, streams: Collection[str]) -> None:
        """Let an account that is known count from nought what becomes of the streams that a source is asked for."""
        begin_streams(self._board, account, source, streams)

    def report(self, event: Event) -> None:
        """Count an event."""
        count(self._board, event, self._clock())

    def show(self, snapshot: Snapshot) -> None:
        """Let the gauges say how everything stands."""
        show(self._board, snapshot)

    def lag(self, seconds: float) -> None:
        """Note how long the event loop was busy in one turn."""
        self._board.observe("event_loop_lag_seconds", seconds)

    async def rendered(self) -> bytes:
        """Give the text that Prometheus reads; it is made in a thread, once a second however many ask.

        One that is less than two seconds old is given at once, while the next is made: nobody waits in a crowd.
        """
        loop = asyncio.get_running_loop()
        age_s = loop.time() - self._rendered[0]
        if age_s >= _FRESH_S and (self._rendering is None or self._rendering.done()):
            self._rendering = loop.run_in_executor(None, self._render, loop.time())
        if age_s >= _USABLE_S and self._rendering is not None:
            await asyncio.shield(self._rendering)
        return self._rendered[1]

    def _render(self, now: float) -> None:
        self._rendered = (now, generate_latest(self._board.registry))


def _closed(accounts: set[str], streams: Collection[str]) -> Closed:
    return Closed(
        values={
            "account": accounts,  # this very set, which grows and shrinks
            "stream": {ACCOUNT, LOGIN, *streams},
            "measurement": {measurement.name for measurement in CATALOGUE},
            "class": set(CLASSES),
            "outcome": {SENT, UNSENT, REFUSED} | {outcome.value for outcome in Outcome},
            "kind": {kind.word for kind in AlertKind},
            "reason": {cause.value for cause in Cause},
            "event": {kind.label for kind in Kind},
        }
    )
