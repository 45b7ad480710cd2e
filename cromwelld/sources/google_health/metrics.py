"""The numbers of an exercise, as a table of where each one stands and what it is divided by."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

from cromwelld.sources.google_health.values import amount, duration_s, positive
from cromwelld.sources.values import Object, finite, flag, member

_SUMMARY = "metricsSummary"
_MOST_FURTHER = 100
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_LARGEST = 1e15


def _truth(value: Object, name: str) -> float | None:
    """Read a truth value as 1.0 or 0.0; one that is left out is false."""
    return float(flag(value, name) == "True")


@dataclass(frozen=True, slots=True)
class _Number:
    """One field: the way to it, how it is read, and the fraction that turns the vendor's unit into ours."""

    field: str
    where: str
    read: Callable[[Object, str], float | None] = amount
    times: int = 1
    per: int = 1

    def of(self, exercise: Object) -> float | None:
        *way, name = self.where.split(".")
        found = self.read(reduce(member, way, exercise), name)
        return None if found is None else found * self.times / self.per


_MEASURED = (
    _Number("calories", "metricsSummary.caloriesKcal"),
    _Number("distance", "metricsSummary.distanceMillimeters", per=1_000_000),
    _Number("steps", "metricsSummary.steps"),
    _Number("averageHeartRate", "metricsSummary.averageHeartRateBeatsPerMinute", positive),
    _Number("speed", "metricsSummary.averageSpeedMillimetersPerSecond", times=9, per=2500),
    _Number("pace", "metricsSummary.averagePaceSecondsPerMeter", positive, times=1000),
    _Number("elevationGain", "metricsSummary.elevationGainMillimeters", per=1000),
    _Number("activeZoneMinutes", "metricsSummary.activeZoneMinutes"),
    _Number("runVo2Max", "metricsSummary.runVo2Max", positive),
    _Number("totalSwimLengths", "metricsSummary.totalSwimLengths"),
    _Number("lightTime_s", "metricsSummary.heartRateZoneDurations.lightTime", duration_s),
    _Number("moderateTime_s", "metricsSummary.heartRateZoneDurations.moderateTime", duration_s),
    _Number("vigorousTime_s", "metricsSummary.heartRateZoneDurations.vigorousTime", duration_s),
    _Number("peakTime_s", "metricsSummary.heartRateZoneDurations.peakTime", duration_s),
    _Number("avgCadenceStepsPerMinute", "metricsSummary.mobilityMetrics.avgCadenceStepsPerMinute"),
    _Number("avgStrideLengthMillimeters", "metricsSummary.mobilityMetrics.avgStrideLengthMillimeters"),
    _Number("avgVerticalOscillationMillimeters", "metricsSummary.mobilityMetrics.avgVerticalOscillationMillimeters"),
    _Number("avgVerticalRatio", "metricsSummary.mobilityMetrics.avgVerticalRatio"),
    _Number("avgGroundContactTime_s", "metricsSummary.mobilityMetrics.avgGroundContactTimeDuration", duration_s),
)
_TOLD = (
    _Number("activeDuration", "activeDuration", duration_s, times=1000),
    _Number("poolLength", "exerciseMetadata.poolLengthMillimeters", positive, per=1000),
)
_GPS = _Number("hasGps", "exerciseMetadata.hasGps", _truth)
_OURS = frozenset(number.field for number in (*_MEASURED, *_TOLD, _GPS)) | {"duration"}
_THEIRS = frozenset(number.where.rpartition(".")[2] for number in _MEASURED)


def measured(exercise: Object) -> dict[str, float]:
    """Give what was measured in an exercise, numbers that are new at the vendor under the vendor's own names.

    Units as the catalogue has them; new ones as sent.

    Raises: ValueError if a number is none.
    """
    return {**_further(member(exercise, _SUMMARY)), **_read(_MEASURED, exercise)}


def told(exercise: Object) -> dict[str, float]:
    """Give what is known of an exercise beside the measured: durations in ms, the pool in m, whether it has a route.

    Raises: ValueError if a number is none.
    """
    return _read((*_TOLD, *([_GPS] if exercise.get("exerciseMetadata") is not None else [])), exercise)


def _read(numbers: Iterable[_Number], exercise: Object) -> dict[str, float]:
    return {number.field: found for number in numbers if (found := number.of(exercise)) is not None}


def _further(summary: Mapping[str, object]) -> dict[str, float]:
    """Give the numbers that the table does not know, except ids; what is too large for one is passed over."""
    found = {name: _plain(value) for name, value in summary.items() if _is_further(name)}
    numbers = {name: value for name, value in found.items() if value is not None}
    if len(numbers) > _MOST_FURTHER:
        raise ValueError("more numbers than an exercise has")
    return numbers


def _is_further(name: str) -> bool:
    known = name in _OURS or name in _THEIRS
    return not known and _NAME.fullmatch(name) is not None and name != "id" and not name.endswith(("Id", "ID"))


def _plain(value: object) -> float | None:
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        return finite(value) if _NUMBER.fullmatch(value) else None
    return float(value) if isinstance(value, (int, float)) and abs(value) <= _LARGEST else None
