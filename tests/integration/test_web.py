"""The server over real HTTP: what it answers, whom it refuses, and how it says so."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from cromwelld.config import Endpoint
from cromwelld.errors import (
    BadAnswer,
    ConfigurationError,
    CromwelldError,
    FarSideAway,
    Held,
    LoginNeeded,
    NotWritable,
    OutOfBudget,
    Retired,
    UsageError,
)
from cromwelld.events import Kind
from cromwelld.state import Counts, RunEnd, RunState
from cromwelld.web import Health, Limits, Probe, Reason, Rules, serving
from cromwelld.web.protocol import Progress
from cromwelld.web.runs import MOST_DATES
from tests.support.daemon import LOGIN, METRICS, TOKEN, Served, failing, fake_daemon, served

BEARER = {"Authorization": f"Bearer {TOKEN}"}
WISH = {"account": "me", "dates": ["2025-10-08"], "force": ["sleep"]}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    with fake_daemon(tmp_path) as daemon:
        async with served(daemon) as found:
            yield found


@dataclass
class Got:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - a test looks into it by hand
        return json.loads(self.text)


async def ask(house: Served, method: str, path: str, **more: Any) -> Got:  # noqa: ANN401
    more.setdefault("headers", BEARER)
    async with aiohttp.ClientSession() as session, session.request(method, house.url + path, **more) as response:
        return Got(response.status, dict(response.headers), await response.text())


async def get(house: Served, path: str, **more: Any) -> Got:  # noqa: ANN401
    return await ask(house, "GET", path, **more)


async def post(house: Served, path: str, body: object, **more: Any) -> Got:  # noqa: ANN401
    return await ask(house, "POST", path, json=body, **more)


# --- what anybody may ask


@pytest.mark.parametrize("probe", list(Probe))
async def test_a_probe_says_yes_or_why_not(house: Served, probe: Probe) -> None:
    got = await get(house, f"/{probe.value}", headers={})
    assert (got.status, got.json) == (200, {"status": "ok", "reasons": []})
    reason = Reason(code="login_needed", account="me", sentence="log in again")
    house.daemon.probes[probe] = Health(ok=False, reasons=(reason,))
    got = await get(house, f"/{probe.value}", headers={})
    told = {"code": "login_needed", "account": "me", "sentence": "log in again"}
    assert (got.status, got.json) == (503, {"status": "failing", "reasons": [told]})


async def test_metrics_are_open_and_as_prometheus_reads_them(house: Served) -> None:
    got = await get(house, "/metrics", headers={})
    assert (got.status, got.text.encode()) == (200, METRICS)
    assert got.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


async def test_head_is_get_without_a_body(house: Served) -> None:
    got = await ask(house, "HEAD", "/healthz", headers={})
    assert (got.status, got.text, got.headers["Content-Length"]) == (200, "", "28")


# --- the token


@pytest.mark.parametrize("path", ["/", "/v1/runs", "/v1/days", "/v1/nothing", "/nothing"])
async def test_nothing_else_is_told_without_the_token(house: Served, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic d3Jvbmc6d3Jvbmc="}):
        got = await get(house, path, headers=headers)
        assert (got.status, got.headers["Content-Type"]) == (401, "application/problem+json")
        assert got.headers["WWW-Authenticate"].startswith("Basic ")
        assert "http_token" in got.json["hint"]


async def test_a_browser_comes_in_with_any_user_name(house: Served) -> None:
    basic = base64.b64encode(f"whoever:{TOKEN}".encode()).decode()
    assert (await get(house, "/v1/runs", headers={"Authorization": f"Basic {basic}"})).status == 200


# --- the page


async def test_the_page_needs_nothing_from_elsewhere(house: Served) -> None:
    await post(house, "/v1/runs", WISH)
    got = await get(house, "/")
    assert (got.status, got.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    policy = got.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    for word in ("<script", "javascript:", "http://", "https://", "src=", "href=", "style="):
        assert word not in got.text
    assert "<h2>partner</h2>" in got.text
    assert "<td>2025-10-08</td><td>http</td>" in got.text


async def test_what_others_wrote_stays_text_on_the_page(house: Served) -> None:
    run = (await post(house, "/v1/runs", WISH)).json["id"]
    house.daemon.end(run, RunEnd(state=RunState.FAILED, reason="<script>alert(1)</script>"))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in (await get(house, "/")).text


async def test_the_status_is_the_page_for_programs(house: Served) -> None:
    got = await get(house, "/v1/status")
    assert (got.status, got.json["running_since"]) == (200, "2025-10-09T03:00:00Z")
    assert [account["name"] for account in got.json["accounts"]] == ["me", "partner"]


# --- runs


async def test_a_wish_is_in_the_ledger_when_it_is_answered(house: Served) -> None:
    got = await post(house, "/v1/runs", WISH)
    assert (got.status, got.headers["Location"]) == (202, "/v1/runs/1")
    assert got.json == {
        "id": 1,
        "account": "me",
        "dates": ["2025-10-08"],
        "force": ["sleep"],
        "wished_by": "http",
        "state": "waiting",
        "reason": "",
        "counts": {"asked": 0, "answered": 0, "failed": 0, "stored": 0, "changed": 0, "records": 0},
        "asked_at": "2025-10-09T03:00:00Z",
        "started_at": None,
        "ended_at": None,
        "progress": None,
    }
    (run,) = house.daemon.ledger.runs.waiting()
    assert (run.account, run.dates, run.force) == ("me", (dt.date(2025, 10, 8),), ("sleep",))


async def test_equal_wishes_that_wait_are_one_run(house: Served) -> None:
    first, second = [(await post(house, "/v1/runs", WISH)).json["id"] for _ in range(2)]
    other = (await post(house, "/v1/runs", {**WISH, "account": "partner"})).json["id"]
    assert (first, second, other) == (1, 1, 2)
    assert [run["id"] for run in (await get(house, "/v1/runs")).json["runs"]] == [2, 1]
    assert [run["id"] for run in (await get(house, "/v1/runs?account=me&limit=9")).json["runs"]] == [1]
    assert (await get(house, "/v1/runs?limit=0")).json == {"runs": []}


async def test_the_end_of_a_run_can_be_waited_for(house: Served) -> None:
    run = (await post(house, "/v1/runs", WISH)).json["id"]
    house.daemon.ledger.runs.begin(run, dt.datetime.now(dt.UTC))
    house.daemon.progress[run] = Progress(done=3, total=16)
    got = (await get(house, f"/v1/runs/{run}")).json
    assert (got["state"], got["progress"]) == ("running", {"done": 3, "total": 16})
    waiting = asyncio.create_task(get(house, f"/v1/runs/{run}?wait=30"))
    await asyncio.sleep(0)
    end = RunEnd(state=RunState.DONE, counts=Counts(asked=16, answered=16, records=5), report='{"complete": true}')
    house.daemon.end(run, end)
    ended = (await waiting).json
    assert (ended["state"], ended["counts"]["records"], ended["progress"]) == ("done", 5, None)
    assert (await get(house, f"/v1/runs/{run}/report")).json == {"complete": True}


async def test_waiting_for_a_run_ends_when_the_time_is_over(house: Served) -> None:
    run = (await post(house, "/v1/runs", WISH)).json["id"]
    got = await get(house, f"/v1/runs/{run}?wait=1")
    assert (got.status, got.json["state"]) == (200, "waiting")
    assert (await get(house, f"/v1/runs/{run}/report")).status == 404


@pytest.mark.parametrize("path", ["/v1/runs/7", "/v1/runs/7/report", "/v1/runs/..%2F..", "/v1/runs/1e3", "/v1/runs/-1"])
async def test_there_is_no_such_run(house: Served, path: str) -> None:
    got = await get(house, path)
    assert (got.status, got.json["title"]) == (404, "Not Found")


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"{", 400, "does not fit"),
        (b"\xff", 400, "does not fit"),
        (b"[" * 50_000, 400, "does not fit"),
        ({**WISH, "dates": []}, 400, "$.dates"),
        ({**WISH, "dates": ["2025-13-01"]}, 400, "$.dates[0]"),
        ({**WISH, "dates": ["2025-10-08T00:00:00"]}, 400, "$.dates[0]"),
        ({**WISH, "dates": [20251008]}, 400, "$.dates[0]"),
        ({**WISH, "dates": ["2025-10-08"] * (MOST_DATES + 1)}, 400, "$.dates"),
        ({**WISH, "dates": "2025-10-08"}, 400, "$.dates"),
        ({**WISH, "dates": ["2008-12-31"]}, 422, "before 2009-01-01"),
        ({**WISH, "dates": ["9999-12-31"]}, 422, "not begun"),
        ({"account": "me"}, 400, "dates"),
        ({**WISH, "account": "../me"}, 400, "$.account"),
        ({**WISH, "account": None}, 400, "$.account"),
        ({**WISH, "account": "nobody"}, 404, "no account"),
        ({**WISH, "force": ["nothing"]}, 422, "no stream nothing"),
        ({**WISH, "forced": ["sleep"]}, 400, "forced"),
        ({**WISH, "wished_by": "schedule"}, 400, "$.wished_by"),
    ],
)
async def test_a_wish_that_does_not_fit_has_no_effect(house: Served, body: object, status: int, said: str) -> None:
    sent = {"data": body, "headers": {**BEARER, "Content-Type": "application/json"}}
    got = await ask(house, "POST", "/v1/runs", **(sent if isinstance(body, bytes) else {"json": body}))
    assert (got.status, got.headers["Content-Type"]) == (status, "application/problem+json")
    assert said in got.json["detail"]
    assert (house.daemon.done, house.daemon.ledger.runs.newest(9)) == ([], [])


# --- dates


async def test_dates_are_told_with_both_ends(house: Served) -> None:
    got = await get(house, "/v1/days?account=me&from=2025-10-06&to=2025-10-08")
    assert (got.status, got.json["account"]) == (200, "me")
    assert [(day["date"], day["state"]) for day in got.json["days"]] == [
        ("2025-10-06", "unknown"),
        ("2025-10-07", "unknown"),
        ("2025-10-08", "unknown"),
    ]
    assert len((await get(house, "/v1/days?account=me")).json["days"]) == 30


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),  # two accounts
        ("account=nobody", 404),
        ("account=me&from=2025-10-09&to=2025-10-08", 422),
        ("account=me&from=2024-01-01&to=2025-01-01", 422),
        ("account=me&from=20251008", 400),
        ("account=me&from=2025-02-30", 400),
        ("account=me&to=9999-12-31", 422),
        ("account=me&from=2008-12-31&to=2009-01-02", 422),
        ("account=me&account=me", 400),
        ("account=me&until=2025-10-08", 400),
    ],
)
async def test_dates_that_cannot_be(house: Served, query: str, status: int) -> None:
    got = await get(house, f"/v1/days?{query}")
    assert (got.status, got.headers["Content-Type"]) == (status, "application/problem+json")


# --- what the command line needs


async def test_a_login_is_begun_and_finished(house: Served) -> None:
    begun = await post(house, "/v1/logins", {"account": "me", "redirect_uri": "http://127.0.0.1:8378"})
    assert (begun.status, begun.json["id"]) == (201, LOGIN)
    got = await post(
        house, f"/v1/logins/{LOGIN}", {"answer": "http://127.0.0.1:8378/?code=abc", "replace_person": True}
    )
    assert (got.status, got.json["granted"], got.json["remarks"]) == (200, ["sleep"], ["no gps"])
    assert house.daemon.done == [
        "login me back to http://127.0.0.1:8378",
        "login finished, 31 characters, replace True",
    ]


@pytest.mark.parametrize("uri", ["https://evil.example", "http://127.0.0.1.evil.example", "http://127.0.0.1:80/x", ""])
async def test_a_code_comes_back_to_this_machine_only(house: Served, uri: str) -> None:
    assert (await post(house, "/v1/logins", {"account": "me", "redirect_uri": uri})).status == 400
    assert house.daemon.done == []


async def test_an_attempt_that_does_not_exist_is_not_finished(house: Served) -> None:
    got = await post(house, "/v1/logins/another", {"answer": "code=abc"})
    assert (got.status, got.json["exit_code"], got.json["hint"]) == (422, 2, "begin another one")


async def test_a_file_is_imported(house: Served) -> None:
    got = await post(house, "/v1/imports", {"account": "me", "content": '{"access_token": "x"}'})
    assert (got.status, house.daemon.done) == (200, ["import me, 21 characters, replace False"])


async def test_a_backfill_is_planned_and_entered(house: Served) -> None:
    wish = {"account": "me", "from": "2024-01-01", "to": "2024-12-31", "dry_run": True}
    planned = await post(house, "/v1/backfills", wish)
    assert (planned.status, planned.json["dates"], planned.json["entered"]) == (200, 366, False)
    entered = await post(house, "/v1/backfills", {**wish, "dry_run": False})
    assert (entered.status, entered.json["entered"]) == (202, True)
    assert (await post(house, "/v1/backfills", {**wish, "to": "2023-12-31"})).status == 422
    assert (await post(house, "/v1/backfills", {**wish, "from": "1999-12-31"})).status == 422
    assert len(house.daemon.done) == 2


async def test_a_reading_back_can_be_waited_for(house: Served) -> None:
    begun = await post(house, "/v1/verifications", {"account": "me", "repair": True})
    assert (begun.status, begun.headers["Location"]) == (202, "/v1/verifications/1")
    assert begun.json["progress"] == {"done": 0, "total": 9}
    assert (await get(house, "/v1/verifications/1?wait=30")).json["state"] == "done"
    assert (await get(house, "/v1/verifications/2")).status == 404


async def test_a_date_is_accepted(house: Served) -> None:
    got = await post(house, "/v1/acceptances", {"account": "me", "date": "2025-10-08", "streams": ["sleep"]})
    assert (got.status, got.json["accepted"]) == (200, ["sleep"])
    assert (
        await post(house, "/v1/acceptances", {"account": "me", "date": "2025-10-08", "streams": ["x"]})
    ).status == 422


async def test_an_account_is_paused_and_resumed(house: Served) -> None:
    path = "/v1/accounts/me/pause"
    got = await ask(house, "PUT", path, json={"until": "2999-01-01T00:00:00+02:00"})
    assert (got.status, got.json) == (200, {"account": "me", "paused": True, "until": "2998-12-31T22:00:00Z"})
    assert (await ask(house, "PUT", path, json={})).json["until"] is None
    assert (await ask(house, "DELETE", path)).json == {"account": "me", "paused": False, "until": None}
    assert (await ask(house, "PUT", path, json={"until": "2000-01-01T00:00:00Z"})).status == 422
    assert (await ask(house, "PUT", path, json={"until": "2999-01-01T00:00:00"})).status == 400
    assert (await ask(house, "DELETE", "/v1/accounts/nobody/pause")).status == 404


# --- who is refused, and how


async def test_a_name_that_leads_here_from_elsewhere_is_refused_and_told_once(house: Served) -> None:
    for path in ("/metrics", "/healthz", "/v1/runs", "/"):
        got = await get(house, path, headers={**BEARER, "Host": "rebound.example"})
        assert (got.status, got.headers["Content-Type"]) == (421, "application/problem+json")
        assert "http.allowed_hosts" in got.json["hint"]
    (event,) = house.events
    assert event.kind is Kind.HOST_REFUSED
    assert event.fields == {"host": "rebound.example", "key": "http.allowed_hosts"}


async def test_many_refused_names_do_not_fill_the_log(house: Served) -> None:
    for number in range(40):
        await get(house, "/healthz", headers={"Host": f"n{number}.example"})
    assert len(house.events) == 20


async def test_a_foreign_page_is_refused(house: Served) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        got = await post(house, "/v1/runs", WISH, headers={**BEARER, **headers})
        assert got.status == 403
    own = {"Origin": house.url, "Sec-Fetch-Site": "same-origin"}
    assert (await post(house, "/v1/runs", WISH, headers={**BEARER, **own})).status == 202
    assert house.daemon.done == ["run me"]


async def test_a_form_is_refused(house: Served) -> None:
    got = await ask(house, "POST", "/v1/runs", data={"account": "me"})
    assert (got.status, house.daemon.done) == (415, [])


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/metrics", "GET, HEAD"),
        ("DELETE", "/v1/runs", "GET, HEAD, POST"),
        ("GET", "/v1/logins", "POST"),
        ("OPTIONS", "/v1/runs", "GET, HEAD, POST"),
        ("PATCH", "/v1/accounts/me/pause", "DELETE, PUT"),
    ],
)
async def test_another_method_is_refused_with_those_that_are_known(
    house: Served, method: str, path: str, allowed: str
) -> None:
    got = await ask(house, method, path)
    assert (got.status, got.headers["Allow"]) == (405, allowed)
    assert got.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (UsageError, 422),
        (ConfigurationError, 409),
        (LoginNeeded, 409),
        (Held, 409),
        (BadAnswer, 502),
        (Retired, 502),
        (FarSideAway, 503),
        (OutOfBudget, 503),
        (NotWritable, 503),
        (CromwelldError, 500),
    ],
)
async def test_an_error_is_a_problem_with_its_remedy_and_exit_code(
    house: Served, kind: type[CromwelldError], status: int
) -> None:
    house.daemon.fails_with = failing(kind)
    got = await post(house, "/v1/runs", WISH)
    assert got.status == status
    assert got.json["detail"] == "it cannot be done"
    assert (got.json["hint"], got.json["exit_code"]) == ("do something else", kind.exit_code)


async def test_a_far_side_that_says_when_is_told_as_http_does(house: Served) -> None:
    house.daemon.fails_with = OutOfBudget("the quota is spent", retry_after_s=1799.2)
    assert (await post(house, "/v1/runs", WISH)).headers["Retry-After"] == "1800"


async def test_a_mistake_in_the_settings_is_told_whole(house: Served) -> None:
    house.daemon.fails_with = ConfigurationError("two mistakes", problems=("one", "two"))
    assert (await post(house, "/v1/runs", WISH)).json["problems"] == ["one", "two"]


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/runs"), ("GET", "/"), ("GET", "/v1/status")])
async def test_a_fault_of_ours_leaves_no_trace_outside_and_its_place_inside(
    house: Served, method: str, path: str
) -> None:
    house.daemon.fails_with = RuntimeError("a secret: 72 bpm")
    got = await ask(house, method, path, **({"json": WISH} if method == "POST" else {}))
    assert (got.status, got.json["detail"]) == (500, "a fault of cromwelld; its log has more")
    (event,) = house.events
    assert event.kind is Kind.HTTP_FAILED
    assert event.fields["route"] == f"{method} {path}"
    assert str(event.fields["problem"]).startswith("RuntimeError in ")
    assert "secret" not in str(event.fields) + got.text


async def test_every_answer_forbids_what_browsers_might_do_with_it(house: Served) -> None:
    for path, headers in (("/healthz", {}), ("/", BEARER), ("/v1/runs", {}), ("/nothing", BEARER)):
        got = await get(house, path, headers=headers)
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert got.headers["Cache-Control"] == "no-store"
        assert got.headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in got.headers["Content-Security-Policy"]
        assert got.headers["Server"] == "cromwelld"


# --- limits


async def test_a_body_that_is_too_long_is_refused(house: Served) -> None:
    for data in (b"x" * 70_000, _stream(70_000)):
        headers = {**BEARER, "Content-Type": "application/json"}
        got = await ask(house, "POST", "/v1/runs", data=data, headers=headers)
        assert (got.status, got.headers["Content-Type"]) == (413, "application/problem+json")


async def _stream(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 1000):
        yield b"x" * 1000


async def test_the_port_that_is_taken_is_a_mistake_in_the_settings(house: Served) -> None:
    rules = Rules(listen=Endpoint(host="127.0.0.1", port=house.port), allowed_hosts=(), token=TOKEN)
    with pytest.raises(ConfigurationError, match=r"http\.listen"):
        async with serving(house.daemon, rules, house.events.append):
            pass


async def _raw(house: Served, sent: bytes, *, within_s: float = 5.0) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(sent)
    try:
        return await asyncio.wait_for(reader.read(), within_s)
    finally:
        writer.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /healthz",  # a head that never ends
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
        b"",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /health",  # the second one never ends
    ],
)
async def test_a_slow_client_is_cut(tmp_path: Path, sent: bytes) -> None:
    with fake_daemon(tmp_path) as daemon:
        async with served(daemon, limits=Limits(head_s=0.2, body_s=0.2)) as house:
            await _raw(house, sent)  # it ends: we were cut
            assert (await get(house, "/healthz")).status == 200


async def test_a_client_that_drips_is_cut_all_the_same(tmp_path: Path) -> None:
    with fake_daemon(tmp_path) as daemon:
        async with served(daemon, limits=Limits(head_s=0.3)) as house:
            reader, writer = await asyncio.open_connection("127.0.0.1", house.port)

            async def drip() -> None:
                while True:
                    writer.write(b"X-Drip: 1\r\n")
                    await asyncio.sleep(0.02)

            writer.write(b"GET /healthz HTTP/1.1\r\n")
            dripping = asyncio.create_task(drip())
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await asyncio.wait_for(reader.readexactly(1), 5)
            dripping.cancel()
            writer.close()


async def test_a_body_that_does_not_come_is_not_waited_for(tmp_path: Path) -> None:
    with fake_daemon(tmp_path) as daemon:
        async with served(daemon, limits=Limits(body_s=0.2)) as house:
            head = f"POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
            sent = f'{head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"acc'.encode()
            answer = await _raw(house, sent)
            assert answer.startswith(b"HTTP/1.1 408 ")
            assert b"application/problem+json" in answer


async def test_more_connections_than_there_may_be_are_cut(tmp_path: Path) -> None:
    with fake_daemon(tmp_path) as daemon:
        async with served(daemon, limits=Limits(connections=3)) as house:
            first = [await asyncio.open_connection("127.0.0.1", house.port) for _ in range(3)]
            await asyncio.sleep(0.05)
            with pytest.raises(aiohttp.ClientConnectionError):
                await get(house, "/healthz")
            for _, writer in first:
                writer.close()
                await writer.wait_closed()
            await asyncio.sleep(0.05)
            assert (await get(house, "/healthz")).status == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 500 + b"\r\n",
        b"POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_a_problem_too(house: Served, sent: bytes) -> None:
    answer = await _raw(house, sent)
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 ")), answer
    assert b"application/problem+json" in answer
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == 400


async def test_whoever_waits_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with fake_daemon(tmp_path) as daemon:
        async with served(daemon) as house:
            run = (await post(house, "/v1/runs", WISH)).json["id"]
            waiting = asyncio.create_task(get(house, f"/v1/runs/{run}?wait=30"))
            while not daemon.awaited:
                await asyncio.sleep(0.01)
        with pytest.raises(aiohttp.ClientError):
            await asyncio.wait_for(waiting, 5)
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_a_client_that_does_not_read_is_cut(tmp_path: Path) -> None:
    with fake_daemon(tmp_path) as daemon:
        daemon.text = b"x" * 20_000_000  # more than the buffers of both ends take
        async with served(daemon, limits=Limits(head_s=0.3)) as house:
            reader, writer = await asyncio.open_connection("127.0.0.1", house.port, limit=1)
            writer.write(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await asyncio.sleep(1)
            got = 0
            with suppress(ConnectionError):
                while piece := await reader.read(1 << 20):
                    got += len(piece)
            writer.close()
            assert 0 < got < len(daemon.text)
