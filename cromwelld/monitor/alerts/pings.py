"""Pings of daily runs, sent beside them: no run waits for one, and none fails for want of one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from cromwelld.errors import CromwelldError
from cromwelld.events import Event, Kind, Report
from cromwelld.monitor.alerts.channels.ping import Ping
from cromwelld.monitor.alerts.patience import Patience, patiently

_MOST_WAITING = 100


class Monitor(Protocol):
    """Who is told."""

    async def send(self, ping: Ping, account: str, run: str) -> None:
        """Tell how a run goes. Raises: FarSideAway; PersonNeeded."""


@dataclass(slots=True, kw_only=True)
class Pings:
    """Take pings at once, and send them in their order; with `monitor` None there is nobody to tell."""

    monitor: Monitor | None
    report: Report
    patience: Patience = field(default_factory=Patience)
    _waiting: asyncio.Queue[tuple[Ping, str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self._waiting = asyncio.Queue(_MOST_WAITING)

    def tell(self, ping: Ping, account: str, run: str) -> None:
        """Have it told how a run of an account goes; while the monitor is away for long, the newest are dropped."""
        if self.monitor is None:
            return
        try:
            self._waiting.put_nowait((ping, account, run))
        except asyncio.QueueFull:
            self._lost(ping, account, "too many wait already")

    async def run(self) -> None:
        """Send pings for ever."""
        while True:
            ping, account, run = await self._waiting.get()
            if self.monitor is not None:
                try:
                    await patiently(self.patience, partial(self.monitor.send, ping, account, run))
                except CromwelldError as err:
                    self._lost(ping, account, err.message)

    def _lost(self, ping: Ping, account: str, problem: str) -> None:
        self.report(Event(Kind.PING_LOST, {"account": account, "ping": ping.name.lower(), "problem": problem}))
