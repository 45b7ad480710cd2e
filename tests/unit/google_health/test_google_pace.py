"""The vendor's limit by the minute: kept by waiting; a quota that is spent all the same is waited out."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from cromwelld.errors import LoginNeeded, OutOfBudget
from cromwelld.events import Kind
from cromwelld.pieces import Outcome
from cromwelld.simulator.google_health import Options
from cromwelld.sources.budget import claimed, fresh, wait_s
from cromwelld.sources.client import Client, Limits, Retries
from cromwelld.sources.google_health.streams import STREAMS
from cromwelld.sources.google_health.verdict import judge
from cromwelld.sources.pace import Pace
from cromwelld.sources.raw import Request
from cromwelld.wiring.vendors import VENDORS
from tests.support.google import Cloud, Fetching, Setup, fetching, noting, pieces, token

DATE = "2026-03-10"
ASK = Request(path="/v4/users/me/settings")


def most_in_a_minute(sent_s: Sequence[float]) -> int:
    """Count the sendings in the fullest stretch of 60 seconds, its end not included."""
    ordered = sorted(sent_s)
    return max((sum(start <= one < start + 60 for one in ordered) for start in ordered), default=0)


def test_the_first_go_at_once_and_the_next_a_minute_later() -> None:
    pace = Pace(3)
    assert [pace.claim(10.0), pace.claim(10.0), pace.claim(12.0)] == [0.0, 0.0, 0.0]
    assert pace.claim(12.0) == 58.0  # until 70
    assert pace.claim(12.0) == 58.0
    assert pace.claim(12.0) == 60.0  # until 72
    assert pace.claim(70.0) == 60.0  # until 130
    assert pace.claim(500.0) == 0.0


@given(
    st.integers(min_value=1, max_value=7),
    st.lists(st.floats(min_value=0, max_value=200, allow_nan=False), max_size=60),
)
def test_no_minute_sees_more_than_allowed(most: int, at_s: list[float]) -> None:
    pace = Pace(most)
    sent = [now + pace.claim(now) for now in sorted(at_s)]
    for early, late in zip(sent, sent[most:], strict=False):
        assert late - early >= 60 - 1e-9
    assert sent == sorted(sent)


@given(st.lists(st.floats(min_value=0, max_value=600, allow_nan=False), max_size=40))
def test_nobody_waits_without_need(at_s: list[float]) -> None:
    """What would have had room at once, had room at once."""
    pace, sent = Pace(3), list[float]()
    for now in sorted(at_s):
        wait = pace.claim(now)
        last_three = sent[-3:]
        free_at = now if len(last_three) < 3 else max(now, last_three[0] + 60)
        assert now + wait == pytest.approx(free_at)
        sent.append(now + wait)


@dataclass
class Timeline:
    """A clock that moves only when somebody waits, and then at once; `sent_s` notes each sending."""

    now_s: float = 0.0
    sent_s: list[float] = field(default_factory=list)
    waited_s: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    retry_after: str | None = None

    async def sleep(self, seconds: float) -> None:
        self.waited_s.append(seconds)
        self.now_s += seconds

    def sending(self) -> None:
        self.sent_s.append(self.now_s)

    async def answer(self, _: web.Request) -> web.Response:
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            return web.json_response({})
        headers = {} if self.retry_after is None else {"Retry-After": self.retry_after}
        error = {"code": status, "status": "RESOURCE_EXHAUSTED"}
        return web.json_response({"error": error}, status=status, headers=headers)


@asynccontextmanager
async def asking(line: Timeline, limits: Limits, retries: Retries | None = None) -> AsyncIterator[Client]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", line.answer)
    async with TestServer(app) as server, aiohttp.ClientSession(trace_configs=[noting(line.sending)]) as session:
        yield Client(
            session=session,
            base_url=str(server.make_url("")).rstrip("/"),
            token=token,
            report=lambda _: None,
            judge=judge,
            limits=limits,
            retries=retries or Retries(sleep=line.sleep),
        )


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Timeline:
    """Let the clock by which clients pace themselves be a timeline's."""
    found, claim = Timeline(), Pace.claim
    monkeypatch.setattr(Pace, "claim", lambda self, _: claim(self, found.now_s))
    return found


async def test_a_client_keeps_the_pace(line: Timeline) -> None:
    async with asking(line, Limits(concurrency=4, per_minute=5)) as client:
        await asyncio.gather(*(client.send(ASK) for _ in range(23)))
    assert line.sent_s == [0.0] * 5 + [60.0] * 5 + [120.0] * 5 + [180.0] * 5 + [240.0] * 3


async def test_retries_count_as_sendings(line: Timeline) -> None:
    line.statuses = [503, 200, 503, 503, 200]
    async with asking(line, Limits(per_minute=2)) as client:
        await client.send(ASK)
        await client.send(ASK)
    assert len(line.sent_s) == 5
    assert most_in_a_minute(line.sent_s) == 2


async def test_without_a_limit_nothing_waits(line: Timeline) -> None:
    async with asking(line, Limits()) as client:
        await asyncio.gather(*(client.send(ASK) for _ in range(200)))
    assert (line.waited_s, len(line.sent_s)) == ([], 200)


@pytest.mark.parametrize(("said", "least_s"), [(None, 60.0), ("17", 17.0), ("0", 60.0), ("100000", 60.0)])
async def test_a_spent_minute_is_waited_out(line: Timeline, said: str | None, least_s: float) -> None:
    line.statuses, line.retry_after = [429, 200], said
    async with asking(line, Limits(), Retries(sleep=line.sleep, quota_wait_s=60.0)) as client:
        assert (await client.send(ASK)).status == 200
    (waited,) = line.waited_s
    assert least_s <= waited < least_s + 2


@pytest.mark.parametrize("said", ["61", "3600"])
async def test_a_quota_that_is_gone_for_longer_ends_the_asking(line: Timeline, said: str) -> None:
    line.statuses, line.retry_after = [429] * 9, said
    async with asking(line, Limits(), Retries(sleep=line.sleep, quota_wait_s=60.0)) as client:
        with pytest.raises(OutOfBudget) as caught:
            await client.send(ASK)
    assert caught.value.retry_after_s == float(said)
    assert (len(line.sent_s), line.waited_s) == (1, [])


async def test_by_default_a_spent_quota_is_not_waited_for(line: Timeline) -> None:
    line.statuses = [429] * 9
    async with asking(line, Limits()) as client:
        with pytest.raises(OutOfBudget):
            await client.send(ASK)
    assert line.waited_s == []


async def test_a_quota_that_stays_spent_is_given_up(line: Timeline) -> None:
    line.statuses = [429] * 9
    async with asking(line, Limits(), Retries(sleep=line.sleep, attempts=3, quota_wait_s=60.0)) as client:
        with pytest.raises(OutOfBudget):
            await client.send(ASK)
    assert (len(line.sent_s), len(line.waited_s)) == (3, 2)


def test_google_is_asked_at_the_pace_of_an_unverified_project() -> None:
    google = VENDORS["google_health"]
    assert google.limits.per_minute == 150
    assert google.retries.quota_wait_s >= 60
    assert VENDORS["fitbit_web"].retries.quota_wait_s == 0


@pytest.mark.parametrize(("vendor", "day"), [("google_health", 60), ("fitbit_web", 25)])
def test_a_backfill_leaves_what_a_day_costs(vendor: str, day: int) -> None:
    quota, now = VENDORS[vendor].quota, dt.datetime(2026, 3, 10, 9, tzinfo=dt.UTC)
    assert quota is not None
    budget = fresh(quota, now)
    while not wait_s(budget, quota, now, urgent=False):
        budget = claimed(budget, quota, now)
    for _ in range(day):
        assert wait_s(budget, quota, now, urgent=True) == 0
        budget = claimed(budget, quota, now)


async def test_however_many_dates_are_asked_no_minute_sees_more_than_150(line: Timeline) -> None:
    setup = Setup(limits=VENDORS["google_health"].limits, retries=Retries(sleep=line.sleep), sending=line.sending)
    async with fetching(Cloud(first=dt.date(2025, 10, 1)), setup) as one:
        answers = await one.all(pieces("2025-10-01", "2026-02-28"))
    assert len(line.sent_s) == len(one.seen) > 350
    assert most_in_a_minute(line.sent_s) == 150
    assert max(line.sent_s) >= 120
    assert {answer.outcome for answer in answers.values()} <= {Outcome.OK, Outcome.EMPTY}


def of_twenty(line: Timeline, quota_wait_s: float) -> Setup:
    """Serve 20 requests a minute of the timeline."""
    line.now_s = dt.datetime(2026, 3, 12, 9, tzinfo=dt.UTC).timestamp()
    return Setup(
        options=Options(quota=20),
        clock=lambda: dt.datetime.fromtimestamp(line.now_s, dt.UTC),
        retries=Retries(sleep=line.sleep, attempts=6, quota_wait_s=quota_wait_s),
    )


async def test_a_day_goes_on_in_the_next_minute_when_the_quota_is_spent(line: Timeline) -> None:
    async with fetching(Cloud(), of_twenty(line, 60.0)) as one:
        answers = await one.all(pieces(DATE))
    assert len(answers) == len(STREAMS)
    assert {answer.outcome for answer in answers.values()} <= {Outcome.OK, Outcome.EMPTY}
    assert [seen.status for seen in one.seen].count(429) == len(one.said(Kind.REQUEST_RETRIED)) > 0


async def test_a_day_ends_with_what_it_has_where_the_quota_is_not_waited_for(line: Timeline) -> None:
    found: dict[str, Outcome] = {}

    async def fetch(one: Fetching) -> None:
        async for answer in one.source.fetch(pieces(DATE)):
            found[answer.stream] = answer.outcome

    async with fetching(Cloud(), of_twenty(line, 0.0)) as one:
        with pytest.raises(OutOfBudget):
            await fetch(one)
    assert len(found) == len(STREAMS)
    assert {Outcome.EMPTY, Outcome.FAILED} <= set(found.values())
    assert [seen.status for seen in one.seen].count(200) == 20


async def test_what_waits_for_its_place_is_not_sent_when_the_login_is_dead(line: Timeline) -> None:
    dead = Options(quota=None, account="dead_token")
    limits = Limits(concurrency=10, per_minute=5)
    setup = Setup(options=dead, limits=limits, retries=Retries(sleep=line.sleep))
    async with fetching(Cloud(), setup) as one:
        with pytest.raises(LoginNeeded):
            await one.all(pieces(DATE))
    assert 1 <= len(one.seen) <= 10
