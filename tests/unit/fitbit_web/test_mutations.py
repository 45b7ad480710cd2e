"""Damaged samples: keys dropped, types changed, nulls, huge numbers, junk. Only declared errors come out."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cromwelld.errors import BadAnswer, FarSideAway, Refused
from cromwelld.sources.fitbit_web.activities import page
from cromwelld.sources.fitbit_web.devices import tracker
from cromwelld.sources.fitbit_web.profile import time_zone
from cromwelld.sources.verdict import judge
from tests.support.reference import reference
from tests.unit.fitbit_web.reading import asked, assert_in_contract, read
from tests.unit.fitbit_web.test_samples import ENTRIES, NOW, Data, Entry, Failure, Refusal, Zone

DECLARED = (BadAnswer, Refused, FarSideAway)
EXAMPLES = 6
KEPT = 12  # elements of a long list that a mutation works on

WORDS = st.text(alphabet="abt-:/.0é\x00", max_size=8)

type_of_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | WORDS
    | st.sampled_from(
        [-1, 0, 1e308, -1e308, 10**30, "", "NaN", "Infinity", "-1", "24:00:00", "9999-12-31T23:59:59Z", "\ud800"]
    )
    | st.sampled_from(["2024-13-01", "0001-01-01", "2024-03-30T10:00:00+23:59", "2024-03-30", math.inf, math.nan]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)

MUTABLE = [name for name, entry in ENTRIES.items() if isinstance(entry, (Data, Refusal, Zone, Failure))]


def _places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Give the path of every value inside a JSON document."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield (*path, key)
        yield from _places(inner, (*path, key))


def _shortened(value: object) -> object:
    if isinstance(value, dict):
        return {key: _shortened(inner) for key, inner in value.items()}
    return [_shortened(inner) for inner in value[:KEPT]] if isinstance(value, list) else value


def _mutated(document: object, data: st.DataObject) -> object:
    document = json.loads(json.dumps(document))
    for _ in range(data.draw(st.integers(1, 3))):
        places = list(_places(document))
        if not places:
            return data.draw(type_of_json)
        *parents, last = data.draw(st.sampled_from(places))
        holder: Any = document
        for key in parents:
            holder = holder[key]
        if data.draw(st.booleans()):
            holder[last] = data.draw(type_of_json)
        else:
            del holder[last]
    return document


@pytest.mark.parametrize("name", [name for name in MUTABLE if name.endswith(".json")])
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_a_damaged_answer_raises_only_what_is_declared(name: str, data: st.DataObject) -> None:
    document = _shortened(json.loads(reference(f"fitbit-web/{name}").read_bytes()))
    body = json.dumps(_mutated(document, data)).encode()
    _survives(ENTRIES[name], body)


@pytest.mark.parametrize("name", MUTABLE)
@settings(max_examples=3)
@given(data=st.data())
def test_a_torn_answer_raises_only_what_is_declared(name: str, data: st.DataObject) -> None:
    body = reference(f"fitbit-web/{name}").read_bytes()[:6000]
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(body)), st.integers(0, len(body)))))
    junk = data.draw(st.binary(max_size=20))
    _survives(ENTRIES[name], body[:start] + junk + body[end:])


def _survives(entry: Entry, body: bytes) -> None:
    try:
        match entry:
            case Data() | Refusal():
                about = asked(entry.on)
                assert_in_contract(read(entry.stream, body, about), about)
                if entry.stream == "activities":
                    page(body)
                if entry.stream == "devices":
                    tracker(body, about)
            case Zone():
                time_zone(body)
            case Failure():
                assert type(judge(entry.status, {}, body=body, now=NOW)) is entry.error
    except DECLARED:
        pass


@pytest.mark.parametrize("depth", [50, 2_000, 200_000])
@pytest.mark.parametrize("stream", ["heart_rate", "sleep", "activities", "spo2", "devices", "total_steps"])
def test_a_nested_bomb_is_refused(stream: str, depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    for body in (deep, b'{"activities-heart-intraday":{"dataset":' + deep + b'},"activities":' + deep + b"}"):
        about = asked("2024-03-30")
        try:
            assert_in_contract(read(stream, body, about), about)
        except DECLARED:
            continue
