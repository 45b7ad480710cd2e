"""A data folder of the old scripts, or of ours, made afresh: no date that only it has is lost, no row doubles."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cromwelld import available_dates, load_date, load_days
from tests.support.cli import call

W = "PixelWatch3"


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def put(path: Path, rows: dict[str, list[Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(rows), path)


def beats(*times: str) -> dict[str, list[Any]]:
    return {
        "time": [at(time) for time in times],
        "tag_Device": [W] * len(times),
        "field_value": [60.0 + number for number in range(len(times))],
    }


def resting(date: str) -> dict[str, Any]:
    tags, fields = {"Device": W}, {"value": 55.0}
    return {"measurement": "RestingHR", "time": f"{date}T10:00:00+00:00", "tags": tags, "fields": fields}


def beat(time: str) -> dict[str, Any]:
    tags, fields = {"Device": W}, {"value": 70.0}
    return {"measurement": "HeartRate_Intraday", "time": f"{time}+00:00", "tags": tags, "fields": fields}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """One object, in a zone two hours ahead of UTC, with a stray sample of the date before."""
    folder = tmp_path / "archive"
    folder.mkdir()
    records = [
        resting("2025-10-04"),
        beat("2025-10-03T21:59:59"),
        beat("2025-10-03T22:30:00"),
        beat("2025-10-04T08:00:00"),
    ]
    (folder / "fitbit_backup_2025-10-04.json.gz").write_bytes(gzip.compress(json.dumps(records).encode()))
    return folder


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """What the old scripts kept, cut by dates in UTC: samples of 2 to 4 October, daily values of the 3rd."""
    data = tmp_path / "data"
    put(data / "heartrate_intraday/date=2025-10-02/0f3a-0.parquet", beats("2025-10-02T22:30:00"))
    third = data / "heartrate_intraday/date=2025-10-03%2000%3A00%3A00"
    put(third / "5b1c9f-0.parquet", beats("2025-10-03T08:00:00", "2025-10-03T21:59:58", "2025-10-03T22:30:00"))
    shutil.copy(third / "5b1c9f-0.parquet", third / "5b1c9f-0 (copy).parquet")
    put(data / "heartrate_intraday/date=2025-10-04/77ad-0.parquet", beats("2025-10-04T08:00:00"))
    daily: dict[str, list[Any]] = {
        "time": [at("2025-10-03T10:00:00")] * 3,
        "date": ["2025-10-03"] * 3,
        "measurement": ["RestingHR", "BreathingRate", "RestingHR"],
        "tag_Device": [W] * 3,
        "field_value": [54.0, 0.0, 54.0],
    }
    put(data / "daily_summaries.parquet", daily)
    night: dict[str, list[Any]] = {
        "time": [at("2025-10-02T21:30:00"), at("2025-10-03T02:00:00")],
        "date": ["2025-10-02", "2025-10-03"],
        "tag_isMainSleep": ["True", "True"],
        "field_level": [1.0, -1.0],
        "field_duration_seconds": [16200.0, 3600.0],
    }
    put(data / "sleep_levels.parquet", night)
    (data / "compilation_state.json").write_text('{"processed_dates": ["2025-10-03"]}', encoding="utf-8")
    return data


def times(date: str, data: Path, name: str = "HeartRate_Intraday") -> list[str]:
    return list(load_date(date, data, timezone="UTC")[name]["time"].dt.strftime("%dT%H:%M:%S"))


def test_a_folder_of_the_old_scripts_is_taken_over_without_a_doubled_row(archive: Path, old: Path) -> None:
    ran = call("compile", "--all", archive, "--data-dir", old)
    assert ran.code == 0, ran.err
    assert "from the old tables only, as no object has them: 1 of the dates" in ran.out
    assert "1 mended by zero-breathing" in ran.out
    assert "1 mended by unknown-level" in ran.out
    assert list(available_dates(old)) == ["2025-10-03", "2025-10-04"]
    assert times("2025-10-03", old) == ["02T22:30:00", "03T08:00:00", "03T21:59:58", "03T21:59:59"]
    assert times("2025-10-04", old) == ["03T22:30:00", "04T08:00:00"]
    assert load_date("2025-10-04", old)["HeartRate_Intraday"]["value"].tolist() == [70.0, 70.0]
    third = load_date("2025-10-03", old, timezone="UTC")
    assert third["RestingHR"]["value"].tolist() == [54.0]
    assert "BreathingRate" not in third
    assert times("2025-10-03", old, "SleepLevels") == ["02T21:30:00", "03T02:00:00"]
    days = load_days("2025-10-03", "2025-10-04", old)
    assert days["zone"].tolist() == ["Etc/GMT-2", "Etc/GMT-2"]
    assert days["state"].tolist() == ["unknown", "unknown"]
    kept = json.loads((old / "compilation_state.json").read_text("utf-8"))["dates"]
    assert kept["2025-10-03"] == {"object": "", "digest": ""}


def test_as_is_takes_the_old_tables_as_they_were_written(archive: Path, old: Path) -> None:
    told = call("compile", "--all", archive, "--data-dir", old, "--as-is", "--json").json
    assert told["from_old_tables"] == ["2025-10-03"]
    assert "zero-breathing" not in told["repaired"]
    third = load_date("2025-10-03", old)
    assert third["BreathingRate"]["value"].tolist() == [0.0]
    assert third["SleepLevels"]["level"].tolist() == [1.0, -1.0]


def test_old_tables_without_a_zone_ask_for_it(archive: Path, old: Path) -> None:
    (old / "daily_summaries.parquet").unlink()
    unsaid = call("compile", "--all", archive, "--data-dir", old)
    assert unsaid.code == 10
    assert "no time zone is known" in unsaid.err
    assert str(old) in unsaid.err
    assert "--timezone" in unsaid.err
    shutil.rmtree(old)
    old.with_name("data.old").rename(old)
    assert call("compile", "--all", archive, "--data-dir", old, "--timezone", "Europe/Berlin").code == 0
    assert len(times("2025-10-03", old)) == 4


def test_a_damaged_table_is_named_and_the_others_are_taken_over(archive: Path, old: Path) -> None:
    (old / "sleep_levels.parquet").write_bytes(b"PAR1 not")
    ran = call("compile", "--all", archive, "--data-dir", old)
    assert ran.code == 10
    assert ran.err.count("sleep_levels.parquet is damaged") == 1
    assert len(times("2025-10-03", old)) == 4


def test_what_our_own_tables_alone_have_stays_as_it_was(archive: Path, old: Path) -> None:
    assert call("compile", "--all", archive, "--data-dir", old).code == 0
    before = {date: load_date(date, old) for date in ("2025-10-03", "2025-10-04")}
    days = load_days("2025-10-03", "2025-10-04", old)
    again = call("compile", "--all", archive, "--data-dir", old, "--timezone", "Asia/Tokyo", "--json")
    assert again.json["from_old_tables"] == ["2025-10-03"]
    for date, frames in before.items():
        after = load_date(date, old)
        assert list(after) == list(frames)
        assert all(after[name].equals(frames[name]) for name in frames)
    assert load_days("2025-10-03", "2025-10-04", old).equals(days)
