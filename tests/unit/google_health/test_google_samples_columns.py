"""Heart rate, oxygen and variability: what a page holds, and what it should not; the person lives in Berlin."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cromwelld.errors import BadAnswer
from cromwelld.sources.google_health import columns
from cromwelld.sources.google_health.samples import heart_rate, oxygen_saturation, variability
from tests.unit.fitbit_web.reading import Plain, asked, assert_in_contract, rows
from tests.unit.google_health.points import Json, answer, date, listed, reconciled, sample_time

HEART, SPO2, HRV = "HeartRate_Intraday", "SPO2_Intraday", "HRV_Intraday"
DATE = "2026-03-10"
TENTH = asked(DATE)
RMSSD = "rootMeanSquareOfSuccessiveDifferencesMilliseconds"
GOOD = {"time": "2026-03-10T07:00:04Z", "value": 60.0}


def civil(on: str, clock: Mapping[str, object] | None = None) -> Json:
    return {"date": date(on), "time": clock or {}}


def beat(time: str = "2026-03-10T07:00:04Z", beats: object = "60", on: str = DATE) -> Json:
    at = {**sample_time(time), "civilTime": civil(on, {"hours": 8, "seconds": 4})}
    return reconciled("heartRate", {"sampleTime": at, "beatsPerMinute": beats})


def read(*points: object) -> tuple[list[Plain], int]:
    parsed = heart_rate([answer(*points)], TENTH)
    assert_in_contract(parsed, TENTH)
    return rows(parsed, DATE, HEART), sum(parsed.rejected.values())


@pytest.fixture
def columns_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make sure that no page of a test is read record by record."""

    def refuse(*_: object) -> None:
        pytest.fail("the page was read record by record")

    monkeypatch.setattr(columns, "_one_by_one", refuse)


@pytest.mark.usefixtures("columns_only")
@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([], []),
        ([beat()], [GOOD]),
        ([beat(beats=60)], [GOOD]),
        ([beat(beats=60), beat("2026-03-10T07:00:09Z", "61")], [GOOD, {"time": "2026-03-10T07:00:09Z", "value": 61.0}]),
        ([beat(), beat("2026-03-10T07:00:09Z", "NaN")], [GOOD]),
        ([beat("2026-03-10T07:00:04.123456Z")], [GOOD]),
        ([beat("2026-03-10T07:00:04.123456789Z")], [GOOD]),
        ([listed("heartRate", beat()["heartRate"])], [{**GOOD, "Device": "Charge 6"}]),
        ([{**beat(), "unknown": {"deep": [1, {"x": None}]}}], [GOOD]),
        ([reconciled("steps", {"count": "7"}), beat()], [GOOD]),
    ],
)
def test_what_the_vendor_sends_is_read_as_columns(points: list[Json], expected: list[Plain]) -> None:
    assert read(*points) == (expected, 0)


@pytest.mark.usefixtures("columns_only")
@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ({"physicalTime": "2026-03-10T07:00:04Z"}, "2026-03-10T07:00:04Z"),  # no offset: nought
        ({"physicalTime": "2026-03-10T07:00:04Z", "utcOffset": "3600s"}, "2026-03-10T07:00:04Z"),
        ({"physicalTime": "2026-03-10T07:00:04Z", "civilTime": {"date": date(DATE)}}, "2026-03-10T07:00:04Z"),
        ({**sample_time("2026-03-09T23:30:00Z")}, "2026-03-09T23:30:00Z"),  # 00:30 at +01:00
        ({**sample_time("2026-03-10T23:30:00Z")}, None),  # 00:30 of the next date
        ({**sample_time("2026-03-09T23:30:00Z"), "civilTime": civil(DATE)}, "2026-03-09T23:30:00Z"),
        ({**sample_time("2026-03-10T14:00:00Z", offset="36000s")}, None),  # midnight in Sydney
        ({**sample_time("2026-03-11T03:59:59Z", offset="-14400s")}, "2026-03-11T03:59:59Z"),  # travelling west
        ({**sample_time("2026-03-10T07:00:00Z"), "civilTime": civil("2026-03-09")}, None),  # as sent
    ],
)
def test_a_sample_belongs_to_its_own_civil_date(at: Json, expected: str | None) -> None:
    point = reconciled("heartRate", {"sampleTime": at, "beatsPerMinute": "60"})
    assert read(point) == ([{"time": expected, "value": 60.0}] if expected else [], 0)


@pytest.mark.usefixtures("columns_only")
@pytest.mark.parametrize(
    "bad",
    [
        None,
        {"heartRate": {"beatsPerMinute": "60"}},
        {"heartRate": {"sampleTime": {"utcOffset": "3600s"}, "beatsPerMinute": "60"}},
        beat("never"),
        beat("9999-12-31T23:59:59Z"),
        beat(on="2026-02-30"),
        beat(beats="0"),
    ],
)
def test_absent_and_unreadable_times_do_not_slow_a_page_down(bad: object) -> None:
    assert read(bad, beat()) == ([GOOD], 1)


@pytest.mark.parametrize(
    "bad",
    [
        None,
        7,
        "x",
        [],
        {"heartRate": 7},
        {"heartRate": {"sampleTime": 7, "beatsPerMinute": "60"}},
        {"heartRate": {"sampleTime": sample_time("never"), "beatsPerMinute": "60"}},
        {"heartRate": {"sampleTime": sample_time("2026-03-10T07:00:00"), "beatsPerMinute": "60"}},
        {"heartRate": {"sampleTime": sample_time("2026-13-10T07:00:00Z"), "beatsPerMinute": "60"}},
        {"heartRate": {"sampleTime": sample_time("9999-12-31T23:59:59Z"), "beatsPerMinute": "60"}},
        {"heartRate": {"sampleTime": {"utcOffset": "3600s"}, "beatsPerMinute": "60"}},
        {"heartRate": {"sampleTime": sample_time("2026-03-10T07:00:00Z", offset="-07:00"), "beatsPerMinute": "60"}},
        {"heartRate": {"sampleTime": {**sample_time("2026-03-10T07:00:00Z"), "utcOffset": 3600}}},
        {"heartRate": {"beatsPerMinute": "60"}},
        beat(beats=True),
        beat(beats="many"),
        beat(beats=[60]),
        beat(beats="-1"),
        beat(beats="0"),
        beat(beats="100000"),
        beat(beats="9" * 400),
        beat(beats=10**300),
        beat(on="2026-02-30"),
        beat(on="9999-03-10"),
        beat(on="2026-0-10"),
        beat(on="2024-03-10"),  # two years beside its own instant
    ],
)
def test_a_bad_record_costs_only_itself(bad: object) -> None:
    later = beat("2026-03-10T07:00:09Z", "61")
    assert read(beat(), bad, later) == ([GOOD, {"time": "2026-03-10T07:00:09Z", "value": 61.0}], 1)


def test_numbers_that_json_cannot_hold_cost_only_their_record() -> None:
    body = answer(beat(), beat("2026-03-10T07:00:09Z", 1)).replace(b'"beatsPerMinute": 1}', b'"beatsPerMinute": 1e400}')
    parsed = heart_rate([body], TENTH)
    assert rows(parsed, DATE, HEART) == [GOOD]
    assert sum(parsed.rejected.values()) == 1


def test_no_reason_tells_a_value() -> None:
    bodies = [answer(beat(beats=bad), beat(time="secret")) for bad in ("1_77177", True, "71717171", -7177)]
    assert "717" not in str(heart_rate(bodies, TENTH).rejected)
    assert "secret" not in str(heart_rate(bodies, TENTH).rejected)


def test_of_two_samples_in_a_second_the_later_one_stays() -> None:
    early, late = beat("2026-03-10T07:00:04.2Z", "70"), beat("2026-03-10T07:00:04.9Z", "80")
    kept = [{"time": "2026-03-10T07:00:04Z", "value": 80.0}]
    assert read(early, late) == (kept, 0)
    assert read(late, early) == (kept, 0)


def test_of_two_samples_at_one_instant_the_last_sent_stays_also_across_pages() -> None:
    pages = [answer(beat(beats="70"), token="2"), answer(), answer(beat(beats="80"))]
    assert rows(heart_rate(pages, TENTH), DATE, HEART) == [{"time": "2026-03-10T07:00:04Z", "value": 80.0}]


def test_pages_are_newest_first_and_the_table_is_not() -> None:
    pages = [answer(beat("2026-03-10T09:00:00Z", "90"), beat("2026-03-10T08:00:00Z", "80")), answer(beat())]
    assert [row["value"] for row in rows(heart_rate(pages, TENTH), DATE, HEART)] == [60.0, 80.0, 90.0]


def test_only_dates_that_were_asked_and_have_a_zone_are_kept() -> None:
    eleventh = beat("2026-03-11T07:00:00Z", on="2026-03-11")
    twelfth = beat("2026-03-12T07:00:00Z", "-5", on="2026-03-12")
    about = asked(DATE, "2026-03-11")
    parsed = heart_rate([answer(eleventh, beat(), twelfth)], about)
    assert sorted(str(place[0]) for place in parsed.tables) == [DATE, "2026-03-11"]
    assert parsed.rejected == {}
    assert heart_rate([answer(beat())], asked(DATE, zone=None)).tables == {}


@pytest.mark.parametrize(
    "body", [b"{}", b'{"dataPoints":[]}', b'{"dataPoints":null}', b'\xef\xbb\xbf{"dataPoints":[]}']
)
def test_an_empty_page_is_no_mistake(body: bytes) -> None:
    parsed = heart_rate([body], TENTH)
    assert (parsed.tables, parsed.rejected) == ({}, {})
    assert rows(heart_rate([body, answer(beat())], TENTH), DATE, HEART) == [GOOD]


def test_a_page_in_lines_or_with_a_mark_before_it_is_the_same_page() -> None:
    pretty = json.dumps(json.loads(answer(beat())), indent=2).encode()
    assert rows(heart_rate([pretty], TENTH), DATE, HEART) == [GOOD]
    assert rows(heart_rate([b"\xef\xbb\xbf" + pretty], TENTH), DATE, HEART) == [GOOD]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"<html>",
        b'{"dataPoints":{}}',
        b'{"dataPoints":7}',
        b'{"dataPoints":[',
        b"[" * 100_000,
        b'{"\xff":1}',
    ],
)
def test_what_is_no_page_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        heart_rate([body], TENTH)


def test_records_nested_too_deeply_are_a_bad_answer() -> None:
    with pytest.raises(BadAnswer):
        heart_rate([b'{"dataPoints":[' + b'{"a":' * 200_000 + b"1" + b"}" * 200_000 + b"]}"], TENTH)


def oxygen(percentage: object, time: str = "2026-03-10T02:30:00Z") -> Json:
    return reconciled("oxygenSaturation", {"sampleTime": sample_time(time), "percentage": percentage})


@pytest.mark.parametrize(
    ("percentage", "value", "rejected"),
    [
        (95.8, 95.8, 0),
        ("95.8", 95.8, 0),
        (100, 100.0, 0),
        (50.1, 50.1, 0),
        (50.0, None, 0),
        (49.0, None, 0),
        ("NaN", None, 0),
        (None, None, 0),
        (0, None, 0),
        (100.1, None, 1),
        (True, None, 1),
    ],
)
def test_oxygen_at_fifty_or_less_was_not_measured(percentage: object, value: float | None, rejected: int) -> None:
    parsed = oxygen_saturation([answer(oxygen(97.5, "2026-03-10T02:31:00Z"), oxygen(percentage))], TENTH)
    expected = [] if value is None else [{"time": "2026-03-10T02:30:00Z", "value": value}]
    assert rows(parsed, DATE, SPO2) == [*expected, {"time": "2026-03-10T02:31:00Z", "value": 97.5}]
    assert sum(parsed.rejected.values()) == rejected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({RMSSD: 41.75, "standardDeviationMilliseconds": 52.5}, {"rmssd": 41.75, "standardDeviation": 52.5}),
        ({RMSSD: 41.75}, {"rmssd": 41.75}),
        ({"standardDeviationMilliseconds": "52.5", RMSSD: "NaN"}, {"standardDeviation": 52.5}),
        ({RMSSD: 0.0, "standardDeviationMilliseconds": 52.5}, {"standardDeviation": 52.5}),
        ({RMSSD: 0.0}, None),
        ({}, None),
    ],
)
def test_variability_has_two_fields_of_which_either_may_be_absent(sent: Json, expected: Plain | None) -> None:
    point = reconciled("heartRateVariability", {"sampleTime": sample_time("2026-03-10T02:25:00Z"), **sent})
    parsed = variability([answer(point)], TENTH)
    assert rows(parsed, DATE, HRV) == ([{"time": "2026-03-10T02:25:00Z", **expected}] if expected else [])
    assert parsed.rejected == {}


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4)
    | st.sampled_from(["NaN", "1e400"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["date", "time", "year"]), inner),
    max_leaves=4,
)


@given(name=st.sampled_from(["sampleTime", "beatsPerMinute", "physicalTime", "utcOffset", "civilTime"]), odd=ODD)
def test_whatever_stands_in_one_record_the_others_stay(name: str, odd: object) -> None:
    at: Json = {**sample_time("2026-03-10T05:00:00Z"), "civilTime": civil(DATE)}
    point: Json = {"sampleTime": at, "beatsPerMinute": "70"}
    (point if name in point else at)[name] = odd
    parsed = heart_rate([answer(beat(), reconciled("heartRate", point))], TENTH)
    assert_in_contract(parsed, TENTH)
    assert GOOD in rows(parsed, DATE, HEART)


def one_by_one(body: bytes) -> tuple[list[Plain], int]:
    """Read a page as only odd ones are."""

    def odd(*_: object) -> None:
        raise pa.ArrowInvalid

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "_fast", odd)
        parsed = heart_rate([body], TENTH)
    return rows(parsed, DATE, HEART), sum(parsed.rejected.values())


NUMBERS = (
    st.integers(-5, 300)
    | st.integers(-5, 300).map(str)
    | st.integers(-20, 1200).map(lambda quarters: quarters / 4)
    | st.sampled_from(["NaN", "", None])
)
TIMES = st.sampled_from(["2026-03-10T05:00:00Z", "2026-03-10T05:00:00.25Z", "2026-03-10T06:00:00+01:00", "", None, "x"])
DATES = st.sampled_from(
    [None, {}, date(DATE), {"year": 2026}, {"year": 2026, "month": 3, "day": "NaN"}, date("2026-3-9")]
)


@given(
    beats=NUMBERS, time=TIMES, on=DATES, offset=st.sampled_from(["3600s", "", None, "-00:30", "-39600s", "40000000s"])
)
def test_columns_hold_what_reading_one_by_one_finds(beats: object, time: object, on: object, offset: object) -> None:
    at = {"physicalTime": time, "utcOffset": offset, "civilTime": None if on is None else {"date": on}}
    body = answer(beat(), reconciled("heartRate", {"sampleTime": at, "beatsPerMinute": beats}), None)
    parsed = heart_rate([body], TENTH)
    assert (rows(parsed, DATE, HEART), sum(parsed.rejected.values())) == one_by_one(body)
