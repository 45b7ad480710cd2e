"""The JSON of `Global Export Data`: series of values by time, and lists of records of their own kind."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.jsoncolumns import number, read_one
from cromwelld.sources.takeout import times
from cromwelld.sources.takeout.family import Family
from cromwelld.sources.takeout.members import Unreadable

_NOT_JSON = "it is not a JSON array of records"
_NO_TIME, _NO_NUMBER = "a record without a time", "a value that is not a number"


def series(body: bytes, family: Family, rejected: Counter[str]) -> pa.Table:
    """Read values by time into `when` and the family's numbers.

    Raises: Unreadable.
    """
    if not body.strip():
        return pa.table({"when": pa.nulls(0, times.NAIVE)})
    try:
        return _fast(body, family, rejected)
    except pa.ArrowInvalid:
        return _slow(body, family, rejected)


def _fast(body: bytes, family: Family, rejected: Counter[str]) -> pa.Table:
    """Read the array as columns; numbers stand as text in some files and as numbers in others."""
    plain = tuple(family.columns.numbers) == ("value",) and not family.nested
    inner = pa.string() if plain else pa.struct([(name, pa.float64()) for name in family.columns.numbers])
    try:
        rows = read_one(body, pa.list_(pa.struct([("dateTime", pa.string()), ("value", inner)])), strict=False)
    except pa.ArrowInvalid:
        if not plain:
            raise
        rows = read_one(body, pa.list_(pa.struct([("dateTime", pa.string()), ("value", pa.float64())])), strict=False)
    found = rows.flatten()
    value = pc.struct_field(found, "value")
    columns = {"value": value} if plain else {name: pc.struct_field(value, name) for name in family.columns.numbers}
    numbers = {name: pc.cast(column, pa.float64()) for name, column in columns.items()}
    if any(pc.all(pc.is_finite(column)).as_py() is False for column in numbers.values()):
        raise pa.ArrowInvalid(_NO_NUMBER)
    when = times.american(pc.struct_field(found, "dateTime"))
    rejected[_NO_TIME] += when.null_count
    return pa.table({"when": when, **numbers}).filter(pc.is_valid(when))


def _slow(body: bytes, family: Family, rejected: Counter[str]) -> pa.Table:
    """Read record by record: only for files that hold something odd."""
    rows: list[Mapping[str, object]] = []
    for record in _array(body):
        when = _when(record, family)
        if when is None:
            rejected[_NO_TIME] += 1
            continue
        try:
            rows.append({"when": when, **_numbers(record, family)})
        except ValueError:
            rejected[_NO_NUMBER] += 1
    schema = pa.schema([("when", times.NAIVE), *((name, pa.float64()) for name in family.columns.numbers)])
    return pa.Table.from_pylist(rows, schema=schema)


def _numbers(record: object, family: Family) -> dict[str, float | None]:
    value = record.get("value") if isinstance(record, dict) else None
    if isinstance(value, dict):
        return {name: number(value.get(name)) for name in family.columns.numbers}
    return {"value": number(value)}


def records(body: bytes, family: Family, rejected: Counter[str]) -> pa.Table:
    """Keep each record as it is, beside its time.

    Raises: Unreadable.
    """
    found: list[tuple[dt.datetime, str]] = []
    for record in _array(body) if body.strip() else []:
        when = _when(record, family)
        if when is None:
            rejected[_NO_TIME] += 1
        else:
            found.append((when, json.dumps(record, separators=(",", ":"))))
    columns = {"when": [when for when, _ in found], "record": [text for _, text in found]}
    return pa.table(columns, schema=pa.schema([("when", times.NAIVE), ("record", pa.string())]))


def _array(body: bytes) -> list[object]:
    try:
        found = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as err:
        raise Unreadable(_NOT_JSON) from err
    if not isinstance(found, list):
        raise Unreadable(_NOT_JSON)
    return found


def _when(record: object, family: Family) -> dt.datetime | None:
    if not isinstance(record, dict):
        return None
    said = [record.get(name) for name in family.columns.when]
    if not isinstance(said[0], str):
        return None
    return times.one(" ".join(str(part) for part in said if part is not None))
