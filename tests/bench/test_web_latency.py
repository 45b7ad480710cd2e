"""How long monitors wait while a day is stored."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.support.running import PREPARED

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

PROJECT = Path(__file__).resolve().parents[2]
RUNS, SECONDS, CLIENTS = 3, 10, 50
PATHS = ("/metrics", "/healthz")
MOST_MS = 20.0


@contextmanager
def scraped(folder: Path) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Start the server in a process of its own; give its port."""
    environment = {**os.environ, **PREPARED, "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-m", "tests.bench.scraped", str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=PROJECT, env=environment) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline()), process
        finally:
            process.kill()


async def scrape(port: int, place: float) -> dict[str, list[float]]:
    """Be one client: each path once a second, at its own place in the second; give the milliseconds of each."""
    found: dict[str, list[float]] = {path: [] for path in PATHS}
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        loop = asyncio.get_running_loop()
        begin = loop.time() + place
        for second in range(SECONDS):
            await asyncio.sleep(begin + second - loop.time())
            for path in PATHS:
                start = time.perf_counter()
                async with session.get(path) as response:
                    await response.read()
                    assert response.status == 200
                found[path].append((time.perf_counter() - start) * 1000)
    return found


async def measured(port: int) -> dict[str, list[float]]:
    clients = await asyncio.gather(*(scrape(port, number / CLIENTS) for number in range(CLIENTS)))
    return {path: sorted(one for client in clients for one in client[path]) for path in PATHS}


def test_monitors_are_answered_at_once_while_days_are_stored(tmp_path: Path) -> None:
    p99: dict[str, list[float]] = {path: [] for path in PATHS}
    stored = 0
    for run in range(RUNS):
        with scraped(tmp_path / str(run)) as (port, process):
            found = asyncio.run(measured(port))
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.close()
            stored += int(process.stdout.readline())
        for path, times in found.items():
            assert len(times) == CLIENTS * SECONDS
            p99[path].append(times[int(len(times) * 0.99)])
            said = f"median {statistics.median(times):.1f} ms, p99 {p99[path][-1]:.1f} ms, longest {times[-1]:.1f} ms"
            sys.stdout.write(f"\nrun {run}: {path}: {said}")
    sys.stdout.write(f"\n{stored} days of 28,000 samples were stored meanwhile\n")
    assert stored >= RUNS
    assert all(statistics.median(one) < MOST_MS for one in p99.values()), p99
