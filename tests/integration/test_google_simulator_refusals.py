"""How the simulated Google Health API says no, over real HTTP."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from cromwelld.simulator.google_health import UNVERIFIED_QUOTA, Failure, Options
from cromwelld.simulator.google_health.options import Account
from tests.support.google_points import NOW, POINTS, Answer, Client, google
from tests.support.reference import reference

IDENTITY = "/v4/users/me/identity"
STEPS = POINTS.format("steps")


def recorded(name: str) -> Any:  # noqa: ANN401
    return json.loads(reference(f"google-health/{name}.json").read_bytes())


async def answered(path: str, options: Options, **query: str) -> Answer:
    async with google(options=options) as client:
        return await client.get(path, **query)


async def statuses(client: Client, count: int) -> list[int]:
    return [(await client.get(IDENTITY)).status for _ in range(count)]


async def test_a_token_must_be_sent() -> None:
    async with google() as client:
        client.headers = {}
        answer = await client.get(IDENTITY)
    assert answer.status == 401
    assert answer.json == recorded("errors/401_unauthenticated")
    assert "invalid_token" not in answer.headers["www-authenticate"]


@pytest.mark.parametrize("options", [Options(bearer="another"), Options(account="dead_token")], ids=["other", "dead"])
async def test_a_dead_token_is_refused_without_details(options: Options) -> None:
    answer = await answered(IDENTITY, options)
    assert answer.status == 401
    assert answer.json == recorded("samples/error.401.invalid_token")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("account", "name"),
    [
        ("not_linked", "400_account_not_linked.live"),
        ("api_disabled", "403_service_disabled"),
        ("not_authorized", "403_permission_denied"),
    ],
)
async def test_accounts_that_do_not_work_answer_as_recorded(account: Account, name: str) -> None:
    answer = await answered(STEPS, Options(account=account))
    assert answer.status == int(name[:3])
    assert answer.json == recorded(f"errors/{name}")


@pytest.mark.parametrize(
    ("account", "status", "message"),
    [("not_migrated", 403, "The caller does not have permission"), ("no_profile", 412, "Precondition check failed.")],
)
async def test_accounts_that_are_not_ready(account: Account, status: int, message: str) -> None:
    answer = await answered(IDENTITY, Options(account=account))
    assert (answer.status, answer.json["error"]["message"], answer.reason) == (status, message, None)


@pytest.mark.parametrize(
    ("path", "missing"),
    [
        (STEPS, "activity_and_fitness.readonly"),
        (POINTS.format("heart-rate"), "health_metrics_and_measurements.readonly"),
        (POINTS.format("sleep"), "sleep.readonly"),
        ("/v4/users/me/settings", "settings.readonly"),
        ("/v4/users/me/pairedDevices", "settings.readonly"),
        ("/v4/users/me/profile", "profile.readonly"),
        (POINTS.format("exercise") + "/1:exportExerciseTcx", "location.readonly"),
        (POINTS.format("exercise") + "/1:exportExerciseTcx", "activity_and_fitness.readonly"),
    ],
)
async def test_every_method_needs_its_scope(path: str, missing: str) -> None:
    every = {
        "activity_and_fitness.readonly",
        "health_metrics_and_measurements.readonly",
        "sleep.readonly",
        "settings.readonly",
        "profile.readonly",
        "location.readonly",
    }
    refused = await answered(path, Options(scopes=frozenset(every - {missing})))
    assert refused.status == 403
    assert refused.json == recorded("errors/403_access_token_scope_insufficient")
    assert (await answered(path, Options(scopes=frozenset(every)))).status in {200, 404}


async def test_any_scope_will_do_for_the_identity() -> None:
    assert (await answered(IDENTITY, Options(scopes=frozenset({"sleep.readonly"})))).status == 200
    assert (await answered(IDENTITY, Options(scopes=frozenset()))).status == 403


@pytest.mark.parametrize("limit", [300, UNVERIFIED_QUOTA])
async def test_the_quota_is_renewed_every_minute(limit: int) -> None:
    now = [NOW]
    async with google(options=Options(quota=limit), clock=lambda: now[0]) as client:
        assert set(await statuses(client, limit)) == {200}
        refused = await client.get(IDENTITY)
        now[0] += dt.timedelta(minutes=1)
        assert await statuses(client, 1) == [200]
    assert refused.status == 429
    assert refused.json == recorded("errors/429_resource_exhausted")
    assert not [name for name in refused.headers if "rate" in name or name == "retry-after"]


async def test_a_refusal_for_the_quota_can_say_when_to_come_again() -> None:
    answer = await answered(IDENTITY, Options(quota=0, quota_retry_after="17"))
    assert (answer.status, answer.headers["retry-after"]) == (429, "17")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v4/users/me/devices",
        "/v4/users/other/identity",
        "/v4/users/me/dataPoints/weight",
        STEPS + ":sumUp",
        STEPS + ":rollUp",
    ],
)
async def test_what_is_not_there_is_a_page(path: str) -> None:
    answer = await answered(path, Options())
    assert answer.status == 404
    assert answer.headers["content-type"].startswith("text/html")
    async with google() as client:
        assert (await client.send("POST", IDENTITY)).status == 404


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (POINTS.format("floors"), "List is not supported for data type floors"),
        (POINTS.format("total-calories"), "List is not supported"),
        (POINTS.format("total-calories") + ":reconcile", "Reconcile is not supported"),
        (STEPS + "/1", "Get is not supported"),
        (POINTS.format("moods"), "supported: create, update, batchDelete"),
    ],
)
async def test_operations_that_a_type_does_not_have(path: str, said: str) -> None:
    answer = await answered(path, Options())
    assert (answer.status, answer.json["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert said in answer.json["error"]["message"]


async def test_roll_ups_that_a_type_does_not_have() -> None:
    async with google() as client:
        answer = await client.post(POINTS.format("daily-resting-heart-rate") + ":dailyRollUp", {})
    assert answer.json["error"]["message"].startswith("DailyRollup is not supported for data type ")


async def test_an_unknown_type_and_an_unknown_parameter() -> None:
    unknown = await answered(POINTS.format("heartRate"), Options())
    assert (unknown.status, unknown.reason) == (400, "INVALID_PARENT_DATA_TYPE_COLLECTION")
    parameter = await answered(STEPS, Options(), startTime="2026-03-10T00:00:00Z")
    assert parameter.status == 400
    assert 'Unknown name "startTime"' in parameter.json["error"]["message"]
    for size in ("-1", "many", "1.5"):
        assert (await answered(STEPS, Options(), pageSize=size)).status == 400


async def test_filters_are_refused_as_documented() -> None:
    wanted = recorded("samples/error.400.invalid_filter_member")
    for operation in ("", ":reconcile"):
        answer = await answered(STEPS + operation, Options(), filter='steps.interval.end_time < "2026-03-10T00:00:00Z"')
        assert (answer.status, answer.json) == (400, wanted)
    civil = "heart_rate.sample_time.civil_time"
    options = Options(refused_filters=frozenset({civil}))
    assert (await answered(POINTS.format("heart-rate"), options, filter=f'{civil} >= "2026-03-10"')).json == wanted


async def test_failures_on_demand() -> None:
    options = Options(
        failing={
            "/v4/users/me/": Failure(status=503),
            IDENTITY: Failure(status=500, shape="html", retry_after="3"),
            STEPS: Failure(status=200, shape="cut"),
            STEPS + ":reconcile": Failure(status=403, reason="MISSING_OAUTH_SCOPE"),
        }
    )
    async with google(options=options) as client:
        plain, page = await client.get("/v4/users/me/settings"), await client.get(IDENTITY)
        cut, reason = await client.get(STEPS), await client.get(STEPS + ":reconcile")
    assert (plain.status, plain.json) == (503, recorded("samples/error.503.unavailable"))
    assert (page.status, page.headers["retry-after"], page.text[:9]) == (500, "3", "<!DOCTYPE")
    assert (cut.status, cut.text) == (200, '{"dataPoints":[{"heartRate')
    assert (reason.status, reason.reason) == (403, "MISSING_OAUTH_SCOPE")


async def test_options_may_change_and_the_date_is_the_simulated_one() -> None:
    turns = iter([Options(account="no_profile"), Options(), Options()])
    async with google(options=lambda: next(turns)) as client:
        answers = [await client.get(IDENTITY) for _ in range(2)]
    assert [answer.status for answer in answers] == [412, 200]
    assert {answer.headers["date"] for answer in answers} == {"Thu, 12 Mar 2026 09:07:31 GMT"}
