"""The faults of a plan as a client meets them, over real HTTP, from either vendor."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from cromwelld.simulator.faces import FACES
from cromwelld.simulator.faults import FaultPlan, plan, scripted
from cromwelld.simulator.front import RECEIVED, Received
from cromwelld.simulator.oauth import LoginServer, Rules
from cromwelld.simulator.person import Person
from cromwelld.simulator.serve import serving
from tests.support.simulated import synthetic

NOW = dt.datetime(2025, 11, 3, 9, 7, 31, tzinfo=dt.UTC)
DATE = "Mon, 03 Nov 2025 09:07:31 GMT"
HRV = "/1/user/-/hrv/date/2025-10-08.json"
STEPS = "/v4/users/me/dataTypes/steps/dataPoints?filter=" + quote(
    'steps.interval.civil_start_time >= "2025-10-08" AND steps.interval.civil_start_time < "2025-10-09"'
)
DATA = {"fitbit_web": HRV, "google_health": STEPS}
ACCOUNT = {"fitbit_web": "/1/user/-/profile.json", "google_health": "/v4/users/me/settings"}
BOTH = pytest.mark.parametrize("api", ["fitbit_web", "google_health"])
LIMITS = ["Fitbit-Rate-Limit-Limit", "Fitbit-Rate-Limit-Remaining", "Fitbit-Rate-Limit-Reset"]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    type: str
    text: str

    @property
    def json(self) -> Any:  # noqa: ANN401
        return json.loads(self.text)


@dataclass
class Vendor:
    base: str
    session: aiohttp.ClientSession
    received: list[Received]
    logins: LoginServer

    async def get(self, path: str, token: str | None = None) -> Answer:
        bearer = self.logins.issue().access_token if token is None else token
        async with self.session.get(self.base + path, headers={"Authorization": f"Bearer {bearer}"}) as got:
            # the names as they were sent, in their own case
            headers = {name.decode(): value.decode() for name, value in got.raw_headers}
            return Answer(got.status, headers, got.content_type, await got.text())

    async def refresh(self, token: str) -> int:
        """Renew a login as a Fitbit client of the registered application."""
        auth = aiohttp.encode_basic_auth(self.logins.client.id, self.logins.client.secret or "")
        form = {"grant_type": "refresh_token", "refresh_token": token}
        async with self.session.post(self.base + "/oauth2/token", data=form, headers={"Authorization": auth}) as got:
            await got.read()
            return got.status


@asynccontextmanager
async def vendor(api: str, faults: FaultPlan, rules: Rules | None = None) -> AsyncIterator[Vendor]:
    logins = LoginServer(FACES[api].manners, clock=lambda: NOW, rules=rules)
    app = FACES[api].application(Person(), lambda: NOW, quota=True, logins=logins, faults=faults)
    async with serving(app) as base, aiohttp.ClientSession() as session:
        yield Vendor(base, session, app[RECEIVED], logins)


async def answers(api: str, kinds: Sequence[str], path: str = "", attempts: int = 2) -> list[Answer]:
    """Ask for some data under a script."""
    path = path or DATA[api]
    async with vendor(api, scripted({path.partition("?")[0]: kinds})) as far:
        return [await far.get(path) for _ in range(attempts)]


HEADERS_OF_429 = [
    ("429 reset", dict(zip(LIMITS, ["150", "0", "17"], strict=True))),
    ("429 lower case", {name.lower(): value for name, value in zip(LIMITS, ["150", "0", "17"], strict=True)}),
    ("429 retry-after", {"Retry-After": "17"}),
    ("429 bare", {}),
    ("429 nonsense", {**dict(zip(LIMITS, ["150", "none", "soon"], strict=True)), "Retry-After": "later"}),
    ("429 remaining", dict(zip(LIMITS, ["150", "37", "17"], strict=True))),
]


@pytest.mark.parametrize(("kind", "wanted"), HEADERS_OF_429)
async def test_429_with_every_set_of_headers(kind: str, wanted: dict[str, str]) -> None:
    refused, served = await answers("fitbit_web", [kind])
    own = {"Content-Type", "Content-Length", "Date", "Server"}
    assert (refused.status, served.status) == (429, 200)
    assert {name: value for name, value in refused.headers.items() if name not in own} == wanted
    assert refused.json == synthetic("error-429-legacy.json")
    assert refused.headers["Date"] == DATE


@pytest.mark.parametrize(("kind", "wanted"), [("429 retry-after", "17"), ("429 bare", None)])
async def test_429_from_google(kind: str, wanted: str | None) -> None:
    refused, served = await answers("google_health", [kind])
    assert (refused.status, served.status) == (429, 200)
    assert refused.json["error"]["status"] == "RESOURCE_EXHAUSTED"
    assert refused.headers.get("Retry-After") == wanted


@BOTH
async def test_a_burst_of_server_errors_ends(api: str) -> None:
    kinds = ["500", "503", "504", "502 html"]
    *failed, served = await answers(api, kinds, attempts=5)
    assert [one.status for one in failed] == [500, 503, 504, 502]
    assert [one.type for one in failed] == ["application/json"] * 3 + ["text/html"]
    assert served.status == 200
    if api == "fitbit_web":
        assert failed[0].json == synthetic("error-500-request.json")
        assert failed[0].headers["fitbit-rate-limit-remaining"] == "149", "it cost a request"
    else:
        assert [one.json["error"]["status"] for one in failed[:3]] == ["INTERNAL", "UNAVAILABLE", "DEADLINE_EXCEEDED"]


@BOTH
async def test_a_page_comes_as_if_all_were_well(api: str) -> None:
    page, served = await answers(api, ["html"])
    assert (page.status, page.type, page.text[:9]) == (200, "text/html", "<!DOCTYPE")
    assert served.type == "application/json"


@BOTH
async def test_json_ends_too_early_in_a_whole_answer(api: str) -> None:
    cut, served = await answers(api, ["cut json"])
    assert (cut.status, cut.type) == (200, "application/json")
    assert served.text.startswith(cut.text)
    assert len(cut.text) == len(served.text) // 2
    with pytest.raises(ValueError, match="line 1"):
        json.loads(cut.text)


@BOTH
async def test_the_connection_ends_in_the_body(api: str) -> None:
    path = DATA[api]
    async with vendor(api, scripted({path.partition("?")[0]: ["cut body"]})) as far:
        with pytest.raises(aiohttp.ClientPayloadError):
            await far.get(path)
        served = await far.get(path)
        statuses = [one.status for one in far.received]
    assert (served.status, statuses) == (200, [200, 200])


@BOTH
async def test_the_connection_ends_without_an_answer(api: str) -> None:
    path = DATA[api]
    async with vendor(api, scripted({path.partition("?")[0]: ["no answer"] * 2})) as far:
        # the client's library asks once more by itself before it says so
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await far.get(path)
        served = await far.get(path)
        statuses = [one.status for one in far.received]
    assert (served.status, statuses) == (200, [0, 0, 200])


async def test_a_cut_answer_tells_the_simulated_time_and_its_whole_length() -> None:
    async with vendor("fitbit_web", scripted({HRV: ["cut body"]})) as far:
        headers = {"Authorization": f"Bearer {far.logins.issue().access_token}"}
        async with far.session.get(far.base + HRV, headers=headers) as got:
            assert (got.status, got.headers["Date"]) == (200, DATE)
            with pytest.raises(aiohttp.ClientPayloadError):
                await got.read()
        whole = await far.get(HRV)
    assert int(got.headers["Content-Length"]) == len(whole.text)


async def test_an_answer_can_be_slow() -> None:
    async with vendor("fitbit_web", scripted({HRV: ["slow"]})) as far:
        loop = asyncio.get_running_loop()
        began = loop.time()
        slow, between = await far.get(HRV), loop.time()
        quick, ended = await far.get(HRV), loop.time()
    assert slow.text == quick.text
    assert 0.3 <= between - began < 3
    assert ended - between < between - began


async def test_a_token_is_refused_in_the_middle_until_another_comes() -> None:
    async with vendor("fitbit_web", scripted({HRV: ["401"]})) as far:
        old, new = (far.logins.issue().access_token for _ in range(2))
        statuses = [(await far.get(HRV, token)).status for token in (old, old, new, new)]
        elsewhere = await far.get(ACCOUNT["fitbit_web"], old)
        refused = await far.get(HRV, old)
    assert statuses == [401, 401, 200, 200]
    assert (elsewhere.status, refused.status) == (200, 401)
    assert refused.json["errors"][0]["errorType"] == "expired_token"


async def test_a_refused_token_at_google_has_its_header() -> None:
    refused, _ = await answers("google_health", ["401"])
    assert (refused.status, refused.json["error"]["status"]) == (401, "UNAUTHENTICATED")
    assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("kind", "file"),
    [("403 legacy", None), ("403 google", "error-403-google-front-end.json"), ("404", None), ("410", None)],
)
async def test_lasting_faults_of_fitbit(kind: str, file: str | None) -> None:
    found = await answers("fitbit_web", [kind], attempts=4)
    assert [one.status for one in found] == [int(kind[:3])] * 4
    if file:
        assert found[0].json == synthetic(file)
    if kind == "403 legacy":
        assert found[0].json["errors"][0]["errorType"] == "insufficient_scope"


async def test_lasting_faults_of_google() -> None:
    for kind, word in (("403 google", "PERMISSION_DENIED"), ("404", "NOT_FOUND")):
        found = await answers("google_health", [kind], attempts=3)
        assert [(one.status, one.json["error"]["status"]) for one in found] == [(int(kind[:3]), word)] * 3


LATE: list[tuple[str, str, object]] = [
    ("fitbit_web", HRV, {"hrv": []}),
    ("fitbit_web", "/1.2/user/-/sleep/date/2025-10-08.json", None),
    ("google_health", STEPS, {}),
]


@pytest.mark.parametrize(("api", "path", "wanted"), LATE)
async def test_data_can_be_late(api: str, path: str, wanted: object) -> None:
    early, later = await answers(api, ["late"], path)
    assert (early.status, later.status) == (200, 200)
    assert later.json != early.json
    if wanted is None:
        assert early.json["sleep"] == []
        assert early.json.keys() == later.json.keys()
    else:
        assert early.json == wanted


async def test_late_heart_rate_keeps_its_keys() -> None:
    path = "/1/user/-/activities/heart/date/2025-10-08/1d/1sec.json"
    early, later = await answers("fitbit_web", ["late"], path)
    assert early.json["activities-heart-intraday"]["dataset"] == []
    assert early.json.keys() == later.json.keys()


async def test_a_late_list_has_no_next_page() -> None:
    path = "/1/user/-/activities/list.json"
    async with vendor("fitbit_web", scripted({path: ["late"]})) as far:
        query = "?afterDate=2025-10-01&sort=asc&limit=1&offset=0"
        early, later = await far.get(path + query), await far.get(path + query)
    assert (early.json["activities"], early.json["pagination"]["next"]) == ([], "")
    assert later.json["pagination"]["next"]


async def test_the_answer_to_a_rotation_is_lost() -> None:
    faults = scripted({"/oauth2/token": ["rotation lost", "rotation cut"]})
    async with vendor("fitbit_web", faults) as far:
        pairs = [far.logins.issue() for _ in range(2)]
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await far.refresh(pairs[0].refresh_token)
        with pytest.raises(aiohttp.ClientPayloadError):
            await far.refresh(pairs[1].refresh_token)
        dead = [await far.refresh(pair.refresh_token) for pair in pairs]
    assert dead == [400, 400]
    assert [one.outcome for one in far.logins.said] == ["ok", "ok", "invalid_grant", "invalid_grant"]


async def test_with_a_grace_a_lost_rotation_can_be_asked_for_again() -> None:
    faults = scripted({"/oauth2/token": ["rotation lost"]})
    async with vendor("fitbit_web", faults, Rules(replay_grace_s=120)) as far:
        pair = far.logins.issue()
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await far.refresh(pair.refresh_token)
        assert await far.refresh(pair.refresh_token) == 200


async def test_a_fault_before_the_rotation_leaves_the_token_alive() -> None:
    faults = scripted({"/oauth2/token": ["503", "502 html", "html", "no answer", "429 retry-after"]})
    async with vendor("fitbit_web", faults) as far:
        pair = far.logins.issue()
        statuses = [await far.refresh(pair.refresh_token) for _ in range(3)]
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await far.refresh(pair.refresh_token)
        statuses += [await far.refresh(pair.refresh_token) for _ in range(2)]
    assert statuses == [503, 502, 200, 429, 200]
    assert [one.outcome for one in far.logins.said] == ["ok"]


@BOTH
async def test_a_seeded_plan_is_the_same_for_concurrent_requests(api: str) -> None:
    days = [f"2025-10-{day:02}" for day in range(1, 31)]
    google = [f"{STEPS}&pageSize={number}" for number in range(1, 31)]
    paths = google if api == "google_health" else [HRV.replace("2025-10-08", day) for day in days]

    async def outcome(far: Vendor, path: str, token: str) -> list[object]:
        found: list[object] = []
        for _ in range(3):
            try:
                found.append((await far.get(path, token)).status)
            except aiohttp.ClientError as err:
                found.append(type(err).__name__)
        return found

    async with vendor(api, plan(5)) as far:
        token = far.logins.issue().access_token
        in_turn = [await outcome(far, path, token) for path in paths]
    async with vendor(api, plan(5)) as far:
        token = far.logins.issue().access_token
        at_once = await asyncio.gather(*(outcome(far, path, token) for path in paths))
    assert in_turn == at_once
    assert 3 <= sum(found != [200, 200, 200] for found in in_turn) <= 15


async def test_an_undisturbed_run_tells_what_can_be_faulted() -> None:
    quiet = scripted({})
    async with vendor("google_health", quiet) as far:
        for _ in range(2):
            await far.get(STEPS)
        await far.session.post(far.base + "/v4/users/me/dataTypes/steps/dataPoints:rollUp", data=b"{}")
        headers = {"Authorization": f"Bearer {far.logins.issue().access_token}"}
        for body in (b"{}", b"{ }", b"{}"):
            address = far.base + "/v4/users/me/dataTypes/steps/dataPoints:rollUp"
            await far.session.post(address, data=body, headers=headers)
    assert len(quiet.seen) == 5, "without a token nothing gets so far"
    assert len(set(quiet.seen)) == 3, "what is sent makes a request another one"
    assert quiet.said == []
