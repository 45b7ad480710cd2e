"""Daily totals of the tracker: steps, calories, distance and minutes by activity level."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from cromwelld.sources.parsed import Asked, Parsed, Parser, Row, Rows, daily
from cromwelld.sources.values import Object, count, date, elements

RESOURCES = {
    "total_steps": "steps",
    "total_calories": "calories",
    "total_distance": "distance",
    "minutes_sedentary": "minutesSedentary",
    "minutes_lightly_active": "minutesLightlyActive",
    "minutes_fairly_active": "minutesFairlyActive",
    "minutes_very_active": "minutesVeryActive",
}


def total(resource: str) -> Parser:
    """Make the parser of one resource: a value a date, sent as text or number.

    The parser raises: BadAnswer if the answer is of another shape.
    Source: https://dev.fitbit.com/build/reference/web-api/activity-timeseries/get-activity-timeseries-by-date-range/
    """

    def parse(body: bytes, asked: Asked) -> Parsed:
        def read(record: Object) -> Iterator[tuple[dt.date, str, Row]]:
            value = {"value": count(record, "value")}
            return daily(asked, date(record, "dateTime"), f"Activity-{resource}", value)

        rows = Rows()
        rows.each(elements(body, f"activities-tracker-{resource}", f"activities-{resource}"), read)
        return rows.parsed()

    return parse
