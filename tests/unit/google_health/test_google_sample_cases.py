"""Samples that need others beside them: pages, tracks, heights, zones, nights, grids, scopes."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from aiohttp import web

from cromwelld.sources.google_health import datatypes
from cromwelld.sources.google_health.datatypes import minute_sums
from cromwelld.sources.google_health.scopes import SCOPES, granted, missing
from cromwelld.sources.google_health.settings import time_zone
from cromwelld.sources.google_health.streams import DATA_STREAMS, DEVICE_SCOPES, STREAMS, TRACK_SCOPES
from tests.support.far_side import Reply
from tests.unit.google_health.google_oracles import (
    EMPTY,
    FAILED,
    HEARTBEATS,
    MAIN_LEVELS,
    MAIN_SUMMARY,
    REFUSED,
    TRACK,
    WEIGHT,
    noon,
    path_of,
)
from tests.unit.google_health.google_reading import (
    DATE,
    SETTINGS,
    Circumstances,
    Vendor,
    fetching,
    pieces,
    points,
    sample,
    sent,
    tables,
    track,
)


async def test_a_track_in_either_form() -> None:
    """The documented one, and the one that is sent where `alt=media` is not obeyed; asked for the run alone."""
    wrapped = sample("exercise.exportExerciseTcx")
    file = json.loads(wrapped)["tcxData"].encode()
    for reply in (sent(wrapped), Reply(file, headers={"Content-Type": "application/vnd.garmin.tcx+xml"})):
        vendor = Vendor()
        vendor.lay(points("exercise"), sent(sample("exercise.list")))
        vendor.lay(track("3001"), reply)
        async with fetching(vendor) as one:
            found = await one.all(pieces(["gps"]))
        assert tables(found["gps", DATE]) == {"GPS": TRACK}
        assert [seen.path for seen in vendor.seen] == [points("exercise"), track("3001")]
        assert vendor.seen[-1].query["alt"] == "media"
        assert one.events == []


@pytest.mark.parametrize("reply", [Reply(), sent({}), Reply(b""), sent({"error": {"code": 404}}, 404)])
async def test_an_exercise_without_a_route_has_no_track(reply: Reply) -> None:
    vendor = Vendor()
    vendor.lay(points("exercise"), sent(sample("exercise.list")))
    vendor.lay(track("3001"), reply)
    async with fetching(vendor) as one:
        found = await one.all(pieces(["gps"]))
    assert found["gps", DATE].outcome is EMPTY
    assert one.events == []


async def test_heart_rate_in_three_pages() -> None:
    """The second one is empty and has a token all the same; the third repeats two samples of the first."""
    vendor = Vendor()
    bodies = ("heart-rate.list", "heart-rate.list.empty-page-with-token", "heart-rate.reconcile")
    vendor.lay(points("heart-rate"), *(sent(sample(name)) for name in bodies))
    async with fetching(vendor) as one:
        found = await one.all(pieces(["heart_rate"]))
    read = tables(found["heart_rate", DATE])["HeartRate_Intraday"]
    assert [(row["time"], row["value"]) for row in read] == [
        ("2026-03-10T07:00:00Z", 60.0),
        ("2026-03-10T07:00:04Z", 60.0),
        ("2026-03-10T07:00:09Z", 61.0),
    ]
    assert [seen.query.get("pageToken") for seen in vendor.seen] == [None, "SYNTHETIC-PAGE-2", "SYNTHETIC-PAGE-3"]
    assert [{**seen.query, "pageToken": ""} for seen in vendor.seen] == [
        {
            "filter": 'heart_rate.sample_time.civil_time >= "2026-03-10" '
            'AND heart_rate.sample_time.civil_time < "2026-03-11"',
            "pageSize": "10000",
            "pageToken": "",
        }
    ] * 3


async def test_pages_that_go_in_a_circle_are_an_error() -> None:
    vendor = Vendor()
    vendor.lay(points("heart-rate"), sent(sample("heart-rate.list")))
    async with fetching(vendor) as one:
        found = await one.all(pieces(["heart_rate", "hrv"]))
    assert found["heart_rate", DATE].outcome is FAILED
    assert found["heart_rate", DATE].tables == {}
    assert "circle" in found["heart_rate", DATE].reason
    assert found["hrv", DATE].outcome is EMPTY
    assert vendor.asked(points("heart-rate")) == 2


async def test_a_window_counts_only_after_its_last_page() -> None:
    vendor = Vendor()
    vendor.lay(points("heart-rate"), sent(sample("heart-rate.list")), sent({}, 503))
    async with fetching(vendor) as one:
        found = await one.all(pieces(["heart_rate"]))
    assert (found["heart_rate", DATE].outcome, found["heart_rate", DATE].tables) == (FAILED, {})
    assert vendor.asked(points("heart-rate")) == 4


async def test_a_weight_beside_a_height() -> None:
    """70.5 kg and 1.75 m; heights are asked without a filter: the one that counts may be years old."""
    vendor = Vendor()
    vendor.lay(points("weight"), sent(sample("weight.list")))
    vendor.lay(points("height"), sent(sample("height.list")))
    async with fetching(vendor) as one:
        found = await one.all(pieces(["weight"]))
    assert tables(found["weight", DATE]) == {"Weight": [{**WEIGHT, "bmiDerived": 23.02}]}
    assert [seen.query.get("filter") for seen in vendor.seen if seen.path == points("height")] == [None]


async def test_a_height_is_no_weighing() -> None:
    vendor = Vendor()
    vendor.lay(points("height"), sent(sample("height.list")))
    async with fetching(vendor) as one:
        found = await one.all(pieces(["weight"], "2026-03-01"))
    assert found["weight", "2026-03-01"].outcome is EMPTY
    assert one.events == []


async def test_the_settings_give_the_zone() -> None:
    vendor = Vendor()
    vendor.lay(SETTINGS, sent(sample("settings")))
    vendor.lay(points("steps", "dailyRollUp"), sent(sample("steps.dailyRollUp")))
    async with fetching(vendor, Circumstances(zone=None)) as one:
        found = await one.all(pieces(["total_steps"]))
    assert found["total_steps", DATE].zone == "Europe/Paris"
    assert tables(found["total_steps", DATE]) == noon("Activity-steps", value=8421.0)
    assert time_zone(sample("settings")) == "Europe/Paris"


async def test_a_zone_stamps_noon_and_cuts_nothing() -> None:
    """In Tokyo noon is 03:00 UTC; the samples belong to the civil date that Google gave them."""
    vendor = Vendor()
    vendor.lay(points("heart-rate"), sent(sample("heart-rate.reconcile")))
    vendor.lay(points("steps", "dailyRollUp"), sent(sample("steps.dailyRollUp")))
    async with fetching(vendor, Circumstances(zone="Asia/Tokyo")) as one:
        found = await one.all(pieces(["heart_rate", "total_steps"]))
    assert tables(found["heart_rate", DATE]) == {"HeartRate_Intraday": HEARTBEATS}
    assert tables(found["total_steps", DATE])["Activity-steps"][0]["time"] == "2026-03-10T03:00:00Z"


async def test_sleep_that_is_still_computed() -> None:
    vendor = Vendor()
    vendor.lay(points("sleep"), sent(sample("sleep.list.unprocessed")))
    async with fetching(vendor) as one:
        found = await one.all(pieces(["sleep", "hrv"], "2026-03-11"))
    answer = found["sleep", "2026-03-11"]
    assert (answer.outcome, answer.tables) == (FAILED, {})
    assert "still working on the sleep" in answer.reason
    assert found["hrv", "2026-03-11"].outcome is EMPTY
    assert vendor.asked(points("sleep")) == 1


async def test_a_night_beside_one_that_is_still_computed() -> None:
    """Each date has its own outcome."""
    night, unfinished = (
        json.loads(sample(name))["dataPoints"] for name in ("sleep.reconcile", "sleep.list.unprocessed")
    )
    vendor = Vendor()
    vendor.lay(points("sleep"), sent({"dataPoints": [*unfinished, *night]}))
    async with fetching(vendor) as one:
        found = await one.all(pieces(["sleep"], DATE, "2026-03-11"))
    assert tables(found["sleep", DATE]) == {"SleepSummary": [MAIN_SUMMARY], "SleepLevels": MAIN_LEVELS}
    assert found["sleep", "2026-03-11"].outcome is FAILED


async def test_a_date_without_data_beside_one_with() -> None:
    """A window without the type's own member was not worn: it is absent, not zero."""
    vendor = Vendor()
    vendor.lay(points("steps", "dailyRollUp"), sent(sample("steps.dailyRollUp.no-data-day")))
    async with fetching(vendor) as one:
        found = await one.all(pieces(["total_steps"], "2026-03-09", DATE))
    assert found["total_steps", "2026-03-09"].outcome is EMPTY
    assert tables(found["total_steps", "2026-03-09"]) == {}
    assert tables(found["total_steps", DATE]) == noon("Activity-steps", value=8421.0)
    assert len(vendor.posted) == 1


async def test_steps_of_uneven_length_are_asked_again_as_a_grid() -> None:
    """A phone's ten minutes, 12:00 to 12:10; the grid's second page is empty; its windows say what each minute had."""
    vendor = Vendor()
    times = {"startTime": "2026-03-10T12:00:00Z", "endTime": "2026-03-10T12:10:00Z"}
    interval = {**times, "startUtcOffset": "3600s", "endUtcOffset": "3600s"}
    vendor.lay(points("steps"), sent({"dataPoints": [{"steps": {"interval": interval, "count": "149"}}]}))
    vendor.lay(points("steps", "rollUp"), sent(sample("steps.rollUp")), sent({}))
    async with fetching(vendor) as one:
        found = await one.all(pieces(["steps"]))
    assert tables(found["steps", DATE]) == {
        "Steps_Intraday": [
            {"time": "2026-03-10T12:01:00Z", "value": 112.0},
            {"time": "2026-03-10T12:02:00Z", "value": 37.0},
        ]
    }
    first, second = (posted.body for posted in vendor.posted)
    assert first["range"] == times
    assert first["windowSize"] == "60s"
    assert second == {**first, "pageToken": "SYNTHETIC-PAGE-2"}


async def test_uneven_steps_over_midnight_lose_no_minute() -> None:
    """A phone's ten minutes from 23:55 to 00:05 in Paris, a step a minute: five of them are of the next date."""
    vendor = _Grid()
    async with fetching(vendor) as one:
        found = await one.all(pieces(["steps"], DATE, "2026-03-11"))
    minutes = {
        date: [row["time"] for row in tables(answer).get("Steps_Intraday", [])] for (_, date), answer in found.items()
    }
    assert minutes == {
        DATE: [f"2026-03-10T22:{minute}:00Z" for minute in range(55, 60)],
        "2026-03-11": [f"2026-03-10T23:0{minute}:00Z" for minute in range(5)],
    }


class _Grid(Vendor):
    """A vendor that has one long record of steps, found by the civil date of its start, and its even grid."""

    async def _reply(self, request: web.Request) -> web.StreamResponse:
        if request.method == "GET":
            interval = {"startTime": "2026-03-10T22:55:00Z", "endTime": "2026-03-10T23:05:00Z"}
            offsets = {"startUtcOffset": "3600s", "endUtcOffset": "3600s"}
            first, end = re.findall(r'"(2026-[0-9-]+)', request.query["filter"])
            held = [{"steps": {"interval": {**interval, **offsets}, "count": "10"}}] if first <= DATE < end else []
            return web.json_response({"dataPoints": held})
        window = (await request.json())["range"]
        start, end = (dt.datetime.fromisoformat(window[name]) for name in ("startTime", "endTime"))
        first, last = dt.datetime(2026, 3, 10, 22, 55, tzinfo=dt.UTC), dt.datetime(2026, 3, 10, 23, 5, tzinfo=dt.UTC)
        minutes = [first + number * dt.timedelta(minutes=1) for number in range(10)]
        told = [
            {"startTime": minute.isoformat().replace("+00:00", "Z"), "steps": {"countSum": "1"}}
            for minute in minutes
            if start <= minute < min(end, last)
        ]
        return web.json_response({"rollupDataPoints": told})


async def test_a_days_sums_are_asked_as_documented() -> None:
    vendor = Vendor()
    async with fetching(vendor, Circumstances(steps_from="all")) as one:
        await one.all(pieces(["total_steps"]))
    assert [posted.body for posted in vendor.posted] == [json.loads(sample("dailyRollUp.request"))]


def test_a_grid_of_minutes_is_asked_as_documented() -> None:
    """The tenth of March in Paris."""
    start = dt.datetime(2026, 3, 9, 23, tzinfo=dt.UTC)
    asked = minute_sums(datatypes.STEPS, start, start + dt.timedelta(days=1))
    assert asked.body == json.loads(sample("rollUp.request"))
    assert (asked.method, asked.path) == ("POST", points("steps", "rollUp"))


@pytest.mark.parametrize("name", ["oauth.token-exchange", "oauth.token-exchange.testing-status", "oauth.token-refresh"])
def test_what_a_token_response_grants(name: str) -> None:
    """All scopes that we ask for, and one that we do not."""
    has = granted(json.loads(sample(name))["scope"])
    assert has == {*SCOPES, "https://www.googleapis.com/auth/googlehealth.profile.readonly"}
    for wanted in (*(one.scopes for one in DATA_STREAMS.values()), DEVICE_SCOPES, TRACK_SCOPES):
        assert missing(wanted, has) is None


@pytest.mark.parametrize(
    ("unticked", "streams", "box"),
    [
        ("sleep", {"sleep"}, '"sleep"'),
        ("location", {"gps"}, '"location"'),
        ("settings", {"devices"}, '"settings"'),
        (
            "health_metrics_and_measurements",
            {
                *("heart_rate", "spo2_intraday", "hrv_intraday", "breathing_stages", "resting_heart_rate", "hrv"),
                *("spo2", "breathing_rate", "skin_temperature", "weight", "body_fat"),
            },
            '"health metrics and measurements"',
        ),
        (
            "activity_and_fitness",
            {
                *("steps", "activities", "gps", "vo2_max", "zone_minutes_intraday", "activity_levels", "total_steps"),
                *("total_calories", "total_distance", "total_floors", "minutes_sedentary", "heart_rate_zones"),
                "zone_minutes",
            },
            '"activity and fitness"',
        ),
    ],
)
async def test_a_box_that_was_not_ticked(unticked: str, streams: set[str], box: str) -> None:
    """Its streams are refused with the sentence that says what to tick, and nothing of theirs is sent."""
    scope = f"https://www.googleapis.com/auth/googlehealth.{unticked}.readonly"
    has = granted(json.loads(sample("oauth.token-exchange"))["scope"]) - {scope}
    vendor = Vendor()
    async with fetching(vendor, Circumstances(granted=has)) as one:
        found = await one.all(pieces())
    assert {stream for (stream, _), answer in found.items() if answer.outcome is REFUSED} == streams
    assert all(
        "log in again" in answer.reason and box in answer.reason
        for answer in found.values()
        if answer.outcome is REFUSED
    )
    assert {answer.outcome for (stream, _), answer in found.items() if stream not in streams} == {EMPTY}
    dated = {path_of(stream) for stream in streams - {"gps"}}
    asked = {path_of(stream) for stream in STREAMS.keys() - streams - {"gps"}}
    assert {seen.path for seen in vendor.seen}.isdisjoint(dated - asked)
