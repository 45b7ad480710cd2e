"""The bytes of a date's object, written by hand."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cromwelld.day import Day, digest, table
from cromwelld.measurements import describe
from tests.support.days import DATE, at, daily, day, heart, rows, text

# A date in Berlin (noon is 10:00 UTC): records as the data contract has them.
WRITTEN = b"""[
{"measurement":"HeartRate_Intraday","time":"2025-10-08T12:34:56+00:00","tags":{"Device":"PixelWatch3"},"fields":{"value":72.0}},
{"measurement":"HeartRate_Intraday","time":"2025-10-08T12:35:01+00:00","tags":{},"fields":{"value":71.0}},
{"measurement":"GPS","time":"2025-10-08T07:00:00.250000+00:00","tags":{"ActivityID":"2025-10-08T07:00:00+00:00-Walk"},"fields":{"lat":52.5,"lon":-13.25,"altitude":0.0}},
{"measurement":"SleepLevels","time":"2025-10-07T21:10:00+00:00","tags":{"Device":"PixelWatch3","isMainSleep":"True","SleepType":"stages"},"fields":{"level":1.0,"stage":"light","duration_seconds":30.0}},
{"measurement":"SleepLevels","time":"2025-10-07T21:10:30+00:00","tags":{"Device":"PixelWatch3","isMainSleep":"True","SleepType":"stages"},"fields":{"stage":"unknown","duration_seconds":3600.0}},
{"measurement":"HRV","time":"2025-10-08T10:00:00+00:00","tags":{"Device":"PixelWatch3"},"fields":{"dailyRmssd":31.475}},
{"measurement":"StressScore","time":"2025-10-08T10:00:00+00:00","tags":{"Origin":"watch"},"fields":{"score":80.0,"word":"calm"}},
{"measurement":"Cromwelld_Day","time":"2025-10-08T10:00:00+00:00","tags":{"date":"2025-10-08","Zone":"Europe/Berlin","Schema":"1","HRV":"fitbit_web ok","HeartRate_Intraday":"fitbit_web ok","Weight":"fitbit_web empty"},"fields":{"records":7.0,"wear_minutes":2.0}}
]
"""  # noqa: E501 - one record a line


def the_day() -> Day:
    sleep = {"tag_isMainSleep": ["True"] * 2, "tag_SleepType": ["stages"] * 2, "tag_Device": ["PixelWatch3"] * 2}
    return day(
        {
            "StressScore": rows(
                "StressScore", ["10:00"], tag_Origin=["watch"], field_score=[80.0], field_word=["calm"]
            ),
            "HRV": daily("HRV", 31.475, field="dailyRmssd", device="PixelWatch3"),
            "SleepLevels": rows(
                "SleepLevels",
                ["2025-10-07T21:10:30", "2025-10-07T21:10:00"],
                **sleep,
                field_level=[None, 1.0],
                field_stage=["unknown", "light"],
                field_duration_seconds=[3600.0, 30.0],
            ),
            "GPS": rows(
                "GPS",
                ["2025-10-08T07:00:00.250000"],
                tag_ActivityID=["2025-10-08T07:00:00+00:00-Walk"],
                field_lat=[52.5],
                field_lon=[-13.25],
                field_altitude=[0.0],
            ),
            "HeartRate_Intraday": rows(
                "HeartRate_Intraday",
                ["2025-10-08T12:35:01", "2025-10-08T12:34:56", "2025-10-08T12:34:56"],
                tag_Device=[None, "Charge6", "PixelWatch3"],
                field_value=[71.0, 60.0, 72.0],
            ),
        },
        {"Weight": "fitbit_web empty", "HRV": "fitbit_web ok", "HeartRate_Intraday": "fitbit_web ok"},
    )


def test_the_bytes_are_those_of_the_contract() -> None:
    """Catalogue order, then key, the last of equal keys; absent values are absent; numbers are floats."""
    assert text(the_day()).decode() == WRITTEN.decode()


def test_the_digest_is_that_of_the_bytes() -> None:
    assert digest(the_day()) == hashlib.sha256(WRITTEN).hexdigest()


def test_an_empty_date_is_its_own_record_alone() -> None:
    assert json.loads(text(day())) == [
        {
            "measurement": "Cromwelld_Day",
            "time": "2025-10-08T10:00:00+00:00",
            "tags": {"date": "2025-10-08", "Zone": "Europe/Berlin", "Schema": "1"},
            "fields": {"records": 0.0},
        }
    ]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (72.0, "72.0"),
        (-1.0, "-1.0"),
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (0.1, "0.1"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e22, "1e+22"),
        (1e16, "1e+16"),
        (5e-324, "5e-324"),
        (-1.7976931348623157e308, "-1.7976931348623157e+308"),
        (123456789.125, "123456789.125"),
        (9999999999.5, "9999999999.5"),
        (1e10, "1e+10"),
        (1e-4, "0.0001"),
        (0.00009999, "0.00009999"),
    ],
)
def test_numbers_are_written_as_floats_that_read_back_equal(value: float, written: str) -> None:
    line = text(day({"RestingHR": daily("RestingHR", value)})).splitlines()[1].decode()
    assert line.split('"value":')[1] == written + "}},"
    read = json.loads(line.rstrip(","))["fields"]["value"]
    assert isinstance(read, float)
    assert repr(read) == repr(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_absent(value: float) -> None:
    assert json.loads(text(day({"RestingHR": daily("RestingHR", value)})))[0]["fields"] == {}
    unknown = rows("Foreign", ["10:00"], field_a=[value], field_b=[1.0])
    assert json.loads(text(day({"Foreign": unknown})))[0]["fields"] == {"b": 1.0}


@pytest.mark.parametrize(
    ("time", "written"),
    [
        ("2025-10-08T12:34:56", "2025-10-08T12:34:56+00:00"),
        ("2025-10-08T12:34:56.000001", "2025-10-08T12:34:56.000001+00:00"),
        ("2025-10-08T12:34:56.120000", "2025-10-08T12:34:56.120000+00:00"),
        ("1969-12-31T23:59:59.999999", "1969-12-31T23:59:59.999999+00:00"),
        ("1969-12-31T23:59:59", "1969-12-31T23:59:59+00:00"),
        ("1900-01-01T00:00:00.500000", "1900-01-01T00:00:00.500000+00:00"),
        ("0001-01-01T00:00:00", "0001-01-01T00:00:00+00:00"),
        ("9999-12-31T23:59:59.999999", "9999-12-31T23:59:59.999999+00:00"),
    ],
)
def test_times_are_utc_with_microseconds_only_when_not_zero(time: str, written: str) -> None:
    assert json.loads(text(day({"HeartRate_Intraday": heart([time])})))[0]["time"] == written


def test_microseconds_are_decided_row_by_row() -> None:
    times = ["2025-10-08T00:00:00", "2025-10-08T00:00:00.5", "2025-10-08T00:00:01"]
    written = [record["time"] for record in json.loads(text(day({"HeartRate_Intraday": heart(times)})))]
    assert written[:3] == [
        "2025-10-08T00:00:00+00:00",
        "2025-10-08T00:00:00.500000+00:00",
        "2025-10-08T00:00:01+00:00",
    ]


@pytest.mark.parametrize("word", ['"', "\\", "\n\t\r\b\f", "\x00\x1f\x7f", "é 日本 😀", "\u2028", "</script>", ",", ""])
def test_any_text_reads_back(word: str) -> None:
    foreign = rows(word, ["10:00"], **{f"tag_{word}": [word], f"field_{word}": [word]})
    record = json.loads(text(day({word: foreign}, {word: word})))[0]
    assert record == {
        "measurement": word,
        "time": "2025-10-08T10:00:00+00:00",
        "tags": {word: word},
        "fields": {word: word},
    }


def test_members_that_only_some_records_have() -> None:
    table_ = rows("SPO2_Daily", ["10:00", "10:01", "10:02"], field_avg=[95.0, None, None], field_min=[None, 90.0, None])
    assert [record["fields"] for record in json.loads(text(day({"SPO2_Daily": table_})))][:3] == [
        {"avg": 95.0},
        {"min": 90.0},
        {},
    ]


def test_further_numbers_of_an_activity_are_floats_whatever_they_came_as() -> None:
    columns = {"time": [at("10:00")], "tag_ActivityName": ["Walk"], "field_laps": [3], "field_indoor": [True]}
    walk = table(describe("ActivityRecords"), columns)
    assert json.loads(text(day({"ActivityRecords": walk})))[0]["fields"] == {"indoor": 1.0, "laps": 3.0}


def test_order_is_catalogue_then_key_then_foreign_names_then_the_days_own() -> None:
    names = ["Zzz", "Weight", "HRV", "Aaa", "HeartRate_Intraday", "Cromwelld_Da", "GPS"]
    tables = {name: rows(name, ["10:00"]) for name in names}
    assert [record["measurement"] for record in json.loads(text(day(tables)))] == [
        "HeartRate_Intraday",
        "GPS",
        "HRV",
        "Weight",
        "Aaa",
        "Cromwelld_Da",
        "Zzz",
        "Cromwelld_Day",
    ]


def test_the_key_sorts_tags_before_time_and_the_last_of_a_key_stays() -> None:
    levels = rows(
        "SleepLevels",
        ["10:00", "09:00", "11:00", "10:00", "10:00"],
        tag_isMainSleep=["True", "True", "False", "True", "False"],
        field_stage=["first", "a", "c", "last", "b"],
    )
    written = json.loads(text(day({"SleepLevels": levels})))[:-1]
    assert [(one["tags"]["isMainSleep"], one["time"][11:16], one["fields"]["stage"]) for one in written] == [
        ("False", "10:00", "b"),
        ("False", "11:00", "c"),
        ("True", "09:00", "a"),
        ("True", "10:00", "last"),
    ]


def test_many_rows_are_cut_into_chunks_without_a_seam() -> None:
    start = dt.datetime(2025, 10, 8, tzinfo=dt.UTC)
    count = 40_000
    times = [start + dt.timedelta(seconds=second) for second in range(count)]
    table_ = table(describe("HeartRate_Intraday"), {"time": times, "field_value": [60.0] * count})
    records = json.loads(text(Day(date=DATE, zone="UTC", tables={"HeartRate_Intraday": table_}, asked={})))
    assert len(records) == count + 1
    assert records[16_384]["time"] == "2025-10-08T04:33:04+00:00"
    assert records[-1]["fields"] == {"records": 40_000.0, "wear_minutes": 667.0}


@pytest.mark.parametrize(
    ("tables", "asked", "minutes"),
    [
        ({}, {}, None),
        ({}, {"HeartRate_Intraday": "fitbit_web failed"}, None),
        ({}, {"HeartRate_Intraday": "fitbit_web empty"}, 0.0),
        (
            {"HeartRate_Intraday": heart(["2025-10-08T10:00:00", "2025-10-08T10:00:59", "2025-10-08T10:01:00"])},
            {"HeartRate_Intraday": "fitbit_web ok"},
            2.0,
        ),
    ],
)
def test_wear_is_unknown_none_or_counted(
    tables: dict[str, object], asked: dict[str, str], minutes: float | None
) -> None:
    own = json.loads(text(day(tables, asked)))[-1]["fields"]
    assert own.get("wear_minutes") == minutes


def test_a_few_rows_are_written_as_many_are() -> None:
    odd = [72.0, 1e-5, 1e22, -0.1, 0.1 + 0.2, 1234567.5, -1e-300]
    start = dt.datetime(1969, 12, 31, 23, 59, tzinfo=dt.UTC)
    times = [start + dt.timedelta(seconds=number, microseconds=number % 3) for number in range(100)]
    names = ['a "quoted"\n name', "Lauf über Berge", None]
    columns: dict[str, list[object]] = {
        "time": [*times],
        "tag_ActivityID": [names[number % 3] for number in range(100)],
        "field_lat": [odd[number % 7] for number in range(100)],
        "field_altitude": [None if number % 2 else 1.0 for number in range(100)],
    }
    many = table(describe("GPS"), columns)
    lines = text(Day(date=DATE, zone="UTC", tables={"GPS": many}, asked={})).splitlines()[1:-2]
    singly = [
        text(Day(date=DATE, zone="UTC", tables={"GPS": many.slice(number, 1)}, asked={})).splitlines()[1]
        for number in range(100)
    ]
    assert [line.rstrip(b",") for line in lines] == [line.rstrip(b",") for line in singly]


_VALUES = st.none() | st.floats(allow_nan=False, allow_infinity=False)
_WORDS = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


@settings(max_examples=150, deadline=None)
@given(
    kinds=st.lists(st.tuples(_WORDS, _VALUES, _VALUES), min_size=1, max_size=6)
    | st.lists(st.tuples(_WORDS, _VALUES, _VALUES), min_size=60, max_size=90),
    step_us=st.sampled_from([1, 999_999, 1_000_000, 3_600_000_000]),
)
def test_many_rows_read_back_whether_they_differ_or_not(
    kinds: list[tuple[str | None, float | None, float | None]], step_us: int
) -> None:
    start = dt.datetime(1969, 12, 31, 22, tzinfo=dt.UTC)
    times = [start + dt.timedelta(microseconds=number * step_us) for number in range(130)]
    held = [kinds[number % len(kinds)] for number in range(130)]
    words, first, second = zip(*held, strict=True)
    columns = {"time": times, "tag_ActivityID": [*words], "field_lat": [*first], "field_lon": [*second]}
    tracks = pa.table(columns, schema=pa.schema([describe("GPS").schema.field(name) for name in columns]))
    records = json.loads(text(Day(date=DATE, zone="UTC", tables={"GPS": tracks}, asked={})))[:-1]
    expected = [
        (
            time.isoformat(),
            {} if word is None else {"ActivityID": word},
            {name: value for name, value in (("lat", lat), ("lon", lon)) if value is not None},
        )
        for time, (word, lat, lon) in zip(times, held, strict=True)
    ]
    assert [(one["time"], one["tags"], one["fields"]) for one in records] == expected
