"""The description of the routes against the routes: every one is described, and every answer is as described."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockResponse

from cromwelld.day import table
from cromwelld.measurements import MEASUREMENTS
from cromwelld.pieces import Answer, Outcome
from cromwelld.state import Counts, Fetched, RunEnd, RunState, RunWish, WishedBy
from cromwelld.web import Health, Probe, Reason
from cromwelld.web.protocol import Progress, Unsound, Verification
from cromwelld.web.routes import ROUTES
from tests.support.daemon import LOGIN, NOW, TOKEN, FakeDaemon, Served, fake_daemon, served
from tests.support.described import Asked, api, ask, description

PLAIN = {"account": "me", "dates": ["2025-10-08"], "force": ["sleep"]}
DATE = dt.date(2025, 10, 8)
DOWN = Health(ok=False, reasons=(Reason(code="login_needed", account="me", sentence="log in again"),))


GOOD = [
    *(Asked("GET", f"/{probe.value}", status, token=False) for probe in Probe for status in (200, 503)),
    Asked("GET", "/metrics", 200, token=False),
    Asked("GET", "/", 200),
    Asked("GET", "/v1/status", 200),
    Asked("POST", "/v1/runs", 202, PLAIN),
    Asked("POST", "/v1/runs", 202, {**PLAIN, "wished_by": "command"}),
    Asked("GET", "/v1/runs", 200),
    Asked("GET", "/v1/runs?account=me&limit=3", 200),
    Asked("GET", "/v1/runs/1", 200),
    Asked("GET", "/v1/runs/2?wait=0", 200),
    Asked("GET", "/v1/runs/3", 200),
    Asked("GET", "/v1/runs/3/report", 200),
    Asked("GET", "/v1/days?account=me&from=2025-10-07&to=2025-10-09", 200),
    Asked("POST", "/v1/logins", 201, {"account": "me", "redirect_uri": "http://localhost:8378/"}),
    Asked("POST", f"/v1/logins/{LOGIN}", 200, {"answer": "code=abc"}),
    Asked("POST", "/v1/imports", 200, {"account": "me", "content": "{}", "replace_person": True}),
    Asked("POST", "/v1/backfills", 200, {"account": "me", "from": "2024-01-01", "dry_run": True}),
    Asked("POST", "/v1/backfills", 202, {"account": "me", "from": "2024-01-01", "to": "2024-02-01"}),
    Asked("POST", "/v1/verifications", 202, {"account": "me"}),
    Asked("GET", "/v1/verifications/1", 200),
    Asked("GET", "/v1/verifications/2", 200),
    Asked("POST", "/v1/acceptances", 200, {"account": "me", "date": "2025-10-08"}),
    Asked("PUT", "/v1/accounts/me/pause", 200, {"until": "2999-01-01T00:00:00Z"}),
    Asked("PUT", "/v1/accounts/me/pause", 200, {}),
    Asked("DELETE", "/v1/accounts/me/pause", 200),
]
# What is refused is described as well; the request itself need not be as described.
BAD = [
    Asked("GET", "/v1/runs", 401, token=False),
    Asked("GET", "/v1/runs/99", 404),
    Asked("GET", "/v1/runs/x", 404),
    Asked("GET", "/v1/runs/1/report", 404),
    Asked("GET", "/v1/runs?limit=x", 400),
    Asked("POST", "/v1/runs", 400, {"account": "me"}),
    Asked("POST", "/v1/runs", 404, {**PLAIN, "account": "nobody"}),
    Asked("POST", "/v1/runs", 422, {**PLAIN, "dates": ["2999-01-01"]}),
    Asked("POST", "/v1/runs", 413, {"account": "x" * 70_000}),
    Asked("GET", "/healthz", 421, headers={"Host": "evil.example"}),
    Asked("DELETE", "/v1/accounts/me/pause", 403, headers={"Origin": "null"}),
    Asked("POST", f"/v1/logins/{LOGIN}x", 422, {"answer": "code=abc"}),
    Asked("PUT", "/v1/accounts/nobody/pause", 404, {}),
    Asked("GET", "/v1/days", 400),
]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    with fake_daemon(tmp_path) as daemon:
        _live(daemon)
        async with served(daemon) as found:
            yield found


def _live(daemon: FakeDaemon) -> None:
    """Let some things have happened: runs in every state, dates with every outcome, findings."""
    values = {"time": [NOW], "field_dailyRmssd": [30.0]}
    for stream, outcome in zip(("a", "b", "c", "d", "e"), Outcome, strict=False):
        tables = {"HRV": table(MEASUREMENTS["HRV"], values)} if outcome is Outcome.OK else {}
        answer = Answer(stream=stream, date=DATE, outcome=outcome, reason="because", tables=tables, source="x")
        daemon.ledger.fetched("me", [Fetched(answer=answer, digest="0" * 16)], NOW)
    daemon.ledger.keep_date("me", DATE, zone="Europe/London", digest="")
    for number, state in ((1, None), (2, RunState.RUNNING), (3, RunState.INCOMPLETE)):
        run = daemon.ledger.runs.ask(_wish(number), NOW)
        if state is not None:
            daemon.ledger.runs.begin(run.id, NOW)
        if state is RunState.INCOMPLETE:
            end = RunEnd(state=state, reason="gps was refused", counts=Counts(asked=3), report="{}")
            daemon.ledger.runs.end(run.id, end, NOW)
    daemon.progress[2] = Progress(done=1, total=3)
    finding = Unsound(date=DATE, place="tables", what="rows are missing", mended=False, remedy="mend it")
    daemon.verifications[2] = Verification(id=2, account="me", repair=False, state="done", findings=(finding,))
    daemon.verifications[1] = Verification(id=1, account="me", repair=False, state="running")


def _wish(number: int) -> RunWish:
    return RunWish(account="me", dates=frozenset([DATE.replace(day=number)]), wished_by=WishedBy.SCHEDULE)


@pytest.mark.parametrize("asked", GOOD, ids=lambda asked: f"{asked.method} {asked.path} {asked.status}")
async def test_questions_and_answers_are_as_described(house: Served, asked: Asked) -> None:
    if asked.status == 503:
        house.daemon.probes.update(dict.fromkeys(Probe, DOWN))
    request, response = await ask(house.url, asked, TOKEN)
    assert response.status_code == asked.status, response.data
    api().validate_request(request)
    api().validate_response(request, response)


@pytest.mark.parametrize("asked", BAD, ids=lambda asked: f"{asked.method} {asked.path} {asked.status}")
async def test_refusals_are_as_described(house: Served, asked: Asked) -> None:
    request, response = await ask(house.url, asked, TOKEN)
    assert response.status_code == asked.status, response.data
    api().validate_response(request, response)


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    methods = ("get", "put", "post", "delete", "patch")
    paths = description()["paths"].items()
    return {(m.upper(), path): told[m] for path, told in paths for m in methods if m in told}


def test_every_route_is_described_and_none_that_is_none() -> None:
    assert sorted(operations()) == sorted((route.method, route.path) for route in ROUTES)


def test_what_is_open_and_what_may_be_asked_is_told() -> None:
    for route in ROUTES:
        told = operations()[route.method, route.path]
        assert (told.get("security") == []) is route.open, route.path
        inline = [_resolved(one) for one in told.get("parameters", ())]
        assert tuple(one["name"] for one in inline) == route.query, route.path


def test_every_success_that_is_described_was_asked_for() -> None:
    described = {
        (*where, int(status))
        for where, told in operations().items()
        for status in told["responses"]
        if status != "default"
    }
    seen = {(*_route_of(asked), asked.status) for asked in GOOD}
    assert described <= seen


def _route_of(asked: Asked) -> tuple[str, str]:
    path = urlsplit(asked.path).path
    (route,) = [one for one in ROUTES if one.method == asked.method and one.parts_of(path) is not None]
    return route.method, route.path


def _resolved(one: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in one:
        return one
    found: Any = description()
    for part in one["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


async def test_an_answer_that_is_not_as_described_is_found(house: Served) -> None:
    request, response = await ask(house.url, Asked("GET", "/v1/runs/1", 200), TOKEN)
    document = json.loads(response.data)
    for wrong in (
        {**document, "more": 1},
        {**document, "state": "lost"},
        {k: v for k, v in document.items() if k != "id"},
    ):
        told = MockResponse(json.dumps(wrong).encode(), headers={}, content_type="application/json")
        with pytest.raises(OpenAPIError):
            api().validate_response(request, told)
