"""Times, envelopes and sums of the simulated Google Health API, against the published samples."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cromwelld.simulator.google_health import envelopes
from cromwelld.simulator.google_health.aggregates import AGGREGATES, Share
from cromwelld.simulator.google_health.datatypes import BY_PATH
from cromwelld.simulator.google_health.points import Point
from cromwelld.simulator.google_health.times import civil_body, read_civil_body, read_duration
from tests.support.google_points import WATCH, daily, interval, sample, utc
from tests.support.reference import reference


def published(name: str) -> Any:  # noqa: ANN401
    return json.loads(reference(f"google-health/samples/{name}.json").read_bytes())


def total(kind: str, *points: Point) -> dict[str, Any]:
    shares = [Share(point=point, seconds=point.end - point.start) for point in points]
    return AGGREGATES[kind].value(shares)


def test_midnight_is_an_empty_time() -> None:
    assert civil_body(utc("10 00:00")) == {"date": {"year": 2026, "month": 3, "day": 10}, "time": {}}
    assert civil_body(utc("10 08:00:09"))["time"] == {"hours": 8, "seconds": 9}


@pytest.mark.parametrize("body", [None, {}, {"date": {"year": 2026, "month": 3}}, {"date": {"year": 1, "month": 1,
    "day": 1}}, {"date": {"year": "2026", "month": 3, "day": 10}}, {"date": {"year": 2026, "month": 3, "day": 10},
    "time": {"hours": 24}}, {"date": {"year": 2026, "month": 3, "day": 10}, "zone": "UTC"}])  # fmt: skip
def test_what_is_no_civil_time(body: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever is wrong
        read_civil_body(body)


def test_durations_are_whole_seconds() -> None:
    assert (read_duration("60s"), read_duration("900.0s")) == (60, 900)
    for text in ("60", "1.5s", "-60s", "PT1M", ""):
        with pytest.raises(ValueError):  # noqa: PT011 - whatever is wrong
            read_duration(text)


def test_samples_are_listed_as_published() -> None:
    wanted = published("heart-rate.list")["dataPoints"][0]
    point = sample("10 07:00:09", beatsPerMinute="61")
    assert envelopes.listed(point, BY_PATH["heart-rate"], user="me") == wanted


def test_intervals_are_listed_as_published_and_a_zero_has_no_count() -> None:
    _, walked, zero = published("steps.list")["dataPoints"]
    kind = BY_PATH["steps"]
    assert envelopes.listed(interval("10 12:01", "10 12:02", count="112"), kind, user="me") == walked
    assert envelopes.listed(interval("10 12:00", "10 12:01"), kind, user="me") == zero


def test_days_are_listed_as_published() -> None:
    wanted = published("daily-resting-heart-rate.list")["dataPoints"][0]
    metadata = {"calculationMethod": "WITH_SLEEP"}
    point = daily(10, beatsPerMinute="58", dailyRestingHeartRateMetadata=metadata)
    assert envelopes.listed(point, BY_PATH["daily-resting-heart-rate"], user="me") == wanted


def test_sleep_is_reconciled_as_published() -> None:
    wanted = published("sleep.reconcile")["dataPoints"][0]
    payload = {name: value for name, value in wanted["sleep"].items() if name != "interval"}
    point = interval("9 22:10", "10 05:50", id="2001", **payload)
    assert envelopes.reconciled(point, BY_PATH["sleep"], user="me") == wanted


def test_exercise_has_no_civil_times() -> None:
    wanted = published("exercise.list")["dataPoints"][1]
    payload = {name: value for name, value in wanted["exercise"].items() if name != "interval"}
    point = interval("10 07:30", "10 07:45", id="3002", **payload)
    assert envelopes.listed(point, BY_PATH["exercise"], user="me") == wanted


def test_a_sleep_that_goes_on_has_no_end() -> None:
    point = Point(start=utc("10 22:00"), source=WATCH, offset_s=3600)
    body = envelopes.listed(point, BY_PATH["sleep"], user="me")
    assert body["sleep"]["interval"] == {"startTime": "2026-03-10T22:00:00Z", "startUtcOffset": "3600s"}


def test_counts_are_text_and_a_worn_zero_is_said() -> None:
    assert total("steps", interval("10 12:00", "10 12:01", count="112"), interval("10 12:01", "10 12:02")) == {
        "countSum": "112"
    }
    assert total("floors", interval("10 12:00", "10 12:01")) == {"countSum": "0"}
    assert total("distance", interval("10 12:00", "10 12:01", millimeters="84000")) == {"millimetersSum": "84000"}
    assert total("altitude", interval("10 12:00", "10 12:01", gainMillimeters="3000")) == {"gainMillimetersSum": "3000"}


def test_energy_is_a_number() -> None:
    assert total("total-calories", *[interval("10 12:00", "10 12:01", kcal=0.25)] * 3) == {"kcalSum": 0.75}


def test_rates_have_an_average_and_bounds() -> None:
    points = [sample("10 12:00", beatsPerMinute=text) for text in ("60", "61", "65")]
    assert total("heart-rate", *points) == {
        "beatsPerMinuteAvg": 62.0,
        "beatsPerMinuteMin": 60.0,
        "beatsPerMinuteMax": 65.0,
    }
    assert total("weight", sample("10 12:00", weightGrams=70500)) == {"weightGramsAvg": 70500.0}


def test_minutes_by_level_are_added_up() -> None:
    def minutes(level: str, count: str) -> dict[str, str]:
        return {"activityLevel": level, "activeMinutes": count}

    points = [
        interval("10 12:00", "10 12:15", activeMinutesByActivityLevel=rows)
        for rows in ([minutes("VIGOROUS", "2"), minutes("LIGHT", "9")], [minutes("LIGHT", "15")])
    ]
    assert total("active-minutes", *points) == {
        "activeMinutesRollupByActivityLevel": [
            {"activityLevel": "LIGHT", "activeMinutesSum": "24"},
            {"activityLevel": "VIGOROUS", "activeMinutesSum": "2"},
        ]
    }


def test_zone_minutes_are_added_up_by_zone() -> None:
    points = [
        interval("10 12:00", "10 12:01", heartRateZone=zone, activeZoneMinutes=count)
        for zone, count in (("FAT_BURN", "1"), ("CARDIO", "2"), ("CARDIO", "2"))
    ]
    assert total("active-zone-minutes", *points) == {
        "sumInFatBurnHeartZone": "1",
        "sumInCardioHeartZone": "4",
        "sumInPeakHeartZone": "0",
    }


def test_time_and_energy_in_zones() -> None:
    spans = [
        interval("10 12:00", end, heartRateZoneType=zone) for end, zone in (("10 12:01", "PEAK"), ("10 13:00", "LIGHT"))
    ]
    assert total("time-in-heart-rate-zone", *spans) == {
        "timeInHeartRateZones": [
            {"heartRateZone": "LIGHT", "duration": "3600s"},
            {"heartRateZone": "PEAK", "duration": "60s"},
        ]
    }
    burnt = [interval("10 12:00", "10 12:01", heartRateZone="LIGHT", kcal=1.5)] * 2
    assert total("calories-in-heart-rate-zone", *burnt) == {
        "caloriesInHeartRateZones": [{"heartRateZone": "LIGHT", "kcal": 3.0}]
    }
    assert total("sedentary-period", *spans) == {"durationSum": "3660s"}
