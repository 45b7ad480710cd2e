"""A monolithic table of the old scripts, by hand: rows of each date scattered, two odd ones among them."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cromwelld import available_dates, load_date, load_days
from cromwelld.errors import NotWritable
from cromwelld.events import ignore
from cromwelld.jobs.split import Job, split
from cromwelld.jobs.zones import Zones
from cromwelld.lake.writer import Lake, LakeDay, Written
from tests.support.cli import call
from tests.support.lake import NOW, contents, lake

Columns = dict[str, list[Any]]
MAIN = "True"
# measurement, time, device, main sleep, value, level, duration; Berlin: noon is 10:00 UTC until 26 October, then 11:00
ROWS: tuple[tuple[Any, ...], ...] = (
    ("HeartRate_Intraday", "2025-10-31T23:30:00", "W", None, 61.0, None, None),  # 1 November there
    ("RestingHR", "2025-10-25T10:00:00", "W", None, 55.0, None, None),
    ("SleepLevels", "2025-10-31T22:00:00", "W", MAIN, None, 1.0, 10800.0),  # a night that ends on 1 November
    ("HeartRate_Intraday", "2025-10-25T22:30:00", "W", None, 62.0, None, None),  # 26 October there
    ("RestingHR", "2025-11-01T11:00:00", "W", None, 56.0, None, None),
    ("BreathingRate", "2025-11-01T11:00:00", "W", None, 0.0, None, None),
    ("HeartRate_Intraday", "2025-10-25T21:30:00", "W", None, 63.0, None, None),
    ("RestingHR", "2025-10-26T11:00:00", "W", None, 57.0, None, None),
    ("HeartRate_Intraday", None, "W", None, 64.0, None, None),
    ("SleepLevels", "2025-11-01T01:00:00", "W", MAIN, None, -1.0, 7200.0),
    ("HeartRate_Intraday", "2025-10-25T21:30:00", "W", None, 63.0, None, None),  # once more
    ("RestingHR", "2025-10-31T11:00:00", "W", None, 58.0, None, None),
)
DATES = ["2025-10-25", "2025-10-26", "2025-10-31", "2025-11-01"]
NAMES = ("measurement", "time", "tag_Device", "tag_isMainSleep", "field_value", "field_level", "field_duration_seconds")


def instant(text: str | None) -> dt.datetime | None:
    return None if text is None else dt.datetime.fromisoformat(text)


def monolith(path: Path, kind: pa.DataType | None = None) -> Path:
    columns = {name: [row[position] for row in ROWS] for position, name in enumerate(NAMES)}
    times = pa.array([instant(text) for text in columns["time"]], pa.timestamp("us"))
    if kind is not None:
        columns["time"] = times.cast(kind)
    pq.write_table(pa.table(columns), path, row_group_size=3)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return monolith(tmp_path / "fitbit_compiled.parquet", pa.timestamp("ns", "UTC"))


def times(date: str, data: Path, name: str) -> list[str]:
    return list(load_date(date, data, timezone="UTC")[name]["time"].dt.strftime("%dT%H:%M"))


def test_scattered_rows_come_to_their_dates_once(file: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    ran = call("split", file, "--data-dir", data)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        f"4 dates written, tables in {data}\n"
        "1 mended by unknown-level: -1 for an unknown sleep stage: absent\n"
        "1 mended by zero-breathing: 0.0 for a missing breathing rate: absent\n"
        "1 left out: no time that can be read\n"
    )
    assert list(available_dates(data)) == DATES
    assert times("2025-10-25", data, "HeartRate_Intraday") == ["25T21:30"]
    assert times("2025-10-26", data, "HeartRate_Intraday") == ["25T22:30"]
    assert times("2025-11-01", data, "HeartRate_Intraday") == ["31T23:30"]
    assert times("2025-11-01", data, "SleepLevels") == ["31T22:00", "01T01:00"]
    assert [load_date(date, data)["RestingHR"]["value"].tolist() for date in DATES] == [[55.0], [57.0], [58.0], [56.0]]
    assert "BreathingRate" not in load_date("2025-11-01", data)
    days = load_days("2025-10-25", "2025-10-26", data)
    assert days["zone"].tolist() == ["Etc/GMT-2", "Etc/GMT-1"]
    assert not (data / ".tmp/split").exists()


@pytest.mark.parametrize(
    "kind",
    [None, pa.timestamp("ms"), pa.timestamp("us"), pa.timestamp("us", "Europe/Berlin"), pa.timestamp("s", "UTC")],
    ids=["text", "ms", "us", "Berlin", "s"],
)
def test_times_of_any_kind_are_the_same_times(kind: pa.DataType | None, file: Path, tmp_path: Path) -> None:
    assert call("split", file, "--data-dir", tmp_path / "a").code == 0
    (tmp_path / "other").mkdir()
    other = monolith(tmp_path / "other" / file.name, kind)
    assert call("split", other, "--data-dir", tmp_path / "b").code == 0
    for date in DATES:
        ours, theirs = load_date(date, tmp_path / "a"), load_date(date, tmp_path / "b")
        assert list(ours) == list(theirs)
        assert all(ours[name].equals(theirs[name]) for name in ours)


def test_splitting_again_changes_nothing(file: Path, tmp_path: Path) -> None:
    for _ in range(2):
        split(lake(tmp_path / "data"), Job(file=file, data_dir=tmp_path / "data", zones=Zones()))
        before = contents(tmp_path / "data")
    assert contents(tmp_path / "data") == before


def test_as_is_mends_nothing_and_another_split_replaces_it(file: Path, tmp_path: Path) -> None:
    told = call("split", file, "--data-dir", tmp_path, "--as-is", "--json").json
    assert told["repaired"] == {}
    assert load_date("2025-11-01", tmp_path)["BreathingRate"]["value"].tolist() == [0.0]
    assert call("split", file, "--data-dir", tmp_path).code == 0
    assert "BreathingRate" not in load_date("2025-11-01", tmp_path)


def test_dates_from_an_object_stay_as_they_are(file: Path, tmp_path: Path) -> None:
    record = {"measurement": "RestingHR", "time": "2025-10-26T11:00:00+00:00", "tags": {}, "fields": {"value": 70.0}}
    stray = {"measurement": "HRV", "time": "2025-11-01T11:00:00+00:00", "tags": {}, "fields": {"dailyRmssd": 30.0}}
    path = tmp_path / "fitbit_backup_2025-10-26.json.gz"
    path.write_bytes(gzip.compress(json.dumps([record, stray]).encode()))
    data = tmp_path / "data"
    assert call("compile", path, "--data-dir", data).code == 0
    ran = call("split", file, "--data-dir", data)
    assert ran.code == 0
    assert "from an object, or collected, and left as they are: 1 of the dates" in ran.out
    assert load_date("2025-10-26", data)["RestingHR"]["value"].tolist() == [70.0]
    assert "HeartRate_Intraday" not in load_date("2025-10-26", data)
    first = load_date("2025-11-01", data)
    assert first["HRV"]["dailyRmssd"].tolist() == [30.0]
    assert first["RestingHR"]["value"].tolist() == [56.0]


class Stopped(Lake):
    """Tables that are cut off in the middle of the months."""

    def write(self, batch: Sequence[LakeDay]) -> Written:
        if any(entry.day.date.month == 11 for entry in batch):
            raise NotWritable("the disk is full")
        return super().write(batch)


def test_a_split_that_was_cut_off_ends_as_if_it_had_not_been(file: Path, tmp_path: Path) -> None:
    undisturbed, data = tmp_path / "undisturbed", tmp_path / "data"
    split(lake(undisturbed), Job(file=file, data_dir=undisturbed, zones=Zones()))
    with pytest.raises(NotWritable):
        split(Stopped(data, report=ignore, now=lambda: NOW), Job(file=file, data_dir=data, zones=Zones()))
    left = data / ".tmp/split/2019-01"
    left.parent.mkdir()
    left.write_bytes(b"half")
    split(lake(data), Job(file=file, data_dir=data, zones=Zones()))
    assert contents(data) == contents(undisturbed)


def test_months_without_a_zone_are_named_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "old.parquet"
    pq.write_table(pa.table({"measurement": ["Weight"], "time": ["2024-02-03T07:00:00Z"], "field_bmi": [22]}), path)
    ran = call("split", path, "--data-dir", tmp_path / "data")
    assert ran.code == 1
    assert f"{path} in 2024-02: no time zone is known" in ran.err
    assert "--timezone" in ran.err
    assert call("split", path, "--data-dir", tmp_path / "data", "--timezone", "Europe/London").code == 0
    assert load_date("2024-02-03", tmp_path / "data")["Weight"]["bmi"].tolist() == [22.0]


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"PAR1 but not quite", 1, "not a whole Parquet file"),
        ({"time": ["2024-02-03"], "field_value": [1.0]}, 2, "no column measurement"),
        ({"when": ["2024-02-03"], "field_value": [1.0]}, 2, "no column measurement and no column time"),
        ({"measurement": ["HRV"], "time": ["2024-02-03"]}, 2, "no column field_"),
        ({"measurement": [], "time": [], "field_value": []}, 2, "no rows"),
    ],
)
def test_what_is_no_such_file_is_refused(
    content: bytes | dict[str, Any], code: int, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "old.parquet"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        pq.write_table(pa.table(content), path)
    ran = call("split", path, "--data-dir", tmp_path / "data")
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err
    assert str(path) in ran.err
    assert not (tmp_path / "data").exists()
