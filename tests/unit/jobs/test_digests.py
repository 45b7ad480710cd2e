"""Which object each date of the tables came from."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from cromwelld.errors import DamagedFile, ForeignFolder
from tests.support.lake import lake, partial, usual, whole


def test_a_folder_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert lake(tmp_path / "nowhere").digests() == {}
    assert not (tmp_path / "nowhere").exists()


def test_each_date_has_the_digest_of_its_object(tmp_path: Path) -> None:
    first, second = (whole(usual(date)) for date in ("2025-10-07", "2025-10-08"))
    lake(tmp_path).write([dataclasses.replace(first, digest="aa"), dataclasses.replace(second, digest="bb")])
    assert lake(tmp_path).digests() == {"2025-10-07": "aa", "2025-10-08": "bb"}
    lake(tmp_path).write([dataclasses.replace(second, digest="cc")])
    assert lake(tmp_path).digests() == {"2025-10-07": "aa", "2025-10-08": "cc"}


def test_a_date_without_an_object_has_no_digest(tmp_path: Path) -> None:
    lake(tmp_path).write([partial(usual("2025-10-08"))])
    assert lake(tmp_path).digests() == {"2025-10-08": ""}


def test_tables_of_another_program_have_none_to_give(tmp_path: Path) -> None:
    (tmp_path / "gps.parquet").write_bytes(b"whatever")
    with pytest.raises(ForeignFolder):
        lake(tmp_path).digests()


@pytest.mark.parametrize("content", ["{", "null", '{"format": 1}', '{"format": 1, "processed_dates": 3, "dates": []}'])
def test_a_state_that_is_damaged_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "compilation_state.json").write_text(content)
    with pytest.raises(DamagedFile, match=r"compilation_state\.json"):
        lake(tmp_path).digests()
