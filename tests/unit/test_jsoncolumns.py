"""JSON arrays to columns: what vendors send, and what they should not."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cromwelld import jsoncolumns
from cromwelld.jsoncolumns import Columns, number, read_objects

SCHEMA = pa.schema([("time", pa.string()), ("value", pa.float64())])
GOOD = {"time": "00:00:05", "value": 72.0}


def read(text: str | bytes) -> tuple[list[dict[str, object]], int]:
    columns = read_objects(text if isinstance(text, bytes) else text.encode(), SCHEMA)
    assert columns.table.schema == SCHEMA
    return columns.table.to_pylist(), columns.rejected


@pytest.mark.parametrize(
    ("text", "records", "rejected"),
    [
        ('[{"time":"00:00:05","value":72}]', [GOOD], 0),
        ('[{"time":"00:00:05","value":"72"}]', [GOOD], 0),
        ('[{"value":72.0,"time":"00:00:05","other":{"deep":[1,2]}}]', [GOOD], 0),
        ('[\n  {\n    "time": "00:00:05",\n    "value": 72\n  }\n]\n', [GOOD], 0),
        ("[]", [], 0),
        (" [ ] ", [], 0),
        ('[{"time":"00:00:05"}]', [{"time": "00:00:05", "value": None}], 0),
        ('[{"time":"00:00:05","value":null}]', [{"time": "00:00:05", "value": None}], 0),
        ('[{"time":"00:00:05","value":"NaN"}]', [{"time": "00:00:05", "value": None}], 0),
        ("[{}]", [{"time": None, "value": None}], 0),
        ('[{"time":"00:00:05","value":72},null]', [GOOD], 1),
        ('[1,{"time":"00:00:05","value":72},[],"x",true]', [GOOD], 4),
        ('[{"time":5,"value":72},{"time":"00:00:05","value":72}]', [GOOD], 1),
        ('[{"time":"00:00:05","value":"many"},{"time":"00:00:05","value":72}]', [GOOD], 1),
        ('[{"time":"00:00:05","value":true},{"time":"00:00:05","value":{"bpm":72}}]', [], 2),
        ('[{"time":"00:00:05","value":1e999}]', [], 1),
        ('[{"time":"00:00:05","value":' + "9" * 400 + "}]", [], 1),
        ('[{"time":"00:00:05","value":NaN},{"time":"00:00:05","value":72}]', [GOOD], 1),
        ('[{"time":"00:00:05","value":-Infinity},{"time":"00:00:05","value":72}]', [GOOD], 1),
        ('[{"time":"a","value":-0.0},{"time":"b","value":1e22}]', [
            {"time": "a", "value": -0.0}, {"time": "b", "value": 1e22}
        ], 0),
        ('[{"time":"é \\u00e9 \\ud83d\\ude00 \\" \\\\ \\n","value":1}]', [{"time": 'é é 😀 " \\ \n', "value": 1.0}], 0),
        ('[{"time":"\\ud800","value":1},{"time":"00:00:05","value":72}]', [GOOD], 1),
        ('[{"time":"00:00:05","value":1,"value":72}]', [GOOD], 0),
        ('[{"time":"00:00:05","value":"7_2"},{"time":"00:00:05","value":"٧٢"}]', [], 2),
    ],
)  # fmt: skip
def test_an_array_becomes_columns(text: str, records: list[dict[str, object]], rejected: int) -> None:
    assert read(text) == (records, rejected)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"{}",
        b'{"r":[]}',
        b'"[]"',
        b"[",
        b'[{"time":"a"}',
        b'[{"time":"a"},]',
        b'[{"time":"a"}] []',
        b'[], "x": 1',
        b'[], "r": []',
        b'[]}{"r":[]',
        b"<html></html>",
        b'[{"time":"\xff\xfe","value":1}]',
        b'[{"time":"a","value":01}]',
        b'[{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}]",
    ],
)
def test_anything_but_one_array_is_a_value_error(text: bytes) -> None:
    with pytest.raises(ValueError, match="not"):
        read_objects(text, SCHEMA)


def test_a_memoryview_will_do() -> None:
    assert read_objects(memoryview(b'[{"time":"00:00:05","value":72}]'), SCHEMA).table.to_pylist() == [GOOD]


def test_the_columns_are_those_asked_for_in_their_order() -> None:
    schema = pa.schema([("b", pa.float64()), ("a", pa.string())])
    assert read_objects(b'[{"a":"x","b":1,"c":2}]', schema).table.column_names == ["b", "a"]


@pytest.mark.parametrize(
    ("value", "expected"), [(72, 72.0), ("72", 72.0), ("72.50", 72.5), ("-1", -1.0), (None, None), ("NaN", None)]
)
def test_numbers_come_as_numbers_or_text(value: object, expected: float | None) -> None:
    assert number(value) == expected


@pytest.mark.parametrize("value", [True, "", "x", [], {}, "inf", "nan", float("nan"), 10**400, "1_0", "\u0667", b"7"])
def test_anything_else_is_no_number(value: object) -> None:
    with pytest.raises(ValueError, match="number"):
        number(value)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["1", "NaN", "2.5"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
ELEMENTS = st.fixed_dictionaries({}, optional={"time": JSON, "value": JSON, "other": JSON}) | JSON


@given(elements=st.lists(ELEMENTS, max_size=6), indent=st.sampled_from([None, 2]), ascii_only=st.booleans())
def test_the_fast_way_agrees_with_the_careful_one(
    elements: list[object], indent: int | None, *, ascii_only: bool
) -> None:
    text = json.dumps(elements, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    careful = outcome(jsoncolumns._slow, text)  # noqa: SLF001 - the way that no good answer takes
    assert outcome(read_objects, text) == careful


def outcome(way: object, text: bytes) -> object:
    assert callable(way)
    try:
        columns = way(text, SCHEMA)
    except ValueError:
        return "not an array"
    assert isinstance(columns, Columns)
    return columns.table.to_pylist(), columns.rejected


@given(st.lists(st.fixed_dictionaries({"time": st.text(), "value": st.floats(allow_nan=False, allow_infinity=False)})))
def test_what_was_sent_is_what_is_read(elements: list[dict[str, object]]) -> None:
    text = json.dumps(elements).encode()
    assert read(text) == (elements, 0)


@given(st.binary(max_size=40))
def test_no_bytes_raise_anything_else(junk: bytes) -> None:
    for text in (junk, b'[{"time":"' + junk + b'","value":1}]', b"[" + junk + b"]"):
        outcome(read_objects, text)
