"""A date of which only some is written keeps the rest, wherever that lies; rows of many dates are laid out apart."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa

from cromwelld.day import Day
from cromwelld.lake.layout import many_dates
from cromwelld.lake.rows import rows_of
from cromwelld.lake.writer import Lake, LakeDay
from cromwelld.measurements import DAILY_TABLE
from tests.support.days import DATE, daily, day, heart, rows


def _write(root: Path, tables: dict[str, pa.Table]) -> None:
    entry = LakeDay(day=day(tables), complete=False, state="complete", sealed=False, object_name="", digest="")
    Lake(root, report=lambda _: None).write([entry])


def _names(root: Path) -> set[str]:
    return set(Lake(root, report=lambda _: None).stored(day()).tables)


def test_what_only_a_table_of_many_dates_has_stays(tmp_path: Path) -> None:
    _write(tmp_path, {"HRV": daily("HRV", 31.0, field="dailyRmssd")})
    _write(tmp_path, {"RestingHR": daily("RestingHR", 60.0)})
    assert _names(tmp_path) == {"HRV", "RestingHR"}


def test_what_only_a_folder_has_stays(tmp_path: Path) -> None:
    """So it lies after a kill before the tables of many dates were written."""
    _write(tmp_path, {"HeartRate_Intraday": heart(["2025-10-08T10:00:00"])})
    for table in [*tmp_path.rglob("*.parquet")]:
        if "date=" not in str(table):
            table.unlink()
    _write(tmp_path, {"RestingHR": daily("RestingHR", 60.0)})
    assert _names(tmp_path) == {"HeartRate_Intraday", "RestingHR"}


def test_a_name_that_is_a_number_on_one_date_and_text_on_another() -> None:
    values: list[float | str] = [1.0, "one"]
    days = [
        Day(
            date=DATE + dt.timedelta(days=number),
            zone="UTC",
            tables={"Foreign": rows("Foreign", ["10:00"], field_odd=[value])},
            asked={},
        )
        for number, value in enumerate(values)
    ]
    found = rows_of(days, many_dates()[DAILY_TABLE])
    assert [part["field_odd"].to_pylist() for part in found.values()] == [[1.0], ["one"]]
    assert [part["date"].to_pylist() for part in found.values()] == [["2025-10-08"], ["2025-10-09"]]
