"""Values that come once a date, and breathing by stage; the person lives in Berlin unless it says otherwise."""

from __future__ import annotations

import pytest

from cromwelld.errors import BadAnswer
from cromwelld.sources.google_health import breathing, daily
from cromwelld.sources.google_health.daily import Daily
from tests.unit.fitbit_web.reading import Plain, asked, assert_in_contract, rows
from tests.unit.google_health.points import HALF, Json, answer, date, listed, reconciled, sample_time

RATE = "dailyRestingHeartRate"
TEMPERATURE = "dailySleepTemperatureDerivations"
MARCH = asked("2026-03-01", "2026-03-31")
NOON = "2026-03-10T11:00:00Z"


def resting(on: str, beats: object = "58") -> Json:
    return reconciled(RATE, {"date": date(on), "beatsPerMinute": beats})


@pytest.mark.parametrize(
    ("parse", "key", "value", "expected"),
    [
        (daily.resting_heart_rate, RATE, {"beatsPerMinute": "58"}, {"value": 58.0}),
        (daily.resting_heart_rate, RATE, {"beatsPerMinute": 58}, {"value": 58.0}),
        (
            daily.variability,
            "dailyHeartRateVariability",
            {
                "averageHeartRateVariabilityMilliseconds": 38.25,
                "nonRemHeartRateBeatsPerMinute": "55",
                "entropy": 2.9,
                "deepSleepRootMeanSquareOfSuccessiveDifferencesMilliseconds": "42.5",
            },
            {"dailyRmssd": 38.25, "deepRmssd": 42.5, "nonRemHeartRate": 55.0, "entropy": 2.9},
        ),
        (daily.variability, "dailyHeartRateVariability", {"entropy": 2.9}, {"entropy": 2.9}),
        (
            daily.oxygen,
            "dailyOxygenSaturation",
            {
                "averagePercentage": 95.9,
                "lowerBoundPercentage": 93.1,
                "upperBoundPercentage": "98.2",
                "standardDeviationPercentage": 0.6,
            },
            {"avg": 95.9, "lower": 93.1, "upper": 98.2},
        ),
        (
            daily.oxygen,
            "dailyOxygenSaturation",
            {"averagePercentage": 96, "lowerBoundPercentage": 50.0, "upperBoundPercentage": "Infinity"},
            {"avg": 96.0},
        ),
        (daily.breathing, "dailyRespiratoryRate", {"breathsPerMinute": 14.6}, {"value": 14.6}),
        (
            daily.temperature,
            TEMPERATURE,
            {
                "nightlyTemperatureCelsius": 33.6,
                "baselineTemperatureCelsius": 33.9,
                "relativeNightlyStddev30dCelsius": 0.35,
            },
            {
                "nightlyTemperature": 33.6,
                "baselineTemperature": 33.9,
                "relativeStddev30d": 0.35,
                "nightlyRelativeDerived": -0.3,
            },
        ),
        (
            daily.temperature,
            TEMPERATURE,
            {
                "nightlyTemperatureCelsius": 33.6,
                "baselineTemperatureCelsius": "NaN",
                "relativeNightlyStddev30dCelsius": "NaN",
            },
            {"nightlyTemperature": 33.6},
        ),
        (daily.temperature, TEMPERATURE, {"baselineTemperatureCelsius": 33.9}, {"baselineTemperature": 33.9}),
        (
            daily.temperature,
            TEMPERATURE,
            {"nightlyTemperatureCelsius": 34.1, "baselineTemperatureCelsius": 33.9},
            {"nightlyTemperature": 34.1, "baselineTemperature": 33.9, "nightlyRelativeDerived": 0.2},
        ),
        (
            daily.vo2_max,
            "dailyVo2Max",
            {"vo2Max": 43.2, "estimated": True, "cardioFitnessLevel": "GOOD", "vo2MaxCovariance": 1.8},
            {"value": 43.2, "covariance": 1.8, "estimated": 1.0, "level": "GOOD"},
        ),
        (
            daily.vo2_max,
            "dailyVo2Max",
            {"vo2Max": "43.2", "cardioFitnessLevel": "CARDIO_FITNESS_LEVEL_UNSPECIFIED"},
            {"value": 43.2, "estimated": 0.0},
        ),
        (
            daily.vo2_max,
            "dailyVo2Max",
            {"vo2Max": 43, "cardioFitnessLevel": "OLYMPIC"},
            {"value": 43.0, "estimated": 0.0, "level": "OLYMPIC"},
        ),
    ],
)
def test_each_type(parse: Daily, key: str, value: Json, expected: Plain) -> None:
    pages = [answer(reconciled(key, {"date": date("2026-03-10"), **value}))]
    parsed = parse(pages, MARCH)
    assert rows(parsed, "2026-03-10", parse.measurement) == [{"time": NOON, **expected}]
    assert not parsed.rejected
    assert_in_contract(parsed, MARCH)


@pytest.mark.parametrize(
    ("parse", "key", "value"),
    [
        (daily.resting_heart_rate, RATE, {"beatsPerMinute": "0"}),
        (daily.resting_heart_rate, RATE, {}),
        (daily.variability, "dailyHeartRateVariability", {"averageHeartRateVariabilityMilliseconds": "NaN"}),
        (daily.oxygen, "dailyOxygenSaturation", {"averagePercentage": 50.0}),
        (daily.breathing, "dailyRespiratoryRate", {"breathsPerMinute": 0}),
        (daily.breathing, "dailyRespiratoryRate", {"breathsPerMinute": -1}),
        (daily.temperature, TEMPERATURE, {"nightlyTemperatureCelsius": "NaN"}),
        (daily.vo2_max, "dailyVo2Max", {"estimated": True, "cardioFitnessLevel": "GOOD"}),
        (daily.vo2_max, "dailyVo2Max", {"vo2Max": "NaN", "vo2MaxCovariance": 1.8}),
    ],
)
def test_no_reading_is_no_record(parse: Daily, key: str, value: Json) -> None:
    parsed = parse([answer(reconciled(key, {"date": date("2026-03-10"), **value}))], MARCH)
    assert not parsed.tables
    assert not parsed.rejected


@pytest.mark.parametrize(
    ("zone", "on", "noon"),
    [
        ("Europe/Berlin", "2026-03-28", "2026-03-28T11:00:00Z"),
        ("Europe/Berlin", "2026-03-29", "2026-03-29T10:00:00Z"),  # 23 hours
        ("Europe/Berlin", "2026-10-25", "2026-10-25T11:00:00Z"),  # 25 hours
        ("Pacific/Kiritimati", "2026-03-10", "2026-03-09T22:00:00Z"),
        ("Pacific/Pago_Pago", "2026-03-10", "2026-03-10T23:00:00Z"),
    ],
)
def test_noon_of_the_date_in_its_zone(zone: str, on: str, noon: str) -> None:
    parsed = daily.resting_heart_rate([answer(resting(on))], asked(on, zone=zone))
    assert rows(parsed, on, "RestingHR") == [{"time": noon, "value": 58.0}]


def test_a_date_without_a_zone_waits() -> None:
    assert not daily.resting_heart_rate([answer(resting("2026-03-10"))], asked("2026-03-10", zone=None)).tables


def test_pages_are_read_together_and_other_dates_dropped() -> None:
    pages = [
        answer(resting("2026-03-11", 60), resting("2026-02-28"), token="a"),
        b"{}",
        answer(resting("2026-03-10", "61"), resting("2026-04-01", [True])),  # what is not asked is not looked at
    ]
    parsed = daily.resting_heart_rate(pages, MARCH)
    assert {on.isoformat() for on, _ in parsed.tables} == {"2026-03-10", "2026-03-11"}
    assert not parsed.rejected


@pytest.mark.parametrize("backwards", [False, True])
def test_of_two_records_of_a_date_the_fuller_is_kept(backwards: bool) -> None:  # noqa: FBT001 - a parameter of the test
    degrees = {"nightlyTemperatureCelsius": 33.6}
    full = {**degrees, "baselineTemperatureCelsius": 33.9}
    on = {"date": date("2026-03-10")}
    points = [
        listed(TEMPERATURE, {**on, **full}, device="Band"),
        listed(TEMPERATURE, {**on, **degrees}, device="Watch"),
    ]
    parsed = daily.temperature([answer(*(points[::-1] if backwards else points))], MARCH)
    assert [row["Device"] for row in rows(parsed, "2026-03-10", "SkinTemperature")] == ["Band"]


def test_of_two_records_that_say_as_much_the_order_does_not_decide() -> None:
    one, other = resting("2026-03-10", "58"), resting("2026-03-10", "59")
    parsed = [daily.resting_heart_rate([answer(*points)], MARCH) for points in ((one, other), (other, one))]
    assert [rows(each, "2026-03-10", "RestingHR") for each in parsed] == [[{"time": NOON, "value": 59.0}]] * 2


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("text", "not an object"),
        (None, "not an object"),
        ({}, "not an object"),
        ({RATE: None}, "not an object"),
        ({RATE: {}}, "date is not a whole date"),
        ({RATE: {"date": {"year": 2026, "month": 3}}}, "date is not a whole date"),
        ({RATE: {"date": {"year": 2026, "month": 0, "day": 5}}}, "date is not a date"),
        ({RATE: {"date": date("9999-01-01")}}, "a date outside the years that can be"),
        ({RATE: {"date": {"year": True, "month": 3, "day": 5}}}, "not a number"),
        ({RATE: {"date": date("2026-03-11"), "beatsPerMinute": True}}, "not a number"),
        ({RATE: {"date": date("2026-03-11"), "beatsPerMinute": "58 bpm"}}, "not a number"),
        ({RATE: {"date": date("2026-03-11"), "beatsPerMinute": [58]}}, "not a number"),
        ({RATE: {"date": date("2026-03-11"), "beatsPerMinute": 1e300}}, "a number beyond what can be"),
        (
            listed(RATE, {"date": date("2026-03-11"), "beatsPerMinute": "58"}, device="x" * 201),
            "displayName is not a text",
        ),
    ],
)
def test_a_bad_record_is_counted_and_the_others_stay(bad: object, reason: str) -> None:
    parsed = daily.resting_heart_rate([answer(bad, resting("2026-03-10"))], MARCH)
    assert parsed.rejected == {reason: 1}
    assert {on.isoformat() for on, _ in parsed.tables} == {"2026-03-10"}


def test_half_a_character_loses_one_record_only() -> None:
    bad = listed(RATE, {"date": date("2026-03-11"), "beatsPerMinute": "58"}, device=HALF)
    parsed = daily.resting_heart_rate([answer(bad, resting("2026-03-10"))], MARCH)
    assert parsed.rejected == {"displayName is not a text": 1}
    assert {on.isoformat() for on, _ in parsed.tables} == {"2026-03-10"}


def test_a_truth_value_that_is_none_is_refused() -> None:
    value = {"date": date("2026-03-10"), "vo2Max": 43.2, "estimated": 1}
    assert daily.vo2_max([answer(reconciled("dailyVo2Max", value))], MARCH).rejected == {
        "estimated is not a truth value": 1
    }


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"dataPoints": 1}', b""])
def test_a_page_of_another_shape(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        daily.resting_heart_rate([body], MARCH)


def breaths(time: str, *, offset: str = "3600s", **stats: object) -> Json:
    return reconciled(
        "respiratoryRateSleepSummary",
        {
            "sampleTime": sample_time(time, offset=offset),
            **{f"{stage}SleepStats": said for stage, said in stats.items()},
        },
    )


def test_breathing_by_stage() -> None:
    point = breaths(
        "2026-03-10T05:40:00.250Z",
        deep={"breathsPerMinute": 0, "standardDeviation": 0.5, "signalToNoise": 1.0},  # not computed
        light={"breathsPerMinute": 14.8, "standardDeviation": 0.9, "signalToNoise": 4.2},
        rem={"standardDeviation": 0.7},
        full={"breathsPerMinute": "14.7", "signalToNoise": "NaN"},
    )
    parsed = breathing.stages([answer(point)], MARCH)
    assert rows(parsed, "2026-03-10", "BreathingRate_Stages") == [
        {
            "time": "2026-03-10T05:40:00Z",
            "light": 14.8,
            "lightStandardDeviation": 0.9,
            "lightSignalToNoise": 4.2,
            "full": 14.7,
        }
    ]
    assert_in_contract(parsed, MARCH)


@pytest.mark.parametrize(
    ("time", "offset", "on"),
    [
        ("2026-03-10T22:59:59Z", "3600s", "2026-03-10"),
        ("2026-03-10T23:00:00Z", "3600s", "2026-03-11"),
        ("2026-03-10T10:00:00Z", "50400s", "2026-03-11"),
        ("2026-03-10T10:59:59Z", "-39600s", "2026-03-09"),
    ],
)
def test_breathing_is_of_the_civil_date(time: str, offset: str, on: str) -> None:
    parsed = breathing.stages([answer(breaths(time, offset=offset, full={"breathsPerMinute": 14}))], MARCH)
    assert rows(parsed, on, "BreathingRate_Stages") == [{"time": time, "full": 14.0}]


def test_the_civil_date_that_was_sent_decides() -> None:
    point = breaths("2026-03-10T05:40:00Z", full={"breathsPerMinute": 14})
    value = point["respiratoryRateSleepSummary"]
    assert isinstance(value, dict)
    value["sampleTime"]["civilTime"] = {"date": date("2026-03-11"), "time": {}}
    assert rows(breathing.stages([answer(point)], MARCH), "2026-03-11", "BreathingRate_Stages")


def test_breathing_without_any_rate_is_no_record_and_bad_ones_are_counted() -> None:
    pages = [
        answer(
            breaths("2026-03-10T05:40:00Z", full={"breathsPerMinute": 0}),
            breaths("2026-03-11T05:40:00Z"),
            breaths("2026-03-12T05:40:00Z", full={"breathsPerMinute": True}),
            breaths("2026-03-13T05:40:00", full={"breathsPerMinute": 14}),
            breaths("2026-03-14T05:40:00Z", offset="1 h", full={"breathsPerMinute": 14}),
            breaths("2026-03-15T05:40:00Z", full=[14]),
            breaths("2026-03-16T05:40:00Z", full={"breathsPerMinute": 14}),
        )
    ]
    parsed = breathing.stages(pages, MARCH)
    assert [on.isoformat() for on, _ in parsed.tables] == ["2026-03-16"]
    assert parsed.rejected == {
        "not a number": 1,
        "physicalTime is a time without an offset": 1,
        "utcOffset is not a duration": 1,
        "not an object": 1,
    }


def test_of_two_copies_of_one_sleep_the_fuller_is_kept() -> None:
    poor = breaths("2026-03-10T05:40:00Z", full={"breathsPerMinute": 15})
    rich = breaths("2026-03-10T05:40:00.9Z", full={"breathsPerMinute": 14}, rem={"breathsPerMinute": 16})
    for points in ((poor, rich), (rich, poor)):
        found = rows(breathing.stages([answer(*points)], MARCH), "2026-03-10", "BreathingRate_Stages")
        assert found == [{"time": "2026-03-10T05:40:00Z", "full": 14.0, "rem": 16.0}]
