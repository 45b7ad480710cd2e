"""What was imported, and what follows from it: what is new in a folder, when the next export is due."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from cromwelld.errors import DamagedFile
from cromwelld.jobs.importing.record import ImportRecord, covered_until, keep, load, new_exports
from cromwelld.sources.takeout.members import identity

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)


def record(end: dt.date, *parts: str) -> ImportRecord:
    return ImportRecord(parts=parts, first=dt.date(2016, 1, 1), end=end, at=NOW)


def put(folder: Path, name: str, *, age_s: float = 3600.0) -> Path:
    path = folder / name
    path.write_bytes(name.encode())
    os.utime(path, (NOW.timestamp() - age_s,) * 2)
    return path


def test_dates_are_covered_until_the_last_end() -> None:
    assert covered_until([]) is None
    assert covered_until([record(dt.date(2026, 9, 1)), record(dt.date(2026, 3, 1))]) == dt.date(2026, 9, 1)


def test_what_is_kept_is_read_and_the_same_export_is_kept_once(tmp_path: Path) -> None:
    path = tmp_path / "imports" / "me.json"
    assert load(path) == []
    keep(path, record(dt.date(2026, 9, 1), "a"))
    keep(path, record(dt.date(2026, 10, 1), "b"))
    keep(path, record(dt.date(2026, 9, 2), "a"))
    assert load(path) == [record(dt.date(2026, 10, 1), "b"), record(dt.date(2026, 9, 2), "a")]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_damaged_list_is_named_with_its_remedy(tmp_path: Path) -> None:
    path = tmp_path / "me.json"
    path.write_text("[{")
    with pytest.raises(DamagedFile, match=r"me\.json cannot be read") as caught:
        load(path)
    assert "delete it" in caught.value.hint


def test_new_exports_are_found_with_all_their_parts(tmp_path: Path) -> None:
    old = [put(tmp_path, f"takeout-20260901T120000Z-00{number}.zip") for number in (1, 2)]
    new = [put(tmp_path, f"takeout-20261030T120000Z-00{number}.zip") for number in (1, 2)]
    single = put(tmp_path, "takeout-20261031T120000Z-001.tgz")
    put(tmp_path, "takeout-20261101T120000Z-001.zip.crdownload")
    put(tmp_path, "holiday.jpg")
    known = [record(dt.date(2026, 9, 1), *(identity(path) for path in old))]
    assert new_exports(tmp_path, known, NOW.timestamp()) == [new, [single]]


def test_an_export_of_which_a_part_is_being_written_waits(tmp_path: Path) -> None:
    put(tmp_path, "takeout-20261030T120000Z-001.zip")
    put(tmp_path, "takeout-20261030T120000Z-002.zip", age_s=5)
    assert new_exports(tmp_path, [], NOW.timestamp()) == []


def test_a_later_part_of_a_known_export_brings_all_of_it(tmp_path: Path) -> None:
    first = put(tmp_path, "takeout-20261030T120000Z-001.zip")
    known = [record(dt.date(2026, 10, 30), identity(first))]
    second = put(tmp_path, "takeout-20261030T120000Z-002.zip")
    assert new_exports(tmp_path, known, NOW.timestamp()) == [[first, second]]


@pytest.mark.parametrize("ending", ["part", "crdownload"])
def test_an_export_of_which_a_part_is_being_downloaded_waits(tmp_path: Path, ending: str) -> None:
    put(tmp_path, "takeout-20261030T120000Z-001.zip")
    other = put(tmp_path, "takeout-20261031T120000Z-001.zip")
    put(tmp_path, f"takeout-20261030T120000Z-002.zip.{ending}")
    assert new_exports(tmp_path, [], NOW.timestamp()) == [[other]]


def test_the_empty_file_that_a_browser_makes_first_waits(tmp_path: Path) -> None:
    put(tmp_path, "takeout-20261030T120000Z-001.zip").write_bytes(b"")
    os.utime(tmp_path / "takeout-20261030T120000Z-001.zip", (0, 0))
    assert new_exports(tmp_path, [], NOW.timestamp()) == []


def test_a_lacking_part_is_waited_for_a_day(tmp_path: Path) -> None:
    parts = [put(tmp_path, f"takeout-20261030T120000Z-1-00{number}.zip") for number in (1, 3)]
    assert new_exports(tmp_path, [], NOW.timestamp()) == []
    assert new_exports(tmp_path, [], NOW.timestamp() + 86_400) == [parts]


def test_a_year_in_a_name_is_no_number_of_a_part(tmp_path: Path) -> None:
    one, other = put(tmp_path, "export-2025.zip"), put(tmp_path, "export-2026.zip")
    assert new_exports(tmp_path, [], NOW.timestamp()) == [[one], [other]]


def test_a_file_of_a_clock_that_was_ahead_is_not_waited_for(tmp_path: Path) -> None:
    ahead = put(tmp_path, "takeout.zip", age_s=-86_400)
    assert new_exports(tmp_path, [], NOW.timestamp()) == [[ahead]]


def test_folders_hidden_files_and_what_is_taken_away_meanwhile_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "folder.zip").mkdir()
    put(tmp_path, ".takeout.zip")
    (tmp_path / "gone.zip").symlink_to(tmp_path / "nowhere.zip")
    assert new_exports(tmp_path, [], NOW.timestamp() + 3600) == []
