"""Reading what any version of the archive may hold."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import suppress
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cromwelld.day import Day, about, table
from cromwelld.day.decoding import Decoded, NotRecords, decode
from cromwelld.jsoncolumns import read_one
from cromwelld.measurements import CATALOGUE, DAY_RECORD, describe
from tests.support.days import DATE, rows, text

TIME = "2025-10-08T12:34:56+00:00"


def record(**members: object) -> dict[str, object]:
    return {"measurement": "RestingHR", "time": TIME, "tags": {}, "fields": {"value": 61.0}} | members


def read(*records: object) -> Decoded:
    return decode(json.dumps(records).encode())


def only(decoded: Decoded) -> dict[str, object]:
    """Give the one row of the one table, without what is absent."""
    (rows_,) = decoded.tables.values()
    (row,) = rows_.to_pylist()
    return {name: value for name, value in row.items() if value is not None}


def test_a_record_of_the_contract() -> None:
    written = b"""[{"measurement": "HeartRate_Intraday", "time": "2025-10-08T12:34:56+00:00",
     "tags": {"Device": "PixelWatch3"}, "fields": {"value": 72.0}}]"""
    decoded = decode(written)
    assert decoded.tables["HeartRate_Intraday"].equals(
        rows("HeartRate_Intraday", ["2025-10-08T12:34:56"], tag_Device=["PixelWatch3"], field_value=[72.0])
    )
    assert decoded.rejected == {}


def test_no_records_are_no_tables() -> None:
    assert decode(b"[]") == Decoded({}, {})
    assert decode(b"[\n\n]\n") == Decoded({}, {})


@pytest.mark.parametrize(
    ("time", "instant"),
    [
        ("2025-10-08T12:34:56Z", "2025-10-08T12:34:56+00:00"),
        ("2025-10-08T14:34:56+02:00", "2025-10-08T12:34:56+00:00"),
        ("2025-10-08T12:34:56.250000+00:00", "2025-10-08T12:34:56.250000+00:00"),
        ("2025-10-08T12:34:56.1234567+00:00", "2025-10-08T12:34:56.123456+00:00"),
        ("2025-10-08 12:34:56+00:00", "2025-10-08T12:34:56+00:00"),
        ("2025-10-08T12:34:56", "2025-10-08T12:34:56+00:00"),
        ("1969-12-31T23:59:59.500000+00:00", "1969-12-31T23:59:59.500000+00:00"),
        ("9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59+00:00"),
    ],
)
def test_times_are_read_in_every_shape_and_without_offset_as_utc(time: str, instant: str) -> None:
    for decoded in (read(record(time=time)), read(record(time=time), None)):
        assert only(decoded)["time"] == dt.datetime.fromisoformat(instant)


@pytest.mark.parametrize(
    "odd",
    [
        None,
        5,
        "RestingHR",
        [],
        {},
        {"time": TIME, "tags": {}, "fields": {"value": 1.0}},
        record(measurement=5),
        record(measurement=None),
        record(measurement="\ud800"),
        record(time=None),
        record(time=1_760_000_000),
        record(time="yesterday"),
        record(time="0000-01-01T00:00:00+00:00"),
        record(time="9999-12-31T23:59:59-05:00"),
        record(time="10000-01-01T00:00:00+00:00"),
        record(tags=[1]),
        record(tags={"Device": ["x"]}),
        record(tags={"\ud800": "x"}),
        record(fields="x"),
        record(fields={"value": [1]}),
        record(fields={"other": {"a": 1}}),
        record(fields={"value": float("nan")}),
        record(fields={"other": float("inf")}),
        record(fields={"value": 10**400}),
        record(fields={"other": 10**400}),
        record(fields={"other": "\udfff"}),
    ],
)
def test_a_bad_record_is_counted_and_the_others_are_read(odd: object) -> None:
    for decoded in (read(odd, record()), read(record(), odd)):
        assert only(decoded)["field_value"] == 61.0
        assert sum(decoded.rejected.values()) == 1
    assert read(odd).tables == {}


def test_reasons_hold_nothing_of_the_record() -> None:
    odd = [record(time="52.5"), record(fields={"value": "52.5"}), record(fields={"x": "52.5\ud800"}), {"52.5": 52.5}]
    assert "52" not in "".join(read(*odd, record(tags={"a": ["52.5"]})).rejected)


def test_a_text_where_a_number_belongs_is_absent_counted_and_its_record_stays() -> None:
    decoded = read(
        record(fields={"value": "61"}), record(measurement="HRV", fields={"dailyRmssd": "x", "deepRmssd": 3})
    )
    assert decoded.tables["RestingHR"]["field_value"].to_pylist() == [61.0]
    assert decoded.tables["HRV"]["field_dailyRmssd"].to_pylist() == [None]
    assert decoded.tables["HRV"]["field_deepRmssd"].to_pylist() == [3.0]
    assert decoded.rejected == {"text where a number belongs": 1}


def test_the_text_nan_is_absent_and_not_counted() -> None:
    decoded = read(record(fields={"value": "NaN"}))
    assert decoded.tables["RestingHR"]["field_value"].to_pylist() == [None]
    assert decoded.rejected == {}


def test_foreign_names_are_kept_with_their_values() -> None:
    decoded = read(
        record(fields={"value": 61, "margin": 2, "note": "calm", "valid": True}, tags={"Device": "W", "version": 2}),
        record(measurement="StressScore", fields={"value": "high", "score": 80}, tags={"Origin": "watch"}),
    )
    assert decoded.tables["RestingHR"].to_pylist() == [
        {
            "time": dt.datetime.fromisoformat(TIME),
            "tag_Device": "W",
            "field_value": 61.0,
            "field_margin": 2.0,
            "field_note": "calm",
            "field_valid": 1.0,
            "tag_version": "2",
        }
    ]
    assert decoded.tables["StressScore"].to_pylist() == [
        {
            "time": dt.datetime.fromisoformat(TIME),
            "field_score": 80.0,
            "field_value": "high",
            "tag_Origin": "watch",
        }
    ]


def test_foreign_records_that_differ_by_a_tag_are_all_kept() -> None:
    same_time = [record(measurement="Stress", tags={"Origin": origin}) for origin in ("b", "a", "b")]
    assert read(*same_time).tables["Stress"]["tag_Origin"].to_pylist() == ["a", "b"]


def test_records_in_any_order_are_brought_into_ours_and_the_last_of_a_key_stays() -> None:
    times = ["2025-10-08T10:00:02+00:00", "2025-10-08T10:00:01+00:00", "2025-10-08T10:00:02+00:00"]
    mixed: list[object] = []
    for value, time in enumerate(times):
        mixed += [record(time=time, fields={"value": value}), record(measurement="HRV", time=time, fields={})]
    decoded = read(*mixed)
    assert decoded.tables["RestingHR"]["field_value"].to_pylist() == [1.0, 2.0]
    assert decoded.tables["HRV"].num_rows == 2


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"{}",
        b"null",
        b"1",
        b"[",
        b"[{]",
        b"[1] [2]",
        b"[], 1",
        b"\xff\xfe",
        b"<html>",
        b"[" * 200_000,
        b'["\xff"]',
    ],
)
def test_anything_but_one_array_is_not_records(junk: bytes) -> None:
    with pytest.raises(NotRecords):
        decode(junk)


@given(st.binary(max_size=60))
def test_no_bytes_raise_anything_else(junk: bytes) -> None:
    for content in (junk, b"[" + junk + b"]", json.dumps([record()]).encode()[:-20] + junk):
        with suppress(NotRecords):
            decode(content)


# Days of every kind, and what each object must give back.

NAMES = st.text(st.characters(codec="utf-8"), max_size=5)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
TIMES = st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31), timezones=st.just(dt.UTC))  # noqa: DTZ001 - hypothesis adds the zone
KNOWN = [measurement for measurement in CATALOGUE if measurement.name != DAY_RECORD]


@st.composite
def known_tables(draw: st.DrawFn) -> dict[str, object]:
    tables = {}
    for measurement in draw(st.lists(st.sampled_from(KNOWN), unique_by=lambda m: m.name, max_size=4)):
        times = draw(st.lists(TIMES, min_size=1, max_size=5))
        columns: dict[str, list[object]] = {"time": list(times)}
        for tag in measurement.tags:
            columns[f"tag_{tag}"] = draw(st.lists(st.none() | NAMES, min_size=len(times), max_size=len(times)))
        for field in measurement.fields:
            values = NAMES if field.text else NUMBERS
            columns[field.column] = draw(st.lists(st.none() | values, min_size=len(times), max_size=len(times)))
        tables[measurement.name] = table(measurement, columns)
    return tables


@st.composite
def foreign_tables(draw: st.DrawFn) -> dict[str, object]:
    known = {measurement.name for measurement in CATALOGUE}
    tables = {}
    for name in draw(st.lists(NAMES.filter(lambda name: name not in known), unique=True, max_size=2)):
        times = draw(st.lists(TIMES, min_size=1, max_size=3))
        columns: dict[str, list[object]] = {"time": list(times)}
        for column in draw(st.lists(NAMES, unique=True, max_size=2)):
            columns[f"tag_{column}"] = draw(st.lists(st.none() | NAMES, min_size=len(times), max_size=len(times)))
        for column in draw(st.lists(NAMES.map(lambda text: f"{text}!"), unique=True, max_size=2)):
            values = draw(st.sampled_from([NUMBERS, NAMES]))
            columns[f"field_{column}"] = draw(st.lists(st.none() | values, min_size=len(times), max_size=len(times)))
        tables[name] = table(describe(name), columns)
    return tables


@settings(max_examples=30)
@given(
    known=known_tables(),
    foreign=foreign_tables(),
    asked=st.dictionaries(st.sampled_from([m.name for m in KNOWN]), NAMES),
)
def test_a_day_comes_back_as_it_was_written(
    known: dict[str, object], foreign: dict[str, object], asked: dict[str, str]
) -> None:
    written = Day(date=DATE, zone="Europe/Berlin", tables=known | foreign, asked=asked)
    decoded = decode(text(written))
    assert decoded.rejected == {}
    tables = dict(decoded.tables)
    assert tables.pop(DAY_RECORD).equals(about(written))
    assert tables.keys() == written.tables.keys()
    for name, read_ in tables.items():
        assert read_.equals(written.tables[name]), name
    assert text(Day(date=DATE, zone="Europe/Berlin", tables=tables, asked=asked)) == text(written)


@settings(max_examples=20)
@given(known=known_tables(), foreign=foreign_tables())
def test_the_text_is_the_records_for_any_reader_of_json(known: dict[str, object], foreign: dict[str, object]) -> None:
    written = Day(date=DATE, zone="UTC", tables=known | foreign, asked={})
    expected = [plain(name, row) for name, rows_ in written.ordered() for row in rows_.to_pylist()]
    assert json.loads(text(written)) == expected


def plain(name: str, row: dict[str, object]) -> dict[str, object]:
    time = row.pop("time")
    assert isinstance(time, dt.datetime)
    present = {column: value for column, value in row.items() if value is not None}
    return {
        "measurement": name,
        "time": time.astimezone(dt.UTC).isoformat(),
        "tags": {column[4:]: value for column, value in present.items() if column.startswith("tag_")},
        "fields": {column[6:]: value for column, value in present.items() if column.startswith("field_")},
    }


def test_a_name_that_is_a_number_here_and_text_elsewhere_does_not_send_a_night_the_careful_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = record(measurement="SleepLevels", fields={"level": 2.0, "stage": "rem", "duration_seconds": 30.0})
    written = json.dumps([stage, record()]).encode()
    monkeypatch.setattr("cromwelld.day.decoding.json", None)  # the careful way reads by it
    decoded = decode(written)
    assert decoded.tables["SleepLevels"]["field_level"].to_pylist() == [2.0]
    assert decoded.tables["RestingHR"]["field_value"].to_pylist() == [61.0]


def beat(second: int, value: float, **tags: str) -> dict[str, object]:
    time = f"2025-10-08T12:34:{second:02d}+00:00"
    return {"measurement": "HeartRate_Intraday", "time": time, "tags": tags, "fields": {"value": value}}


ODD_NAME = {"measurement": "RestingHR", "time": TIME, "tags": {"x": "HeartRate_Intraday"}, "fields": {"value": 1.0}}
TURNED = {
    "tags": {},
    "fields": {"value": 9.0},
    "time": "2025-10-08T12:34:09+00:00",
    "measurement": "HeartRate_Intraday",
}


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize(
    ("records", "beats"),
    [
        ([beat(1, 60.0), beat(2, 61.0)], [60.0, 61.0]),
        ([beat(1, 60.0), beat(2, 61.0), record()], [60.0, 61.0]),
        ([record(), beat(1, 60.0), beat(2, 61.0), record(measurement="HRV")], [60.0, 61.0]),
        ([record(), beat(1, 60.0), record(measurement="HRV"), beat(2, 61.0)], [60.0, 61.0]),
        ([beat(1, 60.0, Device='a{"measurement"'), beat(1, 61.0), record()], [61.0]),
        ([beat(1, 60.0), beat(2, 61.0), TURNED, record()], [60.0, 61.0, 9.0]),
        ([TURNED, record(), beat(1, 60.0), beat(2, 61.0), record()], [60.0, 61.0, 9.0]),
        ([record(), beat(1, 60.0), ODD_NAME, beat(2, 61.0), record(measurement="HRV")], [60.0, 61.0]),
        ([record(measurement="HRV"), ODD_NAME, record(measurement="HRV", fields={})], []),
    ],
)
def test_heart_rate_is_whole_wherever_it_stands(
    records: list[dict[str, object]], beats: list[float], indent: int | None
) -> None:
    decoded = decode(json.dumps(records, indent=indent).encode())
    rows_ = decoded.tables.get("HeartRate_Intraday")
    assert ([] if rows_ is None else rows_["field_value"].to_pylist()) == beats
    assert decoded.tables.keys() == {str(one["measurement"]) for one in records}
    assert decoded.rejected == {}


@pytest.mark.parametrize("between", ["", ",,", "]", "],["])
def test_what_stands_behind_heart_rate_must_be_an_array_still(between: str) -> None:
    first, second = json.dumps(beat(1, 60.0)), json.dumps(record())
    with pytest.raises(NotRecords):
        decode(f"[{first}{between}{second}]".encode())


def beats(*values: object, **members: object) -> bytes:
    """Write heart rate as another program would, one sample a second, and one record behind it."""
    times = (f"2025-10-08T12:{second // 60:02d}:{second % 60:02d}+00:00" for second in range(len(values)))
    made: list[dict[str, object]] = [
        {"measurement": "HeartRate_Intraday", "time": time, "tags": {"Device": "W"}, "fields": {"value": value}}
        for time, value in zip(times, values, strict=True)
    ]
    made[-1] |= members
    return json.dumps([*made, record()]).encode()


@pytest.mark.parametrize(
    ("odd", "stored"),
    [
        ({}, {"field_value": 9.5, "tag_Device": "W"}),
        ({"tags": {"Device": "V"}}, {"field_value": 9.5, "tag_Device": "V"}),
        ({"tags": {}}, {"field_value": 9.5, "tag_Device": None}),
        ({"fields": {"value": 7}}, {"field_value": 7.0, "tag_Device": "W"}),
        ({"fields": {"value": 1e2, "other": 1.0}}, {"field_value": 100.0, "field_other": 1.0}),
        ({"fields": {"other": 9.5}}, {"field_value": None, "field_other": 9.5}),
        ({"fields": {"value": None}}, {"field_value": None}),
        ({"fields": {}}, {"field_value": None}),
        ({"time": "2025-10-08T12:34:56.250000+00:00"}, {"field_value": 9.5}),
        ({"time": "2025-10-08T14:34:56+02:00"}, {"time": dt.datetime(2025, 10, 8, 12, 34, 56, tzinfo=dt.UTC)}),
        ({"time": "2025-10-08T12:34:56"}, {"time": dt.datetime(2025, 10, 8, 12, 34, 56, tzinfo=dt.UTC)}),
    ],
)
def test_one_sample_unlike_the_others_is_read_as_it_is(odd: dict[str, object], stored: dict[str, object]) -> None:
    for written in (beats(70.0, 71.0, 9.5, **odd), beats(70.0, 71, 9.5, **odd)):
        decoded = decode(written)
        found = decoded.tables["HeartRate_Intraday"]
        assert found["field_value"].to_pylist()[:2] == [70.0, 71.0]
        assert {name: found[name].to_pylist()[-1] for name in stored} == stored
        assert decoded.rejected == {}


@pytest.mark.parametrize(
    "odd", [{"fields": {"value": float("inf")}}, {"time": "2025-13-08T12:34:56+00:00"}, {"tags": 1}]
)
def test_one_sample_that_is_none_is_counted_and_the_others_are_read(odd: dict[str, object]) -> None:
    decoded = decode(beats(70.0, 71.0, 72.0, **odd))
    assert decoded.tables["HeartRate_Intraday"]["field_value"].to_pylist() == [70.0, 71.0]
    assert sum(decoded.rejected.values()) == 1


@pytest.mark.parametrize("value", ["61.", ".5", "+61", "061", "0x1F", "6_1", "- 61", "1e", "--1"])
def test_what_json_does_not_know_as_a_number_is_none_among_samples_either(value: str) -> None:
    with pytest.raises(NotRecords):
        decode(beats(70.0, 71.0, 123456.0).replace(b"123456.0", value.encode()))


@settings(max_examples=40)
@given(
    values=st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-500, 500), min_size=1, max_size=6),
    indent=st.sampled_from([None, 0, 2]),
    separators=st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " : ")]),
)
def test_samples_are_what_a_reader_of_json_finds(
    values: list[float], indent: int | None, separators: tuple[str, str]
) -> None:
    records = json.loads(beats(*values))
    decoded = decode(json.dumps(records, indent=indent, separators=separators).encode())
    rows_ = decoded.tables["HeartRate_Intraday"].to_pylist()
    assert [row["field_value"] for row in rows_] == [float(value) for value in values]
    assert [row["time"] for row in rows_] == [dt.datetime.fromisoformat(one["time"]) for one in records[:-1]]
    assert {row["tag_Device"] for row in rows_} == {"W"}


def test_samples_alike_are_read_by_their_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Mock(wraps=read_one)
    monkeypatch.setattr("cromwelld.day.decoding.read_one", reader)
    decode(beats(*[70.0] * 500))
    assert max(len(call.args[0]) for call in reader.call_args_list) < 400
