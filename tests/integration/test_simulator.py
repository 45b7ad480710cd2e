"""The simulated Fitbit Web API, asked over real HTTP and held against the vendor's documentation."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from cromwelld.simulator.fitbit_web import ENDPOINTS
from cromwelld.simulator.person import Person
from tests.support.reference import reference
from tests.support.simulated import ACTIVITIES, PERSON, keys, synthetic, vendor

DAY = "2025-10-07"
FALL_BACK = "2025-10-26"
FUTURE = "2025-12-24"
WALL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000")


def seconds(clock: str) -> int:
    hour, minute, second = clock.split(":")
    return int(hour) * 3600 + int(minute) * 60 + int(second)


async def test_profile() -> None:
    async with vendor() as client:
        body = await client.json("/1/user/-/profile.json")
    assert set(synthetic("profile-timezone.json")["user"]) <= set(body["user"])
    assert (body["user"]["timezone"], body["user"]["offsetFromUTCMillis"]) == ("Europe/London", 0)


async def test_devices_are_an_array_with_the_phone_first() -> None:
    async with vendor() as client:
        body = await client.json("/1/user/-/devices.json")
    assert keys(body[1]) == keys(synthetic("devices-mobiletrack-first.json")[1])
    assert [(each["deviceVersion"], each["type"]) for each in body] == [
        ("MobileTrack", "TRACKER"),
        ("PixelWatch3", "TRACKER"),
        ("Aria Air", "SCALE"),
    ]
    assert body[1]["lastSyncTime"] == "2025-11-03T09:00:00.000"
    assert body[2]["batteryLevel"] == 59


async def test_heart_rate_of_a_day() -> None:
    async with vendor() as client:
        body = await client.json(f"{ACTIVITIES}/heart/date/{DAY}/1d/1sec.json")
    assert keys(body) == keys(synthetic("heart-intraday-1sec.json"))
    assert body["activities-heart"][0]["dateTime"] == DAY
    intraday = body["activities-heart-intraday"]
    assert (intraday["datasetInterval"], intraday["datasetType"]) == (1, "second")
    truth = PERSON.heart_rate(date(2025, 10, 7))
    assert [row["value"] for row in intraday["dataset"]] == list(truth.bpm)
    midnight = datetime(2025, 10, 6, 23, 0, tzinfo=UTC).timestamp()
    assert [seconds(row["time"]) for row in intraday["dataset"]] == [at - midnight for at in truth.instants]
    zones = body["activities-heart"][0]["value"]["heartRateZones"]
    assert [zone["name"] for zone in zones] == ["Out of Range", "Fat Burn", "Cardio", "Peak"]
    assert sum(zone["minutes"] for zone in zones) == len({at // 60 for at in truth.instants})


async def test_heart_rate_by_the_minute_leaves_out_minutes_without_data() -> None:
    async with vendor() as client:
        body = await client.json(f"{ACTIVITIES}/heart/date/{DAY}/1d/1min.json")
    intraday = body["activities-heart-intraday"]
    assert (intraday["datasetInterval"], intraday["datasetType"]) == (1, "minute")
    assert 1380 < len(intraday["dataset"]) < 1440
    assert all(row["time"].endswith(":00") for row in intraday["dataset"])


async def test_a_part_of_a_day_has_the_second_shape() -> None:
    async with vendor() as client:
        body = await client.json(f"{ACTIVITIES}/heart/date/{DAY}/1d/1sec/time/09:00/09:14.json")
    (head,) = body["activities-heart"]
    assert set(head) >= {"customHeartRateZones", "dateTime", "heartRateZones", "value"}
    assert re.fullmatch(r"\d+\.\d\d", head["value"])
    times = [row["time"] for row in body["activities-heart-intraday"]["dataset"]]
    assert "09:00:00" <= times[0] < "09:00:15"
    assert "09:14:40" < times[-1] <= "09:14:59"


async def test_utc_can_be_asked_for() -> None:
    async with vendor() as client:
        body = await client.json(f"{ACTIVITIES}/heart/date/{FALL_BACK}/1d/1sec.json?timezone=UTC")
    times = [seconds(row["time"]) for row in body["activities-heart-intraday"]["dataset"]]
    assert times == sorted(times)
    assert times[-1] > 86_380


async def test_heart_rate_series_of_a_year_and_no_more() -> None:
    person = Person(member_since=date(2025, 10, 1))
    async with vendor(person=person) as client:
        body = await client.json(f"{ACTIVITIES}/heart/date/2025-09-29/2025-10-02.json")
        too_long = await client.get(f"{ACTIVITIES}/heart/date/2024-01-01/2025-06-01.json")
    assert [row["dateTime"] for row in body["activities-heart"]] == [
        "2025-09-29",
        "2025-09-30",
        "2025-10-01",
        "2025-10-02",
    ]
    assert "minutes" not in body["activities-heart"][0]["value"]["heartRateZones"][0]
    assert body["activities-heart"][3]["value"]["restingHeartRate"] in range(50, 66)
    assert too_long.status == 422


async def test_a_day_that_has_not_come_has_the_empty_shape() -> None:
    async with vendor() as client:
        heart = await client.json(f"{ACTIVITIES}/heart/date/{FUTURE}/1d/1sec.json")
        steps = await client.json(f"{ACTIVITIES}/steps/date/{FUTURE}/1d/1min.json")
        night = await client.json(f"/1.2/user/-/sleep/date/{FUTURE}.json")
        others = [
            await client.json(f"/1/user/-/{name}/date/{FUTURE}/{FUTURE}.json")
            for name in ("hrv", "br", "spo2", "temp/skin", "cardioscore", "body/log/weight")
        ]
        oxygen = await client.json(f"/1/user/-/spo2/date/{FUTURE}.json")
    assert keys(heart) == keys(synthetic("heart-intraday-1sec-empty-day.json"))
    assert heart["activities-heart-intraday"]["dataset"] == []
    assert steps["activities-steps"] == [{"dateTime": FUTURE, "value": "0"}]
    assert {row["value"] for row in steps["activities-steps-intraday"]["dataset"]} == {0}
    assert night == {
        "sleep": [],
        "summary": {"totalMinutesAsleep": 0, "totalSleepRecords": 0, "totalTimeInBed": 0},
    }
    assert others == [{"hrv": []}, {"br": []}, [], {"tempSkin": []}, {"cardioScore": []}, {"weight": []}]
    assert oxygen == {"dateTime": FUTURE}


async def test_what_has_not_been_synced_does_not_exist_yet() -> None:
    async with vendor(now=datetime(2025, 10, 7, 12, 7, tzinfo=UTC)) as client:
        heart = await client.json(f"{ACTIVITIES}/heart/date/{DAY}/1d/1sec.json")
        steps = await client.json(f"{ACTIVITIES}/steps/date/{DAY}/1d/1min.json")
        sleep = await client.json(f"/1.2/user/-/sleep/date/{DAY}/{DAY}.json")
        listed = await client.json(f"{ACTIVITIES}/list.json?afterDate=2025-10-07&sort=asc&limit=100&offset=0")
    assert "12:59:30" < heart["activities-heart-intraday"]["dataset"][-1]["time"] < "13:00:00"
    minutes = steps["activities-steps-intraday"]["dataset"]
    assert len(minutes) == 1440
    assert {row["value"] for row in minutes[13 * 60 :]} == {0}
    assert [log["isMainSleep"] for log in sleep["sleep"]] == [True], "the nap at 14:32 is still to come"
    assert [each["logType"] for each in listed["activities"]] == ["manual"]


async def test_steps_of_a_day() -> None:
    async with vendor() as client:
        body = await client.json(f"{ACTIVITIES}/steps/date/{DAY}/1d/1min.json")
    assert keys(body) == keys(synthetic("steps-intraday-1min.json"))
    minutes = body["activities-steps-intraday"]["dataset"]
    assert [row["time"] for row in minutes[:2]] == ["00:00:00", "00:01:00"]
    assert minutes[-1]["time"] == "23:59:00"
    assert len(minutes) == 1440
    assert body["activities-steps"] == [{"dateTime": DAY, "value": str(sum(row["value"] for row in minutes))}]


@pytest.mark.parametrize("resource", ["calories", "distance"])
async def test_other_minutes_have_their_shapes(resource: str) -> None:
    async with vendor() as client:
        body = await client.json(f"{ACTIVITIES}/{resource}/date/{DAY}/1d/15min.json")
    assert keys(body) == keys(synthetic(f"{resource}-intraday-1min.json"))
    assert len(body[f"activities-{resource}-intraday"]["dataset"]) == 96


@pytest.mark.parametrize("resource", ["floors", "elevation"])
async def test_an_altimeter_counts_floors(resource: str) -> None:
    async with vendor() as client:
        body = await client.json(f"{ACTIVITIES}/{resource}/date/{DAY}/1d/1min.json")
    total = sum(row["value"] for row in body[f"activities-{resource}-intraday"]["dataset"])
    assert float(body[f"activities-{resource}"][0]["value"]) == pytest.approx(total, abs=0.001)


async def test_active_zone_minutes() -> None:
    async with vendor() as client:
        minutes = await client.json(f"{ACTIVITIES}/active-zone-minutes/date/2025-10-06/1d/1min.json")
        series = await client.json(f"{ACTIVITIES}/active-zone-minutes/date/2025-10-06/2025-10-10.json")
    (day,) = minutes["activities-active-zone-minutes-intraday"]
    assert re.fullmatch(r"2025-10-06T\d\d:\d\d:00", day["minutes"][0]["minute"])
    total = sum(each["value"]["activeZoneMinutes"] for each in day["minutes"])
    assert series["activities-active-zone-minutes"][0]["value"]["activeZoneMinutes"] == total
    assert "2025-10-10" not in [row["dateTime"] for row in series["activities-active-zone-minutes"]]


@pytest.mark.parametrize(
    "resource",
    [
        "steps",
        "distance",
        "calories",
        "minutesSedentary",
        "minutesLightlyActive",
        "minutesFairlyActive",
        "minutesVeryActive",
        "floors",
        "elevation",
        "activityCalories",
        "caloriesBMR",
    ],
)
async def test_daily_series_are_text_for_every_date(resource: str) -> None:
    async with vendor() as client:
        tracked = await client.json(f"{ACTIVITIES}/tracker/{resource}/date/2025-10-06/2025-10-08.json")
        period = await client.json(f"{ACTIVITIES}/{resource}/date/2025-10-08/7d.json")
    assert list(tracked) == [f"activities-tracker-{resource}"]
    rows = tracked[f"activities-tracker-{resource}"]
    assert [row["dateTime"] for row in rows] == ["2025-10-06", "2025-10-07", "2025-10-08"]
    assert all(isinstance(row["value"], str) and float(row["value"]) >= 0 for row in rows)
    assert [row["dateTime"] for row in period[f"activities-{resource}"]][:1] == ["2025-10-02"]
    assert len(period[f"activities-{resource}"]) == 7


async def test_what_was_logged_by_hand_counts_only_without_tracker() -> None:
    async with vendor() as client:
        tracked = await client.json(f"{ACTIVITIES}/tracker/calories/date/{DAY}/{DAY}.json")
        whole = await client.json(f"{ACTIVITIES}/calories/date/{DAY}/{DAY}.json")
    difference = int(whole["activities-calories"][0]["value"]) - int(tracked["activities-tracker-calories"][0]["value"])
    assert difference == 150


async def test_sleep_by_range_and_by_date() -> None:
    async with vendor() as client:
        ranged = await client.json("/1.2/user/-/sleep/date/2025-10-06/2025-10-10.json")
        single = await client.json(f"/1.2/user/-/sleep/date/{DAY}.json")
    assert list(ranged) == ["sleep"]
    (night, nap) = [log for log in ranged["sleep"] if log["dateOfSleep"] == DAY]
    recorded = synthetic("sleep-range-stages-nap-and-dst.json")["sleep"]
    assert keys(night) == keys(recorded[0])
    assert keys(nap) == keys(recorded[1])
    assert (night["type"], nap["type"]) == ("stages", "classic")
    assert all(WALL.fullmatch(night[name]) for name in ("startTime", "endTime"))
    assert night["startTime"].startswith("2025-10-06T23:")
    assert night["duration"] == 1000 * sum(level["seconds"] for level in night["levels"]["data"])
    assert night["minutesAsleep"] + night["minutesAwake"] == night["timeInBed"]
    assert sum(level["minutes"] for level in night["levels"]["summary"].values()) == night["timeInBed"]
    assert {level["thirtyDayAvgMinutes"] for level in night["levels"]["summary"].values()} == {0}
    assert single["sleep"][0]["levels"]["summary"]["deep"]["thirtyDayAvgMinutes"] > 0
    assert single["summary"]["totalSleepRecords"] == 2
    assert single["summary"]["totalMinutesAsleep"] == night["minutesAsleep"] + nap["minutesAsleep"]
    assert set(single["summary"]["stages"]) == {"deep", "light", "rem", "wake"}


async def test_sleep_over_a_change_of_clocks_keeps_the_offset_of_its_start() -> None:
    async with vendor() as client:
        body = await client.json(f"/1.2/user/-/sleep/date/{FALL_BACK}/{FALL_BACK}.json")
    (night,) = [log for log in body["sleep"] if log["isMainSleep"]]
    start, end = (datetime.fromisoformat(night[name]) for name in ("startTime", "endTime"))
    assert (end - start).total_seconds() * 1000 == night["duration"]
    truth = PERSON.sleeps(date(2025, 10, 26))[0]
    assert end == truth.end.replace(tzinfo=None) + timedelta(hours=1), "still summer time, as at its start"


NIGHTLY = {
    "hrv": {"hrv": [{"value": {"dailyRmssd": None, "deepRmssd": None}, "dateTime": None}]},
    "br": {"br": [{"value": {"breathingRate": None}, "dateTime": None}]},
    "spo2": [{"dateTime": None, "value": {"avg": None, "min": None, "max": None}}],
    "temp/skin": {"tempSkin": [{"dateTime": None, "value": {"nightlyRelative": None}, "logType": None}]},
    "cardioscore": {"cardioScore": [{"dateTime": None, "value": {"vo2Max": None}}]},
}


@pytest.mark.parametrize("name", NIGHTLY)
async def test_what_a_night_tells(name: str) -> None:
    async with vendor() as client:
        ranged = await client.json(f"/1/user/-/{name}/date/2025-10-06/2025-10-10.json")
        single = await client.json(f"/1/user/-/{name}/date/{DAY}.json")
        longest = await client.json(f"/1/user/-/{name}/date/2025-10-01/2025-10-30.json")
        too_long = await client.get(f"/1/user/-/{name}/date/2025-10-01/2025-10-31.json")
    assert keys(ranged) == NIGHTLY[name]
    rows = ranged if isinstance(ranged, list) else next(iter(ranged.values()))
    assert [row["dateTime"] for row in rows] == [f"2025-10-{day:02d}" for day in range(6, 11)]
    assert (single if name == "spo2" else next(iter(single.values()))[0]) == rows[1]
    assert longest
    assert too_long.status == 422
    assert too_long.json == synthetic("error-422-too-many-points.json")


async def test_nights_in_detail() -> None:
    async with vendor() as client:
        hrv = await client.json(f"/1/user/-/hrv/date/{DAY}/{DAY}/all.json")
        spo2 = await client.json(f"/1/user/-/spo2/date/{DAY}/{DAY}/all.json")
        one = await client.json(f"/1/user/-/spo2/date/{DAY}/all.json")
        br = await client.json(f"/1/user/-/br/date/{DAY}/all.json")
        core = await client.json(f"/1/user/-/temp/core/date/{DAY}/{DAY}.json")
    assert set(hrv["hrv"][0]["minutes"][0]["value"]) == {"rmssd", "coverage", "hf", "lf"}
    assert hrv["hrv"][0]["minutes"][0]["minute"].startswith("2025-10-06T23:")
    assert spo2[0] == one
    assert re.fullmatch(r"2025-10-06T\d\d:\d\d:38", one["minutes"][0]["minute"])
    assert keys(br) == keys(synthetic("br-intraday-minus-one.json"))
    assert core == {"tempCore": []}


async def test_weighings() -> None:
    async with vendor() as client:
        body = await client.json("/1/user/-/body/log/weight/date/2025-10-06/2025-10-10.json")
        fat = await client.json("/1/user/-/body/log/fat/date/2025-10-06/2025-10-10.json")
        series = await client.json("/1/user/-/body/weight/date/2025-10-06/2025-10-10.json")
        too_long = await client.get("/1/user/-/body/log/weight/date/2025-09-01/2025-10-10.json")
    assert set(body["weight"][0]) - {"fat"} == {"bmi", "date", "logId", "source", "time", "weight"}
    assert body["weight"][0]["source"] == "AriaAir"
    first = PERSON.weighings(date(2025, 10, 6))[0]
    assert body["weight"][0]["logId"] == first.at.timestamp() * 1000
    assert {"fat", "time", "date", "logId", "source"} == set(fat["fat"][0])
    assert series["body-weight"][0] == {"dateTime": "2025-10-06", "value": str(first.weight_kg)}
    assert too_long.status == 422


async def test_another_person_lives_in_another_zone() -> None:
    person = replace(PERSON, zone="Asia/Kathmandu", seed=3)
    async with vendor(person=person) as client:
        steps = await client.json(f"{ACTIVITIES}/steps/date/{DAY}/1d/1min.json")
        profile = await client.json("/1/user/-/profile.json")
    assert len(steps["activities-steps-intraday"]["dataset"]) == 1440
    assert profile["user"]["offsetFromUTCMillis"] == 20_700_000


def test_every_endpoint_is_one_of_the_vendor() -> None:
    swagger = json.loads(reference("fitbit-web/openapi/fitbit-web-api-swagger.json").read_text(encoding="utf-8"))
    declared = {re.sub(r"\{[^}]*\}", "{}", path) for path, item in swagger["paths"].items() if "get" in item}
    served = {re.sub(r"\{[^}]*\}", "{}", endpoint.path) for endpoint in ENDPOINTS}
    assert served - declared == set()
