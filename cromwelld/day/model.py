"""The value of one date, and its `Cromwelld_Day` record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld import localtime
from cromwelld.day.tables import table
from cromwelld.measurements import DAY_RECORD, MEASUREMENTS, ORDER, SCHEMA_VERSION

_HEART_RATE = "HeartRate_Intraday"
_OWN_TAGS = ("date", "Zone", "Schema")
_MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Everything that is known of one date of one person.

    `tables` holds non-empty tables in normal form, without `Cromwelld_Day`, which is derived by `about`. `asked` maps
    each measurement that was ever asked to "<source> <outcome>".
    """

    date: dt.date
    zone: str
    tables: Mapping[str, pa.Table]
    asked: Mapping[str, str]

    @property
    def records(self) -> int:
        """Count the records, `Cromwelld_Day` aside."""
        return sum(rows.num_rows for rows in self.tables.values())

    def ordered(self) -> Iterator[tuple[str, pa.Table]]:
        """Give the tables in catalogue order, unknown measurements after it by name, the day's record last."""
        own = ORDER[DAY_RECORD]
        for name in sorted(self.tables, key=lambda name: (ORDER.get(name, own), name)):
            yield name, self.tables[name]
        yield DAY_RECORD, about(self)


def about(day: Day) -> pa.Table:
    """Build the `Cromwelld_Day` record of a date: one row."""
    columns: dict[str, list[object]] = {
        "time": [localtime.noon(day.date, day.zone)],
        "tag_date": [day.date.isoformat()],
        "tag_Zone": [day.zone],
        "tag_Schema": [SCHEMA_VERSION],
        "field_records": [float(day.records)],
        "field_wear_minutes": [wear_minutes(day)],
    }
    columns |= {f"tag_{name}": [word] for name, word in day.asked.items()}
    return table(MEASUREMENTS[DAY_RECORD], columns)


def not_worn(day: Day) -> bool:
    """Tell whether the source was asked for heart rate and had none."""
    return _HEART_RATE not in day.tables and day.asked.get(_HEART_RATE, "").endswith(" empty")


def wear_minutes(day: Day) -> float | None:
    """Count the minutes with a heart-rate sample; None if heart rate is not known for the date."""
    rows = day.tables.get(_HEART_RATE)
    if rows is None:
        return 0.0 if not_worn(day) else None
    minutes = pc.cast(rows["time"], pa.int64()).to_numpy() // _MINUTE_US  # they rise, as the table is in normal form
    return float(np.count_nonzero(np.diff(minutes)) + 1)


def read_about(rows: pa.Table) -> tuple[str, str, dict[str, str]]:
    """Read a `Cromwelld_Day` table: the date's text, the zone, and what was asked; the last row counts."""
    row = rows.slice(rows.num_rows - 1).to_pylist()[0]
    asked = {
        name.removeprefix("tag_"): word
        for name, word in row.items()
        if name.startswith("tag_") and word is not None and name.removeprefix("tag_") not in _OWN_TAGS
    }
    return row.get("tag_date") or "", row.get("tag_Zone") or "", asked
