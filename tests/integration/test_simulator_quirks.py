"""The simulated Fitbit Web API on its bad days: changed clocks, quirks on demand, refusals, failures."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime
from itertools import pairwise

import aiohttp
import pytest

from cromwelld.simulator.fitbit_web import Failure, Options, application
from cromwelld.simulator.serve import serving
from tests.support.simulated import ACTIVITIES, NOW, PERSON, Client, keys, synthetic, vendor

DAY = "2025-10-07"
FALL_BACK = "2025-10-26"
QUOTA_HEADERS = {"fitbit-rate-limit-limit", "fitbit-rate-limit-remaining", "fitbit-rate-limit-reset"}


async def test_fall_back_with_both_passes() -> None:
    async with vendor(Options(fall_back="twice", quota=None)) as client:
        heart = await client.json(f"{ACTIVITIES}/heart/date/{FALL_BACK}/1d/1sec.json")
        steps = await client.json(f"{ACTIVITIES}/steps/date/{FALL_BACK}/1d/1min.json")
    times = [row["time"] for row in heart["activities-heart-intraday"]["dataset"]]
    back = [index for index, (one, two) in enumerate(pairwise(times)) if two < one]
    assert len(back) == 1, "time steps back once"
    assert times[back[0]] > "01:59:40"
    assert times[back[0] + 1] < "01:00:20"
    assert len(times) == len(PERSON.heart_rate(date(2025, 10, 26)).bpm)
    minutes = [row["time"] for row in steps["activities-steps-intraday"]["dataset"]]
    assert len(minutes) == 1500
    assert minutes.count("01:30:00") == 2
    assert minutes[119:121] == ["01:59:00", "01:00:00"]


async def test_fall_back_with_one_pass() -> None:
    async with vendor(Options(fall_back="once", quota=None)) as client:
        heart = await client.json(f"{ACTIVITIES}/heart/date/{FALL_BACK}/1d/1sec.json")
        steps = await client.json(f"{ACTIVITIES}/steps/date/{FALL_BACK}/1d/1min.json")
    times = [row["time"] for row in heart["activities-heart-intraday"]["dataset"]]
    assert times == sorted(times)
    first_pass = [at for at in PERSON.heart_rate(date(2025, 10, 26)).instants if at < 1_761_440_400]
    assert sum(time < "02" for time in times) == len(first_pass), "02:00 summer time is 01:00 UTC"
    minutes = steps["activities-steps-intraday"]["dataset"]
    assert len(minutes) == 1440
    assert sum(row["value"] for row in minutes) == PERSON.totals(date(2025, 10, 26)).steps


async def test_spring_forward_has_no_missing_hour() -> None:
    async with vendor() as client:
        steps = await client.json(f"{ACTIVITIES}/steps/date/2025-03-30/1d/1min.json")
        heart = await client.json(f"{ACTIVITIES}/heart/date/2025-03-30/1d/1sec.json")
    minutes = [row["time"] for row in steps["activities-steps-intraday"]["dataset"]]
    assert len(minutes) == 1380
    assert minutes[59:61] == ["00:59:00", "02:00:00"]
    assert not any(row["time"].startswith("01:") for row in heart["activities-heart-intraday"]["dataset"])


async def test_intraday_can_be_missing() -> None:
    async with vendor(Options(intraday_missing=True)) as client:
        heart = await client.json(f"{ACTIVITIES}/heart/date/{DAY}/1d/1sec.json")
        steps = await client.json(f"{ACTIVITIES}/steps/date/{DAY}/1d/1min.json")
    assert keys(heart) == keys(synthetic("heart-intraday-key-missing.json"))
    assert list(steps) == ["activities-steps"]


async def test_sleep_can_be_pending() -> None:
    async with vendor(Options(sleep_pending=True)) as client:
        bodies = [await client.json(f"/1.2/user/-/sleep/date/{path}.json") for path in (DAY, f"{DAY}/{DAY}")]
    assert bodies == [synthetic("sleep-by-date-pending.json")] * 2


async def test_sentinels_stand_for_no_value() -> None:
    async with vendor(Options(sentinels=True)) as client:
        br = await client.json(f"/1/user/-/br/date/{DAY}.json")
        hrv = await client.json(f"/1/user/-/hrv/date/{DAY}.json")
        spo2 = await client.json(f"/1/user/-/spo2/date/{DAY}.json")
    assert br["br"][0]["value"] == {"breathingRate": -1.0}
    assert hrv["hrv"][0]["value"]["deepRmssd"] is None
    assert spo2["value"]["min"] == 50.0


async def test_a_night_can_be_edited_between_two_requests() -> None:
    day, end = date(2025, 10, 8), datetime(2025, 10, 8, 5, 50, tzinfo=UTC)
    moved = PERSON.night(datetime(2025, 10, 7, 23, 5, tzinfo=UTC), end)
    late = PERSON.night(datetime(2025, 10, 8, 3, 0, tzinfo=UTC), end, main=False)
    early = PERSON.night(moved.start, datetime(2025, 10, 8, 1, 30, tzinfo=UTC))
    wanted = [Options()]
    path = "/1.2/user/-/sleep/date/2025-10-08/2025-10-08.json"
    async with vendor(lambda: wanted[-1]) as client:
        before = await client.json(path)
        wanted.append(Options(edits={day: (moved,)}))
        after = await client.json(path)
        wanted.append(Options(edits={day: (early, late)}))
        split = await client.json(path)
    assert [log["startTime"] for log in after["sleep"]] == ["2025-10-08T00:05:00.000"]
    assert before["sleep"][0]["logId"] != after["sleep"][0]["logId"]
    assert [log["startTime"] for log in split["sleep"]] == ["2025-10-08T00:05:00.000", "2025-10-08T04:00:00.000"]
    assert [log["isMainSleep"] for log in split["sleep"]] == [True, False]


async def test_after_date_can_leave_out_its_day() -> None:
    path = f"{ACTIVITIES}/list.json?afterDate=2025-10-06&sort=asc&limit=1&offset=0"
    async with vendor() as client:
        instant = await client.json(path)
    async with vendor(Options(after_date="day")) as client:
        whole_day = await client.json(path)
    assert instant["activities"][0]["startTime"].startswith("2025-10-06")
    assert whole_day["activities"][0]["startTime"].startswith("2025-10-07")


BAD = [
    (f"{ACTIVITIES}/heart/date/2025-13-01/1d/1sec.json", "date"),
    (f"{ACTIVITIES}/heart/date/{DAY}/1d/2sec.json", "detailLevel"),
    (f"{ACTIVITIES}/heart/date/{DAY}/1d/1sec/time/25:00/26:00.json", "time"),
    (f"{ACTIVITIES}/steps/date/{DAY}/1d/1sec.json", "detailLevel"),
    ("/1/user/-/hrv/date/2025-10-08/2025-10-07.json", "endDate"),
    ("/1.2/user/-/sleep/date/yesterday.json", "date"),
    (f"{ACTIVITIES}/list.json?sort=asc&limit=100&offset=0", "beforeDate"),
    (f"{ACTIVITIES}/list.json?afterDate={DAY}&beforeDate={DAY}&sort=asc&limit=1&offset=0", "beforeDate"),
    (f"{ACTIVITIES}/list.json?afterDate={DAY}&sort=desc&limit=100&offset=0", "sort"),
    (f"{ACTIVITIES}/list.json?afterDate={DAY}&sort=asc&limit=101&offset=0", "limit"),
    (f"{ACTIVITIES}/list.json?afterDate={DAY}&sort=asc&limit=100&offset=-1", "offset"),
    (f"{ACTIVITIES}/list.json?afterDate=soon&sort=asc&limit=100&offset=0", "date"),
    (f"{ACTIVITIES}/list.json?afterDate=2025-10-08T99&sort=asc&limit=100&offset=0", "afterDate"),
    (f"{ACTIVITIES}/heart/date/9999-12-31/1d/1sec.json", "date"),
]


@pytest.mark.parametrize(("path", "field"), BAD)
async def test_bad_parameters(path: str, field: str) -> None:
    async with vendor() as client:
        answer = await client.get(path)
    assert answer.status == 400
    assert keys(answer.json) == keys(synthetic("error-400-validation.json"))
    assert answer.json["errors"][0]["errorType"] == "validation"
    assert answer.json["errors"][0]["fieldName"] == field


TOO_LONG = [
    "/1.2/user/-/sleep/date/2025-01-01/2025-04-11.json",
    f"{ACTIVITIES}/heart/date/2025-10-06/2025-10-07/1sec.json",
    f"{ACTIVITIES}/steps/date/2025-10-06/2025-10-08/1min/time/00:00/23:59.json",
    f"{ACTIVITIES}/tracker/activityCalories/date/2025-01-01/2025-02-01.json",
    f"{ACTIVITIES}/tracker/steps/date/2022-01-01/2025-01-01.json",
]


@pytest.mark.parametrize("path", TOO_LONG)
async def test_too_long_ranges(path: str) -> None:
    async with vendor() as client:
        answer = await client.get(path)
    assert (answer.status, answer.json) == (422, synthetic("error-422-too-many-points.json"))


async def test_a_hundred_nights_are_allowed() -> None:
    async with vendor() as client:
        body = await client.json("/1.2/user/-/sleep/date/2025-01-01/2025-04-10.json")
    assert len(body["sleep"]) > 80


async def test_who_does_not_say_who_they_are_is_refused() -> None:
    async with vendor(Options(bearer="right")) as client:
        none, wrong, right = [
            await client.get("/1/user/-/devices.json", token=token) for token in (None, "wrong", "right")
        ]
    assert (none.status, none.json["errors"][0]["errorType"]) == (401, "invalid_request")
    assert none.json["errors"][0]["message"] == "Authorization header required."
    assert (wrong.status, wrong.json["errors"][0]["errorType"]) == (401, "invalid_token")
    assert wrong.json["success"] is False
    assert right.status == 200


@pytest.mark.parametrize(
    "path",
    ["/", "/1/user/-/nix.json", f"{ACTIVITIES}/60000000000.tcx", f"{ACTIVITIES}/x.tcx", f"{ACTIVITIES}/{10**18}.tcx"],
)
async def test_what_is_not_there_is_not_found(path: str) -> None:
    async with vendor() as client:
        answer = await client.get(path)
    assert answer.status == 404
    assert answer.json["errors"][0]["errorType"] == "not_found"
    assert answer.headers.keys() >= QUOTA_HEADERS


async def test_an_unknown_resource_is_not_found() -> None:
    async with vendor() as client:
        statuses = [
            (await client.get(path)).status
            for path in (
                f"{ACTIVITIES}/hops/date/{DAY}/{DAY}.json",
                f"{ACTIVITIES}/hops/date/{DAY}/1d/1min.json",
                f"/1/user/-/body/hair/date/{DAY}/{DAY}.json",
            )
        ]
    assert statuses == [404, 404, 404]


async def test_the_quota_is_told_and_kept() -> None:
    now = [NOW]
    app = application(PERSON, clock=lambda: now[-1], options=Options(quota=2))
    async with serving(app) as base_url, aiohttp.ClientSession() as session:
        client = Client(session, base_url)
        answers = [await client.get("/1/user/-/devices.json") for _ in range(3)]
        now.append(datetime(2025, 11, 3, 10, 0, tzinfo=UTC))
        renewed = await client.get("/1/user/-/devices.json")
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert [answer.headers["fitbit-rate-limit-remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[2].json == synthetic("error-429-legacy.json")
    assert answers[2].headers["fitbit-rate-limit-limit"] == "2"
    assert answers[2].headers["fitbit-rate-limit-reset"] == str(52 * 60 + 29)
    assert renewed.status == 200


async def test_the_date_header_follows_the_simulated_clock() -> None:
    async with vendor() as client:
        answer = await client.get("/1/user/-/devices.json")
    assert answer.headers["date"] == "Mon, 03 Nov 2025 09:07:31 GMT"


FAILURES = [
    (Failure(status=403), "error-403-insufficient-scope.json"),
    (Failure(status=403, shape="google"), "error-403-google-front-end.json"),
    (Failure(status=500), "error-500-request.json"),
    (Failure(status=429), "error-429-legacy.json"),
]


@pytest.mark.parametrize(("failure", "name"), FAILURES)
async def test_failures_have_the_bodies_of_the_vendor(failure: Failure, name: str) -> None:
    async with vendor(Options(failing={"/1/user/-/spo2": failure})) as client:
        answer = await client.get(f"/1/user/-/spo2/date/{DAY}.json")
        other = await client.get(f"/1/user/-/hrv/date/{DAY}.json")
    assert (answer.status, other.status) == (failure.status, 200)
    assert keys(answer.json) == keys(synthetic(name))
    if failure.shape == "google":
        assert answer.json == synthetic(name)


async def test_failures_that_are_no_errors_of_the_vendor() -> None:
    failing = {
        "/": Failure(status=503, shape="html", retry_after="7"),
        "/1/user/-/devices.json": Failure(status=410),
        "/1/user/-/profile.json": Failure(status=200, shape="cut"),
    }
    async with vendor(Options(failing=failing)) as client:
        html = await client.get(f"/1/user/-/hrv/date/{DAY}.json")
        gone = await client.get("/1/user/-/devices.json")
        cut = await client.get("/1/user/-/profile.json")
    assert (html.status, html.headers["retry-after"], html.text[:15]) == (503, "7", "<!DOCTYPE html>")
    assert html.headers["content-type"].startswith("text/html")
    assert gone.status == 410
    assert cut.status == 200
    with pytest.raises(ValueError, match="Unterminated string"):
        json.loads(cut.text)


async def test_latency_is_added_to_every_answer_at_once() -> None:
    one_s, count = 0.2, 50
    async with vendor(Options(latency_s=one_s)) as client:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.gather(*(client.get("/1/user/-/devices.json") for _ in range(count)))
        took = loop.time() - began
    assert one_s <= took < count * one_s / 2, "one after the other they would take ten seconds"
