"""A large object to a bucket, against memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.s3 import Server

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

RUNS = 3
SIZE_BYTES = 256 << 20
MOST_MB = 64
PROJECT = Path(__file__).resolve().parents[2]


def test_a_large_upload_needs_little_memory(seaweedfs: Server, tmp_path: Path) -> None:
    file = tmp_path / "large"
    with file.open("wb") as large:
        large.truncate(SIZE_BYTES)
    runs = [_one(seaweedfs, file, f"bench/{number}") for number in range(RUNS)]
    told = ", ".join(f"{run['memory_mb']:.1f} MB in {run['seconds']:.1f} s" for run in runs)
    sys.stdout.write(f"\nupload of 256 MiB, above the baseline: {told}\n")
    assert max(run["memory_mb"] for run in runs) <= MOST_MB


def _one(server: Server, file: Path, prefix: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.upload", server.url, server.name, prefix, str(file)]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=PROJECT, env=environment)
    result: dict[str, float] = json.loads(done.stdout)
    size = server.other.head_object(Bucket=server.name, Key=f"{prefix}/large.json.gz")["ContentLength"]
    assert size == SIZE_BYTES
    return result
