"""Arrays of JSON objects to Arrow columns, without a Python object for each element."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.json as pj

_LIST = "r"


@dataclass(frozen=True, slots=True)
class Columns:
    """A table of the wanted columns, and how many elements were left out: they were not objects of that shape."""

    table: pa.Table
    rejected: int = 0


def read_objects(text: bytes | memoryview, schema: pa.Schema) -> Columns:
    """Read a JSON array of flat objects into the columns of `schema`; other keys are passed over.

    Numbers sent as text become numbers. An element of another shape is left out and counted; a missing key or null is
    null. Columns are text or double.

    Raises: ValueError if `text` is not a JSON array.
    """
    try:
        return Columns(_fast(bytes(text), schema))
    except pa.ArrowInvalid:
        return _slow(bytes(text), schema)


def _fast(text: bytes, schema: pa.Schema) -> pa.Table:
    struct = pa.struct(list(schema))
    row = read_one(text, pa.list_(struct), strict=False)
    if row.flatten().null_count:  # an element that is null
        message = "an element is null"
        raise pa.ArrowInvalid(message)
    table = pa.Table.from_struct_array(row.flatten()) if len(row.flatten()) else schema.empty_table()
    if not finite(table):
        message = "a number that is not finite"
        raise pa.ArrowInvalid(message)
    return table.cast(schema)


def finite(table: pa.Table) -> bool:
    """Tell whether every number is one: JSON's reader takes some that are too large for infinite."""
    doubles = [column for column in table.columns if pa.types.is_floating(column.type)]
    return all(np.isfinite(chunk.fill_null(0.0).to_numpy()).all() for column in doubles for chunk in column.chunks)


def read_one(text: bytes, kind: pa.ListType | None, *, strict: bool) -> pa.ListArray:
    """Read one JSON array as a list of one element type; with `kind` None, or not `strict`, further keys are inferred.

    Raises: pyarrow.ArrowInvalid if the text is not an array of such elements.
    """
    _check(text)
    wrapped = b'{"' + _LIST.encode() + b'":' + text + b"}"
    options = pj.ParseOptions(
        explicit_schema=None if kind is None else pa.schema([(_LIST, kind)]),
        newlines_in_values=True,
        unexpected_field_behavior="infer" if strict or kind is None else "ignore",
    )
    block = pj.ReadOptions(block_size=len(wrapped) + 1, use_threads=False)
    table = pj.read_json(pa.BufferReader(wrapped), read_options=block, parse_options=options)
    is_list = table.column_names == [_LIST] and pa.types.is_list(table.schema.field(0).type)
    if table.num_rows != 1 or not is_list or table[_LIST].null_count:
        message = "not one JSON array"
        raise pa.ArrowInvalid(message)
    return table[_LIST].combine_chunks()


def _check(text: bytes) -> None:
    """Refuse what the column reader would let pass: NaN, text that is not UTF-8, more than one value."""
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
        text.isascii() or text.decode()
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as err:
        message = "not strict JSON"
        raise pa.ArrowInvalid(message) from err


def _slow(text: bytes, schema: pa.Schema) -> Columns:
    """Read element by element: only for answers that hold something odd."""
    try:
        elements = json.loads(text)
    except (ValueError, RecursionError) as err:
        message = "not JSON"
        raise ValueError(message) from err
    if not isinstance(elements, list):
        message = "not a JSON array"
        raise ValueError(message)
    rows = [_row(element, schema) for element in elements]
    good = [row for row in rows if row is not None]
    return Columns(pa.Table.from_pylist(good, schema=schema), len(rows) - len(good))


def _row(element: object, schema: pa.Schema) -> Mapping[str, str | float | None] | None:
    if not isinstance(element, dict):
        return None
    try:
        return {field.name: _value(element.get(field.name), field.type) for field in schema}
    except ValueError:
        return None


def _value(value: object, kind: pa.DataType) -> str | float | None:
    if value is None:
        return None
    if pa.types.is_string(kind):
        return unicode(value)
    return number(value)


def unicode(value: object) -> str:
    """Read text.

    Raises: ValueError if it is none, or holds half a surrogate pair, which no file can keep.
    """
    if not isinstance(value, str):
        message = "not text"
        raise ValueError(message)
    try:
        value.encode()
    except UnicodeEncodeError as err:
        message = "text that is not Unicode"
        raise ValueError(message) from err
    return value


def number(value: object) -> float | None:
    """Read a number sent as number or text; null and the text "NaN" are absent.

    Raises: ValueError if it is neither, is a truth value, or is not finite.
    """
    if value is None or value == "NaN":
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, str)) or not _plain(value):
        message = "not a number"
        raise ValueError(message)
    try:
        result = float(value)
    except OverflowError as err:
        message = "too large a number"
        raise ValueError(message) from err
    except ValueError:  # its message holds the value
        message = "not a number"
        raise ValueError(message) from None
    if not math.isfinite(result):
        message = "not a finite number"
        raise ValueError(message)
    return result


def _plain(value: float | str) -> bool:
    """Tell a number as vendors write it from what only Python reads as one: 1_000, other scripts' digits."""
    return not isinstance(value, str) or (value.isascii() and "_" not in value)
