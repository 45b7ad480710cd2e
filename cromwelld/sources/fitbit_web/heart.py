"""The daily heart series: minutes by zone, and the resting heart rate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from cromwelld.sources.parsed import Asked, Parsed, Row, Rows, daily
from cromwelld.sources.values import Object, amount, count, date, elements, items, member, obj, text

ZONES = ("Out of Range", "Fat Burn", "Cardio", "Peak")


def summary(body: bytes, asked: Asked) -> Parsed:
    """Read zones and resting heart rate of each date; zones without minutes and unknown names are absent.

    `value` holds them, or is a text average with the zones beside it: both shapes are sent.

    Raises: BadAnswer if the answer is of another shape.
    Source: https://dev.fitbit.com/build/reference/web-api/heartrate-timeseries/get-heartrate-timeseries-by-date-range/
    """

    def read(record: Object) -> Iterator[tuple[dt.date, str, Row]]:
        on = date(record, "dateTime")
        value = member(record, "value") if isinstance(record.get("value"), dict) else record
        yield from daily(asked, on, "HR_Zones", _zones(value))
        yield from daily(asked, on, "RestingHR", {"value": amount(value, "restingHeartRate", above=0.0)})

    rows = Rows()
    rows.each(elements(body, "activities-heart"), read)
    return rows.parsed()


def _zones(value: Object) -> dict[str, float | None]:
    zones = [obj(zone) for zone in items(value, "heartRateZones")]
    minutes = {text(zone, "name"): count(zone, "minutes") for zone in zones}
    return {name: minutes.get(name) for name in ZONES}
