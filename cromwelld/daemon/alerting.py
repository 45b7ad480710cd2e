"""Alerts and pings by the settings of today: who is told changes with the settings, what was told is kept."""

from __future__ import annotations

import asyncio

import aiohttp

from cromwelld.config import Alerts
from cromwelld.errors import StoreError
from cromwelld.events import Event, Kind, Report
from cromwelld.jobs.places import Clock
from cromwelld.monitor.alerts.channels.ping import Ping
from cromwelld.monitor.alerts.channels.table import channels_of, pinger_of
from cromwelld.monitor.alerts.dispatch import Book, Dispatcher
from cromwelld.monitor.alerts.pings import Pings
from cromwelld.monitor.snapshot import Snapshot
from cromwelld.state import RunState


class Alerting:
    """Send alerts and pings for ever; new settings begin anew with what is kept."""

    def __init__(self, told: Alerts, book: Book, report: Report, clock: Clock) -> None:
        self._told = told
        self._book = book
        self._report = report
        self._clock = clock
        self._changed = asyncio.Event()
        self._dispatcher: Dispatcher | None = None
        self._pings: Pings | None = None
        self._loop = asyncio.get_running_loop()

    def change(self, told: Alerts) -> None:
        """Take on other settings."""
        if told != self._told:
            self._told = told
            self._changed.set()

    async def run(self) -> None:
        """Tell what is to be told, by the settings that count."""
        while True:
            self._changed.clear()
            async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
                self._dispatcher = Dispatcher(
                    self._book, channels_of(self._told, session), self._report, clock=self._clock
                )
                self._pings = Pings(monitor=pinger_of(self._told, session), report=self._report)
                parts = [group.create_task(part.run()) for part in (self._dispatcher, self._pings)]
                await self._changed.wait()
                for part in parts:
                    part.cancel()

    async def look(self, snapshot: Snapshot) -> None:
        """Hold how everything stands against the rules. A ledger that cannot be read is said."""
        if self._dispatcher is None:
            return
        try:
            await self._dispatcher.look(snapshot, self._told)
        except StoreError as err:
            self._report(Event(Kind.WORK_WAITS, {"problem": err.message}))

    def hear(self, event: Event) -> None:
        """Have it told how a daily run goes; from any thread."""
        ping = _ping(event)
        if ping is not None and event.fields.get("daily"):
            self._loop.call_soon_threadsafe(self._tell, ping, event)

    def _tell(self, ping: Ping, event: Event) -> None:
        if self._pings is not None:
            self._pings.tell(ping, str(event.fields.get("account", "")), str(event.fields.get("run", "")))


def _ping(event: Event) -> Ping | None:
    """Give what is told of an event: a run that lacks a stream has come to its end all the same."""
    if event.kind is Kind.RUN_UNFINISHED:
        return Ping.FAIL if event.fields.get("state") == RunState.FAILED.value else Ping.SUCCESS
    return {Kind.RUN_STARTED: Ping.START, Kind.RUN_ENDED: Ping.SUCCESS}.get(event.kind)
