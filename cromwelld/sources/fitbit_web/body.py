"""The weight log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from cromwelld.sources.parsed import Asked, Parsed, Row, Rows
from cromwelld.sources.values import Object, amount, date, elements, instant, text

_NO_TIME = "23:59:59"  # what the vendor itself sends where the person gave no time


def weight(body: bytes, asked: Asked) -> Parsed:
    """Read every weighing of the dates asked.

    Raises: BadAnswer if the answer is of another shape.
    Source: https://dev.fitbit.com/build/reference/web-api/body/get-weight-log/
    """

    def read(record: Object) -> Iterator[tuple[dt.date, str, Row]]:
        on = date(record, "date")
        zone = asked.zone_of(on)
        if zone is None:
            return
        kilograms = amount(record, "weight", above=0.0)
        if kilograms is None:
            raise ValueError("no weight")
        yield (
            on,
            "Weight",
            {
                "time": instant(_clock(on, text(record, "time") or _NO_TIME), zone),
                "tag_Source": text(record, "source"),
                "field_weight_kg": kilograms,
                "field_bmi": amount(record, "bmi", above=0.0),
            },
        )

    rows = Rows()
    rows.each(elements(body, "weight"), read)
    return rows.parsed()


def _clock(on: dt.date, clock: str) -> dt.datetime:
    try:
        return dt.datetime.combine(on, dt.time.fromisoformat(clock))
    except ValueError as err:
        raise ValueError("time is not a clock time") from err
