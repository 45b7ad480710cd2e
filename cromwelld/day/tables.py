"""Tables of one measurement on one date in their normal form: fixed columns, sorted by key, one row a key."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.measurements import MEASUREMENTS, Measurement

Column: TypeAlias = "pa.Array | pa.ChunkedArray"

_FEW_ROWS = 64


def table(measurement: Measurement, columns: Mapping[str, Column | Sequence[object] | None]) -> pa.Table:
    """Build a measurement's table from columns by name ("time", "tag_...", "field_..."); the rest are null."""
    rows = len(columns["time"])  # type: ignore[arg-type]
    schema = measurement.schema
    if rows <= _FEW_ROWS and all(isinstance(values, list) and name in schema.names for name, values in columns.items()):
        return _few(measurement, columns, rows)  # type: ignore[arg-type]
    arrays = [_array(columns.get(field.name), field.type, rows) for field in schema]
    extra = sorted(name for name in columns if schema.get_field_index(name) < 0)
    types = [pa.string() if name.startswith("tag_") else None for name in extra]
    arrays += [_array(columns[name], kind, rows) for name, kind in zip(extra, types, strict=True)]
    return normal(measurement, pa.table(arrays, names=[*schema.names, *extra]))


def _few(measurement: Measurement, columns: Mapping[str, list[object]], rows: int) -> pa.Table:
    """Build a table of a handful of plain records in its normal form; what `normal` does is for many.

    Daily values come by the month, each in a table of its own.
    """
    keys = [columns.get(name) or [None] * rows for name in measurement.key_columns]
    of_key = {tuple(values): row for row, values in enumerate(zip(*keys, strict=True))}
    order = [of_key[key] for key in sorted(of_key, key=_place)]
    arrays = []
    for field in measurement.schema:
        values = columns.get(field.name)
        plain = [None] * len(order) if values is None else [_number_or_none(values[row]) for row in order]
        arrays.append(pa.array(plain, field.type))
    return pa.table(arrays, schema=measurement.schema)


def _place(key: Sequence[object]) -> list[tuple[bool, object]]:
    """Sort an absent part of a key behind all others."""
    return [(part is None, "" if part is None else part) for part in key]


def _number_or_none(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _array(values: Column | Sequence[object] | None, kind: pa.DataType | None, rows: int) -> Column:
    if values is None:
        return pa.nulls(rows, kind)
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return values if kind is None else pc.cast(values, kind)
    return pa.array(values, kind)


def empty(measurement: Measurement) -> pa.Table:
    """Give the table of a measurement that was answered and has no records."""
    return measurement.no_records


def normal(measurement: Measurement, rows: pa.Table) -> pa.Table:
    """Bring rows into the normal form: catalogue columns, further ones by name, sorted by key, the last of a key."""
    ordered = conform(measurement, rows)
    columns = _key_columns(ordered, measurement)
    if columns[0] == "time" and _rises(ordered["time"]):  # then no key comes twice
        return ordered.combine_chunks()
    keys = [(name, "ascending") for name in columns]
    return _last_of_key(ordered.take(pc.sort_indices(ordered, sort_keys=keys)), columns).combine_chunks()


def conform(measurement: Measurement, rows: pa.Table) -> pa.Table:
    """Give the columns of the catalogue their order and type; unknown ones follow by name unless they are all null."""
    schema = measurement.schema
    fixed = [_column(rows, field) for field in schema]
    known = set(schema.names)
    held = [name for name in set(rows.column_names) - known if rows[name].null_count < rows.num_rows]
    extra = {name: _extra(rows[name]) for name in sorted(held)}
    further = {name: values for name, values in extra.items() if values.null_count < rows.num_rows}
    return pa.table([*fixed, *further.values()], names=[*schema.names, *further])


def _column(rows: pa.Table, field: pa.Field) -> Column:
    if rows.schema.get_field_index(field.name) < 0:
        return pa.nulls(rows.num_rows, field.type)
    values = rows[field.name]
    values = values if values.type == field.type else pc.cast(values, field.type)
    return _finite(values) if pa.types.is_floating(field.type) else values


def _extra(values: Column) -> Column:
    """Give a column that the catalogue does not know one of the two types: text or double."""
    if pa.types.is_string(values.type):
        return values
    return _finite(pc.cast(values, pa.float64()))


def _finite(values: Column) -> Column:
    """Leave out what is no number: JSON has no word for it, and it is not a value that was sent."""
    if values.null_count == len(values):
        return values
    finite = pc.is_finite(values)
    return values if pc.all(finite).as_py() is not False else pc.if_else(finite, values, None)


def _key_columns(rows: pa.Table, measurement: Measurement) -> tuple[str, ...]:
    """Name the key's columns; where the catalogue knows none, every tag is one, so that no record is lost."""
    if measurement.name in MEASUREMENTS:
        return measurement.key_columns
    return ("time", *(name for name in rows.column_names if name.startswith("tag_")))


def _rises(times: Column) -> bool:
    """Tell whether times are in strictly rising order, as sources send them."""
    if len(times) == 1:
        return True
    micros = pc.cast(times, pa.int64()).to_numpy() if times.null_count == 0 else np.zeros(2)
    return bool((np.diff(micros) > 0).all())


def _last_of_key(rows: pa.Table, columns: Sequence[str]) -> pa.Table:
    """Keep the last row of each run of equal keys; `rows` is sorted by key, and the sort is stable."""
    if rows.num_rows < 2:  # noqa: PLR2004 - nothing to compare
        return rows
    differs = np.zeros(rows.num_rows - 1, dtype=bool)
    for name in columns:
        column = rows[name].combine_chunks()
        differs |= _differs(column[1:], column[:-1])
    return rows if differs.all() else rows.filter(pa.array(np.append(differs, [True])))


def _differs(left: pa.Array, right: pa.Array) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    unequal = pc.fill_null(pc.not_equal(left, right), fill_value=False)
    one_null = pc.xor(pc.is_null(left), pc.is_null(right))
    result: np.ndarray[tuple[int], np.dtype[np.bool_]] = pc.or_(unequal, one_null).to_numpy(zero_copy_only=False)
    return result


def concat(measurement: Measurement, parts: Sequence[pa.Table]) -> pa.Table:
    """Put tables of one measurement together; where a key comes twice the later table's row stays."""
    return normal(measurement, pa.concat_tables(parts, promote_options="default"))


def with_text(rows: pa.Table, column: str, value: str) -> pa.Table:
    """Fill the empty places of a text column with `value`."""
    position = rows.schema.get_field_index(column)
    if position < 0 or not value or rows[column].null_count == 0:
        return rows
    return rows.set_column(position, rows.schema.field(position), pc.fill_null(rows[column], value))
