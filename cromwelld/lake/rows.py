"""A date's rows as they will lie in the tables that hold many dates."""

from __future__ import annotations

import pyarrow as pa

from cromwelld.day import Day
from cromwelld.lake.columns import align, holding, union
from cromwelld.lake.layout import ManyDates
from cromwelld.measurements import ORDER, describe


def rows_of(day: Day, table: ManyDates) -> pa.Table:
    """Give the rows of a date in one table: by measurement in catalogue order, then as the day has them, by key.

    The table's columns are followed by those that hold something and that the catalogue does not know.
    """
    names = [name for name in day.tables if describe(name).table == table.path]
    names.sort(key=lambda name: (ORDER.get(name, len(ORDER)), name))
    parts = [_labelled(day, name) for name in names]
    schema = union(table.schema, (field for part in parts for field in holding(part) if field.name != "measurement"))
    return pa.concat_tables([align(part, schema) for part in parts]) if parts else table.schema.empty_table()


def _labelled(day: Day, name: str) -> pa.Table:
    rows = day.tables[name]
    date = pa.repeat(pa.scalar(day.date.isoformat()), rows.num_rows)
    return rows.append_column("date", date).append_column("measurement", pa.repeat(pa.scalar(name), rows.num_rows))
