"""What a measurement is made of: fields with units, a key, a table, a rule for merging, and how sources compare."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import pyarrow as pa

TIME = pa.timestamp("us", tz="UTC")
DAY_RECORD = "Cromwelld_Day"
SCHEMA_VERSION = "1"
DAILY_TABLE = "daily_summaries.parquet"
DAYS_TABLE = "days.parquet"


class Merge(Enum):
    """How a new answer meets what the archive has."""

    SAMPLED = "a new answer replaces, unless it lacks more than a tenth of the archived timestamps"
    TRACKS = "like sampled, track by track; a track goes with its activity"
    LOGGED = "any complete answer replaces; emptiness only when it is repeated"
    DAILY = "a new value replaces; an absent one keeps the old"
    READINGS = "every reading is kept, by its key"


class Stamp(Enum):
    """What the time of a record means."""

    SAMPLE = "the sample, cut to the second"
    MINUTE = "start of the minute"
    POINT = "the trackpoint"
    STAGE = "start of the stage"
    SLEEP = "start of the sleep"
    NOON = "local noon of the date"
    SYNC = "the device's last sync"
    WEIGHING = "the weighing"
    WAKING = "end of the sleep"
    ACTIVITY = "start of the activity"


class Likeness(Enum):
    """How a source's value relates to the one that Fitbit gave."""

    SAME = "same"
    CLOSE = "close"
    DERIVED = "derived"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a measurement; numbers unless `text`.

    `lacking` names the sources that never have it: in their records it is filled from an export, and stays so.
    """

    name: str
    unit: str
    text: bool = False
    note: str = ""
    lacking: tuple[str, ...] = ()

    @property
    def column(self) -> str:
        """Name the field's column in tables."""
        return f"field_{self.name}"

    @property
    def type(self) -> pa.DataType:
        """Give the column's type."""
        return pa.string() if self.text else pa.float64()


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One row of the data contract.

    `key` names what makes a record unique within a date: "time" and tags. `likeness` says for each source how its value
    relates to the series as it began; a source that is not named does not offer the measurement.
    """

    name: str
    stamp: Stamp
    merge: Merge
    table: str
    tags: tuple[str, ...]
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    likeness: dict[str, Likeness]
    open_fields: bool = False
    note: str = ""

    @cached_property
    def schema(self) -> pa.Schema:
        """Give the Arrow schema: time, then tags, then fields, in catalogue order."""
        tags = [(f"tag_{tag}", pa.string()) for tag in self.tags]
        return pa.schema([("time", TIME), *tags, *((f.column, f.type) for f in self.fields)])

    @cached_property
    def no_records(self) -> pa.Table:
        """Give the table of a date that has none."""
        return self.schema.empty_table()

    @property
    def key_columns(self) -> tuple[str, ...]:
        """Name the key's columns, most significant first."""
        return tuple(name if name == "time" else f"tag_{name}" for name in self.key)

    @property
    def partitioned(self) -> bool:
        """Tell whether each date has a folder of its own."""
        return self.table.endswith("/")
