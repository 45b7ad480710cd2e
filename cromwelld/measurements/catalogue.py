"""The catalogue: every measurement that is kept, as data.

`CATALOGUE` is the only place that knows names, units, types, keys, tables and merge rules. Everything else (schemas,
archive order, Parquet columns, the page for readers) follows from it: adding a measurement is one entry and one parser.
"""

from __future__ import annotations

from dataclasses import replace

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


def _number(name: str, unit: str, note: str = "") -> Field:
    return Field(name=name, unit=unit, note=note)


_DEVICE = ("Device",)
_FITBIT, _GOOGLE, _TAKEOUT = "fitbit_web", "google_health", "takeout"


def _like(google: Likeness, takeout: Likeness) -> dict[str, Likeness]:
    return {_FITBIT: Likeness.SAME, _GOOGLE: google, _TAKEOUT: takeout}


_SAME = _like(Likeness.SAME, Likeness.SAME)
_NEW = {_GOOGLE: Likeness.SAME, _TAKEOUT: Likeness.SAME}  # the Fitbit source never asked for these
_CLOSE = _like(Likeness.CLOSE, Likeness.SAME)


def _daily(name: str, fields: tuple[Field, ...], likeness: dict[str, Likeness], note: str = "") -> Measurement:
    return Measurement(
        name=name,
        stamp=Stamp.NOON,
        merge=Merge.DAILY,
        table=DAILY_TABLE,
        tags=_DEVICE,
        fields=fields,
        key=("time",),
        likeness=likeness,
        note=note,
    )


def _total(resource: str, unit: str, likeness: dict[str, Likeness], note: str = "") -> Measurement:
    return _daily(f"Activity-{resource}", (_number("value", unit),), likeness, note)


def _sampled(name: str, stamp: Stamp, fields: tuple[Field, ...], *, note: str) -> Measurement:
    return Measurement(
        name=name,
        stamp=stamp,
        merge=Merge.SAMPLED,
        table=f"{name.lower()}/",
        tags=_DEVICE,
        fields=fields,
        key=("time",),
        likeness=_SAME,
        note=note,
    )


_GOOGLE_SAMPLES = tuple(
    replace(measurement, likeness=_NEW)
    for measurement in (
        _sampled("SPO2_Intraday", Stamp.SAMPLE, (_number("value", "%"),), note="about every minute of a night"),
        _sampled(
            "HRV_Intraday",
            Stamp.SAMPLE,
            (_number("rmssd", "ms"), _number("standardDeviation", "ms")),
            note="every few minutes of a night; the daily value is not their mean",
        ),
        _sampled(
            "BreathingRate_Stages",
            Stamp.WAKING,
            (
                *(_number(stage, "breaths/min") for stage in ("deep", "light", "rem", "full")),
                *(_number(f"{stage}StandardDeviation", "breaths/min") for stage in ("deep", "light", "rem", "full")),
                *(_number(f"{stage}SignalToNoise", "ratio") for stage in ("deep", "light", "rem", "full")),
            ),
            note="breathing by stage of sleep: one a sleep; full is the whole of it; a stage not computed is absent",
        ),
        replace(
            _sampled(
                "ActiveZoneMinutes_Intraday",
                Stamp.MINUTE,
                (_number("value", "points", "1 a minute in FAT_BURN, 2 in CARDIO and PEAK"),),
                note="only minutes that earned some",
            ),
            tags=("Device", "HeartRateZone"),
            key=("time", "HeartRateZone"),
        ),
    )
)

_SLEEP_TAGS = ("Device", "isMainSleep", "SleepType")

_SLEEP_SUMMARY_FIELDS = (
    _number("efficiency", "%", "as the vendor gave it; Google gives none"),
    _number("efficiencyDerived", "%", "100 x minutesAsleep / minutesInBed, rounded"),
    _number("minutesAsleep", "min"),
    _number("minutesInBed", "min"),
    _number("minutesAwake", "min"),
    _number("minutesLight", "min", "stages only"),
    _number("minutesREM", "min", "stages only"),
    _number("minutesDeep", "min", "stages only"),
    _number("minutesRestless", "min", "classic only"),
    Field(name="endTime", unit="UTC", text=True, note="end of the sleep, ISO 8601"),
)

_ACTIVITY_FIELDS = (
    _number("activeDuration", "ms"),
    _number("duration", "ms"),
    _number("originalDuration", "ms"),
    _number("calories", "kcal"),
    _number("distance", "km"),
    _number("steps", "steps"),
    _number("averageHeartRate", "bpm"),
    _number("elevationGain", "m"),
    _number("speed", "km/h"),
    _number("pace", "s/km"),
    _number("hasGps", "1.0 or 0.0"),
    _number("hasActiveZoneMinutes", "1.0 or 0.0", "Fitbit only"),
    *(
        _number(name, unit, "Google only")
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
    _sampled(
        "HeartRate_Intraday",
        Stamp.SAMPLE,
        (_number("value", "bpm"),),
        note="irregular, every few seconds while worn",
    ),
    _sampled(
        "Steps_Intraday",
        Stamp.MINUTE,
        (_number("value", "steps"),),
        note="minutes not yet synced are absent, not zero; Google also leaves out minutes in which nothing was worn",
    ),
    *_GOOGLE_SAMPLES,
    Measurement(
        name="GPS",
        stamp=Stamp.POINT,
        merge=Merge.TRACKS,
        table="gps.parquet",
        tags=("ActivityID",),
        fields=(
            _number("lat", "deg"),
            _number("lon", "deg"),
            _number("altitude", "m"),
            _number("distance", "m", "cumulative over the activity"),
            _number("heart_rate", "bpm"),
        ),
        key=("ActivityID", "time"),
        likeness=_SAME,
        note="ActivityID is <UTC start>-<ActivityName>; points without a position are left out",
    ),
    Measurement(
        name="SleepLevels",
        stamp=Stamp.STAGE,
        merge=Merge.LOGGED,
        table="sleep_levels.parquet",
        tags=_SLEEP_TAGS,
        fields=(
            _number("level", "0 deep, 1 light or asleep, 2 REM or restless, 3 awake", "absent if unknown"),
            Field(name="stage", unit="the vendor's word", text=True),
            _number("duration_seconds", "s"),
        ),
        key=("isMainSleep", "time"),
        likeness=_SAME,
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
        likeness=_CLOSE,
        note="belongs to the date on which the sleep ends",
    ),
    _daily(
        "HRV",
        (
            _number("dailyRmssd", "ms"),
            _number("deepRmssd", "ms"),
            _number("nonRemHeartRate", "bpm", "Google only"),
            _number("entropy", "", "Google only"),
        ),
        _SAME,
    ),
    _daily("BreathingRate", (_number("value", "breaths/min"),), _SAME),
    _daily(
        "SkinTemperature",
        (
            _number("nightlyRelative", "deg C", "against the personal baseline"),
            _number("nightlyRelativeDerived", "deg C", "Google: nightlyTemperature minus baselineTemperature"),
            _number("nightlyTemperature", "deg C", "Google only: of the skin, in the night"),
            _number("baselineTemperature", "deg C", "Google only: median of 30 days"),
            _number("relativeStddev30d", "deg C", "Google only"),
        ),
        _like(Likeness.DERIVED, Likeness.SAME),
    ),
    _daily(
        "SPO2_Daily",
        (
            _number("avg", "%"),
            _number("max", "%", "Fitbit"),
            _number("min", "%", "Fitbit"),
            _number("lower", "%", "Google: lower confidence bound, not the minimum"),
            _number("upper", "%", "Google: upper confidence bound, not the maximum"),
        ),
        _CLOSE,
    ),
    _daily("RestingHR", (_number("value", "bpm"),), _SAME),
    _daily(
        "HR_Zones",
        tuple(
            _number(zone, "min")
            for zone in ("Out of Range", "Fat Burn", "Cardio", "Peak", "Light", "MODERATE", "VIGOROUS", "PEAK")
        ),
        _CLOSE,
        _ZONES_NOTE,
    ),
    _total("steps", "steps", _CLOSE, "the tracker's own; hand-logged activities are not in it"),
    _total("calories", "kcal", _CLOSE, "basal included"),
    _total("distance", "km", _SAME),
    _total("minutesSedentary", "min", _CLOSE, "Google: from sedentary-period"),
    _total("minutesLightlyActive", "min", _CLOSE, "Google: from activity-level"),
    _total("minutesFairlyActive", "min", _CLOSE, "Google: from activity-level"),
    _total("minutesVeryActive", "min", _CLOSE, "Google: from activity-level"),
    _total("floors", "floors", _NEW),
    _daily(
        "ActiveZoneMinutes",
        (_number("inFatBurn", "points"), _number("inCardio", "points"), _number("inPeak", "points")),
        _NEW,
        "points: a minute in cardio or peak counts two",
    ),
    _daily(
        "VO2Max",
        (
            _number("value", "ml/kg/min"),
            _number("covariance", ""),
            _number("estimated", "1.0 or 0.0"),
            Field(name="level", unit="the vendor's word", text=True),
        ),
        _NEW,
        "cardio fitness",
    ),
    Measurement(
        name="DeviceBatteryLevel",
        stamp=Stamp.SYNC,
        merge=Merge.READINGS,
        table=DAILY_TABLE,
        tags=_DEVICE,
        fields=(_number("value", "%"),),
        key=("Device", "time"),
        likeness=_SAME,
        note="belongs to the local date of the last sync",
    ),
    Measurement(
        name="Weight",
        stamp=Stamp.WEIGHING,
        merge=Merge.LOGGED,
        table=DAILY_TABLE,
        tags=("Source",),
        fields=(
            _number("weight_kg", "kg"),
            _number("bmi", "kg/m2"),
            _number("bmiDerived", "kg/m2", "Google: from the last known height"),
        ),
        key=("Source", "time"),
        likeness=_like(Likeness.DERIVED, Likeness.SAME),
    ),
    Measurement(
        name="BodyFat",
        stamp=Stamp.WEIGHING,
        merge=Merge.LOGGED,
        table=DAILY_TABLE,
        tags=("Source",),
        fields=(_number("value", "%"),),
        key=("Source", "time"),
        likeness=_NEW,
    ),
    Measurement(
        name="ActivityRecords",
        stamp=Stamp.ACTIVITY,
        merge=Merge.LOGGED,
        table=DAILY_TABLE,
        tags=("ActivityName",),
        fields=_ACTIVITY_FIELDS,
        key=("ActivityName", "time"),
        likeness=_CLOSE,
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
            _number("records", "records", "all others of the date"),
            _number("wear_minutes", "min", "minutes with a heart-rate sample; absent if heart rate is not known"),
        ),
        key=("time",),
        likeness={_FITBIT: Likeness.DERIVED, _GOOGLE: Likeness.DERIVED, _TAKEOUT: Likeness.DERIVED},
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
