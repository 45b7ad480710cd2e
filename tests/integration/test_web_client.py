"""What commands ask a daemon, over real HTTP."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from cromwelld.config import Endpoint
from cromwelld.errors import CromwelldError, FarSideAway, Held, UsageError
from cromwelld.state import Counts, RunEnd, RunState
from cromwelld.web import Rules, client, serving
from cromwelld.web.client import Client, ended
from cromwelld.web.finding import Found
from cromwelld.web.problems import NotThere, error_of
from cromwelld.web.protocol import BackfillWish
from tests.support.daemon import LOGIN, TOKEN, FakeDaemon, fake_daemon, served

DATE = dt.date(2025, 10, 8)


@dataclass
class Line:
    daemon: FakeDaemon
    client: Client


def found(port: int) -> Found:
    return Found(pid=4711, url=f"http://127.0.0.1:{port}", host="localhost", token=TOKEN)


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    with fake_daemon(tmp_path) as daemon:
        async with served(daemon) as house, Client(found(house.port)) as opened:
            yield Line(daemon, opened)


async def test_runs_and_dates(line: Line) -> None:
    asked = await line.client.ask_run("me", [DATE], ["sleep"])
    assert (asked.id, asked.state, asked.progress) == (1, RunState.WAITING, None)
    line.daemon.end(1, RunEnd(state=RunState.DONE, counts=Counts(records=5)))
    assert (await line.client.whole_run(1)).counts.records == 5
    assert [run.id for run in await line.client.runs("me", 9)] == [1]
    assert await line.client.runs("partner", 9) == ()
    with pytest.raises(NotThere):
        await line.client.report(1)
    assert len(await line.client.days("me")) == 30
    assert [account.name for account in (await line.client.overview()).accounts] == ["me", "partner"]


async def test_a_login(line: Line) -> None:
    begun = await line.client.begin_login("me", "http://127.0.0.1:8378")
    assert (begun.id, "state=" in begun.address) == (LOGIN, True)
    assert "state=" not in repr(begun)
    kept = await line.client.finish_login(begun.id, "http://127.0.0.1:8378/?code=a", replace_person=False)
    assert (kept.account, kept.granted, kept.remarks) == ("me", ("sleep",), ("no gps",))
    assert (await line.client.import_login("me", "{}", replace_person=True)).account == "me"
    with pytest.raises(UsageError, match="no such attempt"):
        await line.client.finish_login("x", "code=a", replace_person=False)


async def test_what_people_do_now_and_then(line: Line) -> None:
    wish = BackfillWish(account="me", first=DATE, last=DATE, dry_run=True)
    plan = await line.client.backfill(wish)
    assert (plan.dates, plan.requests, plan.entered) == (1, {"sleep": 2, "heart_rate": 1}, False)
    begun = await line.client.verify("me", repair=False)
    assert (begun.id, begun.state) == (1, "running")
    assert (await line.client.verification(1, 30)).ended
    assert await line.client.accept("me", DATE, ["sleep", "gps"]) == ("gps", "sleep")
    until = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)
    assert (await line.client.pause("me", until)).until == until
    assert (await line.client.pause("me", None)).paused
    assert not (await line.client.resume("me")).paused


async def test_a_daemon_that_is_started_again_is_waited_for(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    with fake_daemon(tmp_path) as daemon:
        async with AsyncExitStack() as first:
            house = await first.enter_async_context(served(daemon))
            rules = Rules(listen=Endpoint(host="127.0.0.1", port=house.port), allowed_hosts=("localhost",), token=TOKEN)
            async with Client(found(house.port)) as opened:
                run = await opened.ask_run("me", [DATE], [])
                waiting = asyncio.create_task(
                    ended(opened, run, step_s=30, tell=lambda done, total: told.append((done, total)))
                )
                while not daemon.awaited:
                    await asyncio.sleep(0.01)
                await first.aclose()
                async with serving(daemon, rules, lambda _: None):
                    daemon.end(run.id, RunEnd(state=RunState.DONE))
                    assert (await asyncio.wait_for(waiting, 20)).state is RunState.DONE


async def test_a_daemon_that_stays_away_is_told_with_what_becomes_of_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_LOST_S", 1)
    with fake_daemon(tmp_path) as daemon:
        async with served(daemon) as house:
            opened = Client(found(house.port))
            run = await opened.ask_run("me", [DATE], [])
        async with opened:
            with pytest.raises(FarSideAway, match="with run 1") as caught:
                await ended(opened, run, step_s=1, tell=lambda _done, _total: None)
            assert "cromwelld runs 1" in caught.value.hint
            with pytest.raises(Held, match="process 4711"):
                await opened.run(1, 0)


@pytest.mark.parametrize(
    ("status", "content", "kind", "said"),
    [
        (500, b"<html>", CromwelldError, "the daemon answered 500"),
        (502, b'{"detail": "away", "exit_code": 75}', FarSideAway, "away"),
        (400, b'{"detail": "no"}', UsageError, "no"),
        (404, b'{"detail": "gone"}', NotThere, "gone"),
        (500, b'{"detail": "a fault"}', CromwelldError, "a fault"),
    ],
)
def test_a_problem_becomes_an_error_again(status: int, content: bytes, kind: type[Exception], said: str) -> None:
    err = error_of(status, content)
    assert type(err) is kind
    assert err.message == said
