"""A daemon that does nothing but remember what it was asked, and a server in front of it."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from cromwelld.config import Endpoint
from cromwelld.errors import CromwelldError, UsageError
from cromwelld.events import Event
from cromwelld.jobs.days import DateState, days
from cromwelld.jobs.overview import AccountOverview, Overview, account_overview
from cromwelld.locks import held
from cromwelld.monitor.health import Health
from cromwelld.outbox import Outbox
from cromwelld.state import Ledger, Run, RunEnd, RunWish
from cromwelld.web import Limits, Rules, serving
from cromwelld.web.finding import LOCK, PURPOSE, announced
from cromwelld.web.protocol import (
    BackfillPlan,
    BackfillWish,
    LoggedIn,
    LoginBegun,
    Pause,
    Probe,
    Progress,
    Verification,
)
from cromwelld.web.token import TOKEN_FILE

TOKEN = "the-token-that-opens-everything"
LOGIN = "a-name-that-nobody-guesses"
METRICS = b"# HELP cromwelld_days Dates by state.\n# TYPE cromwelld_days gauge\n"
STREAMS = ("gps", "heart_rate", "sleep")
NOW = dt.datetime(2025, 10, 9, 3, 0, tzinfo=dt.UTC)


@dataclass
class FakeDaemon:
    """Keep runs in a real ledger; everything that would have an effect is a line of `done`."""

    ledger: Ledger
    outbox: Outbox
    accounts: Mapping[str, Collection[str]] = field(default_factory=lambda: {"me": STREAMS, "partner": STREAMS})
    probes: dict[Probe, Health] = field(default_factory=dict)
    fails_with: Exception | None = None
    works: Callable[[Run], RunEnd] | None = None
    wished: list[RunWish] = field(default_factory=list)
    awaited: list[int] = field(default_factory=list)
    text: bytes = METRICS
    today: dt.date = dt.date(2025, 10, 9)
    done: list[str] = field(default_factory=list)
    progress: dict[int, Progress] = field(default_factory=dict)
    verifications: dict[int, Verification] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def _does(self, what: str) -> None:
        if self.fails_with is not None:
            raise self.fails_with
        self.done.append(what)

    def health(self, probe: Probe) -> Health:
        return self.probes.get(probe, Health(ok=True))

    async def metrics(self) -> bytes:
        return self.text

    async def overview(self) -> Overview:
        if self.fails_with is not None:
            raise self.fails_with
        return Overview(version="0.0.0", at=NOW, running_since=NOW, accounts=tuple(self._overviews()))

    def _overviews(self) -> Iterator[AccountOverview]:
        for name in self.accounts:
            about = ("google_health", "kept")
            yield account_overview(self.ledger, self.outbox, name, about=about, today=self.today)

    async def ask_run(self, wish: RunWish) -> Run:
        self._does(f"run {wish.account}")
        self.wished.append(wish)
        run = self.ledger.runs.ask(wish, NOW)
        if self.works is not None:
            self.ledger.runs.begin(run.id, NOW)
            self.progress[run.id] = Progress(done=3, total=16)
            asyncio.get_running_loop().call_later(0.01, self.end, run.id, self.works(run))
        return run

    async def runs(self, account: str | None, most: int) -> Sequence[Run]:
        return self.ledger.runs.newest(most, account=account)

    async def run(self, run: int) -> Run | None:
        return self.ledger.runs.find(run)

    async def run_report(self, run: int) -> str:
        return self.ledger.runs.report(run)

    def run_progress(self, run: int) -> Progress | None:
        return self.progress.get(run)

    async def run_ended(self, run: int) -> None:
        self.awaited.append(run)
        while (found := self.ledger.runs.find(run)) is None or not found.state.ended:
            await self._changed.wait()

    def end(self, run: int, end: RunEnd) -> None:
        """Let a run end, as the daemon's work would."""
        self.ledger.runs.end(run, end, NOW)
        before, self._changed = self._changed, asyncio.Event()
        before.set()

    async def days(self, account: str, first: dt.date, last: dt.date) -> Sequence[DateState]:
        return days(self.ledger, account, first, last)

    async def begin_login(self, account: str, redirect_uri: str) -> LoginBegun:
        self._does(f"login {account} back to {redirect_uri}")
        return LoginBegun(id=LOGIN, address="https://vendor.example/authorize?state=abc")

    async def finish_login(self, login: str, answer: str, *, replace_person: bool) -> LoggedIn:
        if login != LOGIN:
            raise UsageError("there is no such attempt to log in", hint="begin another one")
        self._does(f"login finished, {len(answer)} characters, replace {replace_person}")
        return LoggedIn(account="me", place="state/tokens/me.json", granted=("sleep",), remarks=("no gps",))

    async def import_login(self, account: str, content: str, *, replace_person: bool) -> LoggedIn:
        self._does(f"import {account}, {len(content)} characters, replace {replace_person}")
        return LoggedIn(account=account, place="state/tokens/me.json", granted=(), remarks=())

    async def backfill(self, wish: BackfillWish) -> BackfillPlan:
        self._does(f"backfill {wish.account} {wish.first}..{wish.last}")
        count = (wish.last - wish.first).days + 1
        return BackfillPlan(
            account=wish.account,
            first=wish.first,
            last=wish.last,
            dates=count,
            requests={"sleep": 2, "heart_rate": count},
            hours=1.5,
            entered=not wish.dry_run,
        )

    async def ask_verification(self, account: str, *, repair: bool) -> Verification:
        self._does(f"verify {account}, repair {repair}")
        begun = Verification(id=1, account=account, repair=repair, state="running", progress=Progress(done=0, total=9))
        self.verifications[1] = begun
        return begun

    async def verification(self, verification: int) -> Verification | None:
        return self.verifications.get(verification)

    async def verification_ended(self, verification: int) -> None:
        self.verifications[verification] = replace(self.verifications[verification], state="done", progress=None)

    async def accept(self, account: str, date: dt.date, streams: Collection[str]) -> Sequence[str]:
        self._does(f"accept {account} {date}")
        return sorted(streams or STREAMS)

    async def pause(self, account: str, until: dt.datetime | None) -> Pause:
        self._does(f"pause {account}")
        return Pause(account=account, paused=True, until=until)

    async def resume(self, account: str) -> Pause:
        self._does(f"resume {account}")
        return Pause(account=account, paused=False)


@dataclass
class Served:
    """A server in front of a fake daemon: where it is, and what it reported."""

    url: str
    port: int
    daemon: FakeDaemon
    events: list[Event]


@contextmanager
def fake_daemon(state: Path) -> Iterator[FakeDaemon]:
    """Make a daemon whose ledger lies below `state`."""
    with closing(Ledger(state / "ledger.sqlite")) as ledger:
        yield FakeDaemon(ledger, Outbox(state / "outbox" / "me"))


@asynccontextmanager
async def served(
    daemon: FakeDaemon, *, limits: Limits | None = None, hosts: Sequence[str] = ("localhost", "127.0.0.1")
) -> AsyncIterator[Served]:
    """Serve a daemon on a free port of loopback."""
    events: list[Event] = []
    rules = Rules(
        listen=Endpoint(host="127.0.0.1", port=0), allowed_hosts=hosts, token=TOKEN, limits=limits or Limits()
    )
    async with serving(daemon, rules, events.append) as endpoint:
        yield Served(f"http://127.0.0.1:{endpoint.port}", endpoint.port, daemon, events)


@contextmanager
def resident(state: Path, daemon: FakeDaemon) -> Iterator[None]:
    """Let a daemon keep a state folder, as the real one does: its lock, its token, its address; in a thread."""
    (state / TOKEN_FILE).write_text(TOKEN)
    ready, ended = threading.Event(), threading.Event()

    async def serve() -> None:
        rules = Rules(listen=Endpoint(host="127.0.0.1", port=0), allowed_hosts=("localhost", "127.0.0.1"), token=TOKEN)
        async with serving(daemon, rules, lambda _: None) as endpoint:
            with announced(state, endpoint, {}):
                ready.set()
                while not ended.is_set():
                    await asyncio.sleep(0.01)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    with held(state / LOCK, PURPOSE):
        thread.start()
        assert ready.wait(10)
        try:
            yield
        finally:
            ended.set()
            thread.join(10)


def failing(kind: type[CromwelldError]) -> CromwelldError:
    """Make an error of a kind, with words of its own."""
    return kind("it cannot be done", hint="do something else")
