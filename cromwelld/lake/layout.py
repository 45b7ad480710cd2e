"""Names, paths and columns of the Parquet tables."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

import pyarrow as pa

from cromwelld.measurements import CATALOGUE, DAILY_TABLE, DAY_RECORD, DAYS_TABLE, TIME, Measurement, single_tables

TEMPORARY = ".tmp"
LOCK = f"{TEMPORARY}/lock"
STATE = "compilation_state.json"
PART = "part-0.parquet"
OUTCOME = "outcome_"
PARTITIONED = tuple(m for m in CATALOGUE if m.partitioned)
MONTH, YEAR = len("2025-10"), len("2025")

_PARTITION = "date="


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyDates:
    """A table that holds many dates: its columns that are always there, and how many dates share a row group.

    `group_chars` is how much of the text of a date names its row group: 7 the month, 4 the year. What lies in a group
    follows from the dates alone, so that the order of writing leaves no trace in the file.
    """

    path: str
    schema: pa.Schema
    group_chars: int

    @property
    def texts(self) -> list[str]:
        """Name the text columns that the table always has."""
        return [field.name for field in self.schema if field.type == pa.string()]

    def group(self, date: str) -> str:
        """Name the row group of a date; the names sort as the dates do."""
        return date[: self.group_chars]


def partition_folder(measurement: Measurement, date: str) -> str:
    """Name the folder of one date of a partitioned measurement."""
    return f"{measurement.table}{_PARTITION}{date}"


def partition_date(name: str) -> str | None:
    """Read the date of a partition folder, also of one that was made from a time: `date=2025-10-08%2000%3A00%3A00`."""
    if not name.startswith(_PARTITION):
        return None
    text = unquote(name.removeprefix(_PARTITION))[:10]
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def is_column(name: str) -> bool:
    """Tell whether a column of a file is one of ours: an index that pandas stored is not."""
    return name in ("time", "date", "measurement") or name.startswith(("tag_", "field_"))


@cache
def many_dates() -> dict[str, ManyDates]:
    """Give the tables of records that hold many dates, by path; `DAYS` is not one of them."""
    # daily_summaries is wide and short: by month its footer would outgrow its rows
    return {
        path: ManyDates(path=path, schema=_schema(path, members), group_chars=YEAR if path == DAILY_TABLE else MONTH)
        for path, members in single_tables().items()
    }


def _schema(path: str, members: tuple[Measurement, ...]) -> pa.Schema:
    own = [("time", TIME), ("date", pa.string())]
    own += [("measurement", pa.string())] if path == DAILY_TABLE else []
    tags = {f"tag_{tag}": pa.string() for m in members for tag in m.tags}
    fields = {field.column: field.type for m in members for field in m.fields}
    return pa.schema([*own, *tags.items(), *fields.items()])


def _days_schema() -> pa.Schema:
    texts = [(name, pa.string()) for name in ("date", "zone", "state")]
    more = [(name, pa.string()) for name in ("source", "device")]
    numbers = ("records", "wear_minutes", "steps", "sleep_minutes", "resting_hr", "hrv")
    outcomes = [(OUTCOME + m.name, pa.string()) for m in CATALOGUE if m.name != DAY_RECORD]
    return pa.schema(
        [
            ("time", TIME),
            *texts,
            ("sealed", pa.bool_()),
            *more,
            *((name, pa.float64()) for name in numbers),
            ("schema", pa.string()),
            ("streams", pa.string()),
            *outcomes,
        ]
    )


DAYS = ManyDates(path=DAYS_TABLE, schema=_days_schema(), group_chars=YEAR)
