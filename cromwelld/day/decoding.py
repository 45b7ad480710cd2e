"""The archive's JSON array of records to tables by measurement."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.day.runs import RECORD, Run, read_run
from cromwelld.day.tables import conform, normal
from cromwelld.jsoncolumns import finite, number, read_one, unicode
from cromwelld.measurements import CATALOGUE, TIME, describe

_Row = dict[str, object]
_FIRST_US, _LAST_US = -62_135_596_800_000_000, 253_402_300_799_999_999  # years 1 to 9999
_NO_NUMBER = "text where a number belongs"
_MANY = b'"HeartRate_Intraday"'
_BLANKS = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Decoded:
    """Tables in normal form by measurement, and how many records or single values were left out, by reason.

    `duplicates` counts the records whose key comes again later.
    """

    tables: Mapping[str, pa.Table]
    rejected: Mapping[str, int] = field(default_factory=dict)
    duplicates: int = 0


class NotRecords(ValueError):
    """The text is not a JSON array of records."""


def decode(text: bytes) -> Decoded:
    """Read a JSON array of records; unknown measurements, tags and fields are kept.

    A record that is not one (no measurement, no time, a field that is neither number nor text) is left out and counted;
    so is a text where the catalogue has a number, but its record stays. A time without offset is UTC.

    Raises: NotRecords if the text is not a JSON array.
    """
    try:
        return _fast(text)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return _slow(text)


@cache
def _record_type() -> pa.DataType:
    """Give the type of a record as far as it must be said: text that could be taken for a time.

    All other names are inferred: each name that is said costs a column of nulls for every record, and one that is text
    here and a number there (`level`) would send every night the careful way.
    """
    numbers = {f.name for m in CATALOGUE for f in m.fields if not f.text}
    texts = {f.name: f.type for m in CATALOGUE for f in m.fields if f.text and f.name not in numbers}
    members = [
        ("measurement", pa.string()),
        ("time", TIME),
        ("tags", pa.struct([("date", pa.string())])),
        ("fields", pa.struct(list(texts.items()))),
    ]
    return pa.list_(pa.struct(members))


@cache
def _number_columns() -> frozenset[str]:
    return frozenset(f.column for m in CATALOGUE for f in m.fields if not f.text)


def _fast(text: bytes) -> Decoded:
    parts = [_decoded(rows) for rows in _parts(text)]
    tables = {name: rows for part in parts for name, rows in part.tables.items()}
    if len(tables) < sum(len(part.tables) for part in parts):  # heart rate by another spelling, or not alone
        return _decoded(_columns(text))
    return Decoded(tables, duplicates=sum(part.duplicates for part in parts))


def _parts(text: bytes) -> list[pa.Table]:
    """Read heart rate and the rest apart: each name of the rest would cost a column of nulls for every sample.

    Text that is not surely that, one run of records that begin with their measurement, is read whole. Both parts are
    read as strictly as the whole would be.
    """
    first, last = text.find(_MANY), text.rfind(_MANY)
    start, stop = text.rfind(RECORD, 0, max(first, 0)), text.find(RECORD, last)
    before = text[: max(start, 0)].rstrip(_BLANKS)
    if min(first, start, stop) < 0 or not before.endswith((b"[", b",")):
        return [_columns(text)]
    run = read_run(text, start, stop)
    if run is not None:
        return [_repeated(run), _columns(before + text[stop:])]
    many = text[start:stop].rstrip(_BLANKS)
    if many.count(RECORD) != many.count(_MANY) or not many.endswith(b","):
        return [_columns(text)]
    return [_columns(b"[" + many[:-1] + b"]"), _columns(before + text[stop:])]


def _repeated(run: Run) -> pa.Table:
    """Give the rows of a run: what its first record says, with the time and the number of each."""
    rows = _columns(b"[" + run.first + b"]")
    numbers = [name for name in rows.column_names if pa.types.is_floating(rows[name].type)]
    if len(numbers) != 1:
        message = "a number by two names"
        raise pa.ArrowInvalid(message)
    varying = {"time": run.times, numbers[0]: run.numbers}
    size = len(run.times)
    return pa.table({n: varying[n] if n in varying else pa.repeat(rows[n][0], size) for n in rows.column_names})


def _columns(text: bytes) -> pa.Table:
    records = read_one(text, _record_type(), strict=True).flatten()
    if records.null_count:
        message = "a record is null"
        raise pa.ArrowInvalid(message)
    return _flat(records) if len(records) else pa.table({})


def _decoded(rows: pa.Table) -> Decoded:
    if not rows.num_rows:
        return Decoded({})
    if not finite(rows) or not _within_years(rows["time"]):
        message = "a number or a time that cannot be kept"
        raise pa.ArrowInvalid(message)
    tables = {name: _of(name, part) for name, part in _by_measurement(rows).items()}
    return Decoded(tables, duplicates=rows.num_rows - _rows(tables))


def _rows(tables: Mapping[str, pa.Table]) -> int:
    return sum(rows.num_rows for rows in tables.values())


def _within_years(times: pa.ChunkedArray) -> bool:
    """Tell whether all times lie in the years that have a date; the column reader takes others."""
    ends = pc.min_max(pc.cast(times, pa.int64())).as_py()
    return bool(ends["min"] >= _FIRST_US and ends["max"] <= _LAST_US)


def _flat(records: pa.StructArray) -> pa.Table:
    parts = dict(zip((f.name for f in records.type), records.flatten(), strict=True))
    columns = {"measurement": parts["measurement"], "time": parts["time"]}
    if parts["measurement"].null_count or parts["time"].null_count:
        message = "a record without measurement or time"
        raise pa.ArrowInvalid(message)
    for group, prefix in (("tags", "tag_"), ("fields", "field_")):
        struct = parts[group]
        for member, values in zip(struct.type, struct.flatten(), strict=True):
            columns[prefix + member.name] = _typed(prefix + member.name, values)
    return pa.table(columns)


def _typed(name: str, values: pa.Array) -> pa.Array:
    """Accept text and, for fields, numbers; anything else that was inferred is left to the careful way."""
    kind = values.type
    if pa.types.is_null(kind):
        return pc.cast(values, pa.string())
    if pa.types.is_string(kind) and name not in _number_columns():
        return values
    if name.startswith("field_") and (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
        return pc.cast(values, pa.float64())
    message = "a member that is neither text nor number"
    raise pa.ArrowInvalid(message)


def _by_measurement(rows: pa.Table) -> dict[str, pa.Table]:
    """Cut rows by measurement, with the columns that hold something there.

    Where each measurement stands in one run, as we write them, this copies nothing.
    """
    runs = pc.run_end_encode(rows["measurement"].combine_chunks())
    names, ends = runs.values.to_pylist(), runs.run_ends.to_pylist()
    if len(set(names)) < len(names):
        return {name: rows.filter(pc.equal(rows["measurement"], name)) for name in dict.fromkeys(names)}
    starts = [0, *ends[:-1]]
    held = {column: _held(rows[column], starts) for column in rows.column_names}
    return {
        name: rows.select([column for column, held_there in held.items() if held_there[n]]).slice(start, end - start)
        for n, (name, start, end) in enumerate(zip(names, starts, ends, strict=True))
    }


def _held(values: pa.ChunkedArray, starts: Sequence[int]) -> Sequence[bool]:
    """Tell of each run of rows whether a column holds something in it."""
    if values.null_count == 0:
        return [True] * len(starts)
    return list(np.logical_or.reduceat(pc.is_valid(values).to_numpy(), starts))


def _of(name: str, rows: pa.Table) -> pa.Table:
    return normal(describe(name), rows.drop_columns(["measurement"]))


def _slow(text: bytes) -> Decoded:
    """Read record by record: only for archives that hold something odd."""
    try:
        records = json.loads(text)
    except (ValueError, RecursionError) as err:
        message = "not JSON"
        raise NotRecords(message) from err
    if not isinstance(records, list):
        message = "not a JSON array"
        raise NotRecords(message)
    rows: dict[str, list[_Row]] = {}
    rejected: Counter[str] = Counter()
    for record in records:
        try:
            name, row = _row(record)
        except ValueError as err:
            rejected[str(err)] += 1
        else:
            rows.setdefault(name, []).append(row)
    if odd := sum(_without_odd_text(name, group) for name, group in rows.items()):
        rejected[_NO_NUMBER] = odd
    tables = {name: _collected(name, group) for name, group in rows.items()}
    return Decoded(tables, dict(rejected), sum(map(len, rows.values())) - _rows(tables))


def _row(record: object) -> tuple[str, _Row]:
    if not isinstance(record, dict) or not isinstance(record.get("measurement"), str):
        message = "not a record with a measurement"
        raise ValueError(message)
    measurement = unicode(record["measurement"])
    row: _Row = {"time": _time(record.get("time"))}
    for group, prefix in (("tags", "tag_"), ("fields", "field_")):
        members = record.get(group) or {}
        if not isinstance(members, dict):
            message = f"{group} is not an object"
            raise ValueError(message)
        reading = _tag if group == "tags" else _field
        row |= {prefix + unicode(name): reading(value) for name, value in members.items() if value is not None}
    return measurement, row


def _time(text: object) -> dt.datetime:
    try:
        time = dt.datetime.fromisoformat(text if isinstance(text, str) else "")
    except ValueError as err:
        message = "no time that can be read"
        raise ValueError(message) from err
    try:
        return time.replace(tzinfo=time.tzinfo or dt.UTC).astimezone(dt.UTC)
    except OverflowError as err:
        message = "a time outside the years that can be kept"
        raise ValueError(message) from err


def _tag(value: object) -> str:
    if isinstance(value, (dict, list)):
        message = "a tag that is not text"
        raise ValueError(message)
    return unicode(value if isinstance(value, str) else json.dumps(value))


def _field(value: object) -> float | str | None:
    if isinstance(value, bool):
        return float(value)
    return unicode(value) if isinstance(value, str) else number(value)


def _without_odd_text(name: str, rows: list[_Row]) -> int:
    """Take text out of number columns unless it is a number; count what was lost."""
    numbers = {field.name for field in describe(name).schema if pa.types.is_floating(field.type)}
    lost = 0
    for row in rows:
        for column in numbers & row.keys():
            try:
                row[column] = number(row[column])
            except ValueError:
                row[column] = None
                lost += 1
    return lost


def _collected(name: str, rows: list[_Row]) -> pa.Table:
    """Build a table from rows; a catalogue column keeps its type, an unknown one is double unless it holds text."""
    schema = describe(name).schema
    names = dict.fromkeys(key for row in rows for key in row)
    columns = {key: _column([row.get(key) for row in rows], schema, key) for key in names}
    return normal(describe(name), conform(describe(name), pa.table(columns)))


def _column(values: list[object], schema: pa.Schema, name: str) -> pa.Array:
    position = schema.get_field_index(name)
    if position >= 0 and not pa.types.is_string(schema.field(position).type):
        return pa.array(values, schema.field(position).type)
    if position < 0 and not any(isinstance(value, str) for value in values):
        return pa.array(values, pa.float64())
    return pa.array([None if value is None else str(value) for value in values], pa.string())
