"""The requests as the simulated vendors write them down, with the budget at that moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from cromwelld.simulator import fitbit_web, google_health
from cromwelld.simulator.faults import FaultPlan, scripted
from cromwelld.simulator.front import RECEIVED, Received
from cromwelld.simulator.google_health.person_records import records_of
from cromwelld.simulator.oauth import FITBIT, LoginServer
from cromwelld.simulator.person import Person
from cromwelld.simulator.serve import serving

PROFILE = "/1/user/-/profile.json"
IDENTITY = "/v4/users/me/identity"
HRV = "/1/user/-/hrv/date/2025-10-08.json"
HEIGHT = "/v4/users/me/dataTypes/height/dataPoints"


class Time:
    def __init__(self) -> None:
        self.now = dt.datetime(2025, 11, 3, 9, 7, 31, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


class Far:
    """A served application that is asked with any token."""

    def __init__(self, base: str, session: aiohttp.ClientSession, received: list[Received]) -> None:
        self.base, self.session, self.received = base, session, received

    async def get(self, path: str) -> int:
        async with self.session.get(self.base + path, headers={"Authorization": "Bearer any"}) as got:
            await got.read()
            return got.status


def fitbit(time: Time, *, quota: int | None = 150, faults: FaultPlan | None = None) -> web.Application:
    return fitbit_web.application(Person(), clock=time, options=fitbit_web.Options(quota=quota, faults=faults))


def google(time: Time, *, quota: int | None = 300, faults: FaultPlan | None = None) -> web.Application:
    options = google_health.Options(quota=quota, faults=faults)
    return google_health.application(records_of(Person(), time), clock=time, options=options)


@asynccontextmanager
async def serve(app: web.Application) -> AsyncIterator[Far]:
    async with serving(app) as base, aiohttp.ClientSession() as session:
        yield Far(base, session, app[RECEIVED])


@pytest.mark.parametrize(("build", "path"), [(fitbit, PROFILE), (google, IDENTITY)])
async def test_a_spent_budget_is_written_down(build: Callable[..., web.Application], path: str) -> None:
    time = Time()
    async with serve(build(time, quota=2)) as far:
        statuses = [await far.get(path) for _ in range(4)]
    assert statuses == [200, 200, 429, 429]
    assert [one.left for one in far.received] == [2, 1, 0, 0]
    assert [one.refused_for_budget for one in far.received] == [False, False, True, True]
    assert [one.status for one in far.received] == statuses
    assert {(one.method, one.path, one.query, one.at) for one in far.received} == {("GET", path, "", time.now)}


async def test_a_client_that_was_told_to_wait_is_hushed_until_the_next_hour() -> None:
    time = Time()
    async with serve(fitbit(time, quota=1)) as far:
        for seconds in (0, 0, 0, 52 * 60 + 28, 1):  # 10:00:00 is 52 minutes and 29 seconds away
            time.passes(seconds)
            await far.get(PROFILE)
    assert [one.status for one in far.received] == [200, 429, 429, 429, 200]
    assert [one.hushed for one in far.received] == [False, False, True, True, False]


@pytest.mark.parametrize(
    ("kind", "wait_s"),
    [
        ("429 reset", 17),
        ("429 lower case", 17),
        ("429 retry-after", 17),
        ("429 remaining", 17),
        ("429 bare", 3149),
        ("429 nonsense", 3149),
    ],
)
async def test_every_429_of_fitbit_hushes_for_as_long_as_it_says(kind: str, wait_s: int) -> None:
    time = Time()
    async with serve(fitbit(time, faults=scripted({HRV: [kind]}))) as far:
        for path, seconds in ((HRV, 0), (PROFILE, 0), (HRV, wait_s - 1), (HRV, 1)):
            time.passes(seconds)
            await far.get(path)
    assert [one.status for one in far.received] == [429, 200, 200, 200]
    assert [one.hushed for one in far.received] == [False, True, True, False]
    assert not any(one.refused_for_budget for one in far.received)


async def test_google_hushes_only_where_it_says_for_how_long() -> None:
    time = Time()
    async with serve(google(time, faults=scripted({HEIGHT: ["429 bare", "429 retry-after"]}))) as far:
        for seconds in (0, 0, 0, 17):
            time.passes(seconds)
            await far.get(HEIGHT)
    assert [one.status for one in far.received] == [429, 429, 200, 200]
    assert [one.hushed for one in far.received] == [False, False, True, False]


async def test_without_a_limit_nothing_is_left_or_spent() -> None:
    async with serve(fitbit(Time(), quota=None)) as far:
        await far.get(PROFILE)
    assert [(one.left, one.refused_for_budget) for one in far.received] == [(None, False)]


async def test_the_login_is_written_down_and_not_counted() -> None:
    time = Time()
    logins = LoginServer(FITBIT, clock=time)
    app = fitbit_web.application(Person(), clock=time, options=fitbit_web.Options(quota=1), logins=logins)
    async with serve(app) as far:
        token = logins.issue().access_token
        async with far.session.post(far.base + "/oauth2/token", data={"client_id": "23SYNT"}) as got:
            assert got.status == 401
            assert "fitbit-rate-limit-limit" not in got.headers
        async with far.session.get(far.base + HRV, headers={"Authorization": f"Bearer {token}"}) as got:
            assert got.status == 200
    assert [(one.method, one.path, one.left) for one in far.received] == [
        ("POST", "/oauth2/token", None),
        ("GET", HRV, 1),
    ]


async def test_a_restarted_application_shares_the_login() -> None:
    time = Time()
    logins = LoginServer(FITBIT, clock=time)
    token = logins.issue().access_token
    headers = {"Authorization": f"Bearer {token}"}
    statuses = []
    for _ in range(2):
        app = fitbit_web.application(Person(), clock=time, logins=logins)
        async with serve(app) as far, far.session.get(far.base + PROFILE, headers=headers) as got:
            statuses.append(got.status)
    assert statuses == [200, 200]
