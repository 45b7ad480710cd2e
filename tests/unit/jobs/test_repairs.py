"""Each named repair, against records as the old scripts wrote them and as they should have been, both by hand."""

from __future__ import annotations

import pyarrow as pa
import pytest

from cromwelld.jobs.repairs import RULES, repair
from tests.support.days import Values, rows

NIGHT = "2025-10-07T21:10:00"
STAGES, CLASSIC = {"tag_SleepType": ["stages"]}, {"tag_SleepType": ["classic"]}


def summary(**columns: Values) -> dict[str, pa.Table]:
    return {"SleepSummary": rows("SleepSummary", [NIGHT], tag_isMainSleep=["True"], **columns)}


def levels(words: list[str | None], numbers: list[float | None]) -> dict[str, pa.Table]:
    times = [f"2025-10-07T21:{10 + n}:00" for n in range(len(words))]
    lengths: Values = [60.0] * len(words)
    return {
        "SleepLevels": rows(
            "SleepLevels", times, field_stage=words, field_level=numbers, field_duration_seconds=lengths
        )
    }


def column(tables: dict[str, pa.Table], measurement: str, field: str) -> list[object]:
    values: list[object] = tables[measurement][f"field_{field}"].to_pylist()
    return values


def test_zero_kilograms_are_no_weighing() -> None:
    times = ["07:00", "08:00", "09:00"]
    weights = rows("Weight", times, field_weight_kg=[0.0, 70.5, 0.0], field_bmi=[0.0, 0.0, 22.0])
    mended, counts = repair({"Weight": weights})
    assert column(mended, "Weight", "weight_kg") == [70.5, None]
    assert column(mended, "Weight", "bmi") == [None, 22.0]
    assert counts == {"zero-weight": 2, "zero-bmi": 2}


@pytest.mark.parametrize(
    ("measurement", "field", "rule"),
    [("BreathingRate", "value", "zero-breathing"), ("SkinTemperature", "nightlyRelative", "zero-temperature")],
)
def test_a_record_of_which_nothing_is_left_goes(measurement: str, field: str, rule: str) -> None:
    zero = {measurement: rows(measurement, ["10:00"], **{f"field_{field}": [0.0]})}
    assert repair(zero) == ({}, {rule: 1})
    small = {measurement: rows(measurement, ["10:00"], **{f"field_{field}": [-0.1]})}
    assert repair(small) == (small, {})


def test_a_field_that_the_catalogue_does_not_know_keeps_its_record() -> None:
    breaths = rows("BreathingRate", ["10:00"], field_value=[0.0], field_quality=["low"])
    mended, counts = repair({"BreathingRate": breaths})
    assert column(mended, "BreathingRate", "quality") == ["low"]
    assert column(mended, "BreathingRate", "value") == [None]
    assert counts == {"zero-breathing": 1}


def test_an_efficiency_of_zero_is_absent_and_the_night_stays() -> None:
    mended, counts = repair(summary(field_efficiency=[0.0], field_minutesAsleep=[400.0]))
    assert column(mended, "SleepSummary", "efficiency") == [None]
    assert column(mended, "SleepSummary", "minutesAsleep") == [400.0]
    assert counts == {"zero-efficiency": 1}


def test_an_unknown_stage_has_no_level_and_keeps_its_word() -> None:
    mended, counts = repair(levels(["unknown", "deep"], [-1.0, 0.0]))
    assert column(mended, "SleepLevels", "level") == [None, 0.0]
    assert column(mended, "SleepLevels", "stage") == ["unknown", "deep"]
    assert counts == {"unknown-level": 1}


@pytest.mark.parametrize(
    ("said", "due"),
    [
        ("2025-10-08T06:50:30.000", "2025-10-08T04:50:00+00:00"),  # a clock two hours ahead of UTC
        ("2025-10-08T06:50:30+00:00", "2025-10-08T04:50:00+00:00"),  # the same, called UTC
        ("2025-10-07T23:50:30-04:00", "2025-10-08T04:50:00+00:00"),
        ("2025-10-08T04:50:30", "2025-10-08T04:50:30+00:00"),  # it was UTC and did not say so
        ("2025-10-08T06:50:30+02:00", "2025-10-08T04:50:30+00:00"),
        ("morning", "2025-10-08T04:50:00+00:00"),
    ],
)
def test_a_sleep_ends_when_its_minutes_in_bed_are_over(said: str, due: str) -> None:
    mended, counts = repair(summary(field_minutesInBed=[460.0], field_endTime=[said]))
    assert column(mended, "SleepSummary", "endTime") == [due]
    assert counts == {"sleep-end": 1}


@pytest.mark.parametrize("said", ["2025-10-08T04:50:30+00:00", "2025-10-08T04:40:00+00:00", None])
def test_an_end_that_agrees_or_was_not_told_stays(said: str | None) -> None:
    night = summary(field_minutesInBed=[460.0], field_endTime=[said])
    assert repair(night) == (night, {})


@pytest.mark.parametrize(
    ("said", "due"),
    [("2025-10-08T06:50:30", "2025-10-08T06:50:30"), ("2025-10-08T06:50:30+02:00", "2025-10-08T04:50:30+00:00")],
)
def test_without_minutes_in_bed_only_an_offset_tells(said: str, due: str) -> None:
    assert column(repair(summary(field_endTime=[said]))[0], "SleepSummary", "endTime") == [due]


SUMMED: dict[str, Values] = {
    "field_minutesAsleep": [400.0],
    "field_minutesInBed": [460.0],
    "field_minutesREM": [25.0],
    "field_minutesLight": [400.0],
    "field_minutesDeep": [0.0],
}


def minutes(tables: dict[str, pa.Table]) -> list[object]:
    return [column(tables, "SleepSummary", f"minutes{kind}")[0] for kind in ("Restless", "REM", "Light", "Deep")]


@pytest.mark.parametrize(
    "tables",
    [
        summary(**SUMMED, **CLASSIC),
        summary(**SUMMED) | levels(["asleep", "restless", "awake"], [1.0, 2.0, 3.0]),
    ],
    ids=["type", "words"],
)
def test_a_classic_night_was_restless_and_had_no_rem(tables: dict[str, pa.Table]) -> None:
    mended, counts = repair(tables)
    assert minutes(mended) == [25.0, None, None, None]
    assert column(mended, "SleepSummary", "minutesAsleep") == [400.0]
    assert counts == {"restless-as-rem": 1}


@pytest.mark.parametrize(
    "tables",
    [
        summary(**SUMMED, **STAGES),
        summary(**SUMMED, **STAGES) | levels(["asleep", "restless"], [1.0, 2.0]),
        summary(**SUMMED) | levels(["light", "rem", "wake"], [1.0, 2.0, 3.0]),
        summary(**SUMMED) | levels([None, None], [1.0, 2.0]),
        summary(**SUMMED),
    ],
    ids=["type", "type over words", "words", "no words", "nothing"],
)
def test_a_night_that_is_not_known_to_be_classic_keeps_its_stages(tables: dict[str, pa.Table]) -> None:
    mended, counts = repair(tables)
    assert minutes(mended) == [None, 25.0, 400.0, 0.0]
    assert counts == {}


def test_the_words_of_another_night_make_no_night_classic() -> None:
    other = rows("SleepLevels", ["2025-10-06T22:00:00"], field_stage=["asleep"], field_duration_seconds=[60.0])
    assert repair(summary(**SUMMED) | {"SleepLevels": other})[1] == {}


def test_zeros_that_are_counted_stay() -> None:
    names = ("HeartRate_Intraday", "Steps_Intraday", "Activity-steps", "Activity-calories", "RestingHR", "HRV")
    zeros = {name: rows(name, ["10:00"], **{rows(name, []).column_names[-1]: [0.0]}) for name in names}
    zeros["HR_Zones"] = rows("HR_Zones", ["10:00"], **{"field_Fat Burn": [0.0], "field_Peak": [-1.0]})
    assert repair(zeros) == (zeros, {})


def test_each_rule_has_a_name_of_its_own() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
