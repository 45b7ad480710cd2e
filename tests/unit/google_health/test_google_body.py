"""Weighings and body fat from Google; the person lives in Berlin unless it says otherwise."""

from __future__ import annotations

import pytest

from cromwelld.sources.google_health.body import body_fat, weight
from tests.unit.fitbit_web.reading import Plain, asked, assert_in_contract, rows
from tests.unit.google_health.points import Json, answer, date, reconciled, sample_time

MARCH = asked("2026-03-01", "2026-03-31")
TIME = "2026-03-10T06:15:00Z"


def weighed(grams: object = 70500, time: str = TIME, *, offset: str = "3600s") -> Json:
    return reconciled("weight", {"sampleTime": sample_time(time, offset=offset), "weightGrams": grams}, "1001")


def tall(millimeters: object, time: str) -> Json:
    return reconciled("height", {"sampleTime": sample_time(time), "heightMillimeters": millimeters}, "1003")


def found(*points: object, on: str = "2026-03-10") -> list[Plain]:
    return rows(weight([answer(*points)], MARCH), on, "Weight")


def test_a_weighing_with_a_height() -> None:
    parsed = weight([answer(weighed()), answer(tall("1750", "2026-03-01T09:00:00Z"))], MARCH)
    # 70.5 / 1.75 ** 2 = 23.0204
    assert rows(parsed, "2026-03-10", "Weight") == [{"time": TIME, "weight_kg": 70.5, "bmiDerived": 23.02}]
    assert not parsed.rejected
    assert_in_contract(parsed, MARCH)


def test_the_height_is_the_last_one_known_at_the_weighing() -> None:
    heights = [
        tall("1800", "2026-03-11T00:00:00Z"),
        tall(1750, "2026-03-10T06:15:00Z"),
        tall("1600", "2012-01-01T00:00:00Z"),
    ]
    assert found(weighed(), *heights)[0]["bmiDerived"] == 23.02
    assert found(*heights[::-1], weighed())[0]["bmiDerived"] == 23.02
    assert found(weighed(), heights[2])[0]["bmiDerived"] == 27.54  # 70.5 / 2.56 = 27.539


def test_a_height_of_later_is_better_than_none() -> None:
    later = [tall("1800", "2026-05-01T00:00:00Z"), tall("1750", "2026-04-01T00:00:00Z")]
    assert found(weighed(), *later)[0]["bmiDerived"] == 23.02


@pytest.mark.parametrize("millimeters", [None, "0", "NaN", 0, -1750])
def test_without_a_height_there_is_no_index(millimeters: object) -> None:
    assert found(weighed(), tall(millimeters, "2026-03-01T09:00:00Z")) == [{"time": TIME, "weight_kg": 70.5}]
    assert found(weighed()) == [{"time": TIME, "weight_kg": 70.5}]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (tall(True, "2026-03-01T09:00:00Z"), "not a number"),  # noqa: FBT003 - what was sent
        (tall("tall", "2026-03-01T09:00:00Z"), "not a number"),
        (tall(1e-200, "2026-03-01T09:00:00Z"), "a height that cannot be"),
        (tall("1750000", "2026-03-01T09:00:00Z"), "a height that cannot be"),
        (tall("1700", "9999-03-01T09:00:00Z"), "a time outside the years that can be"),
        ({"height": "1750"}, "not an object"),
        (weighed(True), "not a number"),  # noqa: FBT003 - what was sent
        (weighed(None), "no weight"),
        (weighed(0), "no weight"),
        (weighed("NaN"), "no weight"),
        (weighed(70500, "2026-03-10T06:15:00"), "physicalTime is a time without an offset"),
        (weighed(70500, "9999-03-10T06:15:00Z"), "a time outside the years that can be"),
        (weighed(70500, offset="86400s"), "utcOffset is more than an offset can be"),
        ({"weight": {}}, "no physicalTime"),
        ({"weight": None}, "not an object"),
        ("weight", "not an object"),
    ],
)
def test_a_bad_record_is_counted_once_and_the_others_stay(bad: object, reason: str) -> None:
    good = weighed(70500, "2026-03-11T06:15:00Z")
    parsed = weight([answer(bad, good, tall("1750", "2026-03-01T09:00:00Z"))], MARCH)
    assert parsed.rejected == {reason: 1}
    assert rows(parsed, "2026-03-11", "Weight")[0]["bmiDerived"] == 23.02
    assert len(parsed.tables) == 1


@pytest.mark.parametrize(
    ("time", "offset", "on", "stored"),
    [
        ("2026-03-10T22:59:59.999999Z", "3600s", "2026-03-10", "2026-03-10T22:59:59Z"),
        ("2026-03-10T23:00:00Z", "3600s", "2026-03-11", "2026-03-10T23:00:00Z"),
        ("2026-03-10T10:00:00Z", "50400s", "2026-03-11", "2026-03-10T10:00:00Z"),
        ("2026-03-10T10:59:59Z", "-39600s", "2026-03-09", "2026-03-10T10:59:59Z"),
        ("2026-03-28T23:30:00Z", "3600s", "2026-03-29", "2026-03-28T23:30:00Z"),
    ],
)
def test_a_weighing_is_of_its_civil_date_and_cut_to_the_second(time: str, offset: str, on: str, stored: str) -> None:
    assert [row["time"] for row in found(weighed(70500, time, offset=offset), on=on)] == [stored]


def test_the_civil_date_that_was_sent_decides() -> None:
    sent = {**sample_time(TIME), "civilTime": {"date": date("2026-03-09"), "time": {"hours": 23}}}
    assert len(found(reconciled("weight", {"sampleTime": sent, "weightGrams": 70500}), on="2026-03-09")) == 1


def test_other_dates_and_dates_without_a_zone_are_left_out() -> None:
    pages = [answer(weighed(70500, "2026-02-10T06:15:00Z"), weighed("?", "2026-04-10T06:15:00Z"))]
    assert not weight(pages, MARCH).tables
    assert not weight(pages, MARCH).rejected
    assert not weight([answer(weighed())], asked("2026-03-10", zone=None)).tables


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ({"device": {"displayName": "Aria Air"}, "platform": "FITBIT"}, "Aria Air"),
        (
            {"device": {}, "application": {"packageName": "com.example.scale"}, "platform": "FITBIT"},
            "com.example.scale",
        ),
        ({"application": {"webClientId": "1234567890"}, "platform": "HEALTH_CONNECT"}, "HEALTH_CONNECT"),
        ({"recordingMethod": "MANUAL", "platform": "FITBIT"}, "FITBIT"),
        ({"platform": "PLATFORM_UNSPECIFIED"}, None),
        ({}, None),
    ],
)
def test_the_source_of_a_listed_weighing(said: Json, source: str | None) -> None:
    (row,) = found({**weighed(), "dataSource": said})
    assert row.get("Source") == source


def test_several_weighings_of_a_date() -> None:
    assert [row["weight_kg"] for row in found(weighed(70400, "2026-03-10T18:00:00Z"), weighed("70500.5"))] == [
        70.5005,
        70.4,
    ]


def fat(percentage: object, time: str = TIME) -> Json:
    return reconciled("bodyFat", {"sampleTime": sample_time(time), "percentage": percentage}, "1002")


def test_body_fat() -> None:
    pages = [
        answer(fat(21.4), fat("22", "2026-03-11T06:15:00.5Z"), fat(20, "2026-02-01T06:15:00Z")),
        answer(fat(0, "2026-03-12T06:15:00Z"), fat(True, "2026-03-12T06:15:00Z")),  # noqa: FBT003 - what was sent
    ]
    parsed = body_fat(pages, MARCH)
    assert rows(parsed, "2026-03-10", "BodyFat") == [{"time": TIME, "value": 21.4}]
    assert rows(parsed, "2026-03-11", "BodyFat") == [{"time": "2026-03-11T06:15:00Z", "value": 22.0}]
    assert len(parsed.tables) == 2
    assert parsed.rejected == {"no body fat": 1, "not a number": 1}
    assert_in_contract(parsed, MARCH)
