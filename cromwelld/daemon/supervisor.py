"""The life of the process from its first look at the disk to its end; read from top to bottom.

Start: settings, lock, folders and logins, then the port. All of it is local; what is wrong there ends the start, with
its remedy. READY. Then all parts work in one group: whoever of them dies ends the process. Stop: no run is begun any
more; those that are worked on finish, or are abandoned when the time is up; then the other parts, the port, sessions
and stores, the ledger, and the lock.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from cromwelld.config import Settings, load
from cromwelld.daemon.alerting import Alerting
from cromwelld.daemon.board import Board
from cromwelld.daemon.desk import Desk
from cromwelld.daemon.desk.ground import Ground
from cromwelld.daemon.household import Household
from cromwelld.daemon.observing import Observer
from cromwelld.daemon.reload import Reload
from cromwelld.daemon.signals import Signals, heard
from cromwelld.daemon.watchdog import watch
from cromwelld.disk import make_private
from cromwelld.errors import ConfigurationError, ours
from cromwelld.events import Event, Kind, Report
from cromwelld.jobs.places import Clock
from cromwelld.locks import held
from cromwelld.monitor.notify import Notifier, watchdog_s
from cromwelld.state import Ledger
from cromwelld.web import Rules, serving, token_of
from cromwelld.web.finding import LOCK, PURPOSE, announced
from cromwelld.wiring.build import check_kinds

GRACE_S = 45.0  # for what is being worked on when the process is told to stop; systemd gives 90 seconds
_MORE_S, _SLICE_S = 20.0, 5.0
_LEAST_S = 1.0  # between two words to systemd


class Lag:
    """Who hears how long the loop was busy; nobody until the metrics are there."""

    tell: Callable[[float], None] = staticmethod(lambda _: None)

    def __call__(self, seconds: float) -> None:
        """Tell of one turn of the loop."""
        self.tell(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where the process lives: its configuration, where events are written, the service manager, the clock, $..."""

    config: Path
    log: Report
    notifier: Notifier
    clock: Clock
    environ: Mapping[str, str]
    lag: Lag = field(default_factory=Lag)


async def live(around: Surroundings) -> None:
    """Live until told to stop.

    Raises: ConfigurationError, StoreError if something local is not in order at the start; an ExceptionGroup with what
    killed a part of the process.
    """
    settings = await asyncio.to_thread(load, around.config)
    with heard() as signals:
        async with AsyncExitStack() as stack:
            life = await _begun(stack, settings, around, signals)
            await life.work()


async def _begun(stack: AsyncExitStack, settings: Settings, around: Surroundings, signals: Signals) -> _Life:
    """Make sure of everything that is local. Raises: as `live`."""
    check_kinds(settings)
    make_private(settings.state_dir)
    stack.enter_context(held(settings.state_dir / LOCK, PURPOSE))
    ledger = stack.enter_context(closing(await asyncio.to_thread(Ledger, settings.state_dir / "ledger.sqlite")))
    await asyncio.to_thread(ledger.runs.recover)
    changed = asyncio.Event()
    observer = Observer(settings, around.log, around.clock)
    around.lag.tell, observer.needed = observer.turned, changed.set
    alerting = Alerting(settings.alerts, ledger.alerts, observer.report, around.clock)
    household = Household(settings, observer.report, around.clock, Board(changed.set, observer.changed.ring))
    await household.open()
    stack.push_async_callback(household.leave, 0)
    life = _Life(
        around=around, signals=signals, household=household, observer=observer, alerting=alerting, changed=changed
    )
    desk = Desk(life.ground(ledger))
    token = await asyncio.to_thread(token_of, settings.http, settings.state_dir, around.environ)
    rules = Rules(listen=settings.http.listen, allowed_hosts=settings.http.allowed_hosts, token=token)
    observer.also(alerting)
    await observer.look(household)
    endpoint = await stack.enter_async_context(serving(desk, rules, observer.report))
    stack.enter_context(announced(settings.state_dir, endpoint, around.environ))
    fields: dict[str, str | int | float] = {"host": endpoint.host, "port": endpoint.port}
    observer.report(Event(Kind.DAEMON_READY, {**fields, "accounts": len(household.seats)}))
    return life


@dataclass(slots=True, kw_only=True)
class _Life:
    """The part of a life in which work is done."""

    around: Surroundings
    signals: Signals
    household: Household
    observer: Observer
    alerting: Alerting
    changed: asyncio.Event
    _group: asyncio.TaskGroup = field(default_factory=asyncio.TaskGroup, init=False)

    def ground(self, ledger: Ledger) -> Ground:
        """Give those who are asked by HTTP what they stand on."""
        return Ground(
            household=self.household,
            ledger=ledger,
            clock=self.around.clock,
            health=self.observer.health,
            metrics=self.observer.metrics.rendered,
            begin=self._begun,
            since=self.around.clock(),
        )

    def _begun(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        return self._group.create_task(work)

    async def work(self) -> None:
        """Do everything at once, until told to stop."""
        self.around.notifier.ready(self._words())
        async with self._group as group:
            self.household.begin(group)
            helpers = [group.create_task(part) for part in self._helpers()]
            await self.signals.stop.wait()
            self.around.notifier.stopping("finishing what is being worked on")
            self.observer.report(Event(Kind.DAEMON_STOPS))
            await self._patiently(self.household.leave(GRACE_S))
            for helper in helpers:
                helper.cancel()

    def _helpers(self) -> Iterator[Coroutine[None, None, None]]:
        yield self._tell()
        yield self._reload()
        yield self.observer.watch(self.household)
        yield self.alerting.run()
        every_s = watchdog_s(self.around.environ)
        if every_s is not None:
            yield watch(self.around.notifier, every_s, self.around.clock, self._turns)

    def _turns(self) -> list[dt.datetime | None]:
        return [seat.worker.next_at for seat in self.household.seats.values()]

    async def _patiently(self, leaving: Awaitable[None]) -> None:
        """Wait for the end of what is being worked on, and ask systemd for the time; a second call to stop hurries."""
        left = asyncio.ensure_future(leaving)
        hurry = asyncio.ensure_future(self.signals.hurry.wait())
        while not left.done():
            self.around.notifier.extend_timeout(_MORE_S)
            await asyncio.wait({left, hurry}, timeout=_SLICE_S, return_when=asyncio.FIRST_COMPLETED)
            if hurry.done():
                self.household.abandon()
                await asyncio.wait({left})
        hurry.cancel()
        await left

    async def _reload(self) -> None:
        """Read the settings again each time that SIGHUP comes."""
        reload = Reload(
            read=lambda: load(self.around.config),
            household=self.household,
            report=self.observer.report,
            configured=self.observer.configured,
        )
        await reload.resume()
        while True:
            await self.signals.reload.wait()
            self.signals.reload.clear()
            self.around.notifier.reloading()
            await reload()
            self.alerting.change(self.household.settings.alerts)
            self.observer.change(self.household.settings)
            self.around.notifier.ready(self._words())

    async def _tell(self) -> None:
        """Tell systemd what is being done whenever it changes, once a second at most."""
        while True:
            await self.changed.wait()
            self.changed.clear()
            self.around.notifier.status(self._words())
            await asyncio.sleep(_LEAST_S)

    def _words(self) -> str:
        """Say who waits for a person, and what is being done or what is next."""
        needing = [f"{name} needs you: {why}" for name, why in self.observer.needing().items()]
        return "; ".join([*needing, self.household.words()])


def reasons(died: BaseException) -> Iterator[Event]:
    """Say why the process, or each of its parts, died: in the words of our own errors, else by kind and place."""
    if isinstance(died, BaseExceptionGroup):
        for err in died.exceptions:
            yield from reasons(err)
        return
    told = ours(died)
    for problem in (told.message, *(told.problems if isinstance(told, ConfigurationError) else ())):
        yield Event(Kind.DAEMON_FAILED, {"problem": problem, "hint": told.hint})
