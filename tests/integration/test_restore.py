"""A machine that is lost: tables and ledger come back from the archive, row for row."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cromwelld.archive import codec
from cromwelld.day import Day
from cromwelld.state import Ledger
from tests.support.cli import Home, Ran, call, home, in_bucket
from tests.support.days import daily, heart, rows
from tests.support.s3 import Server

OBJECTS = 1500
FIRST = dt.date(2021, 9, 1)
SOURCE = "fitbit_web"


def a_day(number: int) -> Day:
    """Invent a date: every third without a night, every tenth not worn."""
    worn, slept = number % 10 != 3, number % 3 != 1
    date = FIRST + dt.timedelta(days=number)
    tables = {"RestingHR": daily("RestingHR", 55.0 + number % 9)}
    if worn:
        tables["HeartRate_Intraday"] = heart([f"{hour:02d}:{number % 60:02d}" for hour in range(24)])
    if slept:
        tables["SleepSummary"] = rows("SleepSummary", ["00:30"], field_minutesAsleep=[400.0 + number % 60])
    tables = {name: _moved(table, date) for name, table in tables.items()}
    asked = {
        "HeartRate_Intraday": f"{SOURCE} {'ok' if worn else 'empty'}",
        "RestingHR": f"{SOURCE} ok",
        "SleepSummary": f"{SOURCE} {'ok' if slept else 'empty'}",
        "SleepLevels": f"{SOURCE} empty",
        "HRV": f"{SOURCE} {'refused' if number % 50 == 7 else 'empty'}",
    }
    return Day(date=date, zone="Europe/London" if number < 700 else "Asia/Tokyo", tables=tables, asked=asked)


def _moved(table: pa.Table, date: dt.date) -> pa.Table:
    """Bring the times of 2025-10-08 to another date."""
    distance = dt.datetime.combine(date, dt.time()) - dt.datetime(2025, 10, 8)  # noqa: DTZ001 - a distance has no zone
    moved = pa.array([time + distance for time in table["time"].to_pylist()], table.schema.field("time").type)
    return table.set_column(0, table.schema.field(0), moved)


def fill(folder: Path) -> None:
    folder.mkdir(parents=True)
    for number in range(OBJECTS):
        day = a_day(number)
        codec.write(day, folder / f"fitbit_backup_{day.date}.json.gz")


def all_rows(mine: Home) -> dict[str, pa.Table]:
    return {str(path.relative_to(mine.data)): pq.read_table(path) for path in sorted(mine.data.rglob("*.parquet"))}


def run(mine: Home, *words: str) -> Ran:
    return call(*words, "--config", mine.config)


def put_all(folder: Path, mine: Home, server: Server) -> None:
    """Copy a folder of objects into the bucket, by a client that owes nothing to the code under test."""
    for file in sorted(folder.iterdir()):
        server.other.put_object(Bucket=server.name, Key=f"{mine.archive}/{file.name}", Body=file.read_bytes())


def comes_back(mine: Home) -> None:
    assert run(mine, "sync", "--dry-run", "--json").json["new"][-1] == str(FIRST + dt.timedelta(days=OBJECTS - 1))
    assert not list(mine.data.rglob("*.parquet"))
    assert f"{OBJECTS} dates written" in run(mine, "sync").out
    before, ledger = all_rows(mine), _ledger(mine)
    assert len(before) == OBJECTS - OBJECTS // 10 + 2  # a part for each date worn, daily_summaries, days
    assert len(ledger) == OBJECTS + 4 * OBJECTS  # a zone and four streams for each date
    shutil.rmtree(mine.data)
    shutil.rmtree(mine.state)
    assert f"{OBJECTS} dates written" in run(mine, "sync").out
    after = all_rows(mine)
    assert after.keys() == before.keys()
    assert [name for name in before if not before[name].equals(after[name])] == []
    assert _ledger(mine) == ledger
    verified = json.loads(run(mine, "verify", "--json").out)
    assert (verified["sound"], verified["dates"]) == (True, OBJECTS)
    assert f"0 dates written, {OBJECTS} unchanged" in run(mine, "sync").out


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_fifteen_hundred_objects_come_back_row_for_row(tmp_path: Path) -> None:
    mine = home(tmp_path, "http://127.0.0.1:9", login=False)
    fill(mine.archive / "fitbit")
    comes_back(mine)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_fifteen_hundred_objects_come_back_row_for_row_from_a_bucket(tmp_path: Path, seaweedfs: Server) -> None:
    mine = in_bucket(home(tmp_path, "http://127.0.0.1:9", login=False), seaweedfs)
    fill(tmp_path / "objects")
    put_all(tmp_path / "objects", mine, seaweedfs)
    comes_back(mine)


def _ledger(mine: Home) -> list[tuple[object, ...]]:
    ledger = Ledger(mine.state / "ledger.sqlite")
    try:
        last = FIRST + dt.timedelta(days=OBJECTS)
        dates = [(date, kept.zone, kept.digest) for date, kept in ledger.dates("me").items()]
        entries = ledger.entries("me", FIRST, last)
    finally:
        ledger.close()
    return [*dates, *((e.date, e.stream, e.outcome, e.records, e.source, e.stored) for e in entries)]
