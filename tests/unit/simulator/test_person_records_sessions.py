"""The nights, exercises and weighings of the synthetic person as the second vendor knows them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from cromwelld.simulator.google_health.person_records import TELLINGS, PersonRecords
from cromwelld.simulator.google_health.points import Point
from cromwelld.simulator.person import Person

PERSON = Person()
LATER = datetime(2025, 12, 20, 12, tzinfo=UTC)
RECORDS = PersonRecords(PERSON, LATER)
PLAIN, FALL_BACK = date(2025, 10, 8), date(2025, 10, 26)
WITH_MANUAL, WITH_INDOOR, WITH_COPY, WITH_NAP = (
    date(2025, 10, 7),
    date(2025, 9, 24),
    date(2025, 10, 1),
    date(2025, 9, 7),
)
AUTUMN = [date(2025, 9, 1) + timedelta(days=number) for number in range(60)]
DAILY = [path for path in TELLINGS if path.startswith("daily-")]


def points(path: str, day: date) -> list[Point]:
    """Give the points of a type that begin on a date, oldest first."""
    found = [each for each in RECORDS.points(path, day, day) if (each.day or each.civil_start.date()) == day]
    return sorted(found, key=lambda each: (each.start, not each.wearable))


# nights


def test_a_night_across_the_clocks_change_has_two_offsets() -> None:
    told = next(each for each in RECORDS.points("sleep", FALL_BACK, FALL_BACK) if each.civil_end.date() == FALL_BACK)
    assert told.civil_start == datetime(2025, 10, 26, 0, 3)  # noqa: DTZ001 - on the wrist
    assert told.civil_end == datetime(2025, 10, 26, 5, 50)  # noqa: DTZ001 - on the wrist
    assert (told.offset_s, told.end_offset_s) == (3600, 0)
    assert told.payload["summary"]["minutesInSleepPeriod"] == "407"  # 5 h 47 min on the clock and one hour more
    first, last = told.payload["stages"][0], told.payload["stages"][-1]
    assert (first["startTime"], first["startUtcOffset"]) == ("2025-10-25T23:03:00Z", "3600s")
    assert (last["endTime"], last["endUtcOffset"]) == ("2025-10-26T05:50:00Z", "0s")


@pytest.mark.parametrize("day", AUTUMN)
def test_the_stages_of_a_sleep_follow_each_other_and_add_up(day: date) -> None:
    for told in RECORDS.points("sleep", day, day):
        stages, summary = told.payload["stages"], told.payload["summary"]
        assert stages[0]["startTime"] == f"{datetime.fromtimestamp(told.start, UTC):%Y-%m-%dT%H:%M:%SZ}"
        assert all(earlier["endTime"] == later["startTime"] for earlier, later in pairwise(stages))
        in_bed, asleep, awake = (
            int(summary[name]) for name in ("minutesInSleepPeriod", "minutesAsleep", "minutesAwake")
        )
        assert in_bed == asleep + awake == (told.end - told.start) // 60
        assert sum(int(each["minutes"]) for each in summary["stagesSummary"]) == in_bed


def test_short_awakenings_count_as_light_sleep_and_as_minutes_awake() -> None:
    (told,) = (each for each in RECORDS.points("sleep", PLAIN, PLAIN) if each.civil_end.date() == PLAIN)
    summary = {each["type"]: int(each["minutes"]) for each in told.payload["summary"]["stagesSummary"]}
    truth = PERSON.sleeps(PLAIN)[0]
    seconds = {level: sum(each.seconds for each in truth.stages if each.level == level) for level in ("wake", "light")}
    short = sum(each.seconds for each in truth.short_wakes)
    assert short > 0
    assert len(told.payload["shortAwakenings"]) == len(truth.short_wakes)
    assert summary["AWAKE"] == seconds["wake"] // 60
    assert int(told.payload["summary"]["minutesAwake"]) - summary["AWAKE"] == pytest.approx(short / 60, abs=3)
    assert summary["LIGHT"] >= seconds["light"] // 60


def test_a_nap_is_classic_and_no_main_sleep() -> None:
    (nap,) = (each for each in points("sleep", WITH_NAP) if each.payload["type"] == "CLASSIC")
    assert nap.payload["metadata"] == {"stagesStatus": "REJECTED_NAP", "processed": True, "nap": True}
    assert {each["type"] for each in nap.payload["stages"]} <= {"ASLEEP", "RESTLESS", "AWAKE"}
    main = next(each for each in RECORDS.points("sleep", WITH_NAP, WITH_NAP) if each.payload["type"] == "STAGES")
    assert main.payload["metadata"] == {"stagesStatus": "SUCCEEDED", "processed": True, "mainSleep": True}


def test_a_nights_numbers_are_those_of_the_truth() -> None:
    vitals = PERSON.vitals(PLAIN)
    assert vitals is not None
    told = {path: points(path, PLAIN)[0].payload for path in DAILY}
    temperature = told["daily-sleep-temperature-derivations"]
    relative = temperature["nightlyTemperatureCelsius"] - temperature["baselineTemperatureCelsius"]
    assert told["daily-resting-heart-rate"]["beatsPerMinute"] == str(vitals.resting_bpm)
    variability = told["daily-heart-rate-variability"]
    assert variability["averageHeartRateVariabilityMilliseconds"] == vitals.daily_rmssd_ms
    assert variability["deepSleepRootMeanSquareOfSuccessiveDifferencesMilliseconds"] == vitals.deep_rmssd_ms
    assert told["daily-oxygen-saturation"]["averagePercentage"] == vitals.oxygen_avg
    assert told["daily-oxygen-saturation"]["lowerBoundPercentage"] != vitals.oxygen_min
    assert told["daily-respiratory-rate"]["breathsPerMinute"] == vitals.breaths_per_minute
    assert relative == pytest.approx(vitals.skin_relative_c)
    assert told["daily-vo2-max"]["vo2Max"] == vitals.vo2_max


def test_the_first_nights_have_no_baseline() -> None:
    young = PersonRecords(Person(member_since=date(2025, 9, 1)), LATER)
    told = young.points("daily-sleep-temperature-derivations", date(2025, 9, 1), date(2025, 9, 10))
    missing = [each.day for each in told if each.payload["baselineTemperatureCelsius"] == "NaN"]
    assert missing == [date(2025, 9, number) for number in range(1, 6)]


def test_samples_of_a_night_begin_the_evening_before() -> None:
    nights = [(day, PERSON.sleeps(day)[0]) for day in AUTUMN if PERSON.worn(day)]
    day, night = next((day, night) for day, night in nights if PERSON.civil(day).start - night.start.timestamp() > 3600)
    for path in ("oxygen-saturation", "heart-rate-variability"):
        evening = [each for each in points(path, day - timedelta(days=1)) if each.start > night.start.timestamp()]
        assert evening
        assert {each.civil_start.date() for each in evening} == {day - timedelta(days=1)}
    (breathing,) = points("respiratory-rate-sleep-summary", day)
    assert breathing.start == night.end.timestamp()


# exercises and weighings


def test_an_exercise_is_told_with_the_numbers_of_the_truth() -> None:
    walk = PERSON.activities(PLAIN)[0]
    told = points("exercise", PLAIN)[0]
    metrics = told.payload["metricsSummary"]
    assert walk.route is not None
    assert (told.start, told.end) == (walk.start.timestamp(), walk.end.timestamp())
    assert told.payload["displayName"] == "Walk"
    assert told.payload["exerciseType"] == "WALKING"
    assert told.payload["activeDuration"] == f"{walk.seconds}s"
    assert told.payload["exerciseMetadata"] == {"hasGps": True}
    assert metrics["caloriesKcal"] == walk.calories_kcal
    assert metrics["steps"] == str(walk.steps)
    assert metrics["averageHeartRateBeatsPerMinute"] == str(walk.average_bpm)
    assert metrics["distanceMillimeters"] / 1_000_000 == round(walk.route.distance_m[-1] / 1000, 5)
    # 3045.9 m in 2263 s
    assert metrics["averageSpeedMillimetersPerSecond"] == pytest.approx(1345.957, abs=0.001)
    assert metrics["averagePaceSecondsPerMeter"] == pytest.approx(0.742966, abs=0.000001)
    assert len(told.payload["splitSummaries"]) == 3


def test_zone_durations_are_whole_minutes_of_the_exercise() -> None:
    for told in points("exercise", WITH_INDOOR):
        if told.wearable:
            spent = told.payload["metricsSummary"]["heartRateZoneDurations"].values()
            seconds = [int(each.removesuffix("s")) for each in spent]
            assert not any(each % 60 for each in seconds)
            assert sum(seconds) == (told.end - told.start) // 60 * 60


def test_an_exercise_logged_by_hand_has_calories_and_nothing_else() -> None:
    (told,) = (each for each in points("exercise", WITH_MANUAL) if each.source["recordingMethod"] == "MANUAL")
    assert told.payload["metricsSummary"] == {"caloriesKcal": 150}
    assert told.payload["exerciseMetadata"] == {}
    assert "displayName" not in told.payload
    assert not told.wearable


def test_another_app_tells_an_empty_copy_now_and_then() -> None:
    (copy,) = (each for each in points("exercise", WITH_COPY) if each.source["platform"] == "HEALTH_CONNECT")
    first = points("exercise", WITH_COPY)[0]
    assert copy.payload["metricsSummary"] == {"caloriesKcal": 0}
    assert not copy.wearable
    assert first.start < copy.start < copy.end < first.end
    assert copy.id is not None
    assert RECORDS.tcx(copy.id) is None


def test_exercises_have_numbers_for_names() -> None:
    told = RECORDS.points("exercise", AUTUMN[0], AUTUMN[-1])
    assert len({each.id for each in told}) == len(told)
    assert all(each.id and each.id.isdecimal() for each in told)


def test_a_route_is_told_point_by_point() -> None:
    walk = PERSON.activities(PLAIN)[0]
    name = points("exercise", PLAIN)[0].id
    assert walk.route is not None
    assert name is not None
    text = RECORDS.tcx(name)
    assert text is not None
    space = {"t": "http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"}
    trackpoints = ET.fromstring(text).findall(".//t:Trackpoint", space)  # noqa: S314 - our own text
    times = [datetime.fromisoformat(each.findtext("t:Time", "", space)).timestamp() for each in trackpoints]
    latitudes = [float(each.findtext("t:Position/t:LatitudeDegrees", "", space)) for each in trackpoints]
    assert times == list(walk.route.instants)
    assert latitudes == list(walk.route.latitude)
    assert trackpoints[9].findtext("t:HeartRateBpm/t:Value", "", space).isdecimal()


@pytest.mark.parametrize("name", ["", "x", "1", "²", "31759914035", "9" * 30])
def test_what_is_no_exercise_has_no_route(name: str) -> None:
    assert RECORDS.tcx(name) is None


def test_an_exercise_indoors_has_no_route() -> None:
    names = [each.id for each in points("exercise", WITH_INDOOR) if each.payload["exerciseType"] == "ELLIPTICAL"]
    assert [RECORDS.tcx(name or "") for name in names] == [None]


def test_weighings_are_told_in_grams_with_the_fat_beside_them() -> None:
    for day in AUTUMN[:10]:
        truth = PERSON.weighings(day)
        weights, fats = points("weight", day), points("body-fat", day)
        assert [each.payload["weightGrams"] / 1000 for each in weights] == [each.weight_kg for each in truth]
        assert [each.start for each in weights] == [each.at.timestamp() for each in truth]
        measured = [(each.at.timestamp(), each.fat_percent) for each in truth if each.fat_percent is not None]
        assert [(each.start, each.payload["percentage"]) for each in fats] == measured


def test_the_height_is_read_once() -> None:
    (told,) = RECORDS.points("height", *RECORDS.span())
    assert told.payload == {"heightMillimeters": "1760"}
    assert told.civil_start.date() == date(2019, 1, 6)
