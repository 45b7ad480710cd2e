"""Damaged samples: cut short, other types, members gone. Only declared errors, and nothing lost beside the damage."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cromwelld.errors import BadAnswer, FarSideAway, Refused
from cromwelld.pieces import Outcome
from cromwelld.sources.google_health import devices, exercise
from cromwelld.sources.google_health.page import ROLLUPS, page
from cromwelld.sources.google_health.paging import NewestFirst
from cromwelld.sources.google_health.settings import time_zone
from cromwelld.sources.google_health.streams import DATA_STREAMS, STREAMS
from cromwelld.sources.parsed import Asked, Parsed
from tests.unit.google_health.google_damage import (
    DAMAGES,
    GONE,
    NUMBERS,
    PLAIN_DAMAGES,
    about,
    damaged,
    encoded,
    places,
    shapes,
)
from tests.unit.google_health.google_oracles import ORACLES, path_of
from tests.unit.google_health.google_reading import (
    DATE,
    OURS,
    PARIS,
    SETTINGS,
    Circumstances,
    Plain,
    Vendor,
    assert_in_contract,
    day,
    fetching,
    pieces,
    points,
    rows,
    sample,
    sent,
    track,
)

DECLARED = (BadAnswer, Refused, FarSideAway)
ABOUT = Asked(first=day("2026-03-01"), last=day("2026-03-31"), zone=lambda _: PARIS, activity_id="a")
ONE_DAY = Asked(first=day(DATE), last=day(DATE), zone=lambda _: PARIS, activity_id="a")
# Ids, a name, a place and values out of the samples: whatever is wrong with a record, none is repeated.
NOBODYS_BUSINESS = (
    "3001",
    "2001",
    "1001",
    "9001",
    "AABBCC",
    "users/me/dataTypes",
    "Charge",
    "70500",
    "8421",
    "0.00015",
)
SUMS = "activity-level.reconcile"
LISTS = ("dataPoints", "rollupDataPoints", "pairedDevices")

# What `list` sends in the same shape, and more.
TWINS = ("heart-rate.reconcile", "sleep.reconcile", "steps.reconcile")

Read = Callable[[bytes], object]


@dataclass(frozen=True)
class Readers:
    """Everything that reads a body of one sample, the first of them for its records."""

    records: Callable[[bytes], Parsed]
    others: tuple[Read, ...] = ()


def _stream(name: str, about: Asked = ABOUT) -> Callable[[bytes], Parsed]:
    return lambda body: DATA_STREAMS[name].parse([body], about)


def _readers(name: str) -> Readers:
    """Give what the source does with a sample: reads it, and looks for the next page."""
    stream = ORACLES[name].stream
    if stream == "devices":
        return Readers(lambda body: devices.battery([body], ABOUT), (lambda body: devices.tracker([body], ABOUT),))
    further: tuple[Read, ...] = (page, lambda body: page(body, ROLLUPS))
    if stream == "steps":
        further += (lambda body: _uneven([body]),)
    if stream == "activities":
        further += (lambda body: exercise.exercises([body]), NewestFirst("exercise", day(DATE)))
    if stream == "sleep":
        further += (NewestFirst("sleep", day(DATE)),)
    if stream == "weight":
        height = sample("height.list")
        further += (lambda body: DATA_STREAMS["weight"].parse([body, height], ABOUT),)
    return Readers(_stream(stream), further)


def _uneven(bodies: Sequence[bytes]) -> object:
    grid = DATA_STREAMS["steps"].grid
    assert grid is not None
    return grid.uneven(bodies, ONE_DAY)


def _grid(body: bytes) -> Parsed:
    grid = DATA_STREAMS["steps"].grid
    assert grid is not None
    return grid.parse([sample("steps.reconcile"), body], ONE_DAY)


def _height(body: bytes) -> Parsed:
    return DATA_STREAMS["weight"].parse([sample("weight.list"), body], ABOUT)


READERS: dict[str, Callable[[], Readers]] = {
    **{name: partial(_readers, name) for name in ORACLES if name not in TWINS},
    "heart-rate.list": lambda: Readers(_stream("heart_rate"), (page,)),
    "heart-rate.list.empty-page-with-token": lambda: Readers(_stream("heart_rate"), (page,)),
    "steps.rollUp": lambda: Readers(_grid, (lambda body: page(body, ROLLUPS),)),
    "steps.dailyRollUp.no-data-day": lambda: Readers(_stream("total_steps")),
    "sleep.list.unprocessed": lambda: Readers(_stream("sleep"), (page,)),
    "height.list": lambda: Readers(_height),
    "exercise.exportExerciseTcx": lambda: Readers(lambda body: exercise.track(body, ONE_DAY)),
}


def assert_survives(readers: Readers, body: bytes) -> Parsed | None:
    """Read a body in every way; only declared errors come out, and what is read is in the contract."""
    for read in readers.others:
        try:
            read(body)
        except DECLARED:
            continue
    try:
        parsed = readers.records(body)
    except DECLARED:
        return None
    for (date, measurement), table in parsed.tables.items():
        assert ABOUT.first <= date <= ABOUT.last
        assert table.num_rows > 0
        assert_in_contract(date, {measurement: table})
    return parsed


@pytest.mark.parametrize("name", READERS)
def test_a_damaged_value_raises_only_what_is_declared(name: str) -> None:
    """And makes no other number: what is told is what was told before, or less."""
    document, readers = json.loads(sample(name)), READERS[name]()
    before = _numbers(readers.records(sample(name)))
    for path, damage in product(shapes(document), DAMAGES):
        with about(damage, path):
            parsed = assert_survives(readers, damaged(document, path, damage))
            if parsed is not None and damage not in NUMBERS and name != SUMS:
                _assert_no_other(_numbers(parsed) - before, damage)


def _assert_no_other(new: set[tuple[str, str, float]], damage: object) -> None:
    """Nought appears only where the wire leaves noughts out; truth values that are left out are false."""
    noughts = {0.0} if damage in (None, GONE, {}) else set()
    assert {value for _, _, value in new} <= noughts or {field for _, field, _ in new} <= {"hasGps", "estimated"}


def _numbers(parsed: Parsed) -> set[tuple[str, str, float]]:
    told = [(name, row) for _, name, row in _told(parsed)]
    return {(name, field, value) for name, row in told for field, value in row.items() if isinstance(value, float)}


@pytest.mark.parametrize("name", READERS)
def test_a_body_that_is_something_else_raises_only_what_is_declared(name: str) -> None:
    readers = READERS[name]()
    for damage in DAMAGES:
        assert_survives(readers, encoded(damage))
    for body in (b"", b" ", b"\xef\xbb\xbf", b"\x00", b"\xff\xfe{}", b"{}{}", b'{"dataPoints":[],}'):
        assert_survives(readers, body)


@pytest.mark.parametrize("name", READERS)
def test_a_torn_body_never_reads_as_a_shorter_one(name: str) -> None:
    """Wherever it is torn: an error, never fewer records as if there were no more."""
    body, readers = sample(name).strip(), READERS[name]()
    if body in (b"{}", sample("exercise.exportExerciseTcx").strip()):
        return
    step = max(1, len(body) // 60)
    for end in range(1, len(body), step):
        assert assert_survives(readers, body[:end]) is None, f"cut at {end}"


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=8)
@given(data=st.data())
def test_a_body_with_junk_in_it_raises_only_what_is_declared(name: str, data: st.DataObject) -> None:
    body = sample(name)
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(body)), st.integers(0, len(body)))))
    assert_survives(READERS[name](), body[:start] + data.draw(st.binary(max_size=20)) + body[end:])


# What is beside the damage stays.


def _records(document: dict[str, list[object]]) -> tuple[str, list[object]]:
    return next((name, document[name]) for name in LISTS if name in document)


def _several() -> list[str]:
    """List the samples with several records; those whose sum is one row have a test of their own."""
    return [
        *("active-zone-minutes.list", "exercise.list", "heart-rate-variability.list", "heart-rate.list"),
        *("oxygen-saturation.list", "pairedDevices.list", "sleep.list", "steps.list", "steps.rollUp"),
        "steps.dailyRollUp.no-data-day",
    ]


def _told(parsed: Parsed) -> list[tuple[str, str, Plain]]:
    return [(str(date), name, row) for (date, name), table in parsed.tables.items() for row in rows(table)]


def _beside(document: dict[str, list[object]], number: int) -> bytes:
    member, found = _records(document)
    return encoded({**document, member: [one for position, one in enumerate(found) if position != number]})


@pytest.mark.parametrize("name", _several())
def test_records_beside_a_damaged_one_survive(name: str) -> None:
    """Of sleep the one exception: one that is not finished by its own account fails the answer, by design."""
    document, readers = json.loads(sample(name)), READERS[name]()
    member, found = _records(document)
    expected = [_told(readers.records(_beside(document, number))) for number in range(len(found))]
    assert len(found) > 1
    for path, damage in product(shapes(document), PLAIN_DAMAGES):
        if path[0] == member and len(path) > 1:
            with about(damage, path):
                _assert_holds(readers, damaged(document, path, damage), expected[int(path[1])])


def _assert_holds(readers: Readers, body: bytes, expected: list[tuple[str, str, Plain]]) -> None:
    try:
        told = _told(readers.records(body))
    except FarSideAway as err:
        if "still working on the sleep" in str(err):
            return
        raise
    assert not [row for row in expected if row not in told]


@pytest.mark.parametrize("name", _several())
@pytest.mark.parametrize("junk", [None, 5, "x", [], {}, {"steps": None}, [[]], True, 1e30])
def test_records_beside_junk_survive(name: str, junk: object) -> None:
    document, readers = json.loads(sample(name)), READERS[name]()
    member, found = _records(document)
    expected = _told(readers.records(encoded(document)))
    for position in range(len(found) + 1):
        beside = {**document, member: [*found[:position], junk, *found[position:]]}
        assert _told(readers.records(encoded(beside))) == expected


def test_levels_beside_a_damaged_one_are_still_summed() -> None:
    document, readers = json.loads(sample(SUMS)), READERS[SUMS]()
    for number, damage in product(range(3), PLAIN_DAMAGES):
        least = _sums(readers.records(_beside(document, number)))
        for path in places(document):
            if path[:2] == ("dataPoints", number):
                with about(damage, path):
                    sums = _sums(readers.records(damaged(document, path, damage)))
                    assert all(sums[level] >= minutes for level, minutes in least.items())


@pytest.mark.parametrize("word", ["A_LEVEL_OF_2027", "ACTIVITY_LEVEL_TYPE_UNSPECIFIED", None, GONE])
def test_a_level_that_is_not_known_is_no_zero(word: object) -> None:
    """A date of which nothing else is known has no minutes, not nought of them; and it is counted."""
    document = json.loads(sample(SUMS))
    alone = {"dataPoints": document["dataPoints"][:1]}
    parsed = READERS[SUMS]().records(damaged(alone, ("dataPoints", 0, "activityLevel", "activityLevelType"), word))
    assert _sums(parsed) == {}
    assert sum(parsed.rejected.values()) == 1


def _sums(parsed: Parsed) -> dict[str, float]:
    return {name: float(row["value"]) for _, name, row in _told(parsed)}


def test_a_repeated_sample_is_one_record() -> None:
    """Pages may overlap while data arrive."""
    for name in _several():
        readers, stream = READERS[name](), ORACLES[name].stream if name in ORACLES else ""
        if stream in DATA_STREAMS:
            twice = DATA_STREAMS[stream].parse([sample(name), sample(name)], ABOUT)
            assert {place: table.num_rows for place, table in twice.tables.items()} == {
                place: table.num_rows for place, table in readers.records(sample(name)).tables.items()
            }


# The same through the whole source.


def _torn(body: bytes) -> list[bytes]:
    return [body[: len(body) * part // 7] for part in range(1, 7)]


@pytest.mark.parametrize("name", [name for name in ORACLES if name != "steps.dailyRollUp.empty"])
async def test_a_torn_answer_fails_its_stream(name: str) -> None:
    stream, vendor = ORACLES[name].stream, Vendor()
    torn = _torn(sample(name))
    vendor.lay(path_of(stream), *map(sent, torn))
    async with fetching(vendor, Circumstances(attempts=1)) as one:
        for _ in torn:
            found = await one.all(pieces([stream], ORACLES[name].on))
            assert {answer.outcome for answer in found.values()} == {Outcome.FAILED}
            assert OURS not in one.said(found)
    assert vendor.asked(path_of(stream)) == len(torn)


def _some_damages(name: str, turn: int) -> list[bytes]:
    """Give a few damaged bodies of a sample, others at each turn, all different places over the turns."""
    document = json.loads(sample(name))
    every = [damaged(document, path, damage) for path, damage in product(shapes(document), DAMAGES)]
    return every[turn::31]


@pytest.mark.parametrize("turn", range(4))
async def test_a_damaged_day_is_answered_stream_by_stream(turn: int) -> None:
    """Every path sends a damaged sample, a different damage at each fetch; every stream answers for itself."""
    vendor = Vendor()
    for name in [*ORACLES, "settings", "height.list", "exercise.exportExerciseTcx"]:
        place = {"settings": SETTINGS, "height.list": points("height"), "exercise.exportExerciseTcx": track("3001")}
        path = place.get(name) or path_of(ORACLES[name].stream)
        bodies = _some_damages(name, turn)
        vendor.replies.setdefault(path, []).extend(map(sent, bodies))
    vendor.replies[points("sleep", "reconcile")].append(sent(sample("sleep.list")))
    vendor.lay(points("steps", "rollUp"), *map(sent, _some_damages("steps.rollUp", turn)))
    fetches = 10
    async with fetching(vendor, Circumstances(zone=None, last_zone=PARIS, attempts=1)) as one:
        for _ in range(fetches):
            found = await one.all(pieces())
            assert one.ended is None
            assert {stream for stream, _ in found} >= STREAMS.keys() - {"devices"}
            said = one.said(found)
            assert OURS not in said
            assert not [word for word in NOBODYS_BUSINESS if word in said]
            for answer in found.values():
                assert_in_contract(answer.date, answer.tables)
                assert answer.outcome in {Outcome.OK, Outcome.EMPTY, Outcome.FAILED}


@pytest.mark.parametrize("depth", [50, 2_000, 200_000])
async def test_a_nested_bomb_is_refused(depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    inner = b'{"a":' * depth + b"1" + b"}" * depth
    for body in (deep, b'{"dataPoints":' + deep + b"}", inner, b'{"dataPoints":[{"sleep":' + inner + b"}]}"):
        vendor = Vendor()
        vendor.otherwise = sent(body)
        async with fetching(vendor, Circumstances(zone=None, last_zone=PARIS, attempts=1)) as one:
            found = await one.all(pieces())
        assert len(found) == len(STREAMS)
        assert OURS not in one.said(found)
        assert {answer.outcome for answer in found.values()} <= {Outcome.EMPTY, Outcome.FAILED}


def test_settings_of_any_shape_give_a_zone_or_say_that_there_is_none() -> None:
    document = json.loads(sample("settings"))
    for path, damage in product(shapes(document), DAMAGES):
        try:
            assert time_zone(damaged(document, path, damage)) == PARIS
        except BadAnswer:
            assert path == ("timeZone",)
