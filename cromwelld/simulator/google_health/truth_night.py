"""What a night tells of the body: oxygen, variability, breathing, temperature, fitness.

Source: https://developers.google.com/health/data-types/vitals
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache

from cromwelld.simulator.google_health.points import Point
from cromwelld.simulator.google_health.truth_known import Known
from cromwelld.simulator.google_health.truth_points import Payload, daily, nonzero, sample, watch
from cromwelld.simulator.person import NightDetails, Vitals
from cromwelld.simulator.person.details import oxygen, variability

NOT_A_NUMBER = "NaN"
DEVIATION_OF_VARIABILITY = 1.25
BREATHS_DEVIATION, BREATHS_SIGNAL_TO_NOISE = 1.1, 4.0
Told = tuple[Point, ...]
Tell = Callable[[Vitals, NightDetails], Payload]


@lru_cache(maxsize=64)
def oxygen_saturation(known: Known, day: date) -> Told:
    """Tell the oxygen of every minute of the night that ended on a date."""
    if known.night(day) is None:
        return ()
    clock, origin = known.person.tz, watch(known.person)
    return tuple(
        sample(clock, at, {"percentage": value}, origin) for at, value in oxygen(known.person, day) if at < known.synced
    )


@lru_cache(maxsize=256)
def heart_rate_variability(known: Known, day: date) -> Told:
    """Tell the variability of every five minutes of the night that ended on a date."""
    if known.night(day) is None:
        return ()
    clock, origin = known.person.tz, watch(known.person)
    return tuple(sample(clock, at, _variable(rmssd), origin) for at, rmssd in variability(known.person, day))


def respiratory_summary(known: Known, day: date) -> Told:
    """Tell the breathing of the night that ended on a date by stage of sleep, at the night's end."""
    found, night = list(_nights(known, day)), known.person.diary(day).night
    if not found or night is None:
        return ()
    vitals, details = found[0]
    payload = {
        "deepSleepStats": _breathing(details.breaths_deep),
        "lightSleepStats": _breathing(details.breaths_light),
        "remSleepStats": _breathing(details.breaths_rem),
        "fullSleepStats": _breathing(vitals.breaths_per_minute),
    }
    return (sample(known.person.tz, night.end, payload, watch(known.person, "DERIVED")),)


def _each_night(method: str, tell: Tell) -> Callable[[Known, date], Told]:
    """Tell one thing of every night that is over, by the date on which it ended."""

    def told(known: Known, day: date) -> Told:
        origin = watch(known.person, method)
        return tuple(daily(day, tell(vitals, details), origin) for vitals, details in _nights(known, day))

    return told


def _nights(known: Known, day: date) -> Iterator[tuple[Vitals, NightDetails]]:
    vitals, details = known.night(day), known.person.night_details(day)
    if vitals and details:
        yield vitals, details


def _daily_variability(vitals: Vitals, details: NightDetails) -> Payload:
    return {
        "averageHeartRateVariabilityMilliseconds": vitals.daily_rmssd_ms,
        "nonRemHeartRateBeatsPerMinute": str(details.non_rem_bpm),
        "entropy": details.entropy,
        "deepSleepRootMeanSquareOfSuccessiveDifferencesMilliseconds": vitals.deep_rmssd_ms,
    }


def _daily_oxygen(vitals: Vitals, details: NightDetails) -> Payload:
    return {
        "averagePercentage": vitals.oxygen_avg,
        "lowerBoundPercentage": details.oxygen_lower,
        "upperBoundPercentage": details.oxygen_upper,
        "standardDeviationPercentage": details.oxygen_deviation,
    }


def _daily_breathing(vitals: Vitals, _: NightDetails) -> Payload:
    return {"breathsPerMinute": vitals.breaths_per_minute}


def _daily_temperature(_: Vitals, details: NightDetails) -> Payload:
    baseline, deviation = details.baseline_c, details.temperature_deviation_c
    return {
        "nightlyTemperatureCelsius": details.temperature_c,
        "baselineTemperatureCelsius": NOT_A_NUMBER if baseline is None else baseline,
        "relativeNightlyStddev30dCelsius": NOT_A_NUMBER if deviation is None else deviation,
    }


daily_variability = _each_night("DERIVED", _daily_variability)
daily_oxygen = _each_night("PASSIVELY_MEASURED", _daily_oxygen)
daily_breathing = _each_night("DERIVED", _daily_breathing)
daily_temperature = _each_night("DERIVED", _daily_temperature)


def daily_fitness(known: Known, day: date) -> Told:
    """Tell the VO2max of a date that is over; where no walk was tracked it is an estimate."""
    vitals = known.night(day)
    if vitals is None or not known.over(day):
        return ()
    tracked = any(outing.kind == "walk" for outing in known.person.diary(day).outings)
    numbers = {"vo2Max": float(vitals.vo2_max), "cardioFitnessLevel": "GOOD", "vo2MaxCovariance": 1.8}
    return (daily(day, {**numbers, **nonzero(estimated=not tracked)}, watch(known.person, "DERIVED")),)


def _variable(rmssd: float) -> Payload:
    return {
        "rootMeanSquareOfSuccessiveDifferencesMilliseconds": rmssd,
        "standardDeviationMilliseconds": round(rmssd * DEVIATION_OF_VARIABILITY, 3),
    }


def _breathing(breaths: float | None) -> Payload:
    """Write one stage; what could not be worked out is zero, which proto3 omits."""
    if breaths is None:
        return {}
    return {
        "breathsPerMinute": breaths,
        "standardDeviation": BREATHS_DEVIATION,
        "signalToNoise": BREATHS_SIGNAL_TO_NOISE,
    }
