"""The simulated Google Health API, asked over real HTTP and held against the vendor's documentation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cromwelld.simulator.google_health import Options, Paging
from cromwelld.simulator.google_health.points import Point
from tests.support.google_points import POINTS, HandMade, daily, days_of, google, interval, range_of, sample
from tests.support.reference import reference

FAMILY = "users/me/dataSourceFamilies/"
STEPS = HandMade(
    known={
        "steps": [
            interval("10 12:00", "10 12:01"),
            interval("10 12:01", "10 12:02", count="112"),
            interval("10 12:02", "10 12:03", count="37"),
            interval("10 12:00", "10 12:15", wearable=False, count="130"),
            interval("10 23:30", "10 23:31", count="5"),
        ]
    }
)
CIVIL = 'steps.interval.civil_start_time >= "2026-03-10" AND steps.interval.civil_start_time < "2026-03-11"'


def published(name: str) -> Any:  # noqa: ANN401
    return json.loads(reference(f"google-health/samples/{name}.json").read_bytes())


def pulse(count: int) -> list[Point]:
    return [sample(f"10 12:{number // 60:02}:{number % 60:02}", beatsPerMinute="60") for number in range(count)]


async def test_the_account() -> None:
    async with google() as client:
        assert (await client.get("/v4/users/me/identity")).json == published("identity")
        assert (await client.get("/v4/users/me/settings")).json["timeZone"] == "Europe/Berlin"
        assert (await client.get("/v4/users/me/profile")).json["age"] == 40


async def test_devices_come_five_at_a_time() -> None:
    async with google(HandMade(devices=7)) as client:
        first = (await client.get("/v4/users/me/pairedDevices")).json
        second = (await client.get("/v4/users/me/pairedDevices", pageToken=first["nextPageToken"])).json
        whole = (await client.get("/v4/users/me/pairedDevices", pageSize="1000")).json
        one = (await client.get("/v4/users/me/pairedDevices/9003")).json
        none = await client.get("/v4/users/me/pairedDevices/1")
    assert (len(first["pairedDevices"]), len(second["pairedDevices"]), "nextPageToken" in second) == (5, 2, False)
    assert whole["pairedDevices"] == first["pairedDevices"] + second["pairedDevices"]
    assert one == whole["pairedDevices"][2]
    assert (none.status, none.json["error"]["status"]) == (404, "NOT_FOUND")


async def test_list_gives_every_copy_newest_first_with_its_source() -> None:
    async with google(STEPS) as client:
        body = await client.list("steps", filter=CIVIL)
    counts = [point["steps"].get("count") for point in body["dataPoints"]]
    assert counts[:2] == ["37", "112"]
    assert set(counts[2:]) == {None, "130"}
    assert {point["dataSource"]["platform"] for point in body["dataPoints"]} == {"FITBIT", "HEALTH_CONNECT"}
    assert "nextPageToken" not in body


async def test_reconcile_gives_one_stream_without_sources() -> None:
    async with google(STEPS) as client:
        body = await client.reconcile("steps", filter=CIVIL)
    assert body["dataPoints"] == published("steps.reconcile")["dataPoints"]


async def test_a_copy_that_the_filter_leaves_is_dropped_for_one_that_it_does_not() -> None:
    # the phone's stretch begins before the window, the watch's minutes in it
    records = HandMade(
        known={"steps": [interval("10 12:00", "10 12:05"), interval("10 12:03", "10 12:20", wearable=False)]}
    )
    text = 'steps.interval.start_time >= "2026-03-10T12:02:00Z"'
    async with google(records) as client:
        assert await client.reconcile("steps", filter=text) == {}


async def test_no_match_is_an_empty_object() -> None:
    async with google() as client:
        assert await client.list("steps") == {}
        assert await client.reconcile("daily-vo2-max", filter='daily_vo2_max.date >= "2030-01-01"') == {}


async def test_names_hold_the_account_and_lead_back_to_the_point() -> None:
    records = HandMade(known={"weight": [sample("10 06:15", id="1001", weightGrams=70500)]})
    async with google(records) as client:
        listed = (await client.list("weight"))["dataPoints"][0]
        merged = (await client.reconcile("weight"))["dataPoints"][0]
        got = await client.get(POINTS.format("weight") + "/1001")
        none = await client.get(POINTS.format("weight") + "/1002")
    assert listed["name"] == "users/1234567890/dataTypes/weight/dataPoints/1001" == merged["dataPointName"]
    assert got.json == listed
    assert none.status == 404


async def test_heart_rate_comes_in_pages_that_the_server_cuts() -> None:
    records = HandMade(known={"heart-rate": pulse(12)})
    options = Options(most_points=5)
    seen: list[str] = []
    sizes: list[int] = []
    async with google(records, options) as client:
        token = ""
        while not sizes or token:
            body = await client.reconcile("heart-rate", pageSize="10000", pageToken=token)
            sizes.append(len(body["dataPoints"]))
            seen += [point["heartRate"]["sampleTime"]["physicalTime"] for point in body["dataPoints"]]
            token = body.get("nextPageToken", "")
    assert sizes == [5, 5, 2]
    assert seen == [f"2026-03-10T12:00:{second:02}Z" for second in reversed(range(12))]


async def test_sleep_comes_25_at_a_time_whatever_was_asked() -> None:
    nights = [interval(f"{day} 0{hour}:00", f"{day} 0{hour}:30") for day in range(1, 11) for hour in range(3)]
    async with google(HandMade(known={"sleep": nights})) as client:
        for size in ("", "0", "25", "1000"):
            assert len((await client.list("sleep", pageSize=size))["dataPoints"]) == 25
        assert len((await client.list("sleep", pageSize="3"))["dataPoints"]) == 3


async def test_a_token_needs_the_same_question() -> None:
    async with google(HandMade(known={"heart-rate": pulse(3)})) as client:
        token = (await client.list("heart-rate", pageSize="1"))["nextPageToken"]
        other = await client.get(POINTS.format("heart-rate"), pageSize="2", pageToken=token)
        same = await client.get(POINTS.format("heart-rate"), pageSize="1", pageToken=token)
    assert (other.status, same.status) == (400, 200)


async def test_pages_can_be_empty_short_and_endless() -> None:
    oddities = Paging(empty=frozenset({2}), short=frozenset({1}), repeating=frozenset({3}))
    options = Options(paging={POINTS.format("heart-rate"): oddities})
    async with google(HandMade(known={"heart-rate": pulse(12)}), options) as client:
        first = await client.list("heart-rate", pageSize="8")
        second = await client.list("heart-rate", pageSize="8", pageToken=first["nextPageToken"])
        third = await client.list("heart-rate", pageSize="8", pageToken=second["nextPageToken"])
    assert len(first["dataPoints"]) == 4
    assert list(second) == ["nextPageToken"]
    assert len(third["dataPoints"]) == 8
    assert third["nextPageToken"] == second["nextPageToken"]


async def test_the_merged_stream_can_be_shuffled_alike_on_every_page() -> None:
    records = HandMade(known={"heart-rate": pulse(40)})
    async with google(records, Options(reconcile_order="shuffled")) as client:
        first = await client.reconcile("heart-rate", pageSize="30")
        second = await client.reconcile("heart-rate", pageSize="30", pageToken=first["nextPageToken"])
    times = [point["heartRate"]["sampleTime"]["physicalTime"] for point in first["dataPoints"] + second["dataPoints"]]
    assert len(set(times)) == 40
    assert times not in (sorted(times), sorted(times, reverse=True))


async def test_the_last_page_can_say_so_with_an_empty_token() -> None:
    async with google(STEPS, Options(last_page="empty_token")) as client:
        assert (await client.list("steps"))["nextPageToken"] == ""


async def test_families() -> None:
    async with google(STEPS) as client:
        assert len((await client.list("steps", dataSourceFamily=FAMILY + "google-wearables"))["dataPoints"]) == 4
        assert len((await client.list("steps", dataSourceFamily=FAMILY + "google-sources"))["dataPoints"]) == 5
        assert await client.list("steps", dataSourceFamily=FAMILY + "self-sources") == {}
        short = await client.get(POINTS.format("steps"), dataSourceFamily="google-wearables")
        sleep = await client.get(POINTS.format("sleep"), dataSourceFamily=FAMILY + "all-sources")
        assert await client.reconcile("sleep", dataSourceFamily=FAMILY + "all-sources") == {}
    assert (short.status, short.reason) == (400, "INVALID_DATA_POINT_DATA_SOURCE_FAMILY")
    assert (sleep.status, sleep.json["error"]["status"]) == (400, "INVALID_ARGUMENT")


async def test_roll_up_of_minutes() -> None:
    async with google(STEPS) as client:
        asked = {"range": range_of("10 11:59", "10 12:03"), "windowSize": "60s", "pageSize": 3}
        first = await client.roll_up("steps", asked)
        second = await client.roll_up("steps", {**asked, "pageToken": first["nextPageToken"]})
    assert first["rollupDataPoints"] == [
        {"startTime": "2026-03-10T11:59:00Z", "endTime": "2026-03-10T12:00:00Z"},
        {"startTime": "2026-03-10T12:00:00Z", "endTime": "2026-03-10T12:01:00Z", "steps": {"countSum": "0"}},
        {"startTime": "2026-03-10T12:01:00Z", "endTime": "2026-03-10T12:02:00Z", "steps": {"countSum": "112"}},
    ]
    assert second == {
        "rollupDataPoints": [
            {"startTime": "2026-03-10T12:02:00Z", "endTime": "2026-03-10T12:03:00Z", "steps": {"countSum": "37"}}
        ]
    }


async def test_daily_roll_up_goes_by_the_civil_day() -> None:
    async with google(STEPS) as client:
        body = await client.daily_roll_up("steps", {"range": days_of(9, 12), "windowSizeDays": 1})
    nothing, tenth, eleventh = body["rollupDataPoints"]
    # 23:30 UTC is half past midnight on the point's own clock
    assert [nothing, tenth] == [
        published("steps.dailyRollUp.no-data-day")["rollupDataPoints"][0],
        {**published("steps.dailyRollUp")["rollupDataPoints"][0], "steps": {"countSum": "149"}},
    ]
    assert eleventh["steps"] == {"countSum": "5"}


async def test_a_daily_roll_up_can_count_its_end_and_leave_out_empty_days() -> None:
    async with google(STEPS, Options(end_day="inclusive", no_data="absent")) as client:
        one = await client.daily_roll_up("steps", {"range": days_of(10, 10)})
        none = await client.daily_roll_up("steps", {"range": days_of(4, 6)})
    assert [row["steps"] for row in one["rollupDataPoints"]] == [{"countSum": "149"}]
    assert none == {}


async def test_windows_of_several_days() -> None:
    async with google(STEPS) as client:
        body = await client.daily_roll_up("steps", {"range": days_of(8, 13), "windowSizeDays": 3})
    assert [row.get("steps") for row in body["rollupDataPoints"]] == [{"countSum": "149"}, {"countSum": "5"}]
    assert body["rollupDataPoints"][1]["civilEndTime"]["date"]["day"] == 13


@pytest.mark.parametrize(
    ("kind", "verb", "body", "days"),
    [
        ("heart-rate", "rollUp", {"range": range_of("1 00:00", "2 00:00"), "windowSize": "900s"}, "14"),
        ("heart-rate", "rollUp", {"range": range_of("1 00:00", "16 00:00"), "windowSize": "60s"}, "14"),
        ("steps", "rollUp", {"range": range_of("1 00:00", "2 00:00"), "windowSize": "86400s", "pageSize": 91}, "90"),
        ("total-calories", "dailyRollUp", {"range": days_of(1, 16)}, "14"),
        ("total-calories", "dailyRollUp", {"range": days_of(1, 3), "pageSize": 15}, "14"),
        ("steps", "dailyRollUp", {"range": days_of(1, 3), "windowSizeDays": 7, "pageSize": 13}, "90"),
    ],
)
async def test_what_is_too_long_to_roll_up(kind: str, verb: str, body: object, days: str) -> None:
    async with google() as client:
        answer = await client.post(f"{POINTS.format(kind)}:{verb}", body)
    assert answer.status == 400
    assert answer.json["error"]["details"][0]["metadata"] == {"maxDurationDays": days}
    wanted = published("error.400.invalid_rollup_query_duration")
    wanted["error"]["details"][0]["metadata"] = {"maxDurationDays": days}
    assert answer.json == wanted


async def test_what_just_fits_can_be_rolled_up() -> None:
    async with google() as client:
        asked = {"range": range_of("1 00:00", "2 00:00"), "windowSize": "900s", "pageSize": 14 * 96}
        assert len((await client.roll_up("heart-rate", asked))["rollupDataPoints"]) == 96
        body = await client.daily_roll_up("total-calories", {"range": days_of(1, 15)})
    assert len(body["rollupDataPoints"]) == 14


@pytest.mark.parametrize(
    ("verb", "body", "said"),
    [
        ("dailyRollUp", {"range": range_of("1 00:00", "2 00:00")}, "Cannot find field"),
        ("dailyRollUp", {"range": days_of(1, 2), "windowSize": "60s"}, "Cannot find field"),
        ("dailyRollUp", {}, "range"),
        ("dailyRollUp", {"range": {"start": days_of(1, 2)["start"]}}, "range"),
        ("dailyRollUp", [], "Invalid JSON"),
        ("dailyRollUp", {"range": days_of(2, 2)}, "invalid argument"),
        ("rollUp", {"range": range_of("1 00:00", "2 00:00")}, "window_size"),
        ("rollUp", {"range": range_of("1 00:00", "2 00:00"), "windowSize": "0s"}, "invalid argument"),
        ("rollUp", {"range": range_of("2 00:00", "1 00:00"), "windowSize": "60s"}, "invalid argument"),
        ("rollUp", {"range": range_of("1 00:00", "2 00:00"), "windowSize": "60s", "pageSize": "x"}, "page_size"),
    ],
)
async def test_bad_requests_for_roll_ups(verb: str, body: object, said: str) -> None:
    async with google() as client:
        answer = await client.post(f"{POINTS.format('steps')}:{verb}", body)
    assert (answer.status, answer.json["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert said in answer.json["error"]["message"]


async def test_a_route_is_a_file_or_json() -> None:
    path = POINTS.format("exercise") + "/3001:exportExerciseTcx"
    async with google(HandMade(routes={"3001": "<TrainingCenterDatabase/>"})) as client:
        file = await client.get(path, alt="media")
        body = await client.get(path, partialData="true")
        none = await client.get(path.replace("3001", "3002"), alt="media")
        other = await client.get(path.replace("exercise/", "sleep/"))
    assert (file.status, file.text) == (200, "<TrainingCenterDatabase/>")
    assert "json" not in file.headers["content-type"]
    assert body.json == {"tcxData": "<TrainingCenterDatabase/>"}
    assert (none.status, other.status) == (404, 400)


async def test_daily_types_list_newest_first() -> None:
    records = HandMade(known={"daily-vo2-max": [daily(day, vo2Max=44.5) for day in (9, 11, 10)]})
    async with google(records) as client:
        body = await client.list("daily-vo2-max")
    assert [point["dailyVo2Max"]["date"]["day"] for point in body["dataPoints"]] == [11, 10, 9]


async def test_records_may_be_made_anew_for_every_request() -> None:
    answers = iter([HandMade(devices=1), HandMade(devices=3)])
    async with google(lambda: next(answers)) as client:
        counts = [len((await client.get("/v4/users/me/pairedDevices")).json["pairedDevices"]) for _ in range(2)]
    assert counts == [1, 3]
