"""What is counted without reading it as JSON is what the patterns find that say what is meant."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cromwelld.day import values
from cromwelld.day.values import integers_and_nulls

WHOLE = re.compile(rb":\s*-?\d+\s*[,}]")
NULL = re.compile(rb":\s*null\s*[,}]")


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        (b"", (0, 0)),
        (b"[]", (0, 0)),
        (b'[{"a": 1}]', (1, 0)),
        (b'{"a":-12,"b":1.5,"c":null}', (1, 1)),
        (b'{"a": 72.0, "b": 72.25, "c": 1e5, "d": -1E-7, "e": "12"}', (0, 0)),
        (b'{"a" : -3 ,\n "b" :\t0\n}', (2, 0)),
        (b'{"a" :  null ,\n "b":null\r\n}', (0, 2)),
        (b'[1, null, {"a": [2, 3]}, 4]', (0, 0)),
        (b'{"a": "null", "b": true, "c": "x: 7"}', (0, 0)),
        (b":1,", (1, 0)),
        (b":null}", (0, 1)),
        (b"null,1,", (0, 0)),
        (b":--1,:-,:1-,: -1,", (1, 0)),
    ],
)
def test_whole_numbers_and_nulls_are_counted_as_members_of_objects(text: bytes, counts: tuple[int, int]) -> None:
    assert integers_and_nulls(text) == counts


@given(st.lists(st.sampled_from([*":-01.,}nul \t\n", "null", "e5", '"', ":12,", ": -3 }"]), max_size=40))
def test_they_are_what_the_patterns_find(parts: list[str]) -> None:
    text = "".join(parts).encode()
    assert integers_and_nulls(text) == (len(WHOLE.findall(text)), len(NULL.findall(text)))


def test_they_are_found_on_both_sides_of_what_is_looked_at_together(monkeypatch: pytest.MonkeyPatch) -> None:
    text = json.dumps([{"a": 1, "b": None, "c": 2.0, "d": -345, "e": 10**30}] * 7).encode()
    for step in range(3, 40):
        monkeypatch.setattr(values, "_STEP", step)
        assert integers_and_nulls(text) == (21, 7)


@pytest.mark.parametrize("many", [b" " * 100_000, b"7" * 100_000])
def test_digits_and_blanks_without_end_are_counted_too(many: bytes) -> None:
    assert integers_and_nulls(b'{"a": 1' + many + b', "b": null}') == (1, 1)
    assert integers_and_nulls(b'{"a":' + many + b'1, "b": null' + many + b"x}") == (1, 0)
