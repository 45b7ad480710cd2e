"""One date out of an archive, without tables: the same frames that the tables give."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import json
from pathlib import Path

import pandas as pd
import pytest

from cromwelld import load_date
from cromwelld.errors import DamagedFile, UsageError
from cromwelld.wiring.peek import load_archived
from tests.support.cli import call

DATE = dt.date(2025, 10, 6)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home") / "demo"
    assert call("demo", "--data-dir", folder, "--days", 1).code == 0
    return folder


def test_an_object_gives_what_the_tables_give(home: Path) -> None:
    expected = load_date(DATE, home / "data")
    found = load_archived(DATE, str(home / "archive/fitbit"))
    assert list(found) == list(expected)
    for name, rows in expected.items():
        pd.testing.assert_frame_equal(found[name], rows)


def test_it_may_be_asked_where_an_event_loop_runs(home: Path) -> None:
    async def asked() -> int:
        return len(load_archived(DATE, str(home / "archive/fitbit")))

    assert asyncio.run(asked()) > 20


def test_a_date_without_an_object_has_no_frames(home: Path) -> None:
    assert load_archived(dt.date(2020, 1, 1), str(home / "archive/fitbit")) == {}


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder"):
        load_archived(DATE, str(tmp_path / "nowhere"))
    (tmp_path / f"fitbit_backup_{DATE}.json.gz").write_bytes(b"nonsense")
    with pytest.raises(DamagedFile, match="2025-10-06"):
        load_archived(DATE, str(tmp_path))


def foreign(folder: Path, *times: str) -> None:
    """Write an object as the old scripts did: records only."""
    records = [
        {"measurement": "HeartRate_Intraday", "time": time, "tags": {}, "fields": {"value": 60.0}} for time in times
    ]
    (folder / f"fitbit_backup_{DATE}.json.gz").write_bytes(gzip.compress(json.dumps(records).encode()))


def test_a_foreign_object_is_dated_and_shown_in_its_zone(tmp_path: Path) -> None:
    foreign(tmp_path, "2025-10-05T15:30:00+00:00", "2025-10-06T15:30:00+00:00")
    frames = load_archived(DATE, str(tmp_path), "Asia/Tokyo")
    assert [str(time) for time in frames["HeartRate_Intraday"]["time"]] == ["2025-10-06 00:30:00+09:00"]


def test_a_foreign_object_of_which_no_zone_is_known_asks_for_one(tmp_path: Path) -> None:
    foreign(tmp_path, "2025-10-06T15:30:00+00:00")
    with pytest.raises(UsageError, match="zone"):
        load_archived(DATE, str(tmp_path))
