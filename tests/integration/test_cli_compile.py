from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest

from cromwelld import available_dates, load_date
from tests.support.cli import Vendor, call, home
from tests.support.places import files_of

DATES = ("2025-10-06", "2025-10-07", "2025-10-08")


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    vendor = Vendor()
    with vendor.serving():
        mine = home(tmp_path_factory.mktemp("home"), vendor.url)
        assert mine.collect(f"{DATES[0]}..{DATES[-1]}").code == 0
    return mine.root


@pytest.fixture
def archive(collected: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(collected / "archive", tmp_path / "archive"))


def of(archive: Path, date: str) -> Path:
    return archive / "fitbit" / f"fitbit_backup_{date}.json.gz"


def test_a_folder_becomes_the_tables_that_the_collector_wrote(collected: Path, archive: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    ran = call("compile", archive, "--data-dir", data)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"3 dates written, 0 unchanged, tables in {data}\n"
    own = load_date(DATES[1], collected / "data")
    compiled = load_date(DATES[1], data)
    assert list(own) == list(compiled)
    assert all(own[name].equals(compiled[name]) for name in own)
    before = files_of(tmp_path)
    again = call("compile", archive, "--data-dir", data, "--json")
    assert again.code == 0
    assert again.json == {
        "written": [],
        "unchanged": 3,
        "from_old_tables": [],
        "repaired": {},
        "rejected": {},
        "kept": {},
        "empty": [],
        "passed_over": [],
        "problems": [],
        "tables": str(data),
    }
    assert files_of(tmp_path) == before


def test_single_files_and_the_default_folder(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert call("compile", of(archive, DATES[0]), of(archive, DATES[2])).code == 0
    assert list(available_dates("data")) == [DATES[0], DATES[2]]


def test_a_damaged_object_is_named_with_a_remedy_and_the_others_are_served(archive: Path, tmp_path: Path) -> None:
    of(archive, DATES[1]).write_bytes(b"no gzip")
    ran = call("compile", archive, "--data-dir", tmp_path / "data")
    assert ran.code == 10
    assert str(of(archive, DATES[1])) in ran.err
    assert "2 dates written" in ran.out
    assert "1 object" in ran.err
    assert "another copy" in ran.err
    assert list(available_dates(tmp_path / "data")) == [DATES[0], DATES[2]]
    told = call("compile", archive, "--data-dir", tmp_path / "data", "--json")
    assert told.code == 10
    assert str(of(archive, DATES[1])) in told.json["problems"][0]


def test_nothing_but_damage_is_a_failure(tmp_path: Path) -> None:
    file = tmp_path / "fitbit_backup_2025-10-08.json.gz"
    file.write_bytes(gzip.compress(b'[{"measurement": '))
    ran = call("compile", file, "--data-dir", tmp_path / "data")
    assert ran.code == 1
    assert str(file) in ran.err


def test_places_that_hold_nothing_are_usage_errors(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "not-there"):
        ran = call("compile", place, "--data-dir", tmp_path / "data")
        assert (ran.code, ran.out) == (2, "")
        assert str(place) in ran.err
    assert not (tmp_path / "data").exists()


def test_a_foreign_object_needs_its_zone_said(tmp_path: Path) -> None:
    steps = {
        "measurement": "Steps_Intraday",
        "time": "2024-07-01T12:00:00+00:00",
        "tags": {"Device": "Charge"},
        "fields": {"value": 7},
    }
    file = tmp_path / "fitbit_backup_2024-07-01.json.gz"
    file.write_bytes(gzip.compress(json.dumps([steps]).encode()))
    data = tmp_path / "data"
    unsaid = call("compile", file, "--data-dir", data)
    assert unsaid.code == 1
    assert "--timezone" in unsaid.err
    wrong = call("compile", file, "--data-dir", data, "--timezone", "Mars/Olympus")
    assert (wrong.code, wrong.out) == (2, "")
    assert "Mars/Olympus" in wrong.err
    said = call("compile", file, "--data-dir", data, "--timezone", "Europe/London")
    assert (said.code, said.err) == (0, "")
    time = load_date("2024-07-01", data)["Steps_Intraday"]["time"][0]
    assert time.isoformat() == "2024-07-01T13:00:00+01:00"


def test_tables_of_the_old_scripts_are_refused_and_the_printed_remedy_works(archive: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "compilation_state.json").write_text('{"processed_dates": ["2024-01-01"]}', encoding="utf-8")
    ran = call("compile", archive, "--data-dir", data)
    assert (ran.code, ran.out) == (1, "")
    remedy = ran.err.partition("cromwelld compile --all ")[2].strip()
    assert remedy == f"--data-dir {data} ARCHIVE-FOLDER"
    assert [path.name for path in data.iterdir()] == ["compilation_state.json"]
    fresh = call("compile", "--all", *remedy.replace("ARCHIVE-FOLDER", str(archive)).split())
    assert fresh.code == 0
    assert list(available_dates(data)) == list(DATES)
    assert [path.name for path in (tmp_path / "data.old").iterdir()] == ["compilation_state.json"]
    assert str(tmp_path / "data.old") in fresh.err


def test_fresh_tables_that_could_not_be_built_leave_the_old_ones(archive: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert call("compile", archive, "--data-dir", data).code == 0
    before = files_of(tmp_path)
    for path in archive.rglob("*.gz"):
        path.write_bytes(b"no gzip")
    ran = call("compile", "--all", archive, "--data-dir", data)
    assert ran.code == 1
    assert {name: held for name, held in files_of(tmp_path).items() if name.startswith("data/")} == {
        name: held for name, held in before.items() if name.startswith("data/")
    }


def test_a_damaged_table_is_named_and_the_others_are_still_read(archive: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert call("compile", archive, "--data-dir", data).code == 0
    damaged = data / "sleep_levels.parquet"
    damaged.write_bytes(b"not Parquet")
    with pytest.warns(UserWarning, match="sleep_levels.parquet") as warned:
        frames = load_date(DATES[0], data)
    assert "compile --all" in str(warned[0].message)
    assert "SleepSummary" in frames
    assert "SleepLevels" not in frames
    of(archive, DATES[0]).write_bytes(gzip.compress(gzip.decompress(of(archive, DATES[0]).read_bytes()) + b" "))
    ran = call("compile", archive, "--data-dir", data)
    assert ran.code == 1
    assert str(damaged) in ran.err
    assert "compile --all" in ran.err
    assert call("compile", "--all", archive, "--data-dir", data).code == 0
    assert "SleepLevels" in load_date(DATES[0], data)
