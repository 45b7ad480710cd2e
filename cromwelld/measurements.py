"""The catalogue: every measurement that is kept, as data.

`CATALOGUE` is the only place that knows names, units, types, keys, tables and merge rules. Everything else (schemas,
archive order, Parquet columns, the page for readers) follows from it: adding a measurement is one entry and one parser.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import pyarrow as pa

TIME = pa.timestamp("us", tz="UTC")
DAY_RECORD = "Cromwelld_Day"
SCHEMA_VERSION = "1"
DAILY_TABLE = "daily_summaries.parquet"
DAYS_TABLE = "days.parquet"


class Merge(Enum):
    """How a new answer meets what the archive has."""

    SAMPLED = "a new answer replaces, unless it lacks more than a tenth of the archived timestamps"
    TRACKS = "like sampled, track by track; a track goes with its activity"
    LOGGED = "any complete answer replaces; emptiness only when it is repeated"
    DAILY = "a new value replaces; an absent one keeps the old"
    READINGS = "every reading is kept, by its key"


class Stamp(Enum):
    """What the time of a record means."""

    SAMPLE = "the sample, cut to the second"
    MINUTE = "start of the minute"
    POINT = "the trackpoint"
    STAGE = "start of the stage"
    SLEEP = "start of the sleep"
    NOON = "local noon of the date"
    SYNC = "the device's last sync"
    WEIGHING = "the weighing"
    ACTIVITY = "start of the activity"


class Likeness(Enum):
    """How a source's value relates to the one that Fitbit gave."""

    SAME = "same"
    CLOSE = "close"
    DERIVED = "derived"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a measurement; numbers unless `text`."""

    name: str
    unit: str
    text: bool = False
    note: str = ""

    @property
    def column(self) -> str:
        """Name the field's column in tables."""
        return f"field_{self.name}"

    @property
    def type(self) -> pa.DataType:
        """Give the column's type."""
        return pa.string() if self.text else pa.float64()


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One row of the data contract.

    `key` names what makes a record unique within a date: "time" and tags. `likeness` says for each source how its value
    relates to the series as it began; a source that is not named does not offer the measurement.
    """

    name: str
    stamp: Stamp
    merge: Merge
    table: str
    tags: tuple[str, ...]
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    likeness: dict[str, Likeness]
    open_fields: bool = False
    note: str = ""

    @cached_property
    def schema(self) -> pa.Schema:
        """Give the Arrow schema: time, then tags, then fields, in catalogue order."""
        tags = [(f"tag_{tag}", pa.string()) for tag in self.tags]
        return pa.schema([("time", TIME), *tags, *((f.column, f.type) for f in self.fields)])

    @property
    def key_columns(self) -> tuple[str, ...]:
        """Name the key's columns, most significant first."""
        return tuple(name if name == "time" else f"tag_{name}" for name in self.key)

    @property
    def partitioned(self) -> bool:
        """Tell whether each date has a folder of its own."""
        return self.table.endswith("/")


def _number(name: str, unit: str, note: str = "") -> Field:
    return Field(name=name, unit=unit, note=note)


_DEVICE = ("Device",)
_FITBIT, _GOOGLE, _TAKEOUT = "fitbit_web", "google_health", "takeout"


def _like(google: Likeness, takeout: Likeness) -> dict[str, Likeness]:
    return {_FITBIT: Likeness.SAME, _GOOGLE: google, _TAKEOUT: takeout}


_SAME = _like(Likeness.SAME, Likeness.SAME)
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


def _sampled(name: str, stamp: Stamp, unit: str, note: str) -> Measurement:
    return Measurement(
        name=name,
        stamp=stamp,
        merge=Merge.SAMPLED,
        table=f"{name.lower()}/",
        tags=_DEVICE,
        fields=(_number("value", unit),),
        key=("time",),
        likeness=_SAME,
        note=note,
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
    _number("hasActiveZoneMinutes", "1.0 or 0.0"),
)

_ZONES_NOTE = "Fitbit: Out of Range, Fat Burn, Cardio, Peak. Google: Light, MODERATE, VIGOROUS, PEAK in their place"

CATALOGUE: tuple[Measurement, ...] = (
    _sampled("HeartRate_Intraday", Stamp.SAMPLE, "bpm", "irregular, every few seconds while worn"),
    _sampled("Steps_Intraday", Stamp.MINUTE, "steps", "minutes not yet synced are absent, not zero"),
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
    _daily("HRV", (_number("dailyRmssd", "ms"), _number("deepRmssd", "ms")), _SAME),
    _daily("BreathingRate", (_number("value", "breaths/min"),), _SAME),
    _daily(
        "SkinTemperature",
        (
            _number("nightlyRelative", "deg C", "against the personal baseline"),
            _number("nightlyRelativeDerived", "deg C", "Google: nightly minus baseline"),
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
