"""The row of a date in `days.parquet`, which answers what there is without reading what there is."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from cromwelld import localtime
from cromwelld.day import Day
from cromwelld.day.model import wear_minutes
from cromwelld.lake.layout import DAYS, OUTCOME
from cromwelld.measurements import SCHEMA_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeDay:
    """A date on its way into the tables.

    With `complete` the day is all that is known of the date, and what it lacks goes; otherwise only the measurements in
    `day.tables` are replaced. `object_name`, `digest` and `mark` tell the archive object, its content and its version
    in its store, empty if there is none yet; `also` are the other dates of which it holds records. With `lent` the
    rows are what objects of other dates hold of this one, as none bears it.
    """

    day: Day
    complete: bool
    state: str
    sealed: bool
    object_name: str
    digest: str
    mark: str = ""
    also: tuple[str, ...] = ()
    lent: bool = False


def row(entry: LakeDay) -> pa.Table:
    """Build the row of a date, whose `day` holds everything of it: one row with the columns of `days.parquet`."""
    day = entry.day
    values: dict[str, object] = {
        "time": localtime.noon(day.date, day.zone),
        "date": day.date.isoformat(),
        "zone": day.zone,
        "state": entry.state,
        "sealed": entry.sealed,
        "source": "+".join(sorted({word.split(" ")[0] for word in day.asked.values()})) or None,
        "device": _device(day),
        "records": float(day.records),
        "wear_minutes": wear_minutes(day),
        "steps": _sum(day, "Activity-steps", "field_value"),
        "sleep_minutes": _sum(day, "SleepSummary", "field_minutesAsleep"),
        "resting_hr": _sum(day, "RestingHR", "field_value"),
        "hrv": _sum(day, "HRV", "field_dailyRmssd"),
        "schema": SCHEMA_VERSION,
    }
    values |= {OUTCOME + name: word for name, word in day.asked.items()}
    return pa.table([pa.array([values.get(field.name)], field.type) for field in DAYS.schema], schema=DAYS.schema)


def _device(day: Day) -> str | None:
    """Name the device that most rows come from; of equals the first by name."""
    columns = (rows["tag_Device"] for rows in day.tables.values() if "tag_Device" in rows.column_names)
    named = pa.chunked_array([chunk for column in columns for chunk in column.chunks], pa.string())
    rows = {count["values"]: count["counts"] for count in pc.value_counts(pc.drop_null(named)).to_pylist()}
    return min(rows, key=lambda name: (-rows[name], name), default=None)


def _sum(day: Day, measurement: str, column: str) -> float | None:
    """Add up a column; absent if no row has a value."""
    table = day.tables.get(measurement)
    total: float | None = None if table is None else pc.sum(table[column]).as_py()
    return total


def asked(days: pa.Table) -> dict[str, str]:
    """Read back from one row which source answered what; unknown measurements are not told there."""
    words = days.to_pylist()[0] if days.num_rows else {}
    return {name.removeprefix(OUTCOME): word for name, word in words.items() if name.startswith(OUTCOME) and word}
