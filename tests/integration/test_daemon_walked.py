"""The real daemon asked by curl for every route, and by hostile clients: what it answers, and what it then has done."""

from __future__ import annotations

import datetime as dt
import json
import re
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, note, settings

from cromwelld.web.routes import ROUTES
from tests.support.curl import curl
from tests.support.daemon import TOKEN
from tests.support.hostile import GOOD, Sent, hostile
from tests.support.logging_in import DATE, Far, Place, place_of, walk
from tests.support.running import Running, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

COUNT = 2000
PATIENCE_S = 0.05
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3}) ")
ZONE = ZoneInfo("Europe/London")  # the invented person's


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    far = Far("google_health")
    with far.serving():
        made = place_of(tmp_path_factory.mktemp("walked") / "home", far)
        token = made.root / "token"
        token.write_text(TOKEN, "utf-8")
        with made.config.open("a", encoding="utf-8") as config:
            config.write(f'[http]\nlisten = "127.0.0.1:0"\ntoken_file = "{token}"\n')
        assert made.given().code == 0
        yield made


@pytest.fixture(scope="module")
def daemon(place: Place) -> Iterator[Running]:
    with running(place.config) as started:
        started.ready().event("run.ended", account="me")
        yield started
        assert started.stop() == 0
        assert TOKEN not in started.text()


# --- hostile clients


@dataclass
class House:
    """The daemon's port, and the connections on which nothing has come yet."""

    port: int
    waiting: list[socket.socket] = field(default_factory=list)

    def ask(self, raw: bytes) -> bytes:
        """Send bytes, and give what comes; who is not answered at once is waited for at the end."""
        line = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        line.settimeout(PATIENCE_S)
        try:
            line.sendall(raw)
            return self._all(line)
        except TimeoutError:
            self.waiting.append(line)
            return b""
        except ConnectionError:
            line.close()
            return b""  # cut in the middle: that is an answer too

    def rest(self) -> list[bytes]:
        """Give what came to those who were not answered, once each of them was cut off."""
        for line in self.waiting:
            line.settimeout(30)
        return [self._all(line) for line in self.waiting]

    def _all(self, line: socket.socket) -> bytes:
        got = bytearray()
        try:
            while piece := line.recv(1 << 16):
                got += piece
        except ConnectionError:
            pass
        line.close()
        return bytes(got)


def standing(place: Place) -> dict[str, object]:
    """Give everything that is kept: every file, and the ledger by what it says."""
    apart = (".log", "ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm")
    files = {name: content for name, content in place.files().items() if not name.endswith(apart)}
    with closing(sqlite3.connect(f"file:{place.root / 'state/ledger.sqlite'}?mode=ro", uri=True)) as ledger:
        return {**files, "ledger": list(ledger.iterdump())}


def settled(place: Place) -> dict[str, object]:
    """Wait until nothing is kept any more that was not before."""
    last: dict[str, object] = {}
    while (now := standing(place)) != last:
        last = now
        time.sleep(0.5)
    return now


def sound(got: bytes) -> None:
    assert [status for status in _STATUS.findall(got) if status >= b"500"] == []
    assert b"Traceback" not in got
    first = _STATUS.match(got)
    if first is not None and first[1] >= b"400":
        assert b"application/problem+json" in got.partition(b"\r\n\r\n")[0]


def test_two_thousand_hostile_requests_have_no_effect(daemon: Running, place: Place) -> None:
    house = House(daemon.event("daemon.ready")["port"])
    bearer = ("-H", f"Authorization: Bearer {TOKEN}")
    undisturbed = settled(place)
    assert curl("PUT", f"{daemon.url}/v1/accounts/me/pause", *bearer, body={}).status == 200
    before, said, statuses = settled(place), daemon.events(), list[bytes]()
    assert before != undisturbed  # an effect would be seen

    @settings(max_examples=COUNT, suppress_health_check=list(HealthCheck))
    @given(hostile())
    def ask(sent: Sent) -> None:
        raw = sent.raw()
        note(repr(raw[:600]))
        got = house.ask(raw)
        note(repr(got[:600]))
        sound(got)
        statuses.extend(_STATUS.findall(got)[:1])

    ask()
    late = house.rest()
    for got in late:
        sound(got)
    assert standing(place) == before
    assert {one["event"] for one in daemon.events()[len(said) :]} <= {"host.refused"}
    assert len(statuses) > COUNT / 2
    counted = {status.decode(): statuses.count(status) for status in sorted(set(statuses))}
    print(f"{COUNT} requests: {counted}, {len(late)} of them kept waiting and cut")  # noqa: T201
    assert curl("GET", f"{daemon.url}/healthz").status == 200


# --- curl


def walked(daemon: Running, place: Place, way: tuple[str, str]) -> dict[str, int]:
    """Ask every route with the token, in an order in which it makes sense; give the status of each."""
    found: dict[str, int] = {}

    def ask(route: str, target: str, body: object = None) -> str:
        method = route.partition(" ")[0]
        got = curl(method, daemon.url + target, *way, body=body)
        found[route] = got.status
        return got.body

    yesterday = (dt.datetime.now(ZONE).date() - dt.timedelta(days=1)).isoformat()
    for path in ("/healthz", "/readyz", "/freshz", "/metrics", "/", "/v1/status", "/v1/runs"):
        ask(f"GET {path}", path)
    ask("GET /v1/days", f"/v1/days?account=me&from={DATE}&to={DATE}")
    run = json.loads(ask("POST /v1/runs", "/v1/runs", {"account": "me", "dates": [DATE]}))["id"]
    assert json.loads(ask("GET /v1/runs/{run}", f"/v1/runs/{run}?wait=30"))["state"] == "done"
    ask("GET /v1/runs/{run}/report", f"/v1/runs/{run}/report")
    begun = json.loads(ask("POST /v1/logins", "/v1/logins", {"account": "me", "redirect_uri": "http://127.0.0.1:8378"}))
    answer = walk(begun["address"], home=False)
    ask("POST /v1/logins/{login}", f"/v1/logins/{begun['id']}", {"answer": answer})
    pair = place.far.issue()
    content = json.dumps({"access_token": pair.access_token, "refresh_token": pair.refresh_token, "scope": pair.scope})
    ask("POST /v1/imports", "/v1/imports", {"account": "me", "content": content})
    ask("POST /v1/backfills", "/v1/backfills", {"account": "me", "from": "2025-10-05", "to": "2025-10-06"})
    reading = json.loads(ask("POST /v1/verifications", "/v1/verifications", {"account": "me"}))["id"]
    ask("GET /v1/verifications/{verification}", f"/v1/verifications/{reading}?wait=30")
    ask("POST /v1/acceptances", "/v1/acceptances", {"account": "me", "date": yesterday})
    ask("PUT /v1/accounts/{account}/pause", "/v1/accounts/me/pause", {})
    ask("DELETE /v1/accounts/{account}/pause", "/v1/accounts/me/pause")
    return found


CREATED = {"POST /v1/runs": 202, "POST /v1/logins": 201, "POST /v1/backfills": 202, "POST /v1/verifications": 202}


@pytest.mark.parametrize("way", [("-H", f"Authorization: Bearer {TOKEN}"), ("-u", f"anybody:{TOKEN}")])
def test_with_the_token_every_route_does_what_it_is_for(daemon: Running, place: Place, way: tuple[str, str]) -> None:
    found = walked(daemon, place, way)
    assert set(found) == {f"{route.method} {route.path}" for route in ROUTES}
    found.pop("GET /freshz")  # it says what the invented watch has synced
    assert found == {route: CREATED.get(route, 200) for route in found}


@pytest.mark.parametrize(("method", "target", "body"), GOOD, ids=lambda value: str(value)[:40])
def test_without_the_token_only_probes_and_metrics_answer(
    daemon: Running, place: Place, method: str, target: str, body: object
) -> None:
    before = standing(place)
    got = curl(method, daemon.url + target, body=body)
    if target in {"/healthz", "/metrics"}:
        assert got.status == 200
    else:
        assert (got.status, got.kind) == (401, "application/problem+json")
    assert standing(place) == before
