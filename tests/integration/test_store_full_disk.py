"""A disk that fills up in the middle of a collection: nothing is lost, and a later run finishes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cromwelld.errors import StoreError
from cromwelld.lake.reader import load_date, load_days
from tests.support.answers import heart_rate, night, whole_day
from tests.support.collecting import DATE, Household
from tests.support.places import files_of

BEFORE, AFTER = "2025-10-07", "2025-10-09"
DAYS = (BEFORE, AFTER)
LATER_START = [("2025-10-07T23:05:00", "2025-10-08T05:50:00")]
ENOUGH_KIB = 300


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=640k", "none", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("a full disk needs the right to mount a tmpfs")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("free_kib", [0, 8, 24, 48, 80, 300])
async def test_a_full_disk_loses_nothing_and_a_later_run_finishes(
    small_disk: Path, tmp_path: Path, free_kib: int
) -> None:
    home, undisturbed = Household(small_disk), Household(tmp_path / "undisturbed")
    later = [heart_rate(DATE, range(0, 700, 5)), night(DATE, LATER_START), *whole_day(AFTER)]
    for one in (home, undisturbed):
        await one.collect(*whole_day(BEFORE), *whole_day(DATE), days=(BEFORE, DATE))
    before = files_of(small_disk)
    ballast = small_disk / "ballast"
    _fill(ballast, small_disk, free_kib * 1024)
    try:
        collected = await home.collect(*later, days=DAYS)
        problems = [item.error for item in collected.stored if item.error]
    except StoreError as err:
        problems = [err]
    assert bool(problems) is (free_kib < ENOUGH_KIB)
    assert all("No space left" in str(err) or "full" in str(err) for err in problems)
    assert files_of(small_disk).keys() >= before.keys()
    ballast.unlink()
    assert len(load_date(BEFORE, small_disk / "data")["HeartRate_Intraday"]) == 120
    for one in (home, undisturbed):
        assert (await one.collect(*later, days=DAYS)).complete
    expected, found = files_of(undisturbed.root), files_of(small_disk)
    assert found.keys() == expected.keys()
    assert {name for name in found if found[name] != expected[name]} <= {"data/compilation_state.json"}
    assert home.waiting() == []
    assert load_days(*DAYS, small_disk / "data")["state"].to_list() == ["complete"] * 3


def _fill(ballast: Path, disk: Path, leave: int) -> None:
    size = max(0, os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize - leave)
    ballast.write_bytes(b"\0" * size)
