"""The catalogue against the table of the data contract, copied by hand."""

from __future__ import annotations

import pyarrow as pa
import pytest

from cromwelld.measurements import CATALOGUE, MEASUREMENTS, Likeness, Merge, describe, single_tables

DAILY = "daily_summaries.parquet"
DEVICE = ("Device",)
SLEEP = ("Device", "isMainSleep", "SleepType")

# name: table, tags, fields with units, key
CONTRACT: dict[str, tuple[str, tuple[str, ...], tuple[tuple[str, str], ...], tuple[str, ...]]] = {
    "HeartRate_Intraday": ("heartrate_intraday/", DEVICE, (("value", "bpm"),), ("time",)),
    "Steps_Intraday": ("steps_intraday/", DEVICE, (("value", "steps"),), ("time",)),
    "SPO2_Intraday": ("spo2_intraday/", DEVICE, (("value", "%"),), ("time",)),
    "HRV_Intraday": ("hrv_intraday/", DEVICE, (("rmssd", "ms"), ("standardDeviation", "ms")), ("time",)),
    "BreathingRate_Stages": (
        "breathingrate_stages/",
        DEVICE,
        (
            *((stage, "breaths/min") for stage in ("deep", "light", "rem", "full")),
            *((f"{stage}StandardDeviation", "breaths/min") for stage in ("deep", "light", "rem", "full")),
            *((f"{stage}SignalToNoise", "ratio") for stage in ("deep", "light", "rem", "full")),
        ),
        ("time",),
    ),
    "ActiveZoneMinutes_Intraday": (
        "activezoneminutes_intraday/",
        ("Device", "HeartRateZone"),
        (("value", "points"),),
        ("time", "HeartRateZone"),
    ),
    "SkinTemperature_Intraday": ("skintemperature_intraday/", DEVICE, (("value", "deg C"),), ("time",)),
    "Snore_Intraday": (
        "snore_intraday/",
        DEVICE,
        (
            ("meanLevel", "dBA"),
            ("maxLevel", "dBA"),
            ("minLevel", "dBA"),
            ("events", "events"),
            ("snoringEvents", "events"),
            ("duration_seconds", "s"),
        ),
        ("time",),
    ),
    "GPS": (
        "gps.parquet",
        ("ActivityID",),
        (("lat", "deg"), ("lon", "deg"), ("altitude", "m"), ("distance", "m"), ("heart_rate", "bpm")),
        ("ActivityID", "time"),
    ),
    "SleepLevels": (
        "sleep_levels.parquet",
        SLEEP,
        (
            ("level", "0 deep, 1 light or asleep, 2 REM or restless, 3 awake"),
            ("stage", "the vendor's word"),
            ("duration_seconds", "s"),
        ),
        ("isMainSleep", "time"),
    ),
    "SleepSummary": (
        DAILY,
        SLEEP,
        (
            ("efficiency", "%"),
            ("efficiencyDerived", "%"),
            ("minutesAsleep", "min"),
            ("minutesInBed", "min"),
            ("minutesAwake", "min"),
            ("minutesLight", "min"),
            ("minutesREM", "min"),
            ("minutesDeep", "min"),
            ("minutesRestless", "min"),
            ("endTime", "UTC"),
        ),
        ("isMainSleep", "time"),
    ),
    "HRV": (
        DAILY,
        DEVICE,
        (("dailyRmssd", "ms"), ("deepRmssd", "ms"), ("nonRemHeartRate", "bpm"), ("entropy", "")),
        ("time",),
    ),
    "BreathingRate": (DAILY, DEVICE, (("value", "breaths/min"),), ("time",)),
    "SkinTemperature": (
        DAILY,
        DEVICE,
        tuple(
            (name, "deg C")
            for name in (
                "nightlyRelative",
                "nightlyRelativeDerived",
                "nightlyTemperature",
                "baselineTemperature",
                "relativeStddev30d",
            )
        ),
        ("time",),
    ),
    "SPO2_Daily": (
        DAILY,
        DEVICE,
        (("avg", "%"), ("max", "%"), ("min", "%"), ("lower", "%"), ("upper", "%")),
        ("time",),
    ),
    "RestingHR": (DAILY, DEVICE, (("value", "bpm"),), ("time",)),
    "HR_Zones": (
        DAILY,
        DEVICE,
        tuple(
            (zone, "min")
            for zone in ("Out of Range", "Fat Burn", "Cardio", "Peak", "Light", "MODERATE", "VIGOROUS", "PEAK")
        ),
        ("time",),
    ),
    "Activity-steps": (DAILY, DEVICE, (("value", "steps"),), ("time",)),
    "Activity-calories": (DAILY, DEVICE, (("value", "kcal"),), ("time",)),
    "Activity-distance": (DAILY, DEVICE, (("value", "km"),), ("time",)),
    "Activity-minutesSedentary": (DAILY, DEVICE, (("value", "min"),), ("time",)),
    "Activity-minutesLightlyActive": (DAILY, DEVICE, (("value", "min"),), ("time",)),
    "Activity-minutesFairlyActive": (DAILY, DEVICE, (("value", "min"),), ("time",)),
    "Activity-minutesVeryActive": (DAILY, DEVICE, (("value", "min"),), ("time",)),
    "Activity-floors": (DAILY, DEVICE, (("value", "floors"),), ("time",)),
    "ActiveZoneMinutes": (
        DAILY,
        DEVICE,
        (("inFatBurn", "points"), ("inCardio", "points"), ("inPeak", "points")),
        ("time",),
    ),
    "VO2Max": (
        DAILY,
        DEVICE,
        (("value", "ml/kg/min"), ("covariance", ""), ("estimated", "1.0 or 0.0"), ("level", "the vendor's word")),
        ("time",),
    ),
    "SleepScore": (
        DAILY,
        DEVICE,
        (
            ("overall", "points"),
            ("composition", "points"),
            ("revitalization", "points"),
            ("duration", "points"),
            ("deepSleepMinutes", "min"),
            ("restingHeartRate", "bpm"),
            ("restlessness", "share of the sleep"),
        ),
        ("time",),
    ),
    "Readiness": (
        DAILY,
        DEVICE,
        (
            ("value", "points"),
            ("activity", "points"),
            ("sleep", "points"),
            ("hrv", "points"),
            ("state", "the vendor's word"),
        ),
        ("time",),
    ),
    "StressManagement": (
        DAILY,
        DEVICE,
        (
            ("value", "points"),
            ("sleepPoints", "points"),
            ("responsivenessPoints", "points"),
            ("exertionPoints", "points"),
        ),
        ("time",),
    ),
    "DeviceBatteryLevel": (DAILY, DEVICE, (("value", "%"),), ("Device", "time")),
    "Weight": (
        DAILY,
        ("Source",),
        (("weight_kg", "kg"), ("bmi", "kg/m2"), ("bmiDerived", "kg/m2")),
        ("Source", "time"),
    ),
    "BodyFat": (DAILY, ("Source",), (("value", "%"),), ("Source", "time")),
    "ActivityRecords": (DAILY, ("ActivityName",), (), ("ActivityName", "time")),  # its fields: a test of their own
    "Cromwelld_Day": (
        "days.parquet",
        ("date", "Zone", "Schema"),
        (("records", "records"), ("wear_minutes", "min")),
        ("time",),
    ),
}
TEXT = {("SleepLevels", "stage"), ("SleepSummary", "endTime"), ("VO2Max", "level"), ("Readiness", "state")}
PARTITIONED = {
    "HeartRate_Intraday",
    "Steps_Intraday",
    "SPO2_Intraday",
    "HRV_Intraday",
    "BreathingRate_Stages",
    "ActiveZoneMinutes_Intraday",
    "SkinTemperature_Intraday",
    "Snore_Intraday",
}
EXPORTED_ONLY = {"SkinTemperature_Intraday", "Snore_Intraday", "SleepScore", "Readiness", "StressManagement"}
BEYOND_FITBIT = {
    "SPO2_Intraday",
    "HRV_Intraday",
    "BreathingRate_Stages",
    "ActiveZoneMinutes_Intraday",
    "Activity-floors",
    "ActiveZoneMinutes",
    "VO2Max",
    "BodyFat",
}


def test_the_catalogue_has_the_35_names_of_the_contract_in_its_order() -> None:
    assert [m.name for m in CATALOGUE] == list(CONTRACT)
    assert len(CATALOGUE) == 35


@pytest.mark.parametrize("name", [name for name in CONTRACT if name != "ActivityRecords"])
def test_an_entry_is_the_row_of_the_contract(name: str) -> None:
    entry = MEASUREMENTS[name]
    fields = tuple((field.name, field.unit) for field in entry.fields)
    assert (entry.table, entry.tags, fields, entry.key) == CONTRACT[name]
    assert {(name, field.name) for field in entry.fields if field.text} == {one for one in TEXT if one[0] == name}


def test_activities_name_the_numbers_of_the_contract_and_take_others() -> None:
    entry = MEASUREMENTS["ActivityRecords"]
    units = {field.name: field.unit for field in entry.fields}
    wanted = {
        "activeDuration": "ms",
        "duration": "ms",
        "calories": "kcal",
        "distance": "km",
        "steps": "steps",
        "averageHeartRate": "bpm",
    }
    assert wanted.items() <= units.items()
    assert (entry.table, entry.tags, entry.key) == (DAILY, ("ActivityName",), ("ActivityName", "time"))
    assert entry.open_fields
    assert not any(field.text for field in entry.fields)


def test_how_each_merges_is_said_by_its_kind() -> None:
    by_merge = {merge: {m.name for m in CATALOGUE if m.merge is merge} for merge in Merge}
    assert by_merge[Merge.SAMPLED] == PARTITIONED
    assert by_merge[Merge.TRACKS] == {"GPS"}
    assert by_merge[Merge.LOGGED] == {
        "SleepLevels",
        "SleepSummary",
        "SleepScore",
        "Weight",
        "BodyFat",
        "ActivityRecords",
    }
    assert by_merge[Merge.READINGS] == {"DeviceBatteryLevel"}
    assert len(by_merge[Merge.DAILY]) == 19


def test_columns_are_time_then_tags_then_fields_with_fixed_types() -> None:
    assert MEASUREMENTS["SleepLevels"].schema == pa.schema(
        [
            ("time", pa.timestamp("us", tz="UTC")),
            ("tag_Device", pa.string()),
            ("tag_isMainSleep", pa.string()),
            ("tag_SleepType", pa.string()),
            ("field_level", pa.float64()),
            ("field_stage", pa.string()),
            ("field_duration_seconds", pa.float64()),
        ]
    )
    assert MEASUREMENTS["GPS"].key_columns == ("tag_ActivityID", "time")


def test_each_source_says_how_its_value_relates() -> None:
    for entry in CATALOGUE:
        asked_of_fitbit = entry.name not in BEYOND_FITBIT | EXPORTED_ONLY
        sources = {"fitbit_web", "google_health", "takeout"} if asked_of_fitbit else {"google_health", "takeout"}
        sources -= {"google_health"} if entry.name in EXPORTED_ONLY else set()
        assert set(entry.likeness) == sources, entry.name
        if asked_of_fitbit and entry.name != "Cromwelld_Day":
            assert entry.likeness["fitbit_web"] is Likeness.SAME


def test_only_the_zones_have_names_that_differ_in_case_only() -> None:
    fields = {field.column for measurement in CATALOGUE for field in measurement.fields}
    alike = {name for name in fields if sum(other.lower() == name.lower() for other in fields) > 1}
    assert {name.lower() for name in alike} == {"field_light", "field_peak"}  # light: in two tables, never in one


def test_single_tables_are_those_that_hold_many_dates() -> None:
    tables = single_tables()
    assert list(tables) == ["gps.parquet", "sleep_levels.parquet", DAILY]
    assert [len(members) for members in tables.values()] == [1, 1, 24]
    assert {m.name for m in CATALOGUE if m.partitioned} == PARTITIONED


def test_a_foreign_measurement_is_described_too() -> None:
    unknown = describe("StressScore")
    assert (unknown.name, unknown.table, unknown.open_fields) == ("StressScore", DAILY, True)
    assert describe("HRV") is MEASUREMENTS["HRV"]
