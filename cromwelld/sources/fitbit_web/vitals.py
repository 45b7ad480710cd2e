"""The values of a night, one a date: heart-rate variability, breathing rate, skin temperature, oxygen saturation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping

from cromwelld.errors import BadAnswer
from cromwelld.sources.parsed import Asked, Parsed, Row, Rows, daily
from cromwelld.sources.values import Object, amount, date, decode, elements, member

_NO_READING = 50.0  # what some devices publish as SpO2 where they could not measure

_Fields = Callable[[Object], Mapping[str, float | None]]


def hrv(body: bytes, asked: Asked) -> Parsed:
    """Read the heart-rate variability of each date.

    Raises: BadAnswer if the answer is of another shape.
    Source: https://dev.fitbit.com/build/reference/web-api/heartrate-variability/
    """
    return _nightly(elements(body, "hrv"), asked, "HRV", _variability)


def breathing_rate(body: bytes, asked: Asked) -> Parsed:
    """Read the breathing rate of each date, in the plain form or in that by sleep stage; -1 is absent.

    Raises: BadAnswer if the answer is of another shape.
    Source: https://dev.fitbit.com/build/reference/web-api/breathing-rate/
    """
    return _nightly(elements(body, "br"), asked, "BreathingRate", _breaths)


def skin_temperature(body: bytes, asked: Asked) -> Parsed:
    """Read the deviation of the skin temperature of each date; it can be negative.

    Raises: BadAnswer if the answer is of another shape.
    Source: https://dev.fitbit.com/build/reference/web-api/temperature/
    """
    return _nightly(elements(body, "tempSkin"), asked, "SkinTemperature", _deviation)


def spo2(body: bytes, asked: Asked) -> Parsed:
    """Read the oxygen saturation of each date: a list for a range, one object for a date, perhaps without a value.

    Raises: BadAnswer if the answer is of another shape.
    Source: https://dev.fitbit.com/build/reference/web-api/spo2
    """
    content = decode(body)
    if isinstance(content, dict):
        if content and "dateTime" not in content:
            raise BadAnswer("the answer has no dateTime")
        content = [content] if content else []
    if not isinstance(content, list):
        raise BadAnswer("the answer is not a list")
    return _nightly(content, asked, "SPO2_Daily", _saturation)


def _nightly(records: list[object], asked: Asked, measurement: str, fields: _Fields) -> Parsed:
    def read(record: Object) -> Iterator[tuple[dt.date, str, Row]]:
        return daily(asked, date(record, "dateTime"), measurement, fields(member(record, "value")))

    rows = Rows()
    rows.each(records, read)
    return rows.parsed()


def _variability(value: Object) -> Mapping[str, float | None]:
    return {name: amount(value, name, above=0.0) for name in ("dailyRmssd", "deepRmssd")}


def _breaths(value: Object) -> Mapping[str, float | None]:
    whole_night = value if "breathingRate" in value else member(value, "fullSleepSummary")
    return {"value": amount(whole_night, "breathingRate", above=0.0)}


def _deviation(value: Object) -> Mapping[str, float | None]:
    return {"nightlyRelative": amount(value, "nightlyRelative")}


def _saturation(value: Object) -> Mapping[str, float | None]:
    return {name: amount(value, name, above=_NO_READING) for name in ("avg", "max", "min")}
