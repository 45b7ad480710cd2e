"""A date's tables to the JSON array of records that the archive holds, and its digest."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import repeat

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.day.model import Day

_ROWS_A_CHUNK = 16_384
_SECOND_US, _DAY_S = 1_000_000, 86_400
_MOST_KINDS = 1 << 62
_SEPARATOR = b",\n"
_FEW_ROWS = 64
_SMALLEST_PLAIN, _LARGEST_PLAIN = 1e-4, 1e10  # between them Python writes numbers as Arrow does
_TAG, _FIELD = "tag_", "field_"
_quote = json.JSONEncoder(ensure_ascii=False).encode


def encode(day: Day) -> Iterator[bytes | memoryview]:
    """Yield the UTF-8 JSON array of a date's records in chunks: one record a line, catalogue order, then key."""
    yield b"[\n"
    lead = b""
    for name, rows in day.ordered():
        for start in range(0, rows.num_rows, _ROWS_A_CHUNK):
            yield lead
            yield _records(name, rows.slice(start, _ROWS_A_CHUNK))
            lead = _SEPARATOR
    yield b"\n]\n"


def digest(day: Day) -> str:
    """Give the SHA-256 of the encoded date, as hexadecimal text: equal digests mean an unchanged date."""
    total = hashlib.sha256()
    for chunk in encode(day):
        total.update(chunk)
    return total.hexdigest()


def _records(name: str, rows: pa.Table) -> bytes | memoryview:
    return _few_records(name, rows) if rows.num_rows <= _FEW_ROWS else _many_records(name, rows)


def _few_records(name: str, rows: pa.Table) -> bytes:
    """Write a handful of rows one by one: for them the many way spends its time on starting up."""
    begin = _begin(name)
    times = [time.isoformat() for time in rows["time"].to_pylist()]
    parts = zip(times, _few_members(rows, _TAG), _few_members(rows, _FIELD), strict=True)
    lines = [f'{begin}{time}","tags":{{{tags}}},"fields":{{{fields}}}}}' for time, tags, fields in parts]
    return _SEPARATOR.join(line.encode() for line in lines)


def _few_members(rows: pa.Table, prefix: str) -> Iterable[str]:
    columns = [
        _few_member(name.removeprefix(prefix), rows[name].to_pylist())
        for name in rows.column_names
        if name.startswith(prefix) and rows[name].null_count < rows.num_rows
    ]
    if not columns:
        return repeat("", rows.num_rows)
    return (",".join(filter(None, members)) for members in zip(*columns, strict=True))


def _few_member(name: str, values: Sequence[object]) -> list[str]:
    begin = json.dumps(name) + ":"
    return ["" if value is None else begin + _value(value) for value in values]


def _value(value: object) -> str:
    """Write a value as the many way does: where it would write a number in another way than Python, it is asked."""
    if not isinstance(value, float):
        return _quote(value)
    if value == 0 or _SMALLEST_PLAIN <= abs(value) < _LARGEST_PLAIN:
        return repr(value)
    return str(_numbers(pa.array([value]))[0].as_py())


def _many_records(name: str, rows: pa.Table) -> memoryview:
    begin = _begin(name)
    lines = pc.binary_join_element_wise(*_times(rows["time"].combine_chunks(), begin), _rest(rows), "")
    _, offsets, text = lines.buffers()
    size = int(np.frombuffer(offsets, np.int32)[len(lines)])
    return memoryview(text)[: size - len(_SEPARATOR)]  # megabytes that need not be copied


def _begin(name: str) -> str:
    return f'{{"measurement":{json.dumps(name)},"time":"'


def _times(times: pa.Array, begin: str) -> list[pa.Array]:
    """Write `begin` and instants as ISO 8601 without their zone, in parts; microseconds where any are not zero."""
    seconds, rest = np.divmod(pc.cast(times, pa.int64()).to_numpy(), _SECOND_US)  # rounded down, before 1970 too
    days, clocks = np.divmod(seconds, _DAY_S)
    dates = pc.dictionary_encode(pa.array(days.astype(np.int32), pa.date32()))
    texts = pc.binary_join_element_wise(begin, pc.cast(dates.dictionary, pa.string()), "")
    parts = [texts.take(dates.indices), _clock_texts().take(pa.array(clocks))]
    return [*parts, _fractions(pa.array(rest))] if rest.any() else parts


@cache
def _clock_texts() -> pa.Array:
    """Write each second of a day."""
    return pc.strftime(pa.array(np.arange(_DAY_S), pa.timestamp("s")), format="T%H:%M:%S")


def _fractions(micros: pa.Array) -> pa.Array:
    text = pc.binary_join_element_wise(".", pc.utf8_lpad(pc.cast(micros, pa.string()), 6, "0"), "")
    return pc.if_else(pc.equal(micros, 0), "", text)


def _rest(rows: pa.Table) -> pa.Array:
    """Write what follows each row's instant; rows that differ in nothing else are written once."""
    columns = [name for name in rows.column_names if name.startswith((_TAG, _FIELD))]
    few, places = _distinct(rows.select(columns))
    texts = pc.binary_join_element_wise(
        '+00:00","tags":{', _members(few, _TAG), '},"fields":{', _members(few, _FIELD), "}}" + _SEPARATOR.decode(), ""
    )
    return texts if places is None else texts.take(places)


def _distinct(rows: pa.Table) -> tuple[pa.Table, pa.Array | None]:
    """Give the rows that differ, and of each row which one it is; None where most of them differ."""
    coded = [pc.dictionary_encode(column.combine_chunks(), null_encoding="encode") for column in rows.columns]
    sizes = [len(one.dictionary) for one in coded]
    if max(sizes, default=1) * 2 > rows.num_rows or math.prod(sizes) > _MOST_KINDS:
        return rows, None
    codes = np.ravel_multi_index([one.indices.to_numpy() for one in coded], sizes)
    kinds = pc.dictionary_encode(pa.array(codes))
    if len(kinds.dictionary) * 2 > rows.num_rows:
        return rows, None
    own = np.unravel_index(kinds.dictionary.to_numpy(), sizes)
    few = [one.dictionary.take(pa.array(place)) for one, place in zip(coded, own, strict=True)]
    return pa.table(few, schema=rows.schema), kinds.indices


def _members(rows: pa.Table, prefix: str) -> pa.Array:
    """Write each row's columns with `prefix` as the members of a JSON object; absent values are left out."""
    columns = [name for name in rows.column_names if name.startswith(prefix) and rows[name].null_count < rows.num_rows]
    if not columns:
        return pa.repeat("", rows.num_rows)
    members = [_member(name.removeprefix(prefix), rows[name].combine_chunks()) for name in columns]
    return pc.utf8_slice_codeunits(pc.binary_join_element_wise(*members, ""), 1)


def _member(name: str, values: pa.Array) -> pa.Array:
    """Write one column as members with a comma in front, nothing where it is absent; equal values are written once."""
    distinct = pc.dictionary_encode(values)
    texts = _quoted(distinct.dictionary) if pa.types.is_string(values.type) else _numbers(distinct.dictionary)
    members = pc.binary_join_element_wise("," + json.dumps(name) + ":", texts, "")
    return pc.fill_null(members.take(distinct.indices), "")


def _quoted(words: pa.Array) -> pa.Array:
    return pa.array(map(_quote, words.to_pylist()), pa.string())


def _numbers(values: pa.Array) -> pa.Array:
    """Write floats so that they read back equal and as floats: 72 becomes 72.0."""
    text = pc.cast(pc.cast(values, pa.float64()), pa.string())
    whole = pc.invert(pc.match_substring_regex(text, "[.e]"))
    return pc.if_else(whole, pc.binary_join_element_wise(text, ".0", ""), text)
