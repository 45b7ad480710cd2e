"""Who else on a machine may read what is written, under the umask of the unit."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cli import ROOT, Home, Vendor, call, home

DATE = "2025-10-08"
UNIT = (ROOT / "deploy/systemd/cromwelld.service").read_text("utf-8")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="elsewhere rights are no three digits")


@pytest.fixture
def umask() -> Iterator[int]:
    (told,) = re.findall(r"^UMask=(\d+)$", UNIT, re.MULTILINE)
    before = os.umask(int(told, 8))
    yield int(told, 8)
    os.umask(before)


@pytest.fixture
def mine(tmp_path: Path, umask: int) -> Iterator[Home]:
    assert umask == 0o027
    vendor = Vendor()
    with vendor.serving():
        made = home(tmp_path / "home", vendor.url)
        assert made.collect(DATE).code == 0
        yield made


def rights(folder: Path) -> dict[str, set[str]]:
    """Give the rights of the files and of the folders below a folder, and its own."""
    found: dict[str, set[str]] = {"files": set(), "folders": set()}
    for path in (folder, *folder.rglob("*")):
        found["folders" if path.is_dir() else "files"].add(f"{stat.S_IMODE(path.stat().st_mode):o}")
    return found


def test_a_group_reads_tables_and_archive_and_nobody_else_anything(mine: Home) -> None:
    shared = {"files": {"640"}, "folders": {"750"}}
    assert rights(mine.data) == rights(mine.archive) == shared
    again = call("compile", "--all", mine.archive / "fitbit", "--data-dir", mine.data)
    assert again.code == 0, again.err
    assert rights(mine.data) == shared


def test_the_group_cannot_enter_the_state(mine: Home) -> None:
    assert stat.S_IMODE(mine.state.stat().st_mode) == 0o700
    assert not any(path.stat().st_mode & 0o007 for path in mine.state.rglob("*"))
