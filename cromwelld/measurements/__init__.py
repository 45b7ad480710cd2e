"""Every measurement that is kept, as data, and what the vendors compute differently."""

from cromwelld.measurements.catalogue import (
    CATALOGUE,
    MEASUREMENTS,
    ORDER,
    describe,
    single_tables,
    unknown_measurement,
)
from cromwelld.measurements.model import (
    DAILY_TABLE,
    DAY_RECORD,
    DAYS_TABLE,
    SCHEMA_VERSION,
    TIME,
    Field,
    Likeness,
    Measurement,
    Merge,
    Stamp,
)

__all__ = [
    "CATALOGUE",
    "DAILY_TABLE",
    "DAYS_TABLE",
    "DAY_RECORD",
    "MEASUREMENTS",
    "ORDER",
    "SCHEMA_VERSION",
    "TIME",
    "Field",
    "Likeness",
    "Measurement",
    "Merge",
    "Stamp",
    "describe",
    "single_tables",
    "unknown_measurement",
]
