"""What the real daemon does for those who ask it by HTTP, through the command line's own client."""

from __future__ import annotations

import datetime as dt
import json
import os
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cromwelld.config import load
from cromwelld.errors import UsageError
from cromwelld.state import RunState
from cromwelld.web.client import Client
from cromwelld.web.finding import find
from cromwelld.web.protocol import BackfillWish
from tests.support.cli import HEAVY, Home, Vendor, call, home
from tests.support.running import Running, running


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    made = Vendor()
    with made.serving():
        yield made


@pytest.fixture
def place(tmp_path: Path, vendor: Vendor) -> Home:
    made = home(tmp_path / "home", vendor.url, leave_out=(*HEAVY, "gps"))
    with made.config.open("a", encoding="utf-8") as config:
        config.write('\n[http]\nlisten = "127.0.0.1:0"\n')
    return made


@pytest.fixture
def daemon(place: Home) -> Iterator[Running]:
    with running(place.config) as started:
        started.ready().event("run.ended")
        yield started
        assert started.stop() == 0


@pytest.fixture
async def client(daemon: Running, place: Home) -> AsyncIterator[Client]:
    settings = load(place.config)
    found = find(settings.state_dir, settings.http, os.environ)
    assert found is not None
    assert found.pid == daemon.program.pid
    async with Client(found) as made:
        yield made


def get(daemon: Running, path: str) -> str:
    with urllib.request.urlopen(f"{daemon.url}{path}", timeout=10) as answer:  # noqa: S310 - our own daemon
        return str(answer.read().decode())


async def test_the_probes_and_the_metrics_know_the_first_day(daemon: Running) -> None:
    for probe in ("/healthz", "/readyz"):
        assert json.loads(get(daemon, probe))["reasons"] == []
    daemon.until(lambda: 'cromwelld_last_success_timestamp_seconds{account="me"} 1' in get(daemon, "/metrics"))
    metrics = get(daemon, "/metrics")
    assert 'cromwelld_login_needed{account="me"} 0.0' in metrics
    assert "cromwelld_event_loop_lag_seconds_count" in metrics


async def test_a_run_is_wished_waited_for_and_told(client: Client, place: Home) -> None:
    asked = await client.ask_run("me", [dt.date(2025, 10, 8)], [])
    told = await client.run(asked.id, 30)
    assert told.state is RunState.DONE
    assert (await client.report(asked.id)).complete
    assert "2025-10-08" in place.objects()


def test_the_command_line_collects_through_it(daemon: Running, place: Home) -> None:
    ran = place.collect("2025-10-07")
    assert (ran.code, place.objects()) == (0, ["2025-10-07"])
    assert daemon.event("run.started", wished_by="command")


async def test_a_pause_stops_the_schedule_and_not_what_people_wish(client: Client, daemon: Running) -> None:
    assert (await client.pause("me", None)).paused
    asked = await client.ask_run("me", [dt.date(2025, 10, 8)], [])
    assert (await client.run(asked.id, 30)).state is RunState.DONE
    (account,) = (await client.overview()).accounts
    assert account.paused
    assert not (await client.resume("me")).paused
    daemon.event("account.resumed", account="me")


async def test_a_backfill_is_planned_then_promised_and_done(client: Client, daemon: Running, place: Home) -> None:
    wish = BackfillWish(account="me", first=dt.date(2025, 10, 1), last=dt.date(2025, 10, 20), dry_run=True)
    plan = await client.backfill(wish)
    assert (plan.dates, plan.entered) == (20, False)
    assert place.objects() == []
    assert (await client.backfill(replace(wish, dry_run=False))).entered
    daemon.until(lambda: len(place.objects()) == 20)


async def test_everything_is_read_back(client: Client) -> None:
    begun = await client.verify("me", repair=False)
    told = await client.verification(begun.id, 30)
    assert (told.state, told.dates, told.findings) == ("done", 2, ())  # yesterday, and today as far as it is known


async def test_what_is_not_open_cannot_be_settled(client: Client) -> None:
    with pytest.raises(UsageError, match="nothing of it is open"):
        await client.accept("me", dt.date(2025, 1, 1), [])


def test_the_status_comes_from_it(daemon: Running, place: Home) -> None:
    ran = call("status", "--config", place.config)
    assert ran.code == 0
    assert "the daemon runs since" in ran.out
    assert daemon.program.poll() is None
