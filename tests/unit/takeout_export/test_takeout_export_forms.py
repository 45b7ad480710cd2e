"""The files of an export have the headers of the published samples, and rows of their form.

The rows are written by hand after the samples; what they hold is the person's night and walk of 24 October 2025.
"""

from __future__ import annotations

import json
import re

import pytest

from tests.support.reference import reference
from tests.support.takeout import Layout, Trap
from tests.unit.takeout_export.takeout_exported import exported, lines, one, records

OLD = "legacy-fitbit-folder/Takeout/Fitbit"
FLAT = "aug-2026-flat/Takeout/Google Health"
FOLDERS = "oct-2026-subfolders/Takeout/Google Health"
TELEMETRY, FITNESS, DATA = "Physical Activity_GoogleData", "Health Fitness Data_GoogleData", "Global Export Data"
HEART = "Heart Rate Variability"

# where the sample lies, where an export has the like of it, and a row
TABLES = [
    (
        f"{OLD}/{TELEMETRY}",
        "heart_rate_2024-05-01.csv",
        "heart_rate_2025-10-24.csv",
        "2025-10-24T00:00:07Z,52.0,PixelWatch3",
    ),
    (
        f"{FLAT}/{TELEMETRY}",
        "heart_rate_2026-10-01.csv",
        "heart_rate_2025-10-24.csv",
        "2025-10-24T00:00:07Z,52,PixelWatch3",
    ),
    (
        f"{FOLDERS}/{TELEMETRY}/Heart Rate",
        "heart_rate_2026-09-12.csv",
        "heart_rate_2025-10-24.csv",
        "2025-10-24T00:00:07Z,52,PixelWatch3",
    ),
    (f"{FLAT}/{TELEMETRY}", "steps_2026-10-01.csv", "steps_2025-10-01.csv", "2025-10-24T08:10:00Z,106,PixelWatch3"),
    (
        f"{FOLDERS}/{TELEMETRY}/Steps",
        "steps_2026-09-01.csv",
        "steps_2025-10-01.csv",
        "2025-10-24T08:10:00.000Z,106,PixelWatch3",
    ),
    (
        f"{FOLDERS}/{TELEMETRY}/Distance",
        "distance_2026-09-01.csv",
        "distance_2025-10-01.csv",
        "2025-10-24T08:10:00.000Z,79.5,PixelWatch3",
    ),
    (
        f"{FLAT}/{TELEMETRY}",
        "distance_2026-08-01.csv",
        "distance_2025-10-01.csv",
        "2025-10-24T08:10:00Z,79.5,PixelWatch3",
    ),
    (
        f"{FOLDERS}/{TELEMETRY}/Calories",
        "calories_2026-09-01.csv",
        "calories_2025-10-01.csv",
        "2025-10-24T08:10:00Z,5.52,Google Health App",
    ),
    (
        f"{FOLDERS}/{TELEMETRY}/Active Minutes",
        "active_minutes_2026-09-01.csv",
        "active_minutes_2025-10-01.csv",
        "2025-10-24T08:10:00Z,0,0,1,Google Health App",
    ),
    (
        f"{FOLDERS}/{TELEMETRY}/Active Zone Minutes",
        "active_zone_minutes_2026-09-01.csv",
        "active_zone_minutes_2025-10-01.csv",
        "2025-10-24T08:11:00Z,FAT_BURN,1,PixelWatch3",
    ),
    (
        f"{FLAT}/{TELEMETRY}",
        "calories_in_heart_rate_zone_2026-08-24.csv",
        "calories_in_heart_rate_zone_2025-10-01.csv",
        "2025-10-23T23:00:00Z,LIGHT,1.38,Google Health App",
    ),
    (
        f"{FOLDERS}/{TELEMETRY}/Body Temperature",
        "body_temperature_2026-09-12.csv",
        "body_temperature_2025-10-24.csv",
        "2025-10-24T00:16:30Z,32.5,PixelWatch3",
    ),
    (f"{FOLDERS}/{TELEMETRY}/Weight", "weight.csv", "weight.csv", "2025-10-25T06:46:55.000000Z,70600,Aria Air"),
    (f"{FLAT}/{TELEMETRY}", "weight.csv", "weight.csv", "2025-10-25T06:46:55Z,70600,Aria Air"),
    (
        f"{FOLDERS}/{TELEMETRY}/Daily Resting Heart Rate",
        "daily_resting_heart_rate.csv",
        "daily_resting_heart_rate.csv",
        "2025-10-24T00:00:00Z,59.0,Google Health App",
    ),
    (
        f"{OLD}/{TELEMETRY}",
        "respiratory_rate_sleep_summary_2024-05-01.csv",
        "respiratory_rate_sleep_summary_2025-10-01.csv",
        "2025-10-24T05:32:30Z,13.8,1.1,4.0,14.2,1.1,4.0,14.5,1.1,4.0,14.1,1.1,4.0,PixelWatch3",
    ),
    (
        f"{FLAT}/{FITNESS}",
        "UserSleeps_2026-10-01.csv",
        "UserSleeps_2025-10-24.csv",
        (
            "1000000001761261390,STAGES,376,0,0,336,40,10,0,+01:00,2025-10-23 23:16:30+0000,+01:00,"
            "2025-10-24 05:32:30+0000,PASSIVELY_MEASURED"
        ),
    ),
    (
        f"{FOLDERS}/{FITNESS}",
        "UserSleeps_2026-09-01.csv",
        "UserSleeps_2025-10-24.csv",
        (
            "1000000001761261390,STAGES,376,0,0,336,40,10,0,+01:00,2025-10-23T23:16:30Z,+01:00,"
            "2025-10-24T05:32:30Z,PIXELWATCH3,3,2025-10-24T05:37:30Z,2025-10-24T05:37:30Z"
        ),
    ),
    (
        f"{FLAT}/{FITNESS}",
        "UserSleepStages_2026-10-01.csv",
        "UserSleepStages_2025-10-24.csv",
        "1000000001761261390,0,AWAKE,+01:00,2025-10-23 23:16:30+0000,+01:00,2025-10-23 23:26:30+0000",
    ),
    (
        f"{FOLDERS}/{FITNESS}",
        "UserSleepStages_2026-09-01.csv",
        "UserSleepStages_2025-10-24.csv",
        "1000000001761261390,0,AWAKE,+01:00,2025-10-23T23:16:30Z,+01:00,2025-10-23T23:26:30Z,PIXELWATCH3,3,,",
    ),
    (
        f"{FLAT}/{FITNESS}",
        "UserAppSettingData.csv",
        "UserAppSettingData.csv",
        "2019-01-06T12:00:00Z,weight system,metric",
    ),
    (
        f"{OLD}/Active Zone Minutes (AZM)",
        "Active Zone Minutes - 2024-05-01.csv",
        "Active Zone Minutes - 2025-10-01.csv",
        "2025-10-24T09:11,FAT_BURN,1",
    ),
    (
        f"{OLD}/Daily Readiness",
        "Daily Readiness Score - 2024-06-01.csv",
        "Daily Readiness Score - 2025-10-01.csv",
        "2025-10-24,69,MED,71,64,72,HIGH,MED,HIGH",
    ),
    (
        f"{OLD}/{HEART}",
        "Daily Heart Rate Variability Summary - 2024-06-(22).csv",
        "Daily Heart Rate Variability Summary - 2025-10-(24).csv",
        "2025-10-24T00:00:00,46.231,58,2.819",
    ),
    (
        f"{OLD}/{HEART}",
        "Daily Respiratory Rate Summary - 2024-06-22.csv",
        "Daily Respiratory Rate Summary - 2025-10-24.csv",
        "2025-10-24T00:00:00,14.1",
    ),
    (
        f"{OLD}/{HEART}",
        "Heart Rate Variability Details - 2024-06-22.csv",
        "Heart Rate Variability Details - 2025-10-24.csv",
        "2025-10-24T00:20:00,45.326,0.98,634.6,407.9",
    ),
    (
        f"{OLD}/Oxygen Saturation (SpO2)",
        "Daily SpO2 - 2024-06-01-2024-06-30.csv",
        "Daily SpO2 - 2025-10-01-2025-10-31.csv",
        "2025-10-24T00:00:00Z,95.9,95.3,96.5",
    ),
    (
        f"{OLD}/Oxygen Saturation (SpO2)",
        "Minute SpO2 - 2024-06-22.csv",
        "Minute SpO2 - 2025-10-24.csv",
        "2025-10-23T23:17:38Z,95.6",
    ),
    (
        f"{OLD}/Sleep Score",
        "sleep_score.csv",
        "sleep_score.csv",
        "41761261390,2025-10-24T05:32:30Z,65,15,20,30,60,59,0.1189",
    ),
    (
        f"{FOLDERS}/Sleep Score",
        "sleep_score.csv",
        "sleep_score.csv",
        "41761261390,2025-10-24T05:32:30Z,65,,65,,60,59,0.1189",
    ),
    (
        f"{OLD}/Snore and Noise Detect",
        "Snore Details - 2024-06-22.csv",
        "Snore Details - 2025-10-24.csv",
        "2025-10-24T00:16:30,31.2,44.0,29.8,3,0,0,30",
    ),
    (
        f"{OLD}/Stress Score",
        "Stress Score.csv",
        "Stress Score.csv",
        "2025-10-24T00:00:00,2025-10-24T12:00:00.000,62,15,30,24,30,23,40,READY,false",
    ),
    (
        f"{FOLDERS}/Paired Devices",
        "Trackers.csv",
        "Trackers.csv",
        "2,2019-01-06,2025-10-29T00:00:00.000Z,60,,PixelWatch3",
    ),
]
LAYOUTS = {OLD: Layout.FITBIT, FLAT: Layout.GOOGLE_FLAT, FOLDERS: Layout.GOOGLE_FOLDERS}


def layout_of(sample: str) -> Layout:
    return next(layout for root, layout in LAYOUTS.items() if sample.startswith(root))


@pytest.mark.parametrize(("folder", "sample", "name", "row"), TABLES)
def test_a_table_has_its_samples_header_folder_and_form(folder: str, sample: str, name: str, row: str) -> None:
    header = reference(f"takeout/{folder}/{sample}").read_text(encoding="utf-8").splitlines()[0]
    written = exported(layout_of(folder))[f"{folder.partition('/')[2]}/{name}"].decode().splitlines()
    assert written[0] == header
    assert row in written[1:]
    assert {line.count(",") for line in written} == {header.count(",")}


# families of which there is no sample: the columns are those that people name
UNSAMPLED = [
    ("floors_2025-10-01.csv", "timestamp,floors,data source", "2025-10-24T06:03:00Z,1,PixelWatch3"),
    ("altitude_2025-10-01.csv", "timestamp,gain,data source", "2025-10-24T06:03:00Z,3.048,PixelWatch3"),
    ("activity_level_2025-10-01.csv", "timestamp,level,data source", "2025-10-23T23:00:00Z,SEDENTARY,PixelWatch3"),
    (
        "sedentary_period_2025-10-01.csv",
        "start time,end time,data source",
        "2025-10-23T23:00:00Z,2025-10-23T23:04:00Z,PixelWatch3",
    ),
    (
        "time_in_heart_rate_zone_2025-10-01.csv",
        "timestamp,heart rate zone type,data source",
        "2025-10-23T23:00:00Z,LIGHT,Fitbit App",
    ),
    (
        "oxygen_saturation_2025-10-01.csv",
        "timestamp,oxygen saturation percentage,data source",
        "2025-10-23T23:17:38Z,95.6,PixelWatch3",
    ),
    (
        "heart_rate_variability_2025-10-01.csv",
        "timestamp,root mean square of successive differences milliseconds,standard deviation milliseconds,data source",
        "2025-10-23T23:20:00Z,45.326,56.657,PixelWatch3",
    ),
    ("body_fat_2025-10-01.csv", "timestamp,body fat percentage,data source", "2025-10-28T07:57:16Z,18.1,Aria Air"),
    ("height.csv", "timestamp,height millimeters,data source", "2019-01-06T12:00:00Z,1760,Fitbit App"),
    (
        "daily_heart_rate_variability.csv",
        (
            "timestamp,average heart rate variability milliseconds,non rem heart rate beats per minute,entropy,"
            "deep sleep root mean square of successive differences milliseconds,data source"
        ),
        "2025-10-24T00:00:00Z,46.231,58.0,2.819,51.088,Fitbit App",
    ),
    ("daily_respiratory_rate.csv", "timestamp,breaths per minute,data source", "2025-10-24T00:00:00Z,14.1,Fitbit App"),
    (
        "daily_oxygen_saturation.csv",
        (
            "timestamp,average percentage,lower bound percentage,upper bound percentage,baseline percentage,"
            "standard deviation percentage,data source"
        ),
        "2025-10-24T00:00:00Z,95.9,95.3,96.5,0.0,0.3,Fitbit App",
    ),
    (
        "daily_sleep_temperature_derivations.csv",
        (
            "timestamp,nightly temperature celsius,baseline temperature celsius,"
            "relative nightly stddev 30d celsius,data source"
        ),
        "2025-10-24T00:00:00Z,33.0,33.7,0.37,Fitbit App",
    ),
    (
        "daily_readiness.csv",
        (
            "timestamp,score,type,readiness level,sleep readiness,heart rate variability readiness,"
            "resting heart rate readiness,data source"
        ),
        "2025-10-24,69,MED,TYPE_UNSPECIFIED,MED,HIGH,HIGH,Fitbit App",
    ),
    (
        "Computed Temperature - 2025-10-01.csv",
        (
            "type,sleep_start,sleep_end,temperature_samples,nightly_temperature,baseline_relative_sample_sum,"
            "baseline_relative_sample_sum_of_squares,baseline_relative_nightly_standard_deviation,"
            "baseline_relative_sample_standard_deviation"
        ),
        "IDT,2025-10-24T00:16:30,2025-10-24T06:32:30,376,33.0,-263.2,419.6,0.37,0.956",
    ),
    (
        "Device Temperature - 2025-10-24.csv",
        "recorded_time,temperature,sensor_type",
        "2025-10-24T00:17:00,-0.53,UNKNOWN",
    ),
]


@pytest.mark.parametrize(("name", "header", "row"), UNSAMPLED)
def test_a_table_without_a_sample_has_the_columns_that_people_name(name: str, header: str, row: str) -> None:
    written = lines(exported(Layout.FITBIT), name)
    assert written[0] == header
    assert row in written[1:]


def test_exercises_have_forty_six_columns_one_with_commas() -> None:
    header, row, *_ = lines(exported(Layout.FITBIT), "UserExercises_2025-10-24.csv")
    assert header.count(",") == 45
    assert row.startswith("2000000001761293404,2025-10-24T08:10:04Z,2025-10-24T08:52:03Z,+01:00,")
    before, quoted, after = row.split('"[')[0], row.split('"[')[1].split(']"')[0], row.split(']"')[1]
    assert (before.count(",") + after.count(","), "," in quoted) == (45, True)


# samples of the old site's files, and where an export has the like of them
JSONS = [
    (f"{OLD}/{DATA}", "heart_rate-2024-05-01.json", "heart_rate-2025-10-24.json"),
    (f"{OLD}/{DATA}", "time_in_heart_rate_zones-2024-05-01.json", "time_in_heart_rate_zones-2025-10-24.json"),
    (f"{OLD}/{DATA}", "sedentary_minutes-2024-09-20.json", "sedentary_minutes-2025-10-24.json"),
    (f"{OLD}/{DATA}", "very_active_minutes-2024-09-20.json", "very_active_minutes-2025-10-24.json"),
    (f"{FOLDERS}/{DATA}", "lightly_active_minutes-2026-09-11.json", "lightly_active_minutes-2025-10-24.json"),
    (f"{FOLDERS}/{DATA}", "moderately_active_minutes-2026-09-11.json", "moderately_active_minutes-2025-10-24.json"),
    (f"{FOLDERS}/{DATA}", "steps-2026-09-11.json", "steps-2025-10-24.json"),
    (f"{FOLDERS}/{DATA}", "distance-2026-09-11.json", "distance-2025-10-24.json"),
    (f"{FOLDERS}/{DATA}", "calories-2026-09-11.json", "calories-2025-10-24.json"),
    (f"{FOLDERS}/{DATA}", "demographic_vo2_max-2026-09-11.json", "demographic_vo2_max-2025-10-24.json"),
]


def shape(value: object) -> object:
    """Keep the names of a record and the kinds of its values: a stamp, a number, a number as text."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, str):
        return re.sub(r"\d", "0", value) if "/" in value else "number as text" if float(value) >= 0 else "text"
    return "number" if isinstance(value, int | float) else type(value)


@pytest.mark.parametrize(("folder", "sample", "name"), JSONS)
def test_the_old_sites_records_have_the_form_of_their_samples(folder: str, sample: str, name: str) -> None:
    published = json.loads(reference(f"takeout/{folder}/{sample}").read_text(encoding="utf-8"))[0]
    written = json.loads(exported(layout_of(folder))[f"{folder.partition('/')[2]}/{name}"])[0]
    assert list(written) == list(published)
    assert shape(written) == shape(published)


def test_a_resting_rate_has_the_form_of_its_sample() -> None:
    sample = f"takeout/{FOLDERS}/{DATA}/resting_heart_rate-2026-09-11.json"
    published = json.loads(reference(sample).read_text(encoding="utf-8"))[1]
    written = records(exported(Layout.GOOGLE_FOLDERS), "resting_heart_rate-2025-10-24.json")[0]
    assert shape(written) == shape(published)
    assert written == {"dateTime": "10/24/25 00:00:00", "value": {"date": "10/24/25", "value": 59.0, "error": 5.5}}


def test_a_sleep_has_the_fields_of_its_sample() -> None:
    sample = reference(f"takeout/{OLD}/{DATA}/sleep-2024-06-22.json").read_text(encoding="utf-8")
    for published in json.loads(sample):
        found = records(exported(Layout.FITBIT), "sleep-2025-10-24.json")
        written = next(each for each in found if each["type"] == published["type"])
        assert list(written) == list(published)
        assert {level: set(told) for level, told in written["levels"]["summary"].items()} == {
            level: set(told) for level, told in published["levels"]["summary"].items()
        }
        assert set(written["levels"]) == set(published["levels"])
        assert set(written["levels"]["data"][0]) == set(published["levels"]["data"][0])
    night = next(each for each in found if each["dateOfSleep"] == "2025-10-24" and each["mainSleep"])
    assert (night["logId"], night["startTime"], night["endTime"]) == (
        41761261390,
        "2025-10-24T00:16:30.000",
        "2025-10-24T06:32:30.000",
    )


def test_an_exercise_has_the_fields_of_its_sample() -> None:
    published = json.loads(reference(f"takeout/{OLD}/{DATA}/exercise-0.json").read_text(encoding="utf-8"))[0]
    written = records(exported(Layout.FITBIT), "exercise-0.json")[0]
    assert set(published) <= set(written)
    assert (written["startTime"], written["activityName"], written["steps"]) == ("10/24/25 09:10:04", "Walk", 4939)
    assert set(written["heartRateZones"][0]) == set(published["heartRateZones"][0])


def test_a_weighing_has_the_fields_of_its_sample() -> None:
    published = json.loads(reference(f"takeout/{FOLDERS}/{DATA}/weight-2026-09-11.json").read_text(encoding="utf-8"))[0]
    written = records(exported(Layout.GOOGLE_FOLDERS), "weight-2025-10-24.json")[0]
    assert set(published) <= set(written)
    # 70.6 kg are 155.6463570991 pounds
    assert (written["weight"], written["date"], written["time"]) == (155.6463571, "10/25/25", "07:46:55")


@pytest.mark.parametrize(
    ("trap", "folder", "sample", "name"),
    [
        (Trap.PSEUDO_JSON, f"{OLD}/{TELEMETRY}", "daily_heart_rate_zones.csv", "daily_heart_rate_zones.csv"),
        (Trap.LIVE_PACE, f"{FOLDERS}/{TELEMETRY}/Live Pace", "live_pace_2026-09-12.csv", "live_pace_2025-10-24.csv"),
    ],
)
def test_traps_have_the_headers_of_their_samples(trap: Trap, folder: str, sample: str, name: str) -> None:
    header = reference(f"takeout/{folder}/{sample}").read_text(encoding="utf-8").splitlines()[0]
    layout = layout_of(folder)
    assert one(exported(layout, trap), name).decode().splitlines()[0] == header
    assert not any(each.endswith(name) for each in exported(layout))
