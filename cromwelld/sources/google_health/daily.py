"""The values that Google publishes once a date, each type declared as a value that reads its pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cromwelld.sources.google_health import datatypes
from cromwelld.sources.google_health.copies import fuller
from cromwelld.sources.google_health.datatypes import DataType
from cromwelld.sources.google_health.origin import device
from cromwelld.sources.google_health.page import payload, records
from cromwelld.sources.google_health.values import amount, civil_date, positive
from cromwelld.sources.google_health.words import word
from cromwelld.sources.parsed import Asked, Parsed, Row, Rows
from cromwelld.sources.parsed import daily as stamped
from cromwelld.sources.values import Object, flag

_NO_READING = 50.0  # what some devices publish as SpO2 where they could not measure
_DECIMALS = 6  # far below what a thermometer can tell, far above the noise of a subtraction

_Fields = Mapping[str, float | None]
_Reader = Callable[[Object, str], float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily:
    """One daily type: what it becomes, how its numbers are read, and which fields are words.

    Called with the pages of a span it gives a record for each date asked, stamped at local noon. Of several records of
    one date, which only `list` sends, the fullest is kept.
    """

    data_type: DataType
    measurement: str
    numbers: Callable[[Object], _Fields]
    words: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, pages: Sequence[bytes], asked: Asked) -> Parsed:
        """Read all pages of a span.

        Raises: BadAnswer if one is of another shape.
        """
        rows = Rows()
        found: dict[dt.date, Row] = {}

        def read(record: Object) -> tuple[()]:
            for date, row in self._rows(record, asked):
                found[date] = fuller(row, found.get(date))
            return ()

        rows.each(records(pages), read)
        for date, row in found.items():
            rows.add(date, self.measurement, row)
        return rows.parsed()

    def _rows(self, record: Object, asked: Asked) -> Iterator[tuple[dt.date, Row]]:
        value = payload(record, self.data_type.key)
        date = civil_date(value)
        if asked.zone_of(date) is None:
            return
        own = {"tag_Device": device(record)} | {
            f"field_{name}": word(value, theirs) for name, theirs in self.words.items()
        }
        for _, _, row in stamped(asked, date, self.measurement, self.numbers(value)):
            yield date, {**row, **own}


def _each(names: Mapping[str, str], read: _Reader) -> Callable[[Object], _Fields]:
    """Read fields by the vendor's names, all in the same way."""
    return lambda value: {name: read(value, theirs) for name, theirs in names.items()}


def _saturation(value: Object, name: str) -> float | None:
    found = amount(value, name)
    return None if found is None or found <= _NO_READING else found


def _variability(value: Object) -> _Fields:
    return {**_POSITIVE_VARIABILITY(value), "entropy": amount(value, "entropy")}


def _temperature(value: Object) -> _Fields:
    """Read the degrees, and give the nightly ones against the baseline if both are known."""
    degrees = _DEGREES(value)
    nightly, baseline = degrees["nightlyTemperature"], degrees["baselineTemperature"]
    relative = None if nightly is None or baseline is None else round(nightly - baseline, _DECIMALS)
    return {**degrees, "nightlyRelativeDerived": relative}


def _fitness(value: Object) -> _Fields:
    """Read the VO2 max; without it the rest says nothing. A truth value that is left out is false."""
    found = positive(value, "vo2Max")
    if found is None:
        return {}
    estimated = flag(value, "estimated") == "True"
    return {"value": found, "covariance": amount(value, "vo2MaxCovariance"), "estimated": float(estimated)}


_POSITIVE_VARIABILITY = _each(
    {
        "dailyRmssd": "averageHeartRateVariabilityMilliseconds",
        "deepRmssd": "deepSleepRootMeanSquareOfSuccessiveDifferencesMilliseconds",
        "nonRemHeartRate": "nonRemHeartRateBeatsPerMinute",
    },
    positive,
)
_DEGREES = _each(
    {
        "nightlyTemperature": "nightlyTemperatureCelsius",
        "baselineTemperature": "baselineTemperatureCelsius",
        "relativeStddev30d": "relativeNightlyStddev30dCelsius",
    },
    amount,
)

resting_heart_rate = Daily(
    data_type=datatypes.DAILY_RESTING_HEART_RATE,
    measurement="RestingHR",
    numbers=_each({"value": "beatsPerMinute"}, positive),
)
variability = Daily(data_type=datatypes.DAILY_VARIABILITY, measurement="HRV", numbers=_variability)
oxygen = Daily(
    data_type=datatypes.DAILY_OXYGEN,
    measurement="SPO2_Daily",
    numbers=_each(
        {"avg": "averagePercentage", "lower": "lowerBoundPercentage", "upper": "upperBoundPercentage"}, _saturation
    ),
)
breathing = Daily(
    data_type=datatypes.DAILY_BREATHING,
    measurement="BreathingRate",
    numbers=_each({"value": "breathsPerMinute"}, positive),
)
temperature = Daily(data_type=datatypes.DAILY_TEMPERATURE, measurement="SkinTemperature", numbers=_temperature)
vo2_max = Daily(
    data_type=datatypes.DAILY_VO2_MAX,
    measurement="VO2Max",
    numbers=_fitness,
    words={"level": "cardioFitnessLevel"},
)
