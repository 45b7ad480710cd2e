"""A date's tables to the JSON array of records that the archive holds, and its digest."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.day.model import Day

_ROWS_A_CHUNK = 16_384
_SECOND_US = 1_000_000
_SEPARATOR = b",\n"
_FEW_ROWS = 64


def encode(day: Day) -> Iterator[bytes]:
    """Yield the UTF-8 JSON array of a date's records in chunks: one record a line, catalogue order, then key."""
    yield b"[\n"
    lead = b""
    for name, rows in day.ordered():
        for start in range(0, rows.num_rows, _ROWS_A_CHUNK):
            yield lead + _records(name, rows.slice(start, _ROWS_A_CHUNK))
            lead = _SEPARATOR
    yield b"\n]\n"


def digest(day: Day) -> str:
    """Give the SHA-256 of the encoded date, as hexadecimal text: equal digests mean an unchanged date."""
    total = hashlib.sha256()
    for chunk in encode(day):
        total.update(chunk)
    return total.hexdigest()


def _records(name: str, rows: pa.Table) -> bytes:
    return _few_records(name, rows) if rows.num_rows <= _FEW_ROWS else _many_records(name, rows)


def _few_records(name: str, rows: pa.Table) -> bytes:
    """Write a handful of rows one by one: for them the many way spends its time on starting up."""
    listed = rows.to_pylist()
    numbers = [value for row in listed for value in row.values() if isinstance(value, float)]
    texts = iter(_numbers(pa.array(numbers, pa.float64())).to_pylist())
    return _SEPARATOR.join(_record(name, row, texts) for row in listed)


def _record(name: str, row: Mapping[str, object], texts: Iterator[str]) -> bytes:
    groups: dict[str, list[str]] = {"tag": [], "field": []}
    time = row["time"]
    for column, value in row.items():
        group, _, member = column.partition("_")
        if group in groups and value is not None:
            text = next(texts) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)
            groups[group].append(f"{json.dumps(member)}:{text}")
    tags, fields = (",".join(members) for members in groups.values())
    when = time.isoformat() if isinstance(time, dt.datetime) else ""
    return f'{{"measurement":{json.dumps(name)},"time":"{when}","tags":{{{tags}}},"fields":{{{fields}}}}}'.encode()


def _many_records(name: str, rows: pa.Table) -> bytes:
    lines = pc.binary_join_element_wise(
        '{"measurement":' + json.dumps(name) + ',"time":"',
        _iso(rows["time"].combine_chunks()),
        '","tags":{',
        _members(rows, "tag_"),
        '},"fields":{',
        _members(rows, "field_"),
        "}}",
        "",
    )
    everything = pa.ListArray.from_arrays(pa.array([0, len(lines)], pa.int32()), lines)
    text: str = pc.binary_join(everything, _SEPARATOR.decode())[0].as_py()
    return text.encode()


def _iso(times: pa.Array) -> pa.Array:
    """Write instants as ISO 8601 with +00:00, microseconds only where they are not zero."""
    micros = pc.cast(times, pa.int64())
    whole = pc.divide(micros, _SECOND_US)  # towards zero: before 1970 one second too late
    late = pc.less(micros, pc.multiply(whole, _SECOND_US))
    whole = pc.subtract(whole, pc.cast(late, pa.int64()))
    rest = pc.subtract(micros, pc.multiply(whole, _SECOND_US))
    text = pc.utf8_replace_slice(pc.cast(pc.cast(whole, pa.timestamp("s")), pa.string()), 10, 11, "T")
    if pc.all(pc.equal(rest, 0)).as_py() is not False:
        return pc.binary_join_element_wise(text, "+00:00", "")
    fraction = pc.binary_join_element_wise(".", pc.utf8_lpad(pc.cast(rest, pa.string()), 6, "0"), "")
    return pc.binary_join_element_wise(text, pc.if_else(pc.equal(rest, 0), "", fraction), "+00:00", "")


def _members(rows: pa.Table, prefix: str) -> pa.Array | str:
    """Write each row's columns with `prefix` as the members of a JSON object; absent values are left out."""
    columns = [name for name in rows.column_names if name.startswith(prefix) and rows[name].null_count < rows.num_rows]
    if not columns:
        return ""
    members = [_member(name.removeprefix(prefix), rows[name].combine_chunks()) for name in columns]
    return pc.utf8_slice_codeunits(pc.binary_join_element_wise(*members, ""), 1)


def _member(name: str, values: pa.Array) -> pa.Array:
    """Write one column as members with a comma in front, nothing where it is absent; equal values are written once."""
    distinct = pc.dictionary_encode(values)
    texts = _quoted(distinct.dictionary) if pa.types.is_string(values.type) else _numbers(distinct.dictionary)
    members = pc.binary_join_element_wise("," + json.dumps(name) + ":", texts, "")
    return pc.fill_null(members.take(distinct.indices), "")


def _quoted(words: pa.Array) -> pa.Array:
    return pa.array([json.dumps(word, ensure_ascii=False) for word in words.to_pylist()], pa.string())


def _numbers(values: pa.Array) -> pa.Array:
    """Write floats so that they read back equal and as floats: 72 becomes 72.0."""
    text = pc.cast(pc.cast(values, pa.float64()), pa.string())
    whole = pc.invert(pc.match_substring_regex(text, "[.e]"))
    return pc.if_else(whole, pc.binary_join_element_wise(text, ".0", ""), text)
