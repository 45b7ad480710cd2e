"""What pandas, DuckDB and Polars see of the tables, as they lie and while a writer replaces dates."""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest

from cromwelld import load_range
from cromwelld.day import Day
from tests.support.lake import at, day, lake, rows, usual, whole

DATES = ("2025-09-30", "2025-10-01", "2025-10-08", "2025-10-26")
SINGLE = ("gps", "sleep_levels", "daily_summaries", "days")
ROUNDS = 6
AGAIN = 25


class Pandas:
    """Tables through pandas."""

    changed = (OSError,)

    def single(self, root: Path, name: str) -> pd.DataFrame:
        return pd.read_parquet(root / f"{name}.parquet")

    def parts(self, root: Path, name: str) -> pd.DataFrame:
        return pd.read_parquet(root / name).astype({"date": "str"})

    def joined(self, root: Path) -> dict[str, tuple[int, float]]:
        daily = self.single(root, "daily_summaries")
        resting = daily[daily["measurement"] == "RestingHR"][["date", "field_value"]]
        both = self.parts(root, "heartrate_intraday").merge(resting, on="date", suffixes=("", "_resting"))
        groups = both.groupby("date")["field_value_resting"]
        return {str(date): (len(values), float(values.iloc[0])) for date, values in groups}


class DuckDB:
    """Tables through DuckDB, which must be told to leave the text of a date alone."""

    changed = (duckdb.Error,)

    def _frame(self, query: str) -> pd.DataFrame:
        with duckdb.connect() as connection:
            frame: pd.DataFrame = connection.sql(query).to_arrow_table().to_pandas()
        return frame

    def _parts(self, root: Path, name: str) -> str:
        return f"read_parquet('{root}/{name}/*/*.parquet', hive_partitioning=true, hive_types_autocast=false)"

    def single(self, root: Path, name: str) -> pd.DataFrame:
        return self._frame(f"SELECT * FROM '{root}/{name}.parquet'")  # noqa: S608 - our own path

    def parts(self, root: Path, name: str) -> pd.DataFrame:
        return self._frame(f"SELECT * FROM {self._parts(root, name)}")  # noqa: S608 - our own path

    def joined(self, root: Path) -> dict[str, tuple[int, float]]:
        query = (
            f"SELECT date, count(*) AS n, any_value(d.field_value) AS resting "  # noqa: S608 - our own path
            f"FROM {self._parts(root, 'heartrate_intraday')} AS h JOIN '{root}/daily_summaries.parquet' AS d "
            f"USING (date) WHERE d.measurement = 'RestingHR' GROUP BY date"
        )
        return {row["date"]: (row["n"], row["resting"]) for row in self._frame(query).to_dict("records")}


class Polars:
    """Tables through Polars, which must be told to leave the text of a date alone."""

    changed = (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException)

    def single(self, root: Path, name: str) -> pd.DataFrame:
        return pl.read_parquet(root / f"{name}.parquet").to_pandas()

    def parts(self, root: Path, name: str) -> pd.DataFrame:
        return pl.read_parquet(f"{root}/{name}/", try_parse_hive_dates=False).to_pandas()

    def joined(self, root: Path) -> dict[str, tuple[int, float]]:
        heart = pl.scan_parquet(f"{root}/heartrate_intraday/", try_parse_hive_dates=False)
        daily = pl.scan_parquet(root / "daily_summaries.parquet").filter(pl.col("measurement") == "RestingHR")
        both = heart.join(daily.select("date", resting="field_value"), on="date").group_by("date")
        table = both.agg(pl.len().alias("n"), pl.col("resting").first()).collect()
        return {date: (n, resting) for date, n, resting in table.rows()}


Library = Pandas | DuckDB | Polars
LIBRARIES = pytest.mark.parametrize("library", [Pandas(), DuckDB(), Polars()], ids=lambda one: type(one).__name__)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    lake(tmp_path).write([whole(usual(date, beats=60.0 + n)) for n, date in enumerate(DATES)])
    return tmp_path


@LIBRARIES
def test_every_table_is_read_as_it_lies(data: Path, library: Library) -> None:
    assert {name: len(library.single(data, name)) for name in SINGLE} == {
        "gps": 12,
        "sleep_levels": 8,
        "daily_summaries": 12,
        "days": 4,
    }
    for name, count in (("heartrate_intraday", 12), ("steps_intraday", 8)):
        part = library.parts(data, name)
        assert sorted(part.columns) == ["date", "field_value", "tag_Device", "time"]
        assert sorted(part["date"].unique()) == list(DATES)
        assert len(part) == count


@LIBRARIES
def test_times_are_instants_and_dates_are_text(data: Path, library: Library) -> None:
    for frame in (library.single(data, "gps"), library.parts(data, "heartrate_intraday")):
        assert isinstance(frame["time"].dtype, pd.DatetimeTZDtype)
        first = frame[frame["date"] == "2025-10-26"]["time"].min()
        assert first.tz_convert("UTC") == pd.Timestamp(at("2025-10-26 09:00"))
        assert {type(date) for date in frame["date"]} == {str}


@LIBRARIES
def test_intraday_joins_daily_by_date(data: Path, library: Library) -> None:
    assert library.joined(data) == {date: (3, 55.0 + n) for n, date in enumerate(DATES)}


def test_duckdb_renames_one_of_two_names_that_differ_in_case_only(data: Path) -> None:
    columns = DuckDB().single(data, "daily_summaries").columns
    alike = [name for name in columns if name.lower().removesuffix("_1") == "field_peak"]
    assert alike == ["field_Peak", "field_PEAK_1"]


# --- while a writer replaces dates


def version(date: str, number: int) -> Day:
    """Make a date of which every row tells its version, and the count of rows as well.

    Seconds are irregular, as a watch's are: no two versions share a layout, so that a library that reads one file by
    the plan of another meets an error.
    """
    count, start = 100 + 10 * number, at(f"{date} 01:00")
    dice = random.Random(f"{date}:{number}")
    times = [start + dt.timedelta(seconds=60 * minute + dice.randrange(60)) for minute in range(count)]
    heart = rows("HeartRate_Intraday", *({"time": time, "field_value": float(number)} for time in times))
    points = rows("GPS", *({"time": time, "tag_ActivityID": "walk", "field_lat": float(number)} for time in times))
    resting = rows("RestingHR", {"time": start, "field_value": float(number)})
    return day(date, {"HeartRate_Intraday": heart, "GPS": points, "RestingHR": resting})


@contextmanager
def being_replaced(root: Path) -> Iterator[None]:
    """Replace dates over and over while the block runs."""
    versions = [[whole(version(date, number)) for date in DATES] for number in range(4)]
    lake(root).write(versions[0])
    stop, replaced = threading.Event(), threading.Event()

    def replace() -> None:
        writes = 0
        while not stop.is_set():
            writes += 1
            lake(root).write(versions[writes % 4][writes % 2 :])
            replaced.set()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(replace)
        try:
            assert replaced.wait(30)
            yield
        finally:
            stop.set()
        writing.result()


def assert_whole(frame: pd.DataFrame, column: str) -> None:
    """Hold that every date is there, in one version, with all the rows of that version."""
    dates = frame.groupby("date")[column].agg(["min", "max", "count"])
    assert list(dates.index) == list(DATES)
    assert (dates["min"] == dates["max"]).all()
    assert (dates["count"] == 100 + 10 * dates["min"]).all()


def look(library: Library, root: Path) -> None:
    assert_whole(library.parts(root, "heartrate_intraday"), "field_value")
    assert_whole(library.single(root, "gps"), "field_lat")
    joined = library.joined(root)
    assert sorted(joined) == list(DATES)
    assert {count for count, _ in joined.values()} <= {100, 110, 120, 130}


@LIBRARIES
def test_a_snapshot_of_links_is_read_without_fail(tmp_path: Path, library: Library) -> None:
    """Files are replaced, never changed: `cp -al` gives a view that stays, for libraries that open a path twice."""
    with being_replaced(tmp_path / "data"):
        for number in range(ROUNDS):
            shot = tmp_path / f"shot{number}"
            shutil.copytree(
                tmp_path / "data",
                shot,
                copy_function=os.link,
                ignore=shutil.ignore_patterns(".tmp"),
                dirs_exist_ok=True,
            )
            look(library, shot)


@LIBRARIES
def test_what_is_read_in_place_is_whole(tmp_path: Path, library: Library) -> None:
    """A library that opens a path twice may meet two files: it says so, and reading again is all that it needs."""
    root = tmp_path / "data"
    with being_replaced(root):
        for _ in range(ROUNDS):
            persist(lambda: look(library, root), library.changed)


def persist(reading: Callable[[], None], changed: tuple[type[BaseException], ...]) -> None:
    for _ in range(AGAIN):
        try:
            return reading()
        except changed:
            continue
    pytest.fail(f"not read in {AGAIN} attempts")


def test_our_reader_needs_no_second_attempt(tmp_path: Path) -> None:
    with being_replaced(tmp_path):
        for _ in range(5 * ROUNDS):
            frames = load_range(DATES[0], DATES[-1], tmp_path)
            assert_whole(frames["HeartRate_Intraday"], "value")
            assert_whole(frames["GPS"], "lat")
