"""What a text of records holds that ours never would, though it can be kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pyarrow as pa

from cromwelld.day.values import integers_and_nulls
from cromwelld.measurements import MEASUREMENTS

INTEGERS, NULLS, DUPLICATES = (
    "integers for floats",
    "null values, which are absent",
    "duplicates, of which the last stays",
)


def oddities(text: bytes, tables: Mapping[str, pa.Table], duplicates: int) -> dict[str, int]:
    """Count what is odd in a JSON array of records and its tables: by kind, and by name what the catalogue lacks."""
    integers, nulls = integers_and_nulls(text)
    counts = Counter({INTEGERS: integers, NULLS: nulls})
    counts[DUPLICATES] = duplicates
    for name, rows in tables.items():
        if name in MEASUREMENTS:
            counts.update(_unknown_columns(name, rows))
        else:
            counts[f"unknown measurement {name}"] = rows.num_rows
    return {kind: count for kind, count in counts.items() if count}


def _unknown_columns(name: str, rows: pa.Table) -> dict[str, int]:
    known = MEASUREMENTS[name]
    if known.open_fields:
        return {}
    extra = [column for column in rows.column_names if known.schema.get_field_index(column) < 0]
    return {_words(name, column): rows.num_rows - rows[column].null_count for column in extra}


def _words(measurement: str, column: str) -> str:
    kind, _, name = column.partition("_")
    return f"unknown {kind} {name} of {measurement}"
