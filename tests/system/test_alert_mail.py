"""An alert reaches a person through a real mail server, and so does its end."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from cromwelld.config import Alerts, Endpoint, Mail, Secret
from cromwelld.events import Event, Kind
from cromwelld.monitor.alerts import Dispatcher
from cromwelld.monitor.alerts.channels import MailChannel
from cromwelld.monitor.snapshot import AccountNow, Login, Snapshot
from cromwelld.state import Ledger
from tests.support.cli import HEAVY, TOKEN, Home, Vendor, home
from tests.support.exim import PASSWORD, USER, Exim, exim
from tests.support.places import Clock
from tests.support.running import running

pytestmark = pytest.mark.system
NOW = dt.datetime(2025, 10, 12, 9, 0, tzinfo=dt.UTC)
WELL = AccountNow(source="google_health", answered={"heart_rate": NOW})
NEEDED = replace(WELL, login=Login(needed="401: the vendor does not accept the login any more"))


@pytest.fixture(scope="module")
def server() -> Iterator[Exim]:
    with exim() as running:
        yield running


def channel(server: Exim, folder: Path, password: str) -> MailChannel:
    secret = folder / "smtp"
    secret.write_text(password)
    told = Mail(
        to=(USER,), server=Endpoint(host="127.0.0.1", port=server.port), user=USER, password=Secret(path=secret)
    )
    return MailChannel(told=told, tls=server.certificate.trusting())


class House:
    """The dispatcher of a daemon that is started again for each step."""

    def __init__(self, folder: Path, mail: MailChannel) -> None:
        self.clock = Clock(NOW)
        self.events: list[Event] = []
        self._ledger = folder / "ledger.sqlite"
        self._mail = mail

    async def look(self, account: AccountNow, after: Kind | None = None) -> None:
        """Start, look, and end, having waited for an event of a kind if there is one to come."""
        with closing(Ledger(self._ledger)) as ledger:
            dispatcher = Dispatcher(ledger.alerts, [self._mail], self.events.append, clock=self.clock)
            running = asyncio.ensure_future(dispatcher.run())
            before = self.count(after)
            await dispatcher.look(Snapshot(at=self.clock.now, accounts={"me": account}), Alerts())
            deadline = time.monotonic() + 20
            while after is not None and self.count(after) == before and time.monotonic() < deadline:
                await asyncio.sleep(0.02)
            running.cancel()
            await asyncio.wait([running])

    def count(self, kind: Kind | None) -> int:
        return sum(event.kind is kind for event in self.events)


def test_an_alert_and_then_its_end_are_received(server: Exim, tmp_path: Path) -> None:
    before = len(server.letters())
    house = House(tmp_path, channel(server, tmp_path, PASSWORD))
    asyncio.run(house.look(NEEDED, Kind.ALERT_SENT))
    (raised,) = server.wait_for(before + 1)[before:]
    assert raised["Subject"] == "[cromwelld] me: a login is needed"
    assert raised.get_content().splitlines()[:3] == [
        "What: 401: the vendor does not accept the login any more.",
        "Whose fault: the vendor.",
        "To do: run cromwelld login --account me.",
    ]
    assert "TLS" in str(raised["Received"])
    house.clock.now += dt.timedelta(minutes=5)
    asyncio.run(house.look(WELL))
    assert house.count(Kind.ALERT_SENT) == 1
    house.clock.now += dt.timedelta(minutes=10)
    asyncio.run(house.look(WELL, Kind.ALERT_SENT))
    _, fixed = server.wait_for(before + 2)[before:]
    assert fixed["Subject"] == "[cromwelld] fixed: me: a login is needed"
    assert [event.kind for event in house.events] == [
        Kind.ALERT_RAISED, Kind.ALERT_SENT, Kind.ALERT_FIXED, Kind.ALERT_SENT,
    ]  # fmt: skip


def test_a_wrong_password_is_one_clear_event(server: Exim, tmp_path: Path) -> None:
    before = len(server.letters())
    house = House(tmp_path, channel(server, tmp_path, "battery staple"))
    asyncio.run(house.look(NEEDED, Kind.CHANNEL_REFUSED))
    (event,) = [event for event in house.events if event.kind is Kind.CHANNEL_REFUSED]
    assert event.fields["problem"] == (
        f"the mail server 127.0.0.1:{server.port} does not accept the user and the password (535)"
    )
    assert "alerts.mail.password_file" in str(event.fields["remedy"])
    assert "battery" not in str(house.events)
    assert "535 Incorrect authentication data" in server.log()
    assert len(server.letters()) == before


# --- the whole daemon


@pytest.fixture
def place(server: Exim, tmp_path: Path) -> Iterator[Home]:
    vendor = Vendor()
    with vendor.serving():
        made = home(tmp_path / "home", vendor.url, leave_out=(*HEAVY, "gps"), login=False)
        secret = tmp_path / "smtp"
        secret.write_text(PASSWORD)
        mail = f'to = ["{USER}"]\nserver = "127.0.0.1:{server.port}"\nuser = "{USER}"\npassword_file = "{secret}"\n'
        with made.config.open("a") as config:
            config.write(f'\n[http]\nlisten = "127.0.0.1:0"\n\n[alerts.mail]\n{mail}')
        yield made


def log_in(place: Home) -> None:
    tokens = place.state / "tokens"
    tokens.mkdir(exist_ok=True)
    (tokens / "me.json").write_text(json.dumps({"access_token": TOKEN}))


def let_it_be_gone_for_long(ledger: Path) -> None:
    """Move the end of every cause back by the time for which the daemon waits."""
    with closing(sqlite3.connect(ledger)) as connection, connection:
        ((gone_at,),) = connection.execute("SELECT gone_at FROM alerts").fetchall()
        earlier = dt.datetime.fromisoformat(gone_at) - dt.timedelta(minutes=10)
        connection.execute("UPDATE alerts SET gone_at = ?", (earlier.isoformat(),))


def test_a_daemon_writes_that_a_login_is_needed_and_then_that_it_is_fixed(server: Exim, place: Home) -> None:
    before = len(server.letters())
    trusted = {"SSL_CERT_FILE": str(server.certificate.certificate)}
    with running(place.config, **trusted) as daemon:
        daemon.ready().event("alert.sent", kind="login_needed", phase="raised")
        log_in(place)
        daemon.hang_up()
        daemon.event("run.ended", account="me")
        ledger = place.state / "ledger.sqlite"
        daemon.until(lambda: _gone(ledger))
        assert daemon.stop() == 0
    let_it_be_gone_for_long(place.state / "ledger.sqlite")
    with running(place.config, name="again", **trusted) as daemon:
        daemon.ready().event("alert.sent", kind="login_needed", phase="fixed")
        assert daemon.stop() == 0
    subjects = [letter["Subject"] for letter in server.wait_for(before + 2)[before:]]
    assert subjects == ["[cromwelld] me: a login is needed", "[cromwelld] fixed: me: a login is needed"]


def _gone(ledger: Path) -> bool:
    with closing(sqlite3.connect(ledger)) as connection:
        return bool(connection.execute("SELECT 1 FROM alerts WHERE gone_at IS NOT NULL").fetchall())
