"""Every sample of an export, imported; what is expected was worked out by hand from the files and their README."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest

from cromwelld.jobs.importing.run import Imported
from cromwelld.sources.takeout.family import Clock
from tests.support.importing import Record, records, run_import
from tests.support.places import Clock as At
from tests.support.places import places_in
from tests.support.reference import reference

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
FOLDERS = {"oct-2026-subfolders": "Asia/Kolkata", "aug-2026-flat": "Europe/Berlin"}
LEGACY = "legacy-fitbit-folder"


def imported(
    tmp_path: Path, sample: str, zone: str, **more: object
) -> tuple[Imported, Mapping[str, Mapping[str, list[Record]]]]:
    export = reference(f"takeout/{sample}/Takeout")
    with places_in(tmp_path, At(NOW)) as places:
        done = run_import(places, [export], tmp_path / "import", timezone=zone, **more)
        return done, {str(date): records(places, str(date)) for date in sorted(done.dates)}


def at(time: str, **fields: object) -> Record:
    return {"time": time, **fields}


def value(time: str, value: float, **more: object) -> list[Record]:
    return [{"time": time, **more, "value": value}]


AIR = "Google Fitbit Air"
PHONE = "MobileTrack"  # where nothing else recorded, it names what names no device
NIGHT = {"Device": "GOOGLE_FITBIT_AIR", "isMainSleep": "True", "SleepType": "stages"}
OCTOBER = {  # noon in Kolkata is 06:30 UTC; 19:00Z on the 10th is half past midnight of the 11th
    "2026-09-10": {
        "Steps_Intraday": [
            at("2026-09-10T04:00:00Z", Device=PHONE, value=1000),
            at("2026-09-10T10:00:00Z", Device=PHONE, value=500),
        ],
        "Activity-steps": value("2026-09-10T06:30:00Z", 1500, Device=PHONE),
        "Activity-calories": value("2026-09-10T06:30:00Z", 3, Device=PHONE),
        "Activity-distance": value("2026-09-10T06:30:00Z", 1.2, Device=PHONE),
        "Activity-minutesLightlyActive": value("2026-09-10T06:30:00Z", 1, Device=PHONE),
        "Activity-minutesFairlyActive": value("2026-09-10T06:30:00Z", 1, Device=PHONE),
        "Activity-minutesVeryActive": value("2026-09-10T06:30:00Z", 1, Device=PHONE),
        "Weight": [at("2026-09-10T05:00:00Z", Source="Google Health App", weight_kg=70.5)],
    },
    "2026-09-11": {
        "Steps_Intraday": value("2026-09-10T19:00:00Z", 70, Device=PHONE),
        "Activity-steps": value("2026-09-11T06:30:00Z", 70, Device=PHONE),
    },
    "2026-09-12": {
        "HeartRate_Intraday": [
            at("2026-09-12T04:00:00Z", Device=AIR, value=80),
            at("2026-09-12T04:00:05Z", Device=AIR, value=100),
            at("2026-09-12T04:00:10Z", Device=AIR, value=120),
        ],
        "Steps_Intraday": value("2026-09-12T05:00:00Z", 2800, Device=AIR),
        "ActiveZoneMinutes_Intraday": [
            at("2026-09-12T04:00:00Z", Device=AIR, HeartRateZone="FAT_BURN", value=1),
            at("2026-09-12T04:01:00Z", Device=AIR, HeartRateZone="CARDIO", value=2),
            at("2026-09-12T04:02:00Z", Device=AIR, HeartRateZone="PEAK", value=2),
        ],
        "SkinTemperature_Intraday": [
            at("2026-09-12T04:00:00Z", Device=AIR, value=33),
            at("2026-09-12T05:00:00Z", Device=AIR, value=34),
        ],
        "SleepLevels": [
            at(time, **NIGHT, level=level, stage=stage, duration_seconds=minutes * 60)
            for time, stage, level, minutes in (
                ("2026-09-11T17:30:00Z", "AWAKE", 3, 15),
                ("2026-09-11T17:45:00Z", "LIGHT", 1, 90),
                ("2026-09-11T19:15:00Z", "DEEP", 0, 75),
                ("2026-09-11T20:30:00Z", "REM", 2, 90),
                ("2026-09-11T22:00:00Z", "LIGHT", 1, 115),
                ("2026-09-11T23:55:00Z", "AWAKE", 3, 25),
                ("2026-09-12T00:20:00Z", "REM", 2, 40),
            )
        ],
        "SleepSummary": [
            at(
                "2026-09-11T17:30:00Z",
                **NIGHT,
                efficiencyDerived=91,
                minutesAsleep=410,
                minutesInBed=450,
                minutesAwake=40,
                minutesLight=205,
                minutesREM=130,
                minutesDeep=75,
                endTime="2026-09-12T01:00:00+00:00",
            )
        ],
        "RestingHR": value("2026-09-12T06:30:00Z", 61.234, Device=AIR),
        "Activity-steps": value("2026-09-12T06:30:00Z", 2800, Device=AIR),
        "Activity-minutesSedentary": value("2026-09-12T06:30:00Z", 800, Device=AIR),
        "Activity-minutesLightlyActive": value("2026-09-12T06:30:00Z", 200, Device=AIR),
        "Activity-minutesFairlyActive": value("2026-09-12T06:30:00Z", 20, Device=AIR),
        "Activity-minutesVeryActive": value("2026-09-12T06:30:00Z", 30, Device=AIR),
        "ActiveZoneMinutes": [at("2026-09-12T06:30:00Z", Device=AIR, inFatBurn=1, inCardio=2, inPeak=2)],
        "VO2Max": value("2026-09-12T06:30:00Z", 40.8, Device=AIR),
        "DeviceBatteryLevel": value("2026-09-12T12:00:00Z", 90, Device="Fitbit Air"),
    },
    "2026-09-13": {
        "HeartRate_Intraday": value("2026-09-12T18:45:00Z", 70, Device=AIR),
        "Steps_Intraday": value("2026-09-12T20:00:00Z", 15, Device=AIR),
        "Activity-steps": value("2026-09-13T06:30:00Z", 15, Device=AIR),
    },
}

SLEPT = {"isMainSleep": "True", "SleepType": "stages"}
TRACKER = "Fictional Tracker"
AUGUST = {
    "2026-05-27": {"Weight": [at("2026-05-27T05:33:27Z", Source="YAZIO Health Kit", weight_kg=70.1)]},
    "2026-05-28": {  # 22:01:13 UTC of the 27th: an instant, not a date
        "RestingHR": value("2026-05-28T10:00:00Z", 51),
        "Weight": [at("2026-05-28T05:19:44Z", Source="YAZIO Health Kit", weight_kg=70.3)],
    },
    "2026-08-01": {"Activity-distance": value("2026-08-01T10:00:00Z", 0.02014)},
    "2026-08-24": {  # pounds, whatever the account's setting is: 154.3 x 0.45359237
        "Weight": [at("2026-08-23T22:00:00Z", weight_kg=69.989302691, bmi=22)]
    },
    "2026-09-20": {
        "SleepSummary": [
            at(
                "2026-09-20T03:00:00Z",
                isMainSleep="True",
                SleepType="classic",
                efficiencyDerived=90,
                minutesAsleep=270,
                minutesInBed=300,
                minutesAwake=20,
                endTime="2026-09-20T08:00:00+00:00",
            )
        ]
    },
    "2026-10-01": {  # 300 beats are none
        "HeartRate_Intraday": [
            at("2026-10-01T06:00:00Z", Device=TRACKER, value=60),
            at("2026-10-01T06:00:05Z", Device=TRACKER, value=64),
        ],
        "Steps_Intraday": [
            at("2026-10-01T06:00:00Z", Device=TRACKER, value=500),
            at("2026-10-01T21:30:00Z", Device=TRACKER, value=300),
        ],
        "Activity-steps": value("2026-10-01T10:00:00Z", 800, Device=TRACKER),
        "Weight": [at("2026-10-01T05:00:00Z", Source="Fictional Scale", weight_kg=70.5)],
    },
    "2026-10-02": {
        "Steps_Intraday": value("2026-10-01T22:30:00Z", 200, Device=TRACKER),
        "Activity-steps": value("2026-10-02T10:00:00Z", 200, Device=TRACKER),
    },
    "2026-10-05": {
        "SleepLevels": [
            at(time, **SLEPT, level=level, stage=stage, duration_seconds=minutes * 60)
            for time, stage, level, minutes in (
                ("2026-10-04T20:42:00Z", "LIGHT", 1, 130),
                ("2026-10-04T22:52:00Z", "DEEP", 0, 80),
                ("2026-10-05T00:12:00Z", "REM", 2, 90),
                ("2026-10-05T01:42:00Z", "LIGHT", 1, 120),
                ("2026-10-05T03:42:00Z", "AWAKE", 3, 48),
            )
        ],
        "SleepSummary": [
            at(
                "2026-10-04T20:30:00Z",
                **SLEPT,
                efficiencyDerived=88,
                minutesAsleep=420,
                minutesInBed=480,
                minutesAwake=48,
                minutesLight=250,
                minutesREM=90,
                minutesDeep=80,
                endTime="2026-10-05T04:30:00+00:00",
            )
        ],
    },
}

NOON = "19:00:00Z"  # noon in Los Angeles in summer
MAIN = {"isMainSleep": "True", "SleepType": "stages"}
NAP = {"isMainSleep": "False", "SleepType": "classic"}
OLD = {
    "2016-10-04": {"RestingHR": value(f"2016-10-04T{NOON}", 55.965)},
    "2024-04-30": {
        "HeartRate_Intraday": value("2024-05-01T00:00:03Z", 72, Device="Charge 5"),
        "BreathingRate_Stages": [  # breaths, in spite of the header; REM was not computed
            at(
                "2024-05-01T06:17:00Z",
                Device="Pixel Watch",
                deep=15.8,
                light=16.2,
                full=15.8,
                deepStandardDeviation=1.4,
                lightStandardDeviation=2.2,
                fullStandardDeviation=1.4,
                deepSignalToNoise=6.7,
                lightSignalToNoise=7.6,
                fullSignalToNoise=6.7,
            )
        ],
    },
    "2024-05-01": {
        "ActiveZoneMinutes_Intraday": value("2024-05-01T16:07:00Z", 1, HeartRateZone="FAT_BURN"),
        "HR_Zones": [at(f"2024-05-01T{NOON}", **{"Out of Range": 1100, "Fat Burn": 120, "Cardio": 15, "Peak": 0})],
        "ActiveZoneMinutes": [at(f"2024-05-01T{NOON}", inFatBurn=1, inCardio=0, inPeak=0)],
        "ActivityRecords": [
            at(
                "2024-05-02T00:00:00Z",
                ActivityName="Walk",
                activeDuration=1_200_000,
                duration=1_200_000,
                originalDuration=1_200_000,
                calories=150,
                steps=1500,
                averageHeartRate=110,
                hasGps=0,
                shouldFetchDetails=0,
            )
        ],
    },
    "2024-06-22": {
        "SPO2_Intraday": [at("2024-06-22T07:00:00Z", value=96.1), at("2024-06-22T07:02:00Z", value=95.4)],
        "HRV_Intraday": [at("2024-06-22T07:05:00Z", rmssd=41.2)],
        "Snore_Intraday": [
            at(
                time,
                meanLevel=mean,
                maxLevel=highest,
                minLevel=lowest,
                events=events,
                snoringEvents=snores,
                duration_seconds=30,
            )
            for time, mean, highest, lowest, events, snores in (
                ("2024-06-22T07:00:00Z", 31.2, 44, 29.8, 3, 0),
                ("2024-06-22T07:00:30Z", 46.5, 58.1, 30.2, 9, 7),
            )
        ],
        "SleepLevels": [
            at("2024-06-22T21:00:00Z", **NAP, level=1, stage="asleep", duration_seconds=2160),
            at("2024-06-22T21:36:00Z", **NAP, level=2, stage="restless", duration_seconds=240),
            at("2024-06-22T06:30:00Z", **MAIN, level=1, stage="light", duration_seconds=1800),
            at("2024-06-22T07:00:00Z", **MAIN, level=0, stage="deep", duration_seconds=3600),
        ],
        "SleepSummary": [
            at(
                "2024-06-22T21:00:00Z",
                **NAP,
                efficiency=90,
                efficiencyDerived=90,
                minutesAsleep=36,
                minutesInBed=40,
                minutesAwake=4,
                minutesRestless=4,
                endTime="2024-06-22T21:40:00+00:00",
            ),
            at(
                "2024-06-22T06:30:00Z",
                **MAIN,
                efficiency=90,
                efficiencyDerived=90,
                minutesAsleep=380,
                minutesInBed=420,
                minutesAwake=35,
                minutesLight=230,
                minutesREM=90,
                minutesDeep=60,
                endTime="2024-06-22T13:30:00+00:00",
            ),
        ],
        "HRV": [at(f"2024-06-22T{NOON}", dailyRmssd=43.7, nonRemHeartRate=55.1, entropy=2.9)],
        "BreathingRate": value(f"2024-06-22T{NOON}", 15.4),
        "SPO2_Daily": [at(f"2024-06-22T{NOON}", avg=95.8, lower=93.1, upper=98.4)],
        "SleepScore": [
            at(
                "2024-06-22T13:30:00Z",
                overall=82,
                composition=21,
                revitalization=22,
                duration=39,
                deepSleepMinutes=60,
                restingHeartRate=56,
                restlessness=0.0825,
            )
        ],
        "Readiness": [at(f"2024-06-22T{NOON}", value=71, activity=60, sleep=80, hrv=72, state="MED")],
        "StressManagement": [
            at(f"2024-06-22T{NOON}", value=78, sleepPoints=22, responsivenessPoints=24, exertionPoints=32)
        ],
    },
    "2024-09-20": {
        "Activity-minutesSedentary": value(f"2024-09-20T{NOON}", 600),
        "Activity-minutesVeryActive": value(f"2024-09-20T{NOON}", 45),
    },
    "2026-03-14": {"Weight": [at("2026-03-14T13:22:41Z", weight_kg=99.999999998, bmi=25)]},
    "2026-10-06": {
        "SleepScore": [
            at(
                "2026-10-07T04:58:30Z",
                overall=74,
                revitalization=74,
                deepSleepMinutes=47,
                restingHeartRate=53,
                restlessness=0.0873,
            )
        ]
    },
}


@pytest.mark.parametrize(("sample", "expected"), [("oct-2026-subfolders", OCTOBER), ("aug-2026-flat", AUGUST)])
def test_a_sample_of_the_new_brand(tmp_path: Path, sample: str, expected: Mapping[str, object]) -> None:
    _, found = imported(tmp_path, sample, FOLDERS[sample])
    assert found == expected


def test_the_sample_of_the_old_brand(tmp_path: Path) -> None:
    _, found = imported(tmp_path, LEGACY, "America/Los_Angeles")
    assert found == OLD


def test_what_nothing_tells_is_left_out_and_named_until_a_person_says_it(tmp_path: Path) -> None:
    done, _ = imported(tmp_path / "a", "oct-2026-subfolders", "Asia/Kolkata")
    assert done.findings is not None
    assert done.findings.undecided == ("json_distance", "json_calories")
    assert not done.complete
    given = {"json_distance": Clock.UTC, "json_calories": Clock.LOCAL, "json_steps": Clock.UTC}
    done, found = imported(tmp_path / "b", "oct-2026-subfolders", "Asia/Kolkata", given=given)
    assert done.complete
    assert found["2026-09-12"]["Activity-distance"] == value("2026-09-12T06:30:00Z", 2.3, Device=AIR)
    assert found["2026-09-12"]["Activity-calories"] == value("2026-09-12T06:30:00Z", 2.5, Device=AIR)


def test_heart_rate_without_a_zone_is_read_as_a_person_says(tmp_path: Path) -> None:
    _, found = imported(tmp_path, LEGACY, "America/Los_Angeles", given={"json_heart_rate": Clock.LOCAL})
    assert found["2024-05-01"]["HeartRate_Intraday"] == [
        at("2024-05-01T14:00:07Z", value=60),
        at("2024-05-01T14:00:12Z", value=70),
    ]


def test_all_sources_are_the_vendors_own_merger(tmp_path: Path) -> None:
    _, found = imported(tmp_path, "oct-2026-subfolders", "Asia/Kolkata", steps_from="all")
    steps = {date: of_date["Activity-steps"][0]["value"] for date, of_date in found.items()}
    assert steps == {"2026-09-10": 1500, "2026-09-11": 70, "2026-09-12": 2900, "2026-09-13": 15}


def test_what_is_not_read_is_told_by_its_reason(tmp_path: Path) -> None:
    done, _ = imported(tmp_path, "oct-2026-subfolders", "Asia/Kolkata")
    assert dict(done.inventory.skipped) == {
        "nothing of it is kept": 1,
        "gigabytes that no measurement is in": 1,
        "it repeats what the watch counted": 1,
    }
    assert (done.inventory.read, done.inventory.unknown, done.inventory.refused) == (25, [], [])
    assert done.left_out["copied from Health Connect"] == 6
    assert done.trust.recorders["Steps_Intraday"] == {"MobileTrack": 2, AIR: 1, "merged by the vendor": 1}
