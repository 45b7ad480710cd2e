"""What a roll-up says of the points in one window, type by type.

Source: https://developers.google.com/health/reference/rest/v4/users.dataTypes.dataPoints/rollUp
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cromwelld.simulator.google_health.points import Point
from cromwelld.simulator.google_health.times import duration_text

ZONES = ("LIGHT", "MODERATE", "VIGOROUS", "PEAK")
LEVELS = ("LIGHT", "MODERATE", "VIGOROUS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Hold a point that counts in a window, with the seconds of it that lie there."""

    point: Point
    seconds: int


Value = Callable[[Sequence[Share]], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """Hold how a type is summed up; `cut` says that a point counts in every window by the time that it spends there."""

    value: Value
    cut: bool = False


def _whole(field: str, name: str) -> Aggregate:
    """Add up whole numbers; a point that leaves the number out says zero."""

    def value(shares: Sequence[Share]) -> dict[str, Any]:
        return {name: str(sum(int(share.point.payload.get(field, 0)) for share in shares))}

    return Aggregate(value=value)


def _total(field: str, name: str) -> Aggregate:
    """Add up numbers with fractions."""

    def value(shares: Sequence[Share]) -> dict[str, Any]:
        return {name: math.fsum(float(share.point.payload.get(field, 0)) for share in shares)}

    return Aggregate(value=value)


def _spread(field: str, **names: str) -> Aggregate:
    """Give the average, and the least and the most where they have names."""

    def value(shares: Sequence[Share]) -> dict[str, Any]:
        numbers = [float(share.point.payload.get(field, 0)) for share in shares]
        found = {"avg": math.fsum(numbers) / len(numbers), "min": min(numbers), "max": max(numbers)}
        return {name: found[which] for which, name in names.items()}

    return Aggregate(value=value)


def _active_minutes(shares: Sequence[Share]) -> dict[str, Any]:
    levels: dict[str, int] = {}
    for share in shares:
        for one in share.point.payload.get("activeMinutesByActivityLevel", ()):
            levels[one["activityLevel"]] = levels.get(one["activityLevel"], 0) + int(one.get("activeMinutes", 0))
    rows = [{"activityLevel": level, "activeMinutesSum": str(levels[level])} for level in LEVELS if level in levels]
    return {"activeMinutesRollupByActivityLevel": rows}


def _zone_minutes(shares: Sequence[Share]) -> dict[str, Any]:
    names = {"FAT_BURN": "sumInFatBurnHeartZone", "CARDIO": "sumInCardioHeartZone", "PEAK": "sumInPeakHeartZone"}
    sums = dict.fromkeys(names, 0)
    for share in shares:
        sums[share.point.payload["heartRateZone"]] += int(share.point.payload.get("activeZoneMinutes", 0))
    return {name: str(sums[zone]) for zone, name in names.items()}


def _time_in_zones(shares: Sequence[Share]) -> dict[str, Any]:
    zones: dict[str, int] = {}
    for share in shares:
        zone = share.point.payload["heartRateZoneType"]
        zones[zone] = zones.get(zone, 0) + share.seconds
    rows = [{"heartRateZone": zone, "duration": duration_text(zones[zone])} for zone in ZONES if zone in zones]
    return {"timeInHeartRateZones": rows}


def _kcal_in_zones(shares: Sequence[Share]) -> dict[str, Any]:
    zones: dict[str, list[float]] = {}
    for share in shares:
        zones.setdefault(_zone(share.point.payload), []).append(float(share.point.payload.get("kcal", 0)))
    rows = [{"heartRateZone": zone, "kcal": math.fsum(zones[zone])} for zone in ZONES if zone in zones]
    return {"caloriesInHeartRateZones": rows}


def _zone(payload: Mapping[str, Any]) -> str:
    return str(payload.get("heartRateZoneType") or payload["heartRateZone"])


def _time(shares: Sequence[Share]) -> dict[str, Any]:
    return {"durationSum": duration_text(sum(share.seconds for share in shares))}


def _volume(shares: Sequence[Share]) -> dict[str, Any]:
    amounts = (share.point.payload.get("amountConsumed", {}).get("milliliters", 0) for share in shares)
    return {"amountConsumed": {"millilitersSum": math.fsum(map(float, amounts))}}


def _energy(shares: Sequence[Share]) -> dict[str, Any]:
    amounts = (share.point.payload.get("energy", {}).get("kcal", 0) for share in shares)
    return {"energy": {"kcalSum": math.fsum(map(float, amounts))}}


_RATE = "beatsPerMinute"
_DEGREES = "temperatureCelsius"
_GLUCOSE = "bloodGlucoseMilligramsPerDeciliter"
AGGREGATES: Mapping[str, Aggregate] = {
    "steps": _whole("count", "countSum"),
    "floors": _whole("count", "countSum"),
    "distance": _whole("millimeters", "millimetersSum"),
    "altitude": _whole("gainMillimeters", "gainMillimetersSum"),
    "swim-lengths-data": _whole("strokeCount", "strokeCountSum"),
    "total-calories": _total("kcal", "kcalSum"),
    "active-energy-burned": _total("kcal", "kcalSum"),
    "heart-rate": _spread(_RATE, avg=f"{_RATE}Avg", min=f"{_RATE}Min", max=f"{_RATE}Max"),
    "run-vo2-max": _spread("runVo2Max", avg="rateAvg", min="rateMin", max="rateMax"),
    "weight": _spread("weightGrams", avg="weightGramsAvg"),
    "body-fat": _spread("percentage", avg="bodyFatPercentageAvg"),
    "blood-glucose": _spread(_GLUCOSE, avg=f"{_GLUCOSE}Avg"),
    "core-body-temperature": _spread(_DEGREES, avg=f"{_DEGREES}Avg", min=f"{_DEGREES}Min", max=f"{_DEGREES}Max"),
    "active-minutes": Aggregate(value=_active_minutes),
    "active-zone-minutes": Aggregate(value=_zone_minutes),
    "calories-in-heart-rate-zone": Aggregate(value=_kcal_in_zones),
    "time-in-heart-rate-zone": Aggregate(value=_time_in_zones, cut=True),
    "sedentary-period": Aggregate(value=_time, cut=True),
    "hydration-log": Aggregate(value=_volume),
    "nutrition-log": Aggregate(value=_energy),
}
