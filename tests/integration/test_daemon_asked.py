"""The real daemon, asked by HTTP and by commands: as described, and the same as without it."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cromwelld.web.token import TOKEN_FILE
from tests.support.cli import HEAVY, Home, Vendor, call, home
from tests.support.described import Asked, api, ask
from tests.support.running import Running, running

DATE, NEXT = "2025-10-08", "2025-10-09"
HTTP = '\n[http]\nlisten = "127.0.0.1:0"\n'


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    made = Vendor()
    with made.serving():
        yield made


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, vendor: Vendor) -> Home:
    made = home(tmp_path_factory.mktemp("place") / "home", vendor.url, leave_out=(*HEAVY, "gps"))
    with made.config.open("a", encoding="utf-8") as config:
        config.write(HTTP)
    return made


@pytest.fixture(scope="module")
def daemon(place: Home) -> Iterator[Running]:
    with running(place.config) as found:
        found.ready().event("run.ended", account="me")
        yield found


def test_a_command_says_the_same_with_a_daemon_as_without(
    daemon: Running, place: Home, vendor: Vendor, tmp_path: Path
) -> None:
    alone = home(tmp_path / "alone", vendor.url, leave_out=(*HEAVY, "gps"))
    assert daemon.program.poll() is None
    for arguments in ((f"{DATE}..{NEXT}",), (DATE, "--force", "sleep")):
        with_it, without = place.collect(*arguments), alone.collect(*arguments)
        assert (with_it.code, with_it.err) == (0, "")
        assert with_it.out.replace(str(place.root), "") == without.out.replace(str(alone.root), "")
    with_it, without = place.collect(DATE, "--json").json, alone.collect(DATE, "--json").json
    assert same(with_it) == same(without)
    assert place.objects() == alone.objects() == [DATE, NEXT]


def same(document: dict[str, Any]) -> dict[str, Any]:
    """Leave out what differs for a reason: folders, the order in which answers came, and what waits of today."""
    streams = sorted(document["streams"], key=lambda one: (one["date"], one["stream"]))
    return {**document, "streams": streams, "places": {}, "waiting": None}


def test_its_status_and_runs_are_told_by_commands(daemon: Running, place: Home) -> None:
    place.collect(DATE)
    told = call("status", "--config", place.config)
    assert (told.code, told.err) == (0, "")
    assert "the daemon runs since" in told.out
    assert "\nme: from fitbit_web, login kept\n" in told.out
    newest = call("runs", "--config", place.config, "--json").json["runs"][0]
    assert (newest["dates"], newest["wished_by"], newest["state"]) == ([DATE], "command", "done")
    assert call("runs", str(newest["id"]), "--config", place.config).code == 0
    assert daemon.program.poll() is None


# In this order: some need what those before them left.
ASKED = (
    Asked("GET", "/healthz", 200, token=False),
    Asked("GET", "/metrics", 200, token=False),
    Asked("GET", "/", 200),
    Asked("GET", "/v1/status", 200),
    Asked("GET", "/v1/runs", 200),
    Asked("GET", "/v1/runs/1", 200),
    Asked("GET", "/v1/runs/1/report", 200),
    Asked("GET", "/v1/days?account=me", 200),
    Asked("GET", f"/v1/days?account=me&from={DATE}&to={NEXT}", 200),
    Asked("POST", "/v1/runs", 202, {"account": "me", "dates": [DATE]}),
    Asked("POST", "/v1/verifications", 202, {"account": "me"}),
    Asked("GET", "/v1/verifications/1?wait=30", 200),
    Asked("PUT", "/v1/accounts/me/pause", 200, {}),
    Asked("GET", "/v1/status", 200),
    Asked("DELETE", "/v1/accounts/me/pause", 200),
    Asked("GET", "/v1/runs", 401, token=False),
    Asked("GET", "/v1/runs/999", 404),
    Asked("POST", "/v1/imports", 409, {"account": "me", "content": "{}"}),  # the account has no client
)


def test_the_daemon_answers_as_described(daemon: Running, place: Home) -> None:
    token = (place.state / TOKEN_FILE).read_text()
    for asked in ASKED:
        request, response = asyncio.run(ask(daemon.url, asked, token))
        assert response.status_code == asked.status, (asked, response.data)
        api().validate_response(request, response)
        if asked.status < 300:
            api().validate_request(request)


@pytest.mark.parametrize("path", ["/readyz", "/freshz"])
def test_probes_answer_as_described_whatever_they_say(daemon: Running, path: str) -> None:
    request, response = asyncio.run(ask(daemon.url, Asked("GET", path, 200, token=False), ""))
    assert response.status_code in {200, 503}
    api().validate_response(request, response)


def test_the_token_is_the_owners_alone_and_in_no_log(daemon: Running, place: Home) -> None:
    file = place.state / TOKEN_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((place.state / "http_address").stat().st_mode) == 0o600
    assert file.read_text() not in daemon.text()


def test_a_refused_name_is_one_line_of_the_log_with_the_key(daemon: Running) -> None:
    for _ in range(3):
        evil = Asked("GET", "/metrics", 421, headers={"Host": "rebound.example"}, token=False)
        _, response = asyncio.run(ask(daemon.url, evil, ""))
        assert response.status_code == 421
    (line,) = [one for one in daemon.events("host.refused") if one["host"] == "rebound.example"]
    assert (line["level"], line["key"]) == ("warning", "http.allowed_hosts")
