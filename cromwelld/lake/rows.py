"""A date's rows as they will lie in the tables that hold many dates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
    if not parts:
        return table.schema.empty_table()
    try:
        return _aligned(pa.concat_tables(parts, promote_options="default"), table).combine_chunks()
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # a name that is a number here and text there
        return _each_aligned(parts, table)


def _aligned(rows: pa.Table, table: ManyDates) -> pa.Table:
    return align(rows, union(table.schema, _further(rows, table)))


def _each_aligned(parts: Sequence[pa.Table], table: ManyDates) -> pa.Table:
    schema = union(table.schema, (field for part in parts for field in _further(part, table)))
    return pa.concat_tables([align(part, schema) for part in parts])


def _further(rows: pa.Table, table: ManyDates) -> Iterator[pa.Field]:
    return (field for field in holding(rows, table.schema) if field.name != "measurement")


def _labelled(day: Day, name: str) -> pa.Table:
    rows = day.tables[name]
    date = pa.repeat(pa.scalar(day.date.isoformat()), rows.num_rows)
    return rows.append_column("date", date).append_column("measurement", pa.repeat(pa.scalar(name), rows.num_rows))
