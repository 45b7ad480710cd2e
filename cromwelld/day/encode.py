"""A date's tables to the JSON array of records that the archive holds, and its digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.day.model import Day

_ROWS_A_CHUNK = 16_384
_SECOND_US = 1_000_000
_SEPARATOR = b",\n"


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


def rows_digest(rows: pa.Table) -> str:
    """Give the SHA-256 of one table's records."""
    total = hashlib.sha256()
    for start in range(0, rows.num_rows, _ROWS_A_CHUNK):
        total.update(_records("", rows.slice(start, _ROWS_A_CHUNK)))
    return total.hexdigest()


def _records(name: str, rows: pa.Table) -> bytes:
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
    text = _text(values) if pa.types.is_string(values.type) else _numbers(values)
    return pc.fill_null(pc.binary_join_element_wise("," + json.dumps(name) + ":", text, ""), "")


def _text(values: pa.Array) -> pa.Array:
    """Quote text; few values repeat often, so only the distinct ones are handled one by one."""
    distinct = pc.dictionary_encode(values)
    quoted = pa.array([json.dumps(word, ensure_ascii=False) for word in distinct.dictionary.to_pylist()], pa.string())
    return quoted.take(distinct.indices)


def _numbers(values: pa.Array) -> pa.Array:
    """Write floats so that they read back equal and as floats: 72 becomes 72.0."""
    text = pc.cast(pc.cast(values, pa.float64()), pa.string())
    whole = pc.invert(pc.match_substring_regex(text, "[.e]"))
    return pc.if_else(whole, pc.binary_join_element_wise(text, ".0", ""), text)
