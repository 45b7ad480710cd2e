"""The rows of dates as they will lie in the tables that hold many dates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from cromwelld.day import Day
from cromwelld.lake.columns import align, holding, union
from cromwelld.lake.layout import ManyDates
from cromwelld.measurements import ORDER, describe


def rows_of(days: Sequence[Day], table: ManyDates) -> dict[str, pa.Table]:
    """Give the rows of each date in one table: by measurement in catalogue order, then as the day has them, by key.

    The table's columns are followed by those that hold something and that the catalogue does not know. The dates are
    worked on together: such a table is wide, and a date has few rows in it.
    """
    try:
        return _together(days, table)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # a name that is a number here and text there
        return {day.date.isoformat(): _each_aligned(day, table) for day in days}


def _together(days: Sequence[Day], table: ManyDates) -> dict[str, pa.Table]:
    names = _names(days, table)
    dates = np.concatenate([np.zeros(0, dtype=np.int64), *(_places(days, name) for name in names)])
    rows = table.schema.empty_table()
    if names:
        rows = pa.concat_tables([_labelled(days, name) for name in names], promote_options="default")
        rows = align(rows, union(table.schema, _further(rows, table)))
        rows = rows.take(pa.array(np.argsort(dates, kind="stable"))).combine_chunks()
    ends = np.cumsum(np.bincount(dates, minlength=len(days)))
    starts = [0, *ends[:-1]]
    return {
        day.date.isoformat(): rows.slice(start, end - start) for day, start, end in zip(days, starts, ends, strict=True)
    }


def _names(days: Sequence[Day], table: ManyDates) -> list[str]:
    names = {name for day in days for name in day.tables if describe(name).table == table.path}
    return sorted(names, key=lambda name: (ORDER.get(name, len(ORDER)), name))


def _places(days: Sequence[Day], name: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Give for each row of a measurement the place of its date."""
    return np.repeat(np.arange(len(days)), [day.tables[name].num_rows if name in day.tables else 0 for day in days])


def _labelled(days: Sequence[Day], name: str) -> pa.Table:
    rows = pa.concat_tables([day.tables[name] for day in days if name in day.tables], promote_options="default")
    dates = pa.array([day.date.isoformat() for day in days]).take(pa.array(_places(days, name)))
    return rows.append_column("date", dates).append_column("measurement", pa.repeat(pa.scalar(name), rows.num_rows))


def _each_aligned(day: Day, table: ManyDates) -> pa.Table:
    parts = [_labelled([day], name) for name in _names([day], table)]
    schema = union(table.schema, (field for part in parts for field in _further(part, table)))
    return pa.concat_tables([schema.empty_table(), *(align(part, schema) for part in parts)])


def _further(rows: pa.Table, table: ManyDates) -> Iterator[pa.Field]:
    return (field for field in holding(rows, table.schema) if field.name != "measurement")
