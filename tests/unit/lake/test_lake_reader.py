"""What notebooks are given."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cromwelld import available_dates, load_date, load_days, load_range
from cromwelld.errors import UsageError
from cromwelld.lake.reader import DamagedTable
from tests.support.lake import at, contents, day, lake, minutes, night, rows, usual, whole

HRV = ["time", "date", "Device", "dailyRmssd", "deepRmssd", "nonRemHeartRate", "entropy"]
LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def three(tmp_path: Path) -> Path:
    days = [usual(f"2025-10-0{n}", beats=50.0 + n) for n in (7, 8, 9)]
    lake(tmp_path).write([whole(entry) for entry in days])
    return tmp_path


def test_a_date_comes_as_a_frame_for_each_measurement(three: Path) -> None:
    frames = load_date("2025-10-08", three)
    assert {name: len(frame) for name, frame in frames.items()} == {
        "HeartRate_Intraday": 3,
        "Steps_Intraday": 2,
        "GPS": 3,
        "SleepLevels": 2,
        "SleepSummary": 1,
        "RestingHR": 1,
        "Activity-steps": 1,
    }
    heart = frames["HeartRate_Intraday"]
    assert list(heart.columns) == ["time", "date", "Device", "value"]
    assert list(heart["value"]) == [58.0, 59.0, 60.0]
    assert list(heart["date"].unique()) == ["2025-10-08"]
    assert str(heart["time"].dtype) == "datetime64[us, Europe/London]"
    assert heart["time"][0] == pd.Timestamp("2025-10-08 10:00", tz="Europe/London")
    assert list(frames["GPS"].columns) == [
        *("time", "date", "ActivityID", "lat", "lon", "altitude", "distance", "heart_rate"),
    ]


def test_end_time_is_an_instant_in_the_same_zone(three: Path) -> None:
    [sleep] = load_date(dt.date(2025, 10, 8), three)["SleepSummary"].to_dict("records")
    assert (sleep["isMainSleep"], sleep["minutesAsleep"]) == ("True", 400.0)
    assert sleep["endTime"] == pd.Timestamp("2025-10-08 08:00", tz="Europe/London")
    assert pd.isna(sleep["efficiency"])


def test_a_zone_that_is_named_wins(three: Path) -> None:
    frames = load_date("2025-10-08", str(three), "Asia/Kolkata")
    assert frames["RestingHR"]["time"][0] == pd.Timestamp("2025-10-08 17:30", tz="Asia/Kolkata")


def test_a_night_that_began_the_evening_before_is_there(tmp_path: Path) -> None:
    sleep = night("2025-10-07 22:10", "2025-10-08 05:50")
    lake(tmp_path).write([whole(usual("2025-10-07")), whole(day("2025-10-08", sleep))])
    assert load_date("2025-10-08", tmp_path)["SleepSummary"]["time"][0] == pd.Timestamp("2025-10-07 23:10", tz=LONDON)
    assert len(load_date("2025-10-07", tmp_path)["SleepSummary"]) == 1


@pytest.mark.parametrize(
    ("date", "start", "length", "second_hour"),
    [
        ("2025-10-26", "2025-10-25 23:00", 1500, 120),  # the clock steps back: 25 hours
        ("2025-03-30", "2025-03-30 00:00", 1380, 0),  # it steps forward: 23 hours
    ],
)
def test_a_day_on_which_the_clock_steps_is_whole(
    tmp_path: Path, date: str, start: str, length: int, second_hour: int
) -> None:
    steps = minutes("Steps_Intraday", at(start), map(float, range(length)))
    lake(tmp_path).write([whole(day(date, {"Steps_Intraday": steps}))])
    frame = load_date(date, tmp_path)["Steps_Intraday"]
    assert len(frame) == frame["time"].nunique() == length
    assert list(frame["value"]) == list(range(length))
    assert {str(day) for day in frame["time"].dt.date} == {date}
    assert (frame["time"].iloc[0].hour, frame["time"].iloc[-1].strftime("%H:%M")) == (0, "23:59")
    assert int((frame["time"].dt.hour == 1).sum()) == second_hour
    assert list(frame["time"].diff().dropna().unique()) == [pd.Timedelta(minutes=1)]


def test_a_range_has_the_zone_of_its_newest_date(tmp_path: Path) -> None:
    lake(tmp_path).write([whole(usual("2025-10-08")), whole(usual("2025-10-09", zone="America/New_York"))])
    resting = load_range("2025-10-08", "2025-10-09", tmp_path)["RestingHR"]
    assert [str(time) for time in resting["time"]] == ["2025-10-08 08:00:00-04:00", "2025-10-09 08:00:00-04:00"]
    assert str(load_date("2025-10-08", tmp_path)["RestingHR"]["time"].dt.tz) == "Europe/London"


def test_a_range_takes_both_ends_and_only_what_is_named(three: Path) -> None:
    frames = load_range("2025-10-07", "2025-10-08", three, measurements=["RestingHR", "GPS"])
    assert {name: sorted(set(frame["date"])) for name, frame in frames.items()} == {
        "GPS": ["2025-10-07", "2025-10-08"],
        "RestingHR": ["2025-10-07", "2025-10-08"],
    }


def test_only_what_is_named_is_opened(three: Path) -> None:
    (three / "gps.parquet").write_bytes(b"broken")
    assert list(load_range("2025-10-07", "2025-10-09", three, measurements=["SleepLevels"])) == ["SleepLevels"]


def test_a_range_leaves_out_today(three: Path) -> None:
    lake(three).write([whole(usual("2025-10-10"), state="provisional")])
    assert set(load_range("2025-10-07", "2025-10-10", three)["HeartRate_Intraday"]["date"]) == {
        *("2025-10-07", "2025-10-08", "2025-10-09"),
    }
    assert len(load_range("2025-10-07", "2025-10-10", three, provisional=True)["HeartRate_Intraday"]) == 12
    assert len(load_date("2025-10-10", three)["HeartRate_Intraday"]) == 3


def test_a_date_that_is_not_there_is_empty(three: Path) -> None:
    assert load_date("2025-10-20", three) == {}
    assert load_range("2025-10-20", "2025-10-01", three) == {}


def test_unknown_names_are_shown_where_they_hold_something(tmp_path: Path) -> None:
    noon = at("2025-10-08 11:00")
    tables = {
        "HRV": rows("HRV", {"time": noon, "field_dailyRmssd": 40.0, "field_zeta": 1.0, "tag_date": "x"}),
        "RestingHR": rows("RestingHR", {"time": noon, "field_value": 50.0}),
        "Stress": rows("Stress", {"time": noon, "field_word": "calm"}),
    }
    lake(tmp_path).write([whole(day("2025-10-08", tables))])
    frames = load_date("2025-10-08", tmp_path)
    assert {name: list(frame.columns) for name, frame in frames.items()} == {
        "HRV": [*HRV, "zeta", "tag_date"],
        "RestingHR": ["time", "date", "Device", "value"],
        "Stress": ["time", "date", "word"],
    }


def test_days_has_every_date(three: Path) -> None:
    days = load_days("2025-10-06", "2025-10-10", three)
    assert list(days["date"]) == [f"2025-10-{n:02}" for n in range(6, 11)]
    assert list(days["state"]) == ["never asked", "complete", "complete", "complete", "never asked"]
    assert list(days["sealed"]) == [False] * 5
    assert list(days["resting_hr"].dropna()) == [52.0, 53.0, 54.0]
    assert days["time"][1] == pd.Timestamp("2025-10-07 12:00", tz="Europe/London")
    assert days["steps"].isna().tolist() == [True, False, False, False, True]


def test_available_dates_are_those_with_records(three: Path) -> None:
    lake(three).write([whole(day("2025-10-10", {}))])
    assert available_dates(three) == ["2025-10-07", "2025-10-08", "2025-10-09"]


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("gps.parquet", {"GPS"}),
        ("heartrate_intraday/date=2025-10-08/part-0.parquet", {"HeartRate_Intraday"}),
        ("daily_summaries.parquet", {"SleepSummary", "RestingHR", "Activity-steps"}),
        ("days.parquet", set[str]()),
    ],
)
def test_a_damaged_file_is_named_and_the_others_are_served(three: Path, name: str, gone: set[str]) -> None:
    whole_names = set(load_date("2025-10-08", three))
    (three / name).write_bytes((three / name).read_bytes()[:-20])
    with pytest.warns(DamagedTable, match=rf"{name} is damaged.*cromwelld compile --all"):
        frames = load_date("2025-10-08", three)
    assert set(frames) == whole_names - gone


def test_reading_changes_nothing(three: Path) -> None:
    before = contents(three)
    load_date("2025-10-08", three)
    load_days("2025-10-01", "2025-10-31", three)
    assert contents(three) == before


@pytest.mark.parametrize("date", ["2025-13-01", "yesterday", ""])
def test_what_is_no_date_is_refused(three: Path, date: str) -> None:
    with pytest.raises(UsageError, match="not a date"):
        load_date(date, three)


def test_what_is_no_zone_or_no_folder_is_refused(three: Path) -> None:
    with pytest.raises(UsageError, match="Europe/Londinium"):
        load_date("2025-10-08", three, "Europe/Londinium")
    with pytest.raises(UsageError, match="there is no folder"):
        load_date("2025-10-08", three / "nowhere")


def test_the_reader_needs_neither_network_nor_locks() -> None:
    code = (
        "import sys; from cromwelld import load_date; import cromwelld.lake.reader;"
        "heavy = {'aiohttp', 'aiobotocore', 'sqlite3', 'structlog', 'cromwelld.locks', 'cromwelld.lake.writer'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# --- folders of the old scripts: names, types and columns as pandas left them


def old_folder(root: Path) -> Path:
    heart = pd.DataFrame(
        {
            "time": pd.to_datetime(["2025-10-08T09:00:00+00:00", "2025-10-08T09:00:03+00:00"]),
            "tag_Device": "Versa",
            "field_value": [60, 61],
        }
    )
    for folder, name in [
        ("date=2025-10-08", "0f3b-0.parquet"),
        ("date=2025-10-08", "copy of 0f3b-0.parquet"),
        ("date=2025-10-09%2000%3A00%3A00", "77aa-0.parquet"),
    ]:
        path = root / "heartrate_intraday" / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        heart.to_parquet(path, index=False)
    daily = pd.DataFrame(
        {
            "measurement": ["HRV", "SleepSummary", "HRV"],
            "time": pd.to_datetime(["2025-10-08T11:00Z", "2025-10-07T22:10Z", "2025-10-09T11:00Z"]),
            "tag_isMainSleep": [None, "True", None],
            "field_dailyRmssd": [34.0, None, 35.0],
            "field_endTime": [None, "2025-10-08T06:50:00+01:00", None],
            "date": ["2025-10-08", "2025-10-07", "2025-10-09"],
        }
    )
    daily.to_parquet(root / "daily_summaries.parquet")
    points = {"time": [at("2025-10-08 17:00")], "tag_ActivityID": ["a"], "field_lat": [51.5]}
    pq.write_table(pa.table(points), root / "gps.parquet")  # no column `date`
    (root / "compilation_state.json").write_text('{"processed_dates": ["2025-10-08"]}')
    return root


def test_a_folder_of_the_old_scripts_is_read(tmp_path: Path) -> None:
    root = old_folder(tmp_path)
    frames = load_date("2025-10-08", root)
    assert {name: len(frame) for name, frame in frames.items()} == {"HeartRate_Intraday": 2, "GPS": 1, "HRV": 1}
    assert list(frames["HeartRate_Intraday"]["value"]) == [60.0, 61.0]  # a copied file does not double rows
    assert str(frames["HeartRate_Intraday"]["time"].dt.tz) == "UTC"
    assert list(frames["HRV"].columns) == HRV
    assert load_date("2025-10-09", root, "Europe/London")["HeartRate_Intraday"]["time"].dt.hour.tolist() == [10, 10]
    sleep = load_date("2025-10-07", root)["SleepSummary"]
    assert sleep["endTime"][0] == pd.Timestamp("2025-10-08 05:50", tz="UTC")
    assert available_dates(root) == ["2025-10-07", "2025-10-08", "2025-10-09"]


def test_the_dates_of_the_old_scripts_are_in_an_unknown_state(tmp_path: Path) -> None:
    days = load_days("2025-10-08", "2025-10-10", old_folder(tmp_path))
    assert list(days["state"]) == ["unknown", "unknown", "never asked"]
    assert len(load_range("2025-10-08", "2025-10-09", tmp_path)["HRV"]) == 2
