"""Importing years: how many dates a second, and memory that does not grow with the years."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cromwelld.simulator.person import Person
from tests.support.takeout import Layout, Order, Trap, pack

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]

PROJECT = Path(__file__).resolve().parents[2]
LAST = dt.date(2025, 12, 31)
# The short one has one of each of the largest things that are held at once: a part, thirty dates that are stored
# together, and a calendar year, which is a row group of the wide tables.
LONG_DAYS, SHORT_DAYS = 1100, 366
LEAST_A_SECOND, MOST_MB = 8.0, 400.0
MOST_GROWTH = 1.05  # the fullest of 37 batches is a little fuller than that of 12
OFTEN = (2, 4)  # seconds between heartbeats: 28,000 a day
PART_BYTES = 1_000_000_000
# As the command begins, before any library for columns is there.
PROGRAM = """
import sys
from pathlib import Path
from cromwelld.lake.frugal import stay_narrow
stay_narrow()
from tests.bench.one_import import main
main(*map(Path, sys.argv[1:]))
"""


def _export(into: Path, days: int) -> list[Path]:
    order = Order(
        person=Person(gap_s=OFTEN),
        first=LAST - dt.timedelta(days=days - 1),
        last=LAST,
        layout=Layout.GOOGLE_FOLDERS,
        traps=frozenset({Trap.RECORDERS, Trap.LIVE_PACE, Trap.PADDING}),
        junk=0.25,
    )
    return pack(order, into, part_bytes=PART_BYTES)


def _imported(home: Path, parts: list[Path]) -> dict[str, float]:
    command = [sys.executable, "-c", PROGRAM, str(home), *map(str, parts)]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=PROJECT, env=environment)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def test_years_are_imported_quickly_and_in_little_memory(tmp_path: Path) -> None:
    few, many = _export(tmp_path / "a", SHORT_DAYS), _export(tmp_path / "b", LONG_DAYS)
    assert len(many) > len(few) > 1
    short, long = _imported(tmp_path / "short", few), _imported(tmp_path / "long", many)
    sys.stderr.write(f"short {short}\nlong {long}\n")
    assert long["dates"] >= LONG_DAYS
    assert long["dates"] / long["processor_s"] >= LEAST_A_SECOND
    assert long["memory_mb"] <= MOST_MB
    assert long["memory_mb"] <= MOST_GROWTH * short["memory_mb"]
