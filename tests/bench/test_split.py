"""Splitting a monolithic table: the memory that it takes must not grow with the months in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

PROJECT = Path(__file__).resolve().parents[2]
DAY_US, START_US = 86_400_000_000, 1_672_531_200_000_000  # 2023-01-01
BEATS_A_DAY = 28_000
GROUP_DAYS = 30
SHORT_DAYS, LONG_DAYS = 60, 720


def _rows(days: np.ndarray[tuple[int], np.dtype[np.int64]], seed: int) -> pa.Table:
    """Build heart-rate samples, and one noon a date, of these days, in no order."""
    dice = np.random.default_rng(seed)
    beats = np.repeat(days, BEATS_A_DAY) * DAY_US + dice.integers(0, 86_400, len(days) * BEATS_A_DAY) * 1_000_000
    times = np.concatenate([beats, days * DAY_US + DAY_US // 2]) + START_US
    order = dice.permutation(len(times))
    names = np.array(["HeartRate_Intraday", "RestingHR"])[(order >= len(beats)).astype(int)]
    columns = {
        "measurement": pa.array(names),
        "time": pa.array(times[order], pa.timestamp("us", "UTC")),
        "tag_Device": pa.repeat("PixelWatch3", len(order)),
        "field_value": pa.array(dice.integers(50, 150, len(order)).astype(float)),
    }
    empty = {f"field_{number}": pa.nulls(len(order), pa.float64()) for number in range(40)}  # as wide as theirs were
    return pa.table(columns | empty)


def _monolith(path: Path, days: int) -> Path:
    """Write a file in whose every row group lie dates of all its months."""
    groups = days // GROUP_DAYS
    tables = (_rows(np.arange(first, days, groups, dtype=np.int64), first) for first in range(groups))
    first = next(tables)
    with pq.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first, row_group_size=first.num_rows)
        for rows in tables:
            writer.write_table(rows, row_group_size=rows.num_rows)
    return path


def _split(file: Path, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.one_split", str(file), str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=PROJECT, env=environment)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def test_memory_does_not_grow_with_the_months(tmp_path: Path) -> None:
    short, long = (
        _split(_monolith(tmp_path / f"{days}.parquet", days), tmp_path / f"data{days}")
        for days in (SHORT_DAYS, LONG_DAYS)
    )
    for days, run in ((SHORT_DAYS, short), (LONG_DAYS, long)):
        sys.stdout.write(f"\nsplit of {days} days: {run['seconds']:.1f} s, peak {run['memory_mb']:.0f} MB\n")
    assert (short["dates"], long["dates"]) == (SHORT_DAYS, LONG_DAYS)
    assert long["memory_mb"] <= 1.3 * short["memory_mb"]
