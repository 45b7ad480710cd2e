"""Letters over channels that work, are dead, slow, or refuse; with restarts in between."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from cromwelld.config import Alerts
from cromwelld.errors import ConfigurationError, CromwelldError, FarSideAway, NotWritable, PersonNeeded
from cromwelld.events import Event, Kind
from cromwelld.monitor.alerts.channels import Channel, Ping
from cromwelld.monitor.alerts.dispatch import Dispatcher
from cromwelld.monitor.alerts.letters import Letter
from cromwelld.monitor.alerts.patience import Patience
from cromwelld.monitor.alerts.pings import Pings
from cromwelld.monitor.snapshot import AccountNow, Login, Snapshot
from cromwelld.state import Raised

NOW = dt.datetime(2025, 10, 12, 9, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
WELL = AccountNow(source="google_health", answered={"heart_rate": NOW})
NEEDED = replace(WELL, login=Login(needed="401: the vendor does not accept the login any more"))
RAISED, FIXED = "[cromwelld] me: a login is needed", "[cromwelld] fixed: me: a login is needed"


@pytest.fixture(autouse=True)
def _no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do in the loop what would go to a thread, so that turns of the loop are all that there is to wait for."""

    async def here(function: Callable[..., object], *arguments: object) -> object:
        return function(*arguments)

    monkeypatch.setattr(asyncio, "to_thread", here)


async def quiet(turns: int = 100) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)


class Notebook:
    """A book in memory that may be made to take nothing."""

    def __init__(self) -> None:
        self.alerts: list[Raised] = []
        self.full = False

    def load(self) -> list[Raised]:
        return list(self.alerts)

    def save(self, alerts: Sequence[Raised]) -> None:
        if self.full:
            raise NotWritable("cannot write the ledger: no space left on device")
        self.alerts = list(alerts)


@dataclass
class Told:
    """A channel that notes what it was given, after failing as often as it is told to."""

    name: str = "mail"
    fails: list[Exception] = field(default_factory=list)
    always: Exception | None = None
    hangs: asyncio.Event | None = None
    letters: list[Letter] = field(default_factory=list)
    asked: int = 0

    async def send(self, letter: Letter) -> None:
        self.asked += 1
        if self.hangs is not None:
            await self.hangs.wait()
        if self.always is not None:
            raise self.always
        if self.fails:
            raise self.fails.pop(0)
        self.letters.append(letter)

    @property
    def subjects(self) -> list[str]:
        return [letter.subject for letter in self.letters]


@dataclass
class House:
    """A dispatcher with its book and clock; every wait is over at once, and noted."""

    book: Notebook = field(default_factory=Notebook)
    events: list[Event] = field(default_factory=list)
    waits_s: list[float] = field(default_factory=list)
    now: dt.datetime = NOW
    dispatcher: Dispatcher | None = None

    @asynccontextmanager
    async def running(self, *channels: Channel) -> AsyncIterator[None]:
        patience = Patience(sleep=self._sleep, first_wait_s=1.0)
        self.dispatcher = Dispatcher(self.book, channels, self.events.append, clock=lambda: self.now, patience=patience)
        running = asyncio.ensure_future(self.dispatcher.run())
        try:
            yield
            await self.quiet()
        finally:
            running.cancel()
            await asyncio.wait([running])

    async def _sleep(self, seconds: float) -> None:
        self.waits_s.append(round(seconds))
        await asyncio.sleep(0)
        if seconds > 59:  # a rest is not over at once, or a dead channel would be asked for ever
            await asyncio.Event().wait()

    async def look(self, account: AccountNow, minutes: int = 0) -> None:
        self.now += minutes * MINUTE
        assert self.dispatcher is not None
        snapshot = Snapshot(at=self.now, accounts={"me": account})
        await self.dispatcher.look(snapshot, Alerts(no_data_after_s=None))
        await self.quiet()

    async def quiet(self) -> None:
        """Let everything run that can."""
        await quiet()

    def said(self, *kinds: Kind) -> list[Kind]:
        return [event.kind for event in self.events if event.kind in kinds]


@pytest.fixture
def house() -> House:
    return House()


async def test_an_alert_is_told_once_and_its_end_follows(house: House) -> None:
    mail = Told()
    async with house.running(mail):
        await house.look(NEEDED)
        await house.look(NEEDED, minutes=60)
        assert mail.subjects == [RAISED]
        await house.look(WELL, minutes=1)
        await house.look(WELL, minutes=9)
        assert mail.subjects == [RAISED]
        await house.look(WELL, minutes=1)
        assert mail.subjects == [RAISED, FIXED]
        await house.look(WELL, minutes=60)
    assert mail.subjects == [RAISED, FIXED]
    assert house.book.alerts == []
    assert [event.kind for event in house.events] == [
        Kind.ALERT_RAISED, Kind.ALERT_SENT, Kind.ALERT_FIXED, Kind.ALERT_SENT,
    ]  # fmt: skip


async def test_the_letter_says_what_whose_fault_and_what_to_do(house: House) -> None:
    mail = Told()
    async with house.running(mail):
        await house.look(NEEDED)
        await house.look(WELL, minutes=120)
        await house.look(WELL, minutes=10)
    raised, fixed = (letter.text for letter in mail.letters)
    assert raised == (
        "What: 401: the vendor does not accept the login any more.\nWhose fault: the vendor.\n"
        "To do: run cromwelld login --account me.\nSince: 2025-10-12 09:00 UTC.\n\n"
    )
    assert fixed == (
        "Fixed on 2025-10-12 at 11:00 UTC, after 2 h. It was: 401: the vendor does not accept the login any more.\n\n"
    )
    assert [letter.urgent for letter in mail.letters] == [True, False]


async def test_a_restart_tells_nothing_twice(house: House) -> None:
    first, second = Told(), Told()
    async with house.running(first):
        await house.look(NEEDED)
    async with house.running(second):
        await house.look(NEEDED, minutes=5)
        await house.look(WELL, minutes=1)
    third = Told()
    async with house.running(third):
        await house.look(WELL, minutes=10)
    assert (first.subjects, second.subjects, third.subjects) == ([RAISED], [], [FIXED])
    assert house.said(Kind.ALERT_RAISED, Kind.ALERT_FIXED) == [Kind.ALERT_RAISED, Kind.ALERT_FIXED]


async def test_a_letter_that_was_not_taken_before_a_restart_is_sent_after_it_with_the_same_mark(house: House) -> None:
    dead, alive = Told(always=FarSideAway("gone")), Told()
    async with house.running(dead):
        await house.look(NEEDED)
    async with house.running(alive):
        await house.look(NEEDED, minutes=60)
    again = Told()
    house.book.alerts = [replace(one, told=frozenset()) for one in house.book.alerts]  # killed before it was noted
    async with house.running(again):
        await house.look(NEEDED, minutes=60)
    assert alive.subjects == again.subjects == [RAISED]
    assert alive.letters[0].mark == again.letters[0].mark


async def test_a_channel_that_fails_in_passing_is_tried_again_at_once(house: House) -> None:
    mail = Told(fails=[FarSideAway("away"), FarSideAway("away")])
    async with house.running(mail):
        await house.look(NEEDED)
    assert mail.subjects == [RAISED]
    assert house.said(Kind.ALERT_UNSENT) == []


async def test_a_dead_channel_holds_up_no_other_and_rests(house: House) -> None:
    dead, alive = Told(name="mail", always=FarSideAway("gone")), Told(name="ntfy")
    async with house.running(dead, alive):
        await house.look(NEEDED)
        assert alive.subjects == [RAISED]
        assert dead.asked == 3
        await house.look(NEEDED, minutes=1)
        assert dead.asked == 3
    assert house.said(Kind.ALERT_UNSENT) == [Kind.ALERT_UNSENT]
    assert 60 in house.waits_s
    (event,) = [event for event in house.events if event.kind is Kind.ALERT_UNSENT]
    assert (event.fields["channel"], event.fields["problem"], event.fields["seconds"]) == ("mail", "gone", 60)


async def test_a_slow_channel_holds_up_neither_looks_nor_others(house: House) -> None:
    slow, quick = Told(name="mail", hangs=asyncio.Event()), Told(name="ntfy")
    async with house.running(slow, quick):
        await house.look(NEEDED)
        await house.look(WELL, minutes=1)
        await house.look(WELL, minutes=11)
        assert quick.subjects == [RAISED, FIXED]
        assert slow.letters == []


@pytest.mark.parametrize(
    "refusal",
    [
        PersonNeeded("the mail server does not accept the password (535)", hint="put the right one there"),
        ConfigurationError("the secret file /x is empty", hint="write the secret there"),
    ],
)
async def test_a_refusal_is_one_event_and_the_channel_is_left_alone(house: House, refusal: CromwelldError) -> None:
    mail = Told(always=refusal)
    async with house.running(mail):
        await house.look(NEEDED)
        for _ in range(5):
            await house.look(NEEDED, minutes=1)
    assert mail.asked == 1
    (event,) = [event for event in house.events if event.kind is Kind.CHANNEL_REFUSED]
    assert (event.fields["problem"], event.fields["remedy"]) == (refusal.message, refusal.hint)
    assert 6 * 3600 in house.waits_s


async def test_a_mistake_of_ours_in_a_channel_kills_nobody_and_says_where(house: House) -> None:
    broken, alive = Told(name="mail", always=ValueError("73.4 kg")), Told(name="ntfy")
    async with house.running(broken, alive):
        await house.look(NEEDED)
    assert alive.subjects == [RAISED]
    (event,) = [event for event in house.events if event.kind is Kind.ALERT_UNSENT]
    assert "ValueError in test_dispatch.py" in str(event.fields["problem"])
    assert "73.4" not in str(event.fields)


async def test_a_disk_that_takes_nothing_does_not_make_letters_repeat(house: House) -> None:
    house.book.full = True
    mail = Told()
    async with house.running(mail):
        await house.look(NEEDED)
        await house.look(NEEDED, minutes=1)
        await house.look(NEEDED, minutes=1)
        assert mail.subjects == [RAISED]
        house.book.full = False
        await house.look(WELL, minutes=1)
    (kept,) = house.book.alerts
    assert kept.gone_at is not None
    assert len(kept.told) == 2  # the log and the mail


async def test_what_was_over_before_a_channel_came_back_is_not_told(house: House) -> None:
    mail = Told(always=FarSideAway("gone"))
    async with house.running(mail):
        await house.look(NEEDED)
        await house.look(WELL, minutes=1)
    mail.always = None
    async with house.running(mail):
        await house.look(WELL, minutes=11)
    assert mail.letters == []
    assert house.book.alerts == []


async def test_without_channels_the_log_has_it_all(house: House) -> None:
    async with house.running():
        await house.look(NEEDED)
        await house.look(WELL, minutes=1)
        await house.look(WELL, minutes=10)
    assert [event.kind for event in house.events] == [Kind.ALERT_RAISED, Kind.ALERT_FIXED]
    assert house.events[0].fields == {
        "kind": "login_needed", "account": "me", "problem": NEEDED.login.needed, "fault": "vendor",
        "remedy": "run cromwelld login --account me",
    }  # fmt: skip
    assert house.book.alerts == []


# --- pings


@dataclass
class Checks:
    """A monitor of runs."""

    seen: list[tuple[Ping, str, str]] = field(default_factory=list)
    fails: list[CromwelldError] = field(default_factory=list)

    async def send(self, ping: Ping, account: str, run: str) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.seen.append((ping, account, run))


async def pinged(checks: Checks | None, events: list[Event], *pings: tuple[Ping, str, str]) -> None:
    async def at_once(_: float) -> None:
        await asyncio.sleep(0)

    told = Pings(monitor=checks, report=events.append, patience=Patience(sleep=at_once))
    for ping in pings:
        told.tell(*ping)
    running = asyncio.ensure_future(told.run())
    await quiet(20 * len(pings))
    running.cancel()


async def test_pings_are_told_in_their_order() -> None:
    checks, events = Checks(fails=[FarSideAway("away")]), list[Event]()
    await pinged(checks, events, (Ping.START, "me", "7"), (Ping.SUCCESS, "me", "7"), (Ping.FAIL, "partner", "8"))
    assert checks.seen == [(Ping.START, "me", "7"), (Ping.SUCCESS, "me", "7"), (Ping.FAIL, "partner", "8")]
    assert events == []


async def test_a_ping_that_cannot_be_told_is_said_and_the_next_one_goes_on() -> None:
    checks, events = Checks(fails=[PersonNeeded("no such check")]), list[Event]()
    await pinged(checks, events, (Ping.START, "me", "7"), (Ping.SUCCESS, "me", "7"))
    assert checks.seen == [(Ping.SUCCESS, "me", "7")]
    assert events == [Event(Kind.PING_LOST, {"account": "me", "ping": "start", "problem": "no such check"})]


async def test_pings_do_not_pile_up_without_end() -> None:
    events: list[Event] = []
    await pinged(Checks(), events, *[(Ping.START, "me", str(number)) for number in range(103)])
    assert [event.kind for event in events] == [Kind.PING_LOST] * 3


async def test_without_a_monitor_nobody_is_told() -> None:
    await pinged(None, [], (Ping.START, "me", "7"))
