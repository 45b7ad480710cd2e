"""Columns brought to the types that tables have: time, double or text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.measurements import TIME


def stored_type(kind: pa.DataType) -> pa.DataType | None:
    """Choose the type in which a column that the catalogue does not know is kept; None if it cannot be."""
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind):
        return pa.string()
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return pa.float64()
    return None


def holding(rows: pa.Table, beyond: pa.Schema) -> Iterator[pa.Field]:
    """Give the columns that `beyond` lacks and that hold something, with the types in which they are kept."""
    known = set(beyond.names)
    for name in rows.column_names:
        if name in known or rows[name].null_count == rows.num_rows:
            continue
        kind = stored_type(rows[name].type)
        if kind is not None:
            yield pa.field(name, kind)


def union(schema: pa.Schema, fields: Iterable[pa.Field]) -> pa.Schema:
    """Append the fields that `schema` lacks, by name; where one is text and number it is text."""
    kinds: dict[str, pa.DataType] = {}
    for field in fields:
        if schema.get_field_index(field.name) < 0 and kinds.get(field.name) != pa.string():
            kinds[field.name] = field.type
    return pa.schema([*schema, *((name, kinds[name]) for name in sorted(kinds))])


def align(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Give rows exactly the columns of `schema`; those they lack are null."""
    here = set(rows.column_names)
    columns = [fit(rows[f.name], f.type) if f.name in here else pa.nulls(rows.num_rows, f.type) for f in schema]
    return pa.table(columns, schema=schema)


def fit(values: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """Cast a column; text that is no number is absent among numbers, as a column has one type."""
    if values.type == kind:
        return values
    if kind == TIME and pa.types.is_timestamp(values.type):
        return _instants(values)
    if pa.types.is_boolean(values.type) and pa.types.is_string(kind):
        return pc.if_else(values, "True", "False")
    try:
        return pc.cast(values, kind)
    except pa.ArrowInvalid:
        numbers = pa.types.is_floating(kind)
        return pa.array([_number(value) if numbers else None for value in values.to_pylist()], kind)


def _instants(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Read times without a zone as UTC, and cut what is finer than a microsecond."""
    return pc.cast(pc.cast(values, pa.timestamp("us", values.type.tz), safe=False), TIME)


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None
