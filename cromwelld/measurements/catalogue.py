"""The catalogue: every measurement that is kept, as data.

`CATALOGUE` is the only place that knows names, units, types, keys, tables and merge rules. Everything else (schemas,
archive order, Parquet columns, the page for readers) follows from it: adding a measurement is one entry and one parser.
"""

from __future__ import annotations

from dataclasses import replace

from cromwelld.measurements.entries import (
    ADDED_UP,
    CLOSE,
    DEVICE,
    FITBIT,
    GOOGLE,
    NEW,
    SAME,
    TAKEOUT,
    daily,
    like,
    number,
    sampled,
    total,
)
from cromwelld.measurements.exported import EXPORTED_SAMPLES, SCORES
from cromwelld.measurements.model import (
    DAILY_TABLE,
    DAY_RECORD,
    DAYS_TABLE,
    Field,
    Likeness,
    Measurement,
    Merge,
    Stamp,
)

_GOOGLE_SAMPLES = tuple(
    replace(measurement, likeness=NEW)
    for measurement in (
        sampled("SPO2_Intraday", Stamp.SAMPLE, (number("value", "%"),), note="about every minute of a night"),
        sampled(
            "HRV_Intraday",
            Stamp.SAMPLE,
            (number("rmssd", "ms"), number("standardDeviation", "ms")),
            note="every few minutes of a night; the daily value is not their mean",
        ),
        sampled(
            "BreathingRate_Stages",
            Stamp.WAKING,
            (
                *(number(stage, "breaths/min") for stage in ("deep", "light", "rem", "full")),
                *(number(f"{stage}StandardDeviation", "breaths/min") for stage in ("deep", "light", "rem", "full")),
                *(number(f"{stage}SignalToNoise", "ratio") for stage in ("deep", "light", "rem", "full")),
            ),
            note="breathing by stage of sleep: one a sleep; full is the whole of it; a stage not computed is absent",
        ),
        replace(
            sampled(
                "ActiveZoneMinutes_Intraday",
                Stamp.MINUTE,
                (number("value", "points", "1 a minute in FAT_BURN, 2 in CARDIO and PEAK"),),
                note="only minutes that earned some",
            ),
            tags=("Device", "HeartRateZone"),
            key=("time", "HeartRateZone"),
        ),
    )
)

_SLEEP_TAGS = ("Device", "isMainSleep", "SleepType")

_SLEEP_SUMMARY_FIELDS = (
    number("efficiency", "%", "as the vendor gave it; Google gives none", lacking=(GOOGLE,)),
    number("efficiencyDerived", "%", "100 x minutesAsleep / minutesInBed, rounded"),
    number("minutesAsleep", "min"),
    number("minutesInBed", "min"),
    number("minutesAwake", "min"),
    number("minutesLight", "min", "stages only"),
    number("minutesREM", "min", "stages only"),
    number("minutesDeep", "min", "stages only"),
    number("minutesRestless", "min", "classic only"),
    Field(name="endTime", unit="UTC", text=True, note="end of the sleep, ISO 8601"),
)

_ACTIVITY_FIELDS = (
    number("activeDuration", "ms"),
    number("duration", "ms"),
    number("originalDuration", "ms"),
    number("calories", "kcal"),
    number("distance", "km"),
    number("steps", "steps"),
    number("averageHeartRate", "bpm"),
    number("elevationGain", "m"),
    number("speed", "km/h"),
    number("pace", "s/km"),
    number("hasGps", "1.0 or 0.0"),
    number("hasActiveZoneMinutes", "1.0 or 0.0", "Fitbit only"),
    *(
        number(name, unit, "Google only")
        for name, unit in (
            ("activeZoneMinutes", "points"),
            ("lightTime_s", "s"),
            ("moderateTime_s", "s"),
            ("vigorousTime_s", "s"),
            ("peakTime_s", "s"),
            ("runVo2Max", "ml/kg/min"),
            ("totalSwimLengths", "lengths"),
            ("poolLength", "m"),
            ("avgCadenceStepsPerMinute", "steps/min"),
            ("avgStrideLengthMillimeters", "mm"),
            ("avgVerticalOscillationMillimeters", "mm"),
            ("avgVerticalRatio", "%"),
            ("avgGroundContactTime_s", "s"),
        )
    ),
)

_ZONES_NOTE = "Fitbit: Out of Range, Fat Burn, Cardio, Peak. Google: Light, MODERATE, VIGOROUS, PEAK in their place"

CATALOGUE: tuple[Measurement, ...] = (
    sampled(
        "HeartRate_Intraday",
        Stamp.SAMPLE,
        (number("value", "bpm"),),
        note="irregular, every few seconds while worn",
    ),
    sampled(
        "Steps_Intraday",
        Stamp.MINUTE,
        (number("value", "steps"),),
        note="minutes not yet synced are absent, not zero; Google also leaves out minutes in which nothing was worn",
    ),
    *_GOOGLE_SAMPLES,
    *EXPORTED_SAMPLES,
    Measurement(
        name="GPS",
        stamp=Stamp.POINT,
        merge=Merge.TRACKS,
        table="gps.parquet",
        tags=("ActivityID",),
        fields=(
            number("lat", "deg"),
            number("lon", "deg"),
            number("altitude", "m"),
            number("distance", "m", "cumulative over the activity"),
            number("heart_rate", "bpm"),
        ),
        key=("ActivityID", "time"),
        likeness=SAME,
        note="ActivityID is <UTC start>-<ActivityName>; points without a position are left out",
    ),
    Measurement(
        name="SleepLevels",
        stamp=Stamp.STAGE,
        merge=Merge.LOGGED,
        table="sleep_levels.parquet",
        tags=_SLEEP_TAGS,
        fields=(
            number("level", "0 deep, 1 light or asleep, 2 REM or restless, 3 awake", "absent if unknown"),
            Field(name="stage", unit="the vendor's word", text=True),
            number("duration_seconds", "s"),
        ),
        key=("isMainSleep", "time"),
        likeness=SAME,
        note="belongs to the date on which its sleep ends",
    ),
    Measurement(
        name="SleepSummary",
        stamp=Stamp.SLEEP,
        merge=Merge.LOGGED,
        table=DAILY_TABLE,
        tags=_SLEEP_TAGS,
        fields=_SLEEP_SUMMARY_FIELDS,
        key=("isMainSleep", "time"),
        likeness=CLOSE,
        note="belongs to the date on which the sleep ends",
    ),
    daily(
        "HRV",
        (
            number("dailyRmssd", "ms"),
            number("deepRmssd", "ms"),
            number("nonRemHeartRate", "bpm", "not from Fitbit", lacking=(FITBIT,)),
            number("entropy", "", "not from Fitbit", lacking=(FITBIT,)),
        ),
        SAME,
    ),
    daily("BreathingRate", (number("value", "breaths/min"),), SAME),
    daily(
        "SkinTemperature",
        (
            number("nightlyRelative", "deg C", "against the personal baseline"),
            number("nightlyRelativeDerived", "deg C", "Google: nightlyTemperature minus baselineTemperature"),
            number("nightlyTemperature", "deg C", "not from Fitbit: of the skin, in the night", lacking=(FITBIT,)),
            number("baselineTemperature", "deg C", "not from Fitbit: median of 30 days", lacking=(FITBIT,)),
            number("relativeStddev30d", "deg C", "Google only"),
        ),
        like(Likeness.DERIVED, Likeness.SAME),
    ),
    daily(
        "SPO2_Daily",
        (
            number("avg", "%"),
            number("max", "%", "Fitbit"),
            number("min", "%", "Fitbit"),
            number("lower", "%", "not from Fitbit: lower confidence bound, not the minimum", lacking=(FITBIT,)),
            number("upper", "%", "not from Fitbit: upper confidence bound, not the maximum", lacking=(FITBIT,)),
        ),
        CLOSE,
    ),
    daily("RestingHR", (number("value", "bpm"),), SAME),
    daily(
        "HR_Zones",
        tuple(
            number(zone, "min")
            for zone in ("Out of Range", "Fat Burn", "Cardio", "Peak", "Light", "MODERATE", "VIGOROUS", "PEAK")
        ),
        CLOSE,
        _ZONES_NOTE,
    ),
    total("steps", "steps", ADDED_UP, "the tracker's own; hand-logged activities are not in it"),
    total("calories", "kcal", ADDED_UP, "basal included"),
    total("distance", "km", like(Likeness.SAME, Likeness.DERIVED)),
    total("minutesSedentary", "min", CLOSE, "Google: from sedentary-period"),
    total("minutesLightlyActive", "min", CLOSE, "Google: from activity-level"),
    total("minutesFairlyActive", "min", CLOSE, "Google: from activity-level"),
    total("minutesVeryActive", "min", CLOSE, "Google: from activity-level"),
    total("floors", "floors", {**NEW, TAKEOUT: Likeness.DERIVED}),
    daily(
        "ActiveZoneMinutes",
        (number("inFatBurn", "points"), number("inCardio", "points"), number("inPeak", "points")),
        {**NEW, TAKEOUT: Likeness.DERIVED},
        "points: a minute in cardio or peak counts two",
    ),
    daily(
        "VO2Max",
        (
            number("value", "ml/kg/min"),
            number("covariance", ""),
            number("estimated", "1.0 or 0.0"),
            Field(name="level", unit="the vendor's word", text=True),
        ),
        NEW,
        "cardio fitness",
    ),
    *SCORES,
    Measurement(
        name="DeviceBatteryLevel",
        stamp=Stamp.SYNC,
        merge=Merge.READINGS,
        table=DAILY_TABLE,
        tags=DEVICE,
        fields=(number("value", "%"),),
        key=("Device", "time"),
        likeness=SAME,
        note="belongs to the local date of the last sync",
    ),
    Measurement(
        name="Weight",
        stamp=Stamp.WEIGHING,
        merge=Merge.LOGGED,
        table=DAILY_TABLE,
        tags=("Source",),
        fields=(
            number("weight_kg", "kg"),
            number("bmi", "kg/m2", lacking=(GOOGLE,)),
            number("bmiDerived", "kg/m2", "Google: from the last known height"),
        ),
        key=("Source", "time"),
        likeness=like(Likeness.DERIVED, Likeness.SAME),
    ),
    Measurement(
        name="BodyFat",
        stamp=Stamp.WEIGHING,
        merge=Merge.LOGGED,
        table=DAILY_TABLE,
        tags=("Source",),
        fields=(number("value", "%"),),
        key=("Source", "time"),
        likeness=NEW,
    ),
    Measurement(
        name="ActivityRecords",
        stamp=Stamp.ACTIVITY,
        merge=Merge.LOGGED,
        table=DAILY_TABLE,
        tags=("ActivityName",),
        fields=_ACTIVITY_FIELDS,
        key=("ActivityName", "time"),
        likeness=CLOSE,
        open_fields=True,
        note="every number of the activity except ids",
    ),
    Measurement(
        name=DAY_RECORD,
        stamp=Stamp.NOON,
        merge=Merge.DAILY,
        table=DAYS_TABLE,
        tags=("date", "Zone", "Schema"),
        fields=(
            number("records", "records", "all others of the date"),
            number("wear_minutes", "min", "minutes with a heart-rate sample; absent if heart rate is not known"),
        ),
        key=("time",),
        likeness={FITBIT: Likeness.DERIVED, GOOGLE: Likeness.DERIVED, TAKEOUT: Likeness.DERIVED},
        open_fields=True,
        note="one a date; for each measurement asked a tag <measurement> = <source> <outcome>",
    ),
)

MEASUREMENTS: dict[str, Measurement] = {m.name: m for m in CATALOGUE}
ORDER: dict[str, int] = {m.name: position for position, m in enumerate(CATALOGUE)}


def single_tables() -> dict[str, tuple[Measurement, ...]]:
    """Give the tables that hold many dates, each with its measurements; `days.parquet` is not one of them."""
    tables: dict[str, list[Measurement]] = {}
    for measurement in CATALOGUE:
        if not measurement.partitioned and measurement.name != DAY_RECORD:
            tables.setdefault(measurement.table, []).append(measurement)
    return {path: tuple(members) for path, members in tables.items()}


def unknown_measurement(name: str) -> Measurement:
    """Describe a measurement that the catalogue does not know, as foreign archives hold: kept daily, by time."""
    return Measurement(
        name=name,
        stamp=Stamp.SAMPLE,
        merge=Merge.LOGGED,
        table=DAILY_TABLE,
        tags=(),
        fields=(),
        key=("time",),
        likeness={},
        open_fields=True,
    )


def describe(name: str) -> Measurement:
    """Look a measurement up by name; one that the catalogue does not know is described as `unknown_measurement`."""
    return MEASUREMENTS.get(name) or unknown_measurement(name)
