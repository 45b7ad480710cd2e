"""Every route with curl, as a stranger types it: without the token and with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cromwelld.web.routes import ROUTES
from tests.support.curl import curl
from tests.support.daemon import LOGIN, TOKEN, Served, fake_daemon, served
from tests.support.hostile import GOOD

# What the routes of runs and readings back need to have happened before.
BEFORE = ("POST /v1/runs", "POST /v1/verifications")
REPORT = "/v1/runs/1/report"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    with fake_daemon(tmp_path) as daemon:
        async with served(daemon) as found:
            yield found


async def ask(house: Served, method: str, target: str, *more: str, body: object = None) -> tuple[int, str]:
    """Ask with the real program; give the status and the type of the answer."""
    got = await asyncio.to_thread(curl, method, house.url + target, *more, body=body)
    return got.status, got.kind


def test_every_route_is_walked() -> None:
    walked = [
        (route.method, route.path)
        for route in ROUTES
        for method, target, _ in GOOD
        if route.method == method and route.parts_of(target.partition("?")[0]) is not None
    ]
    probes = {("GET", "/readyz"), ("GET", "/freshz")}  # as /healthz
    assert {(route.method, route.path) for route in ROUTES} == {*walked, *probes}


@pytest.mark.parametrize(("method", "target", "body"), GOOD, ids=lambda value: str(value)[:40])
async def test_without_the_token_only_probes_and_metrics_answer(
    house: Served, method: str, target: str, body: object
) -> None:
    status, kind = await ask(house, method, target, body=body)
    if target in {"/healthz", "/metrics"}:
        assert status == 200
    else:
        assert (status, kind) == (401, "application/problem+json")
    assert house.daemon.done == []


@pytest.mark.parametrize("way", [("-H", f"Authorization: Bearer {TOKEN}"), ("-u", f"anybody:{TOKEN}")])
async def test_with_the_token_every_route_answers(house: Served, way: tuple[str, str]) -> None:
    found = {}
    for method, target, body in sorted(GOOD, key=lambda one: f"{one[0]} {one[1]}" not in BEFORE):
        found[f"{method} {target}"] = (await ask(house, method, target, *way, body=body))[0]
    assert found.pop(f"GET {REPORT}") == 404  # the run has not ended
    created = {"POST /v1/runs": 202, "POST /v1/logins": 201, "POST /v1/backfills": 202, "POST /v1/verifications": 202}
    assert found == {name: created.get(name, 200) for name in found}
    assert len(house.daemon.done) == sum(method != "GET" for method, _, _ in GOOD)
    assert f"POST /v1/logins/{LOGIN}" in found


async def test_the_head_of_a_page_and_a_wrong_method(house: Served) -> None:
    assert (await ask(house, "HEAD", "/healthz"))[0] == 200
    assert await ask(house, "DELETE", "/metrics") == (405, "application/problem+json")


async def test_a_wrong_name_and_a_large_body(house: Served) -> None:
    bearer = ("-H", f"Authorization: Bearer {TOKEN}", "-H", "Content-Type: application/json")
    assert (await ask(house, "GET", "/metrics", "-H", "Host: evil.example"))[0] == 421
    assert (await ask(house, "POST", "/v1/runs", *bearer, "-d", "x" * 70_000))[0] == 413
