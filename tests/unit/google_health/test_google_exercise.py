"""Exercises from Google, their numbers and their tracks; the person lives in Berlin unless it says otherwise."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from cromwelld.errors import BadAnswer
from cromwelld.sources.google_health.exercise import Exercise, exercises, parse, track
from cromwelld.sources.parsed import Asked
from tests.unit.fitbit_web.reading import Plain, asked, assert_in_contract, rows
from tests.unit.google_health.points import Json, answer, date, interval, listed, reconciled

MARCH = asked("2026-03-01", "2026-03-31")
START, END = "2026-03-10T17:00:00Z", "2026-03-10T17:30:10Z"
RUN: Json = {"interval": interval(START, END), "exerciseType": "RUNNING", "displayName": "Run"}
DURATION = 1_810_000.0


def run(**more: object) -> Json:
    """Write a run; what is given as None is left out."""
    return {name: part for name, part in {**RUN, **more}.items() if part is not None}


def found(*values: Json, on: str = "2026-03-10") -> list[Plain]:
    return rows(parse([answer(*(reconciled("exercise", value) for value in values))], MARCH), on, "ActivityRecords")


def test_every_number_in_our_units() -> None:
    value = run(
        activeDuration="1800.5s",
        metricsSummary={
            "caloriesKcal": 402.5,
            "distanceMillimeters": 5_230_000,
            "steps": "5480",
            "averageSpeedMillimetersPerSecond": 2905.5,
            "averagePaceSecondsPerMeter": 0.344,
            "averageHeartRateBeatsPerMinute": "148",
            "elevationGainMillimeters": "42000",
            "activeZoneMinutes": 51,
            "runVo2Max": 44.1,
            "totalSwimLengths": 12.0,
            "heartRateZoneDurations": {
                "lightTime": "60s",
                "moderateTime": "540s",
                "vigorousTime": "1140s",
                "peakTime": "0s",
            },
            "mobilityMetrics": {
                "avgCadenceStepsPerMinute": 171.5,
                "avgStrideLengthMillimeters": "1020",
                "avgVerticalOscillationMillimeters": "84",
                "avgVerticalRatio": 8.25,
                "avgGroundContactTimeDuration": "0.245s",
            },
        },
        exerciseMetadata={"hasGps": True, "poolLengthMillimeters": "25000"},
        splitSummaries=[{"metricsSummary": {"caloriesKcal": 77.0}}],
    )
    parsed = parse([answer(reconciled("exercise", value))], MARCH)
    assert rows(parsed, "2026-03-10", "ActivityRecords") == [
        {
            "time": START,
            "ActivityName": "Run",
            "activeDuration": 1_800_500.0,
            "duration": DURATION,
            "calories": 402.5,
            "distance": 5.23,
            "steps": 5480.0,
            "speed": 10.4598,  # 2905.5 mm/s x 3600 / 1000000
            "pace": 344.0,
            "averageHeartRate": 148.0,
            "elevationGain": 42.0,
            "activeZoneMinutes": 51.0,
            "runVo2Max": 44.1,
            "totalSwimLengths": 12.0,
            "lightTime_s": 60.0,
            "moderateTime_s": 540.0,
            "vigorousTime_s": 1140.0,
            "peakTime_s": 0.0,
            "avgCadenceStepsPerMinute": 171.5,
            "avgStrideLengthMillimeters": 1020.0,
            "avgVerticalOscillationMillimeters": 84.0,
            "avgVerticalRatio": 8.25,
            "avgGroundContactTime_s": 0.245,
            "hasGps": 1.0,
            "poolLength": 25.0,
        }
    ]
    assert not parsed.rejected
    assert_in_contract(parsed, MARCH)


def test_every_number_is_optional() -> None:
    assert found(run()) == [{"time": START, "ActivityName": "Run", "duration": DURATION}]
    without_end = run(interval={"startTime": START, "startUtcOffset": "3600s"}, exerciseMetadata={})
    assert found(without_end) == [{"time": START, "ActivityName": "Run", "hasGps": 0.0}]


def test_what_was_not_measured_is_absent_and_what_is_nought_is_nought() -> None:
    summary = {
        "caloriesKcal": 0,
        "steps": "0",
        "averageHeartRateBeatsPerMinute": "0",
        "averagePaceSecondsPerMeter": 0,
        "runVo2Max": "NaN",
        "distanceMillimeters": "Infinity",
    }
    (row,) = found(run(metricsSummary=summary))
    assert row == {"time": START, "ActivityName": "Run", "duration": DURATION, "calories": 0.0, "steps": 0.0}


def test_new_numbers_are_kept_under_their_own_name_and_ids_never() -> None:
    summary = {
        "caloriesKcal": 100,
        "runningPower": 231.5,
        "jumps": "17",
        "indoor": True,
        "recoveryTime": "3600s",
        "mood": "GOOD",
        "sessionId": "123",
        "externalID": 5,
        "id": 7,
        "beyond": 9223372036854775807,
        "beyondToo": "9223372036854775807",
        "nothing": None,
        "new metric": 1,
        "duration": 3,  # this name is ours
        "laps": [1, 2],
    }
    (row,) = found(run(metricsSummary=summary))
    assert row == {
        "time": START,
        "ActivityName": "Run",
        "duration": DURATION,
        "calories": 100.0,
        "runningPower": 231.5,
        "jumps": 17.0,
        "indoor": 1.0,
    }


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({}, "Run"),
        ({"displayName": None}, "RUNNING"),
        ({"displayName": ""}, "RUNNING"),
        ({"displayName": None, "exerciseType": "MOON_WALK"}, "MOON_WALK"),
        ({"displayName": None, "exerciseType": "EXERCISE_TYPE_UNSPECIFIED"}, "Activity"),
        ({"displayName": None, "exerciseType": None}, "Activity"),
        ({"displayName": "Übung 跑步"}, "Übung 跑步"),
    ],
)
def test_the_name(more: Json, name: str) -> None:
    assert [row["ActivityName"] for row in found(run(**more))] == [name]


@pytest.mark.parametrize(
    ("start", "end", "offset", "on"),
    [
        ("2026-03-10T22:59:59Z", "2026-03-10T23:30:00Z", "3600s", "2026-03-10"),
        ("2026-03-10T23:00:00Z", "2026-03-10T23:30:00Z", "3600s", "2026-03-11"),
        ("2026-03-09T10:00:00Z", "2026-03-09T11:00:00Z", "50400s", "2026-03-10"),
        ("2026-03-10T10:59:59Z", "2026-03-10T11:30:00Z", "-39600s", "2026-03-09"),
    ],
)
def test_an_exercise_is_of_the_civil_date_of_its_start(start: str, end: str, offset: str, on: str) -> None:
    value = run(interval=interval(start, end, offset=offset))
    assert [row["time"] for row in found(value, on=on)] == [start]
    assert [str(one.date) for one in exercises([answer(reconciled("exercise", value))])] == [on]


def test_an_exercise_through_the_clock_change_is_as_long_as_it_was() -> None:
    value = run(interval=interval("2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", end_offset="7200s"))
    assert [row["duration"] for row in found(value, on="2026-03-29")] == [3_600_000.0]  # 01:30 to 03:30


def test_the_civil_start_that_was_sent_decides() -> None:
    civil = {"civilStartTime": {"date": date("2026-03-09"), "time": {}}}
    assert len(found(run(interval={**interval(START, END), **civil}), on="2026-03-09")) == 1


def test_dates_not_asked_and_dates_without_a_zone_are_left_out() -> None:
    pages = [answer(reconciled("exercise", run())), b"{}"]
    for about in (asked("2026-03-11"), asked("2026-03-10", zone=None)):
        parsed = parse(pages, about)
        assert not parsed.tables
        assert not parsed.rejected


FULL: Json = {"caloriesKcal": 402.5, "steps": "5480"}


@pytest.mark.parametrize(
    ("start", "end", "summary", "kept"),
    [
        ("2026-03-10T17:01:00Z", "2026-03-10T17:30:00Z", {"caloriesKcal": 0}, False),
        ("2026-03-10T17:01:00Z", "2026-03-10T17:30:00Z", {"caloriesKcal": 0, "steps": "5000", "x": 1, "y": 2}, False),
        ("2026-03-10T17:01:00Z", "2026-03-10T17:30:00Z", {}, False),
        ("2026-03-10T17:01:00Z", "2026-03-10T17:30:00Z", None, False),
        ("2026-03-10T17:01:00Z", "2026-03-10T17:01:00Z", None, False),
        ("2026-03-10T17:15:10Z", "2026-03-10T17:45:10Z", None, True),  # 900 of 1800 s: not more than half
        ("2026-03-10T17:15:09Z", "2026-03-10T17:45:09Z", None, False),
        ("2026-03-10T17:30:10Z", "2026-03-10T17:45:00Z", None, True),
        ("2026-03-10T17:01:00Z", "2026-03-10T17:30:00Z", {"steps": "5000"}, True),  # it was measured
    ],
)
def test_hollow_copies_go_for_the_fuller(start: str, end: str, summary: object, kept: bool) -> None:  # noqa: FBT001 - a parameter of the test
    copy = run(displayName="Copy", interval=interval(start, end), metricsSummary=summary)
    for values in ((run(metricsSummary=FULL), copy), (copy, run(metricsSummary=FULL))):
        points = [listed("exercise", value) for value in values]
        names = [row["ActivityName"] for row in rows(parse([answer(*points)], MARCH), "2026-03-10", "ActivityRecords")]
        assert sorted(map(str, names)) == (["Copy", "Run"] if kept else ["Run"])
        assert sorted(one.name for one in exercises([answer(*points)])) == sorted(map(str, names))


def test_of_hollow_copies_one_stays() -> None:
    values = (run(displayName="One"), run(displayName="Other", metricsSummary={"caloriesKcal": 0}))
    assert [row["ActivityName"] for row in found(*values)] == ["Other"]
    assert [row["ActivityName"] for row in found(*values[::-1])] == ["Other"]


def test_of_one_start_and_name_the_fuller_is_kept_and_the_route_found() -> None:
    full = listed("exercise", run(metricsSummary=FULL), number="1")
    routed = run(metricsSummary={"caloriesKcal": 400}, exerciseMetadata={"hasGps": True})
    points = [full, listed("exercise", routed, number="2")]
    for ordered in (points, points[::-1]):
        page = answer(*ordered)
        found = rows(parse([page], MARCH), "2026-03-10", "ActivityRecords")
        assert [row["calories"] for row in found] == [402.5]
        assert [(one.id, one.has_gps) for one in exercises([page])] == [("2", True)]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("exercise", "not an object"),
        ({"exercise": 5}, "not an object"),
        ({"exercise": {}}, "no startTime"),
        ({"exercise": run(interval=interval(END, START))}, "an exercise that ends before it begins"),
        ({"exercise": run(interval=interval("9999-03-10T17:00:00Z", END))}, "a time outside the years that can be"),
        ({"exercise": run(interval=interval("17:00", END))}, "startTime is not a time"),
        ({"exercise": run(activeDuration="30 min")}, "activeDuration is not a duration"),
        ({"exercise": run(activeDuration=1800)}, "activeDuration is not a duration"),
        ({"exercise": run(metricsSummary={"steps": True})}, "not a number"),
        ({"exercise": run(metricsSummary={"caloriesKcal": "many"})}, "not a number"),
        ({"exercise": run(metricsSummary=[1])}, "not an object"),
        ({"exercise": run(metricsSummary={f"new{number}": 1 for number in range(101)})}, "more numbers than"),
        ({"exercise": run(exerciseMetadata={"hasGps": "yes"})}, "hasGps is not a truth value"),
        ({"exercise": run(displayName=["Run"])}, "displayName is not a text"),
        ({"exercise": run(displayName="x" * 201)}, "displayName is not a text"),
    ],
)
def test_a_bad_exercise_is_counted_and_the_others_stay(bad: object, reason: str) -> None:
    good = reconciled("exercise", run(displayName="Good"), "77")
    parsed = parse([answer(bad, good)], MARCH)
    assert [row["ActivityName"] for row in rows(parsed, "2026-03-10", "ActivityRecords")] == ["Good"]
    (said,) = parsed.rejected
    assert reason in said
    assert parsed.rejected[said] == 1
    assert [one.id for one in exercises([answer(bad, good)])] == ["77"]


def test_what_the_chain_of_tracks_needs() -> None:
    late = reconciled("exercise", run(exerciseMetadata={"hasGps": True}), "3001")
    early = listed("exercise", run(interval=interval("2026-03-10T07:30:00.5Z", "2026-03-10T07:45:00Z")), number="3002")
    assert exercises([answer(late), answer(early)]) == [
        Exercise(
            id="3002",
            name="Run",
            start=dt.datetime(2026, 3, 10, 7, 30, 0, 500_000, tzinfo=dt.UTC),
            date=dt.date(2026, 3, 10),
            has_gps=False,
        ),
        Exercise(
            id="3001",
            name="Run",
            start=dt.datetime(2026, 3, 10, 17, tzinfo=dt.UTC),
            date=dt.date(2026, 3, 10),
            has_gps=True,
        ),
    ]


def test_the_activity_id_is_the_one_of_the_series() -> None:
    (one,) = exercises([answer(reconciled("exercise", run()))])
    assert one.activity_id == "2026-03-10T17:00:00+00:00-Run"


@pytest.mark.parametrize("name", ["3001/..", "abc", "30 01", "", "1" * 21, "٣", None])
def test_an_id_that_is_no_number_is_none_and_has_no_route(name: str | None) -> None:
    point = reconciled("exercise", run(exerciseMetadata={"hasGps": True}), name)
    assert [(one.id, one.has_gps) for one in exercises([answer(point)])] == [(None, False)]
    assert [row["hasGps"] for row in rows(parse([answer(point)], MARCH), "2026-03-10", "ActivityRecords")] == [1.0]


TCX = """<?xml version="1.0" encoding="UTF-8"?>
<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities><Activity>
<Lap><Track><Trackpoint><Time>2026-03-10T17:00:02.000Z</Time>
<Position><LatitudeDegrees>0.0001</LatitudeDegrees><LongitudeDegrees>0.0002</LongitudeDegrees></Position>
</Trackpoint></Track></Lap></Activity></Activities></TrainingCenterDatabase>"""


def route() -> Asked:
    day = dt.date(2026, 3, 10)
    return Asked(first=day, last=day, zone=lambda _: "Europe/Berlin", activity_id="2026-03-10T17:00:00+00:00-Run")


@pytest.mark.parametrize("body", [TCX.encode(), json.dumps({"tcxData": TCX}).encode()])
def test_a_track_as_file_and_as_text_in_json(body: bytes) -> None:
    assert rows(track(body, route()), "2026-03-10", "GPS") == [
        {"time": "2026-03-10T17:00:02Z", "ActivityID": "2026-03-10T17:00:00+00:00-Run", "lat": 0.0001, "lon": 0.0002}
    ]


@pytest.mark.parametrize("body", [b"", b" \n", b"{}", b'{"tcxData": ""}', b'{"tcxData": null}'])
def test_no_track_is_no_points(body: bytes) -> None:
    parsed = track(body, route())
    assert not parsed.tables
    assert not parsed.rejected


@pytest.mark.parametrize(
    "body", [b"<html/>", b"{", b'{"tcxData": 5}', b'{"tcxData": "\\ud83d"}', b'{"tcxData": "<html/>"}', b"[]"]
)
def test_what_is_no_track(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        track(body, route())
