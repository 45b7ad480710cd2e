"""What monitors are told: events counted, and how everything stands looked at again and again."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial

from cromwelld.config import Account, Settings
from cromwelld.daemon import looking
from cromwelld.daemon.alarm import Alarm
from cromwelld.daemon.alerting import Alerting
from cromwelld.daemon.household import Household
from cromwelld.daemon.pending import Pending
from cromwelld.disk import check_readable, check_writable
from cromwelld.errors import CromwelldError
from cromwelld.events import Event, Kind, Report
from cromwelld.jobs.places import Clock
from cromwelld.monitor import health
from cromwelld.monitor.health import Code, Health, Liveness, Reason
from cromwelld.monitor.metrics import Metrics
from cromwelld.monitor.readiness import Check, Readiness
from cromwelld.monitor.snapshot import Snapshot, Trouble
from cromwelld.web.protocol import Probe
from cromwelld.wiring.vendors import STREAMS

_EVERY = dt.timedelta(minutes=1)
_FOLDERS_S = 300.0
_OF_LATE = dt.timedelta(minutes=1)
_STALE_S = 36 * 3600
_UPLOADED = {Kind.DAY_ARCHIVED, Kind.DAY_UNCHANGED}


class Observer:
    """Hear every event, look at everything once a minute and after each run, and answer the probes from that."""

    def __init__(self, settings: Settings, log: Report, clock: Clock) -> None:
        streams = {name for offered in STREAMS.values() for name in offered}
        self.metrics = Metrics((), streams)
        self.changed = Alarm(clock)
        self.snapshot: Snapshot | None = None
        self.needed: Callable[[], None] = lambda: None
        self._settings = settings
        self._log = log
        self._clock = clock
        self._archive: Trouble | None = None
        self._ahead_s: dict[str, float] = {}
        self._refused = ""
        self._pending = Pending()
        self._stall: tuple[dt.datetime, float] | None = None
        self._hearers: list[Report] = []
        self._lookers: list[Callable[[Snapshot], Awaitable[None]]] = []
        self._readiness = Readiness(tuple(_checks(settings)))
        self._take_on(settings.accounts)

    def _take_on(self, accounts: Mapping[str, Account]) -> None:
        """Let the metrics have these accounts, and each what may become of the streams that it is asked for."""
        for name in self.metrics.take_on(accounts):
            account = accounts[name]
            streams = [stream for stream in STREAMS.get(account.source, ()) if stream not in account.leave_out]
            if streams:
                self.metrics.expect(name, account.source, streams)

    def report(self, event: Event) -> None:
        """Hear an event, in any thread: it is written, counted and learned from."""
        self._log(event)
        self.metrics.report(event)
        for hear in self._hearers:
            hear(event)
        if event.kind is Kind.DAY_WAITS and event.fields.get("where") == "archive" and self._archive is None:
            self._archive = Trouble(since=self._clock(), sentence=str(event.fields.get("problem", "")))
        elif event.kind in _UPLOADED:
            self._archive = None
        elif event.kind is Kind.REQUEST_ANSWERED and "ahead_s" in event.fields:
            self._ahead_s[str(event.fields["source"])] = float(event.fields["ahead_s"])

    def also(self, alerting: Alerting) -> None:
        """Let alerts hear every event and every look, too."""
        self._hearers.append(alerting.hear)
        self._lookers.append(alerting.look)

    def turned(self, seconds: float) -> None:
        """Note how long the event loop was busy in one turn; a stall is remembered for a minute."""
        self.metrics.lag(seconds)
        if seconds > health.STALLED_S:
            self._stall = (self._clock(), seconds)

    def change(self, settings: Settings) -> None:
        """Take on other settings: other folders are looked at, and all of them at once."""
        self._settings = settings
        self._readiness.change(tuple(_checks(settings)))

    def configured(self, problem: str) -> None:
        """Note that the configuration on disk is wrong, or with an empty text that it is right again."""
        self._refused = problem

    async def look(self, household: Household) -> None:
        """Look at everything once. What cannot be looked at leaves what was seen before."""
        members = [seat.member for seat in household.seats.values()]
        try:
            accounts = await asyncio.to_thread(looking.accounts, members, self._pending)
            disks = await asyncio.to_thread(looking.disks, household.settings)
        except CromwelldError as err:
            self.report(Event(Kind.WORK_WAITS, {"problem": err.message}))
            return
        needing = self.needing()
        self.snapshot = Snapshot(
            at=self._clock(), accounts=accounts, disks=disks, archive=self._archive, clock_ahead_s=dict(self._ahead_s)
        )
        self._take_on({name: seat.member.account for name, seat in household.seats.items()})
        self.metrics.show(self.snapshot)
        if self.needing() != needing:
            self.needed()
        for look in self._lookers:
            await look(self.snapshot)

    def needing(self) -> dict[str, str]:
        """Give the accounts that wait for a person, and why."""
        accounts = {} if self.snapshot is None else self.snapshot.accounts
        return {name: account.login.needed for name, account in accounts.items() if account.login.needed}

    async def watch(self, household: Household) -> None:
        """Look for ever, and at what only a look can tell besides."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._readiness.run())
            while True:
                await self.look(household)
                await self.changed.until(self._clock() + _EVERY)

    def health(self, probe: Probe) -> Health:
        """Answer a probe at once."""
        if probe is Probe.ALIVE:  # dead parts end the process
            return health.alive(Liveness(longest_turn_s=self._longest_turn_s(), dead_tasks={}))
        if probe is Probe.READY:
            return health.ready(self.snapshot, tuple(self._probed()))
        return health.fresh(self.snapshot, self._settings.alerts.no_data_after_s or _STALE_S)

    def _longest_turn_s(self) -> float:
        """Give the last stall of the loop, as long as it is remembered; 0 is none."""
        if self._stall is None or self._clock() - self._stall[0] > _OF_LATE:
            return 0.0
        return self._stall[1]

    def _probed(self) -> Iterator[Reason]:
        yield from self._readiness.known()
        if self._refused:
            yield Reason(code=Code.CONFIGURATION, sentence=self._refused)


def _checks(settings: Settings) -> Iterator[Check]:
    folders = {"state_dir": settings.state_dir}
    folders |= {f"accounts.{name}.data_dir": account.data_dir for name, account in settings.accounts.items()}
    for key, folder in folders.items():
        look = partial(asyncio.to_thread, check_writable, folder)
        yield Check(name=key, code=Code.FOLDER, look=look, fresh_s=_FOLDERS_S)
    for name, account in settings.accounts.items():
        if account.import_from is not None:
            look = partial(asyncio.to_thread, check_readable, account.import_from)
            key = f"accounts.{name}.import_from"
            yield Check(name=key, code=Code.EXPORTS, account=name, look=look, fresh_s=_FOLDERS_S)
