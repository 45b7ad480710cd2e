"""`compile`: against the straightforward way, on one core and on two; its memory; and whether years make it slower.

CROMWELLD_BENCH_DATES and CROMWELLD_BENCH_RUNS make it shorter; what was run is printed. CROMWELLD_BENCH_ARCHIVE names
a folder that the yardstick's generator has filled before, which takes it ten minutes. Where one end of a run is held
against the other, processor seconds count, as other work on the machine falls on one of them; wall seconds are printed.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.bench.yardstick import yardstick_file

pytestmark = [pytest.mark.bench, pytest.mark.timeout(7200)]

PROJECT = Path(__file__).resolve().parents[2]
RUNS = int(os.environ.get("CROMWELLD_BENCH_RUNS", "3"))
DATES = int(os.environ.get("CROMWELLD_BENCH_DATES", "400"))
FEW, MANY, ADDED = 40, 1200, 5
WALL, PROCESSOR = 0, 1


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = Path(os.environ.get("CROMWELLD_BENCH_ARCHIVE") or tmp_path_factory.mktemp("archive"))
    if not any(folder.iterdir()):
        subprocess.run([sys.executable, yardstick_file("gen"), folder, str(MANY + ADDED)], check=True)
    return sorted(folder.iterdir())


def first(archive: Sequence[Path], start: int, stop: int, folder: Path) -> Path:
    folder.mkdir(parents=True)
    for file in archive[start:stop]:
        (folder / file.name).symlink_to(file)
    return folder


def run(command: Sequence[str | Path], cores: str) -> dict[str, Any]:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    pinned = ["taskset", "-c", cores, sys.executable, *map(str, command)]
    before = processor_s()
    done = subprocess.run(pinned, check=True, capture_output=True, text=True, cwd=PROJECT, env=environment)
    result: dict[str, Any] = json.loads(done.stdout)
    return result | {"processor_s": processor_s() - before}


def processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def ours(*places: Path, cores: str = "0,1") -> dict[str, Any]:
    return run(["-m", "tests.bench.compile_one_way", *places], cores)


def said(values: Sequence[float]) -> str:
    return f"{min(values):.2f} / {statistics.median(values):.2f} / {max(values):.2f}"


def test_times_faster_than_the_straightforward_way(archive: list[Path], tmp_path: Path) -> None:
    objects = first(archive, 0, DATES, tmp_path / "objects")
    one, two, processor = [], [], []
    for number in range(RUNS):
        straight = run([yardstick_file("baseline"), "compile", objects, tmp_path / "straight"], "0")
        pinned = ours(objects, tmp_path / f"one{number}", cores="0")
        one.append(straight["seconds"] / pinned["seconds"])
        processor.append(straight["processor_s"] / pinned["processor_s"])
        two.append(straight["seconds"] / ours(objects, tmp_path / f"two{number}")["seconds"])
        shutil.rmtree(tmp_path / "straight")
    sys.stdout.write(f"\n{DATES} dates, {RUNS} runs (min/median/max): {said(one)} times faster on one core, ")
    sys.stdout.write(f"{said(two)} on two; {said(processor)} times fewer processor seconds, imports among them\n")
    assert statistics.median(one) >= 6
    assert statistics.median(two) >= 10


def test_years_take_no_more_memory_and_no_more_seconds_a_day(archive: list[Path], tmp_path: Path) -> None:
    few, many = (first(archive, 0, count, tmp_path / f"objects{count}") for count in (FEW, MANY))
    next_few, next_many = (first(archive, n, n + ADDED, tmp_path / f"next{n}") for n in (FEW, MANY))
    peaks: dict[int, list[float]] = {FEW: [], MANY: []}
    within, added = [], []
    for number in range(RUNS):
        peaks[FEW].append(ours(few, tmp_path / f"few{number}")["rss_mb"])
        data = tmp_path / f"many{number}"
        old = ours(many, data, few, tmp_path / f"beside{number}", next_many, next_few)
        peaks[MANY].append(old["rss_mb"])
        within.append([ratio(old["steps"][-4:], old["steps"][:4], kind) for kind in (WALL, PROCESSOR)])
        adding = list(zip(*old["added"], strict=True))
        added.append([ratio(adding[0], adding[1], kind) for kind in (WALL, PROCESSOR)])
        shutil.rmtree(data)
    sys.stdout.write(f"\n{RUNS} runs (min/median/max): peak MB at {FEW} dates {said(peaks[FEW])}, ")
    sys.stdout.write(f"at {MANY} {said(peaks[MANY])}\n")
    for what, ratios in (("the last 80 dates to the first 80", within), (f"one added to {MANY} and to {FEW}", added)):
        wall, processor = zip(*ratios, strict=True)
        sys.stdout.write(f"{what}: processor seconds {said(processor)}, wall seconds {said(wall)}\n")
        assert statistics.median(processor) <= 1.2
    assert max(peaks[FEW] + peaks[MANY]) <= 250


def ratio(later: Sequence[Sequence[float]], earlier: Sequence[Sequence[float]], kind: int) -> float:
    return statistics.median(one[kind] for one in later) / statistics.median(one[kind] for one in earlier)
