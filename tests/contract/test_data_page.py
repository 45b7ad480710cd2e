"""The ways of reading that deploy/DATA.md teaches work on tables that the writer wrote."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from cromwelld.archive import codec
from cromwelld.day import Day
from cromwelld.day.tables import table
from cromwelld.events import ignore
from cromwelld.lake.writer import Lake, LakeDay
from cromwelld.measurements import MEASUREMENTS

PAGE = (Path(__file__).resolve().parents[2] / "deploy/DATA.md").read_text("utf-8")
ZONE = "Europe/London"  # an hour ahead of UTC on these dates
DATES = (dt.date(2025, 10, 5), dt.date(2025, 10, 6), dt.date(2025, 10, 8))

# The examples ask from the 6th on: the mean of each date's samples beside its resting heart rate.
JOINED = [("2025-10-06", 66.0, 56.0), ("2025-10-08", 68.0, 58.0)]


def rows(name: str, **columns: list[Any]) -> pa.Table:
    return table(MEASUREMENTS[name], columns)


def day(date: dt.date) -> Day:
    """Make a day whose samples have the mean 60 + d and whose resting heart rate is 50 + d on the d-th."""
    noon = dt.datetime.combine(date, dt.time(11), tzinfo=dt.UTC)
    evening = dt.datetime.combine(date, dt.time(22, 10), tzinfo=dt.UTC) - dt.timedelta(days=1)
    watch, samples = ["Watch"], [60.0 + date.day - 1, 60.0 + date.day + 1]
    sleep = {"tag_Device": watch, "tag_isMainSleep": ["True"], "tag_SleepType": ["stages"]}
    tables = {
        "HeartRate_Intraday": rows(
            "HeartRate_Intraday", time=[noon, noon + dt.timedelta(seconds=5)], tag_Device=watch * 2, field_value=samples
        ),
        "Steps_Intraday": rows("Steps_Intraday", time=[noon], tag_Device=watch, field_value=[7.0]),
        "GPS": rows("GPS", time=[noon], tag_ActivityID=["2025-Walk"], field_lat=[1.0], field_lon=[2.0]),
        "SleepLevels": rows(
            "SleepLevels", time=[evening], field_stage=["deep"], field_duration_seconds=[30.0], **sleep
        ),
        "SleepSummary": rows("SleepSummary", time=[evening], field_minutesAsleep=[400.0], **sleep),
        "RestingHR": rows("RestingHR", time=[noon], tag_Device=watch, field_value=[50.0 + date.day]),
        "Activity-steps": rows("Activity-steps", time=[noon], tag_Device=watch, field_value=[8000.0]),
    }
    return Day(date=date, zone=ZONE, tables=tables, asked=dict.fromkeys(tables, "fitbit_web ok"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lay out what the page supposes: tables in `data`, an object in the archive, and the reader in this folder."""
    lake = Lake(tmp_path / "data", report=ignore)
    days = [
        LakeDay(day=day(date), complete=True, state="complete", sealed=False, object_name="", digest="")
        for date in DATES
    ]
    lake.write(days)
    archive = tmp_path / "archive/fitbit"
    archive.mkdir(parents=True)
    codec.write(day(DATES[-1]), archive / "fitbit_backup_2025-10-08.json.gz")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(heading: str) -> dict[str, Any]:
    """Run the example below a heading of the page and give its names."""
    found = re.search(rf"^#+ {heading}\n.*?```python\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(found[1], names)  # noqa: S102 - our own page
    return names


@pytest.mark.usefixtures("folder")
def test_with_pandas() -> None:
    names = run("With pandas")
    assert list(names["joined"].itertuples(index=False, name=None)) == JOINED
    assert isinstance(names["heart"]["date"].iloc[0], str)
    assert str(names["heart"]["time"].dtype) == "datetime64[us, UTC]"
    assert [len(names[table_]) for table_ in ("levels", "points", "days")] == [3, 3, 3]


@pytest.mark.usefixtures("folder")
def test_with_duckdb() -> None:
    names = run("With DuckDB")
    before = ("2025-10-05", "complete", None, 55.0)  # no sample was asked for, the date is there all the same
    assert names["joined"] == [before, *((date, "complete", mean, resting) for date, mean, resting in JOINED)]
    assert names["local"][0] == ("2025-10-05", "True", dt.datetime(2025, 10, 4, 23, 10), "deep")  # noqa: DTZ001 - a clock
    assert sorted(names["points"]) == [(date.isoformat(), "2025-Walk", 1) for date in DATES]


@pytest.mark.usefixtures("folder")
def test_with_polars() -> None:
    names = run("With Polars")
    assert names["joined"].rows() == JOINED
    assert [names[table_].height for table_ in ("levels", "points", "days")] == [3, 3, 3]


@pytest.mark.usefixtures("folder")
def test_with_cromwelld() -> None:
    names = run("With cromwelld")
    assert names["heart"]["value"].tolist() == [67.0, 69.0]
    assert str(names["heart"]["time"].iloc[0]) == "2025-10-08 12:00:00+01:00"
    assert names["nights"]["date"].tolist() == ["2025-10-06", "2025-10-08"]
    assert names["days"].set_index("date")["state"].to_dict()["2025-10-07"] == "never asked"
    assert names["dates"] == [date.isoformat() for date in DATES]


@pytest.mark.usefixtures("folder")
def test_an_archive_object_without_our_code() -> None:
    assert run("The archive")["heart"] == [67.0, 69.0]


def test_dates_are_text_only_where_they_are_asked_to_be(folder: Path) -> None:
    """Hold the page to its reason: without the two settings the folders' dates do not join with the tables'."""
    pattern = f"{folder}/data/steps_intraday/*/*.parquet"
    found = duckdb.read_parquet(pattern, hive_partitioning=True)
    assert dict(zip(found.columns, map(str, found.types), strict=True))["date"] == "DATE"
    assert pl.scan_parquet(folder / "data/steps_intraday", hive_partitioning=True).collect_schema()["date"] == pl.Date
    assert pd.read_parquet(folder / "data/steps_intraday")["date"].dtype == "category"
