"""What one date costs to load, beside the straightforward way and beside three times as many years.

One day of the yardstick's generator is made; every other date is a copy whose times and whose `date` are moved by whole
days, which keeps sizes and distributions. The yardstick's tables are those copies written as its `compile_day`
leaves them: partitions by its own `to_parquet` call, single tables as one concatenated frame, in one row group.
"""

from __future__ import annotations

import datetime as dt
import gzip
import importlib.util
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from cromwelld import load_date
from cromwelld.day import Day
from cromwelld.day.decoding import decode
from cromwelld.events import ignore
from cromwelld.lake.writer import Lake, LakeDay

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

FIRST = dt.date(2021, 1, 1)
BATCH = 100
BESIDE_THE_PROJECT = Path(__file__).resolve().parents[2].parent / "shared" / "yardstick"


def yardstick(name: str) -> ModuleType:
    folder = Path(os.environ.get("CROMWELLD_YARDSTICK", BESIDE_THE_PROJECT))
    if not folder.is_dir():
        pytest.skip("the yardstick is not here: set CROMWELLD_YARDSTICK")
    spec = importlib.util.spec_from_file_location(f"yardstick_{name}", folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def records() -> str:
    return json.dumps(yardstick("gen").day(FIRST))


def copies(records: str, dates: int) -> Iterator[LakeDay]:
    tables = decode(records.encode()).tables
    for days in range(dates):
        shift = pa.scalar(dt.timedelta(days=days), pa.duration("us"))
        moved = {name: rows.set_column(0, "time", pc.add(rows["time"], shift)) for name, rows in tables.items()}
        date = FIRST + dt.timedelta(days=days)
        day = Day(date=date, zone="Europe/London", tables=moved, asked=dict.fromkeys(moved, "fitbit_web ok"))
        yield LakeDay(day=day, complete=True, state="complete", sealed=True, object_name=f"{date}.json.gz", digest="0")


def our_tables(records: str, dates: int, folder: Path) -> None:
    lake, batch = Lake(folder, report=ignore), []
    for entry in copies(records, dates):
        batch.append(entry)
        if len(batch) == BATCH:
            lake.write(batch)
            batch = []
    lake.write(batch)


def yardstick_tables(records: str, dates: int, folder: Path) -> None:
    source = folder.with_suffix(".json.gz")
    source.write_bytes(gzip.compress(records.encode()))
    baseline, seed = yardstick("baseline"), folder.with_suffix(".seed")
    seed.mkdir()
    baseline.compile_day(source, seed)
    for name in baseline.INTRADAY.values():
        first = pd.read_parquet(seed / name)
        for days in range(dates):
            moved(first, days).to_parquet(
                folder / name, partition_cols=["date"], index=False, existing_data_behavior="delete_matching"
            )
    for name in (*baseline.SINGLE.values(), "daily_summaries.parquet"):
        first = pd.read_parquet(seed / name)
        pd.concat([moved(first, days) for days in range(dates)], ignore_index=True).to_parquet(
            folder / name, index=False
        )


def moved(rows: pd.DataFrame, days: int) -> pd.DataFrame:
    return rows.assign(time=rows["time"] + pd.Timedelta(days=days), date=str(FIRST + dt.timedelta(days=days)))


def medians(*loads: Callable[[], object], times: int) -> list[float]:
    """Give the median of each in seconds, taken in turns, so that what else the machine does falls on all alike."""
    for load in loads:
        load()
    taken = [[seconds(load) for load in loads] for _ in range(times)]
    return [statistics.median(column) for column in zip(*taken, strict=True)]


def seconds(load: Callable[[], object]) -> float:
    start = time.perf_counter()
    load()
    return time.perf_counter() - start


def test_one_date_costs_an_eighth_and_does_not_grow_with_the_years(records: str, tmp_path: Path) -> None:
    ours, more, theirs = tmp_path / "ours", tmp_path / "more", tmp_path / "theirs"
    our_tables(records, 400, ours)
    our_tables(records, 1200, more)
    yardstick_tables(records, 400, theirs)
    date = str(FIRST + dt.timedelta(days=217))
    load = yardstick("baseline").load
    expected, found = load(date, theirs), load_date(date, ours)
    assert {name: len(rows) for name, rows in found.items()} == {name: len(rows) for name, rows in expected.items()}
    straightforward, at_400 = medians(lambda: load(date, theirs), lambda: load_date(date, ours), times=11)
    again_at_400, at_1200 = medians(lambda: load_date(date, ours), lambda: load_date(date, more), times=41)
    print(  # noqa: T201 - what a bench is for
        f"\nload_date on 400 dates: {at_400 * 1e3:.1f} ms, yardstick {straightforward * 1e3:.0f} ms, "
        f"{straightforward / at_400:.1f} times faster; on 1,200 {at_1200 / again_at_400:.2f} times that"
    )
    assert straightforward / at_400 >= 8
    assert at_1200 / again_at_400 <= 1.3
