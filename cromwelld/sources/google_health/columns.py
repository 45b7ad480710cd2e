"""Data points as columns: the wanted members of every record, without a Python object for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from cromwelld.sources.google_health.page import POINTS, records
from cromwelld.sources.google_health.values import amount
from cromwelld.sources.values import Object, cut, member, obj, text

_LARGEST = 1e15
_INFINITE = ("NaN", "Infinity", "-Infinity")
_BOM = b"\xef\xbb\xbf"


class Kind(Enum):
    """What a member holds: the types as which it is read, the second where a page does not fit the first.

    Whole numbers come as text, doubles as numbers, but "NaN" is a text. Decimals take numbers in either form.
    """

    TEXT = (pa.string(), pa.string())
    WHOLE = (pa.string(), pa.decimal128(19))
    NUMBER = (pa.float64(), pa.string())
    PART = (pa.float64(), pa.float64())


@dataclass(frozen=True, slots=True)
class Leaf:
    """One member of a record: the names on the way to it, and what it holds."""

    path: tuple[str, ...]
    kind: Kind


# Only `list` says it; what is reconciled has no device of its own.
DEVICE = Leaf(("dataSource", "device", "displayName"), Kind.TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What to read of each record: leaves by column name; records without a member `key` are of another type."""

    key: str
    leaves: Mapping[str, Leaf]
    points: str = POINTS

    @property
    def schema(self) -> pa.Schema:
        """Give the columns that are read: text or double."""
        return pa.schema([(name, _column_type(leaf.kind)) for name, leaf in self.leaves.items()])


@dataclass(frozen=True, slots=True)
class Read:
    """The columns of all records in the order received, and how many records were left out for which reason.

    In a number column null is what was not sent, NaN what was sent as no number.
    """

    rows: pa.Table
    rejected: Counter[str]


def read(pages: Sequence[bytes], shape: Shape) -> Read:
    """Read the records of all pages.

    A page is read record by record only if it holds something odd: a record that is no object, a truth value where a
    number belongs, a number beyond what can be.

    Raises: BadAnswer if a page is not an object with a list.
    """
    found = [_page(body, shape) for body in pages]
    rows = pa.concat_tables([shape.schema.empty_table(), *(one.rows for one in found)])
    rejected: Counter[str] = Counter()
    for one in found:
        rejected.update(one.rejected)
    return Read(rows.combine_chunks(), rejected)


def where(rows: pa.Table, wanted: pa.Array | pa.ChunkedArray) -> pa.Table:
    """Give the rows for which `wanted` is true; nearly always that is all of them, and a filter would copy them."""
    return rows if wanted.null_count == 0 and pc.all(wanted).as_py() else rows.filter(wanted)


def _page(body: bytes, shape: Shape) -> Read:
    cut(body)  # keeps text that is nested too deeply from the column reader, which would end the process over it
    for attempt in (0, 1):
        try:
            return _fast(body.removeprefix(_BOM), shape, attempt)
        except (pa.ArrowInvalid, UnicodeDecodeError):
            continue
    return _one_by_one(body, shape)


def _fast(body: bytes, shape: Shape, attempt: int) -> Read:
    body.isascii() or body.decode()
    kind = pa.list_(_struct([(leaf.path, leaf.kind.value[attempt]) for leaf in shape.leaves.values()]))
    options = pj.ParseOptions(
        explicit_schema=pa.schema([(shape.points, kind)]), newlines_in_values=True, unexpected_field_behavior="ignore"
    )
    block = pj.ReadOptions(block_size=len(body) + 1, use_threads=False)
    table = pj.read_json(pa.BufferReader(body), read_options=block, parse_options=options)
    elements = table[shape.points].combine_chunks().flatten()
    missing = elements.null_count
    wanted = _present(elements, shape.key)
    columns = [_column(pc.struct_field(wanted, list(leaf.path)), leaf.kind) for leaf in shape.leaves.values()]
    return Read(pa.table(columns, schema=shape.schema), Counter({"not an object": missing} if missing else {}))


def _present(elements: pa.Array, key: str) -> pa.Array:
    """Give the records of the type; nearly always that is all of them, and a filter would copy every text."""
    payload = pc.struct_field(elements, [key])
    return elements.filter(pc.is_valid(payload)) if payload.null_count else elements


def _struct(paths: Sequence[tuple[tuple[str, ...], pa.DataType]]) -> pa.DataType:
    """Build the nested type that holds some paths."""
    inner: dict[str, list[tuple[tuple[str, ...], pa.DataType]]] = {}
    for path, kind in paths:
        inner.setdefault(path[0], []).append((path[1:], kind))
    fields = [(name, found[0][1] if not found[0][0] else _struct(found)) for name, found in inner.items()]
    return pa.struct(fields)


def _column(values: pa.Array, kind: Kind) -> pa.Array:
    if kind is Kind.TEXT:
        return values
    numbers = pc.cast(values, pa.float64())
    known = pc.fill_null(pc.less_equal(pc.abs(numbers), _LARGEST), fill_value=True)
    if pc.all(known).as_py() is not False:
        return numbers
    if not pa.types.is_string(values.type) or not pc.all(pc.or_(known, pc.is_in(values, pa.array(_INFINITE)))).as_py():
        message = "a number beyond what can be"
        raise pa.ArrowInvalid(message)
    return pc.if_else(known, numbers, np.nan)


def _column_type(kind: Kind) -> pa.DataType:
    return pa.string() if kind is Kind.TEXT else pa.float64()


def _one_by_one(body: bytes, shape: Shape) -> Read:
    rows: list[Mapping[str, str | float | None]] = []
    rejected: Counter[str] = Counter()
    for record in records([body], shape.points):
        try:
            if obj(record).get(shape.key) is not None:
                rows.append(_row(obj(record), shape))
        except ValueError as err:
            rejected[str(err)] += 1
    return Read(pa.Table.from_pylist(rows, schema=shape.schema), rejected)


def _row(record: Object, shape: Shape) -> Mapping[str, str | float | None]:
    member(record, shape.key)
    return {name: _value(record, leaf) for name, leaf in shape.leaves.items()}


def _value(record: Object, leaf: Leaf) -> str | float | None:
    holder = record
    for name in leaf.path[:-1]:
        holder = member(holder, name)
    name = leaf.path[-1]
    if leaf.kind is Kind.TEXT:
        return "" if holder.get(name) == "" else text(holder, name)
    found = amount(holder, name)
    return np.nan if found is None and holder.get(name) is not None else found
