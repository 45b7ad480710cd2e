"""What every sample must become, worked out by hand; the samples that are never asked for have a reason here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from cromwelld.pieces import Outcome
from cromwelld.sources.google_health.streams import DATA_STREAMS
from tests.unit.google_health.google_reading import (
    DATE,
    DEVICES,
    Plain,
    points,
)

NOON = "2026-03-10T11:00:00Z"  # in Paris
CHARGE: Plain = {"Device": "Charge 6"}
EMPTY, OK, FAILED, REFUSED = Outcome.EMPTY, Outcome.OK, Outcome.FAILED, Outcome.REFUSED


@dataclass(frozen=True)
class Oracle:
    """A sample that a stream is answered with, and what must become of it, nothing else on no other date."""

    stream: str
    found: Mapping[str, list[Plain]] = field(default_factory=dict)
    on: str = DATE


@dataclass(frozen=True)
class Elsewhere:
    """A sample with a test of its own in this folder."""

    where: str


@dataclass(frozen=True)
class Unused:
    """An answer that the source never asks for."""

    why: str


Entry = Oracle | Elsewhere | Unused


def noon(measurement: str, **fields: float | str) -> dict[str, list[Plain]]:
    return {measurement: [{"time": NOON, **fields}]}


_RUN_ID = "2026-03-10T17:00:00+00:00-Run"
MAIN: Plain = {"isMainSleep": "True", "SleepType": "stages"}
NAP: Plain = {"isMainSleep": "False", "SleepType": "classic"}

MAIN_SUMMARY: Plain = {
    "time": "2026-03-09T22:10:00Z",
    **MAIN,
    "efficiencyDerived": 93.0,  # 430 of 460 minutes
    "minutesAsleep": 430.0,
    "minutesInBed": 460.0,
    "minutesAwake": 30.0,
    "minutesLight": 270.0,
    "minutesREM": 80.0,
    "minutesDeep": 80.0,
    "endTime": "2026-03-10T05:50:00+00:00",
}
# The short awakening of 03:10 lies over the second light stage and is no level.
MAIN_LEVELS: list[Plain] = [
    {"time": "2026-03-09T22:10:00Z", **MAIN, "level": 3.0, "stage": "AWAKE", "duration_seconds": 600.0},
    {"time": "2026-03-09T22:20:00Z", **MAIN, "level": 1.0, "stage": "LIGHT", "duration_seconds": 6600.0},
    {"time": "2026-03-10T00:10:00Z", **MAIN, "level": 0.0, "stage": "DEEP", "duration_seconds": 4800.0},
    {"time": "2026-03-10T01:30:00Z", **MAIN, "level": 2.0, "stage": "REM", "duration_seconds": 4800.0},
    {"time": "2026-03-10T02:50:00Z", **MAIN, "level": 1.0, "stage": "LIGHT", "duration_seconds": 9600.0},
    {"time": "2026-03-10T05:30:00Z", **MAIN, "level": 3.0, "stage": "AWAKE", "duration_seconds": 1200.0},
]
NAP_SUMMARY: Plain = {
    "time": "2026-03-10T13:00:00Z",
    **NAP,
    **CHARGE,
    "efficiencyDerived": 89.0,  # 40 of 45 minutes
    "minutesAsleep": 40.0,
    "minutesInBed": 45.0,
    "minutesAwake": 5.0,
    "minutesRestless": 5.0,
    "endTime": "2026-03-10T13:45:00+00:00",
}
NAP_LEVELS: list[Plain] = [
    {"time": "2026-03-10T13:00:00Z", **NAP, **CHARGE, "level": 2.0, "stage": "RESTLESS", "duration_seconds": 300.0},
    {"time": "2026-03-10T13:05:00Z", **NAP, **CHARGE, "level": 1.0, "stage": "ASLEEP", "duration_seconds": 2400.0},
]
WALK: Plain = {
    "time": "2026-03-10T07:30:00Z",
    "ActivityName": "Walk",
    "activeDuration": 900_000.0,
    "duration": 900_000.0,
    "calories": 60.0,
    "distance": 1.1,
    "steps": 1500.0,
    "hasGps": 0.0,
}
RUN: Plain = {
    "time": "2026-03-10T17:00:00Z",
    "ActivityName": "Run",
    "activeDuration": 1_800_000.0,
    "duration": 1_810_000.0,
    "calories": 402.5,
    "distance": 5.23,
    "steps": 5480.0,
    "averageHeartRate": 148.0,
    "elevationGain": 42.0,
    "speed": 10.4598,  # 2905.5 mm/s
    "pace": 344.0,
    "hasGps": 1.0,
    "activeZoneMinutes": 51.0,
    "runVo2Max": 44.1,
    "lightTime_s": 60.0,
    "moderateTime_s": 540.0,
    "vigorousTime_s": 1140.0,
    "peakTime_s": 60.0,
}
TRACK: list[Plain] = [
    {
        "time": "2026-03-10T17:00:00Z",
        "ActivityID": _RUN_ID,
        "lat": 0.0001,
        "lon": 0.0002,
        "altitude": 12.0,
        "distance": 0.0,
        "heart_rate": 120.0,
    },
    {
        "time": "2026-03-10T17:00:02Z",
        "ActivityID": _RUN_ID,
        "lat": 0.00015,
        "lon": 0.00025,
        "altitude": 12.4,
        "distance": 6.0,
        "heart_rate": 122.0,
    },
]
STEPS: list[Plain] = [
    {"time": "2026-03-10T12:00:00Z", "value": 0.0},  # sent without a count: worn, and nothing walked
    {"time": "2026-03-10T12:01:00Z", "value": 112.0},
    {"time": "2026-03-10T12:02:00Z", "value": 37.0},
]
WEIGHT: Plain = {"time": "2026-03-10T06:15:00Z", "Source": "FITBIT", "weight_kg": 70.5}
HEARTBEATS: list[Plain] = [
    {"time": "2026-03-10T07:00:04Z", "value": 60.0},
    {"time": "2026-03-10T07:00:09Z", "value": 61.0},
]


def of(device: Plain, rows: list[Plain]) -> list[Plain]:
    """Add the device, as `list` sends it and `reconcile` does not."""
    return [{**row, **device} for row in rows]


_NO_MEASUREMENT = Unused("the contract has no such measurement")
_RECORDS = Unused("the day's total comes from dailyRollUp, which leaves out what several sources counted twice")
_AVERAGE = Unused("an average over a date: the records themselves are kept")
_ERROR = Elsewhere("test_google_errors.py")
_TOKEN = Elsewhere("test_what_a_token_response_grants")

ENTRIES: dict[str, Entry] = {
    "active-energy-burned.dailyRollUp": _NO_MEASUREMENT,
    "active-energy-burned.list": _NO_MEASUREMENT,
    "active-minutes.dailyRollUp": Unused("few devices record it: minutes by level come from activity-level alone"),
    "active-minutes.list": Unused("few devices record it: minutes by level come from activity-level alone"),
    "active-zone-minutes.dailyRollUp": Oracle(
        "zone_minutes", noon("ActiveZoneMinutes", inFatBurn=18.0, inCardio=24.0, inPeak=2.0)
    ),
    "active-zone-minutes.list": Oracle(
        "zone_minutes_intraday",
        {
            "ActiveZoneMinutes_Intraday": [
                {"time": "2026-03-10T17:04:00Z", "HeartRateZone": "FAT_BURN", "value": 1.0, **CHARGE},
                {"time": "2026-03-10T17:05:00Z", "HeartRateZone": "CARDIO", "value": 2.0, **CHARGE},
            ]
        },
    ),
    "activity-level.reconcile": Oracle(
        "activity_levels",
        {
            # a date with spans, none of them very active, was not very active: nought is what its spans add up to
            **noon("Activity-minutesLightlyActive", value=10.0),
            **noon("Activity-minutesFairlyActive", value=15.0),
            **noon("Activity-minutesVeryActive", value=0.0),
        },
    ),
    "altitude.dailyRollUp": _NO_MEASUREMENT,
    "altitude.reconcile": _NO_MEASUREMENT,
    "body-fat.dailyRollUp": _AVERAGE,
    "body-fat.list": Oracle(
        "body_fat", {"BodyFat": [{"time": "2026-03-10T06:15:00Z", "Source": "FITBIT", "value": 21.4}]}
    ),
    "calories-in-heart-rate-zone.dailyRollUp": _NO_MEASUREMENT,
    "daily-heart-rate-variability.list": Oracle(
        "hrv", noon("HRV", **CHARGE, dailyRmssd=38.25, deepRmssd=42.5, nonRemHeartRate=55.0, entropy=2.9)
    ),
    "daily-heart-rate-zones.list": Unused("it has the bounds of the zones, the contract their minutes"),
    "daily-oxygen-saturation.list": Oracle("spo2", noon("SPO2_Daily", **CHARGE, avg=95.9, lower=93.1, upper=98.2)),
    "daily-respiratory-rate.list": Oracle("breathing_rate", noon("BreathingRate", **CHARGE, value=14.6)),
    "daily-resting-heart-rate.list": Oracle("resting_heart_rate", noon("RestingHR", **CHARGE, value=58.0)),
    "daily-sleep-temperature-derivations.list": Oracle(
        "skin_temperature",
        noon(
            "SkinTemperature",
            **CHARGE,
            nightlyRelativeDerived=-0.3,
            nightlyTemperature=33.6,
            baselineTemperature=33.9,
            relativeStddev30d=0.35,
        ),
    ),
    "daily-sleep-temperature-derivations.list.nan-baseline": Oracle(
        "skin_temperature",
        {"SkinTemperature": [{"time": "2026-03-09T11:00:00Z", **CHARGE, "nightlyTemperature": 33.6}]},
        on="2026-03-09",
    ),
    "daily-vo2-max.list": Oracle(
        "vo2_max", noon("VO2Max", **CHARGE, value=43.2, covariance=1.8, estimated=1.0, level="GOOD")
    ),
    "dailyRollUp.request": Elsewhere("test_a_days_sums_are_asked_as_documented"),
    "distance.dailyRollUp": Oracle("total_distance", noon("Activity-distance", value=6.012345)),
    "distance.reconcile": _RECORDS,
    "error.400.invalid_filter_member": _ERROR,
    "error.400.invalid_rollup_query_duration": _ERROR,
    "error.401.invalid_token": _ERROR,
    "error.503.unavailable": _ERROR,
    "exercise.exportExerciseTcx": Elsewhere("test_a_track_in_either_form"),
    "exercise.list": Oracle("activities", {"ActivityRecords": [WALK, RUN]}),
    "floors.dailyRollUp": Oracle("total_floors", noon("Activity-floors", value=11.0)),
    "floors.reconcile": _RECORDS,
    "heart-rate-variability.list": Oracle(
        "hrv_intraday",
        {
            "HRV_Intraday": [
                {"time": "2026-03-10T02:20:00Z", "rmssd": 39.5, **CHARGE},
                {"time": "2026-03-10T02:25:00Z", "rmssd": 41.75, "standardDeviation": 52.5, **CHARGE},
            ]
        },
    ),
    "heart-rate.dailyRollUp": _AVERAGE,
    "heart-rate.list": Elsewhere("test_heart_rate_in_three_pages"),
    "heart-rate.list.empty-page-with-token": Elsewhere("test_heart_rate_in_three_pages"),
    "heart-rate.reconcile": Oracle("heart_rate", {"HeartRate_Intraday": HEARTBEATS}),
    "heart-rate.rollUp": _AVERAGE,
    "height.list": Elsewhere("test_a_weight_beside_a_height"),
    "identity": Unused("it holds nothing but ids of the account, which appear nowhere"),
    "oauth.token-exchange": _TOKEN,
    "oauth.token-exchange.testing-status": _TOKEN,
    "oauth.token-refresh": _TOKEN,
    "oauth.token-refresh.invalid_grant": Unused("an answer of the token endpoint, not of the data; it grants nothing"),
    "oxygen-saturation.list": Oracle(
        "spo2_intraday",
        {
            "SPO2_Intraday": [
                {"time": "2026-03-10T02:30:00Z", "value": 95.8, **CHARGE},
                {"time": "2026-03-10T02:31:00Z", "value": 96.1, **CHARGE},
            ]
        },
    ),
    "pairedDevices.list": Oracle(
        "devices", {"DeviceBatteryLevel": [{"time": "2026-03-10T18:02:11Z", **CHARGE, "value": 84.0}]}
    ),
    "profile": Unused("age, membership and stride lengths are no measurements; the zone is in the settings"),
    "respiratory-rate-sleep-summary.list": Oracle(
        "breathing_stages",
        {
            "BreathingRate_Stages": [
                {
                    "time": "2026-03-10T05:40:00Z",
                    **CHARGE,
                    "light": 14.8,
                    "lightStandardDeviation": 0.9,
                    "lightSignalToNoise": 4.2,
                    "rem": 15.4,
                    "full": 14.7,
                    "fullStandardDeviation": 1.1,
                    "fullSignalToNoise": 4.0,
                }
            ]
        },
    ),
    "rollUp.request": Elsewhere("test_a_grid_of_minutes_is_asked_as_documented"),
    "run-vo2-max.list": Unused("the daily value is kept, not those of single runs"),
    "sedentary-period.dailyRollUp": Oracle("minutes_sedentary", noon("Activity-minutesSedentary", value=600.0)),
    "sedentary-period.list": _RECORDS,
    "settings": Elsewhere("test_the_settings_give_the_zone"),
    "sleep.list": Oracle(
        "sleep",
        {
            "SleepSummary": [{**MAIN_SUMMARY, **CHARGE}, NAP_SUMMARY],
            "SleepLevels": [*of(CHARGE, MAIN_LEVELS), *NAP_LEVELS],
        },
    ),
    "sleep.list.unprocessed": Elsewhere("test_sleep_that_is_still_computed"),
    "sleep.reconcile": Oracle("sleep", {"SleepSummary": [MAIN_SUMMARY], "SleepLevels": MAIN_LEVELS}),
    "steps.dailyRollUp": Oracle("total_steps", noon("Activity-steps", value=8421.0)),
    "steps.dailyRollUp.empty": Oracle("total_steps"),
    "steps.dailyRollUp.no-data-day": Elsewhere("test_a_date_without_data_beside_one_with"),
    "steps.list": Oracle("steps", {"Steps_Intraday": of(CHARGE, STEPS)}),
    "steps.reconcile": Oracle("steps", {"Steps_Intraday": STEPS}),
    "steps.rollUp": Elsewhere("test_steps_of_uneven_length_are_asked_again_as_a_grid"),
    "time-in-heart-rate-zone.dailyRollUp": Oracle(
        "heart_rate_zones", noon("HR_Zones", Light=1380.0, MODERATE=18.0, VIGOROUS=12.0, PEAK=1.0)
    ),
    "time-in-heart-rate-zone.list": _RECORDS,
    "total-calories.dailyRollUp": Oracle("total_calories", noon("Activity-calories", value=2310.5)),
    "vo2-max.list": Unused("the daily value is kept, not single tests"),
    "weight.dailyRollUp": _AVERAGE,
    "weight.list": Oracle("weight", {"Weight": [WEIGHT]}),
}
ORACLES = {name: entry for name, entry in ENTRIES.items() if isinstance(entry, Oracle)}


def path_of(stream: str) -> str:
    """Give the path by which the source asks for a stream."""
    if stream == "devices":
        return DEVICES
    one = DATA_STREAMS[stream]
    return points(one.data_type.path, "dailyRollUp" if one.summed else "reconcile")


LISTED = [name for name in ORACLES if name.endswith(".list") and name != "pairedDevices.list"]


def as_reconciled(body: bytes) -> bytes:
    """Write points as `reconcile` does: no source, and the name under another key."""
    renamed = {"name": "dataPointName"}
    merged = [
        {renamed.get(key, key): value for key, value in point.items() if key != "dataSource"}
        for point in json.loads(body)["dataPoints"]
    ]
    return json.dumps({"dataPoints": merged, "nextPageToken": ""}).encode()
