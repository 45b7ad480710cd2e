"""Values of which there is one a date, from the first of their copies that has the date."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from cromwelld import localtime
from cromwelld.day import table
from cromwelld.measurements import MEASUREMENTS
from cromwelld.sources.takeout.copies import MERGED_ONLY, Chosen
from cromwelld.sources.takeout.recorders import Rank, device, rank
from cromwelld.sources.takeout.samples import Tables
from cromwelld.sources.takeout.window import Window

_ZONES = {
    "BELOW_DEFAULT_ZONE_1": "Out of Range",
    "IN_DEFAULT_ZONE_1": "Fat Burn",
    "IN_DEFAULT_ZONE_2": "Cardio",
    "IN_DEFAULT_ZONE_3": "Peak",
}
_MINUTES = {
    "Sedentary": "sedentary_minutes",
    "LightlyActive": "lightly_active_minutes",
    "FairlyActive": "moderately_active_minutes",
    "VeryActive": "very_active_minutes",
}

Found = Mapping[str, float | str | None]
Read = Callable[[Mapping[str, object]], Found]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """One copy: its family, our fields by its columns, and the least that a value must be above."""

    family: str
    fields: Mapping[str, str] = field(default_factory=lambda: {"value": "value"})
    above: float = 0.0
    texts: tuple[str, ...] = ()
    closed: bool = False
    read: Read | None = None

    def values(self, row: Mapping[str, object]) -> Found:
        if self.read is not None:
            return self.read(row)
        numbers = {ours: self._sound(row.get(theirs)) for theirs, ours in self.fields.items()}
        texts = {name: text for name in self.texts if isinstance(text := row.get(name), str) and text}
        return {**numbers, **texts} if any(value is not None for value in numbers.values()) else {}

    def _sound(self, value: object) -> float | None:
        if not isinstance(value, float) or not math.isfinite(value):
            return None
        return value if value > self.above or (self.closed and value == self.above) else None


def _zones(row: Mapping[str, object]) -> Found:
    value = json.loads(str(row["record"])).get("value")
    minutes = value.get("valuesInZones") if isinstance(value, dict) else None
    found = minutes if isinstance(minutes, dict) else {}
    return {
        ours: float(found[theirs]) for theirs, ours in _ZONES.items() if isinstance(found.get(theirs), (int, float))
    }


def _stress(row: Mapping[str, object]) -> Found:
    """Give the score of a date that has one: nought and a failed calculation are none."""
    value = row.get("value")
    if not isinstance(value, float) or value <= 0 or str(row.get("failed")).lower() == "true":
        return {}
    parts = ("sleepPoints", "responsivenessPoints", "exertionPoints")
    return {"value": value, **{name: points for name in parts if isinstance(points := row.get(name), float)}}


def _temperature(row: Mapping[str, object]) -> Found:
    night, base = row.get("nightlyTemperature"), row.get("baselineTemperature")
    if not isinstance(night, float) or night <= 0:
        return {}
    known = isinstance(base, float) and base > 0
    relative = night - base if known and isinstance(base, float) else None
    spread = row.get("relativeStddev30d")
    return {
        "nightlyTemperature": night,
        "baselineTemperature": base if known and isinstance(base, float) else None,
        "nightlyRelativeDerived": relative,
        "relativeStddev30d": spread if isinstance(spread, float) else None,
    }


def _plain(family: str, *names: str, above: float = 0.0, texts: tuple[str, ...] = ()) -> _Source:
    return _Source(family=family, fields={name: name for name in names or ("value",)}, above=above, texts=texts)


_READINESS = ("value", "activity", "sleep", "hrv")
_VARIABILITY = ("dailyRmssd", "deepRmssd", "nonRemHeartRate", "entropy")

COPIES: Mapping[str, tuple[_Source, ...]] = {
    "RestingHR": (
        _plain("daily_resting_heart_rate"),
        _plain("resting_heart_rate"),
        _plain("json_resting_heart_rate"),
    ),
    "HRV": (_plain("daily_heart_rate_variability", *_VARIABILITY), _plain("daily_variability", *_VARIABILITY)),
    "BreathingRate": (_plain("daily_respiratory_rate"), _plain("daily_breathing")),
    "SPO2_Daily": (
        _plain("daily_oxygen_saturation", "avg", "lower", "upper", above=50.0),
        _plain("daily_spo2", "avg", "lower", "upper", above=50.0),
    ),
    "SkinTemperature": (
        _Source(family="daily_sleep_temperature_derivations", read=_temperature),
        _Source(family="computed_temperature", read=_temperature),
    ),
    "VO2Max": (
        _plain("daily_vo2_max"),
        _Source(family="json_vo2_max", fields={"filteredDemographicVO2Max": "value"}),
    ),
    "HR_Zones": (_Source(family="heart_rate_zones", read=_zones),),
    **{f"Activity-minutes{level}": (_Source(family=family, closed=True),) for level, family in _MINUTES.items()},
    "Readiness": (
        _plain("daily_readiness", "value", texts=("state",)),
        _plain("readiness", *_READINESS, texts=("state",)),
    ),
    "StressManagement": (_Source(family="stress_score", read=_stress),),
}


def values(window: Window, chosen: Chosen) -> Tables:
    """Give every value of which there is one a date."""
    tables: Tables = {}
    for measurement, sources in COPIES.items():
        for date, (row, found) in _first(window, sources).items():
            zone = window.facts.calendar.zone(date)
            if zone is not None:
                recorder = str(row.get("recorder") or "")
                chosen.count(measurement, recorder or MERGED_ONLY)
                columns: dict[str, list[object]] = {
                    "time": [localtime.noon(date, zone)],
                    "tag_Device": [device(recorder)],
                }
                columns |= {f"field_{name}": [value] for name, value in found.items()}
                tables[date, measurement] = table(MEASUREMENTS[measurement], columns)
    return tables


def _first(window: Window, sources: tuple[_Source, ...]) -> dict[dt.date, tuple[Mapping[str, object], Found]]:
    """Find each date's value in the first copy that has one."""
    found: dict[dt.date, tuple[Mapping[str, object], Found]] = {}
    for source in sources:
        here: dict[dt.date, tuple[Mapping[str, object], Found]] = {}
        for date, row, value in _each(window, source):
            if date not in here or _rank(row) <= _rank(here[date][0]):
                here[date] = (row, value)
        found = here | found
    return found


def _each(window: Window, source: _Source) -> Iterator[tuple[dt.date, Mapping[str, object], Found]]:
    for date, row in window.daily(source.family):
        value = source.values(row)
        if value and _rank(row) is not Rank.MIRROR:
            yield date, row, value


def _rank(row: Mapping[str, object]) -> Rank:
    return rank(str(row.get("recorder") or ""))


def readings(window: Window) -> Tables:
    """Give the battery of every real device on the local date of its last sync."""
    tables: Tables = {}
    rows = window.utc("trackers")
    for date, part in [] if rows is None else window.cut(rows):
        real = [row for row in part.to_pylist() if is_watch(row["device"]) and row["value"] is not None]
        if real:
            columns: dict[str, list[object]] = {
                "time": [dt.datetime.fromtimestamp(row["time"] / 1e6, dt.UTC).replace(microsecond=0) for row in real],
                "tag_Device": [row["name"] or row["device"] for row in real],
                "field_value": [row["value"] for row in real],
            }
            tables[date, "DeviceBatteryLevel"] = table(MEASUREMENTS["DeviceBatteryLevel"], columns)
    return tables


def is_watch(device: str | None) -> bool:
    """Tell whether an entry in the list of devices is a real one: the phone is there too."""
    return device != "MobileTrack"
