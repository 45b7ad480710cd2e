"""One day: against the straightforward way, and against the latency of the vendor."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import aiohttp
import pytest

from cromwelld.events import ignore
from cromwelld.jobs.collect import Wish, collect
from cromwelld.sources.client import Client
from cromwelld.sources.fitbit_web import FitbitWeb, Settings
from tests.bench.yardstick import yardstick_file
from tests.support.places import places_in

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

RUNS = 7
PROJECT = Path(__file__).resolve().parents[2]
DATE = dt.date(2025, 10, 8)
LATENCY_S = 0.15
LONGEST_CHAIN = 2  # the list of activities, then a track


def _one(way: str, folder: Path) -> dict[str, float]:
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "tests.bench.one_day", way, str(folder), str(yardstick_file("baseline"))]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=PROJECT, env=environment)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def test_a_day_costs_a_quarter_of_the_straightforward_way(tmp_path: Path) -> None:
    pairs = [(_one("ours", tmp_path / f"ours{run}"), _one("theirs", tmp_path / f"theirs{run}")) for run in range(RUNS)]
    ratios = {
        start: statistics.median(ours[start] / theirs[start] for ours, theirs in pairs)
        for start in ("decoded_s", "bytes_s")
    }
    memory_mb = max(ours["memory_mb"] for ours, _ in pairs)
    said = f"{ratios['decoded_s']:.3f} from decoded answers, {ratios['bytes_s']:.3f} from bytes"
    sys.stdout.write(f"\none day against the straightforward way (medians of {RUNS}): {said}\n")
    sys.stdout.write(f"memory: at most {memory_mb:.0f} MB above the baseline\n")
    assert ratios["decoded_s"] <= 0.25
    assert memory_mb <= 60


def _collect(url: str, folder: Path) -> tuple[float, float]:
    """Collect one date; give wall and processor seconds."""

    async def run() -> None:
        async def token() -> str:
            return "invented"

        async with aiohttp.ClientSession() as session:
            client = Client(session=session, base_url=url, token=token, report=ignore)
            source = FitbitWeb(client, Settings(zone_of=lambda _: None, report=ignore))
            with places_in(folder) as places:
                done = await collect(source, places, Wish(first=DATE, last=DATE), lambda _: None)
        assert done.complete

    wall, processor = time.perf_counter(), time.process_time()
    asyncio.run(run())
    return time.perf_counter() - wall, time.process_time() - processor


def _vendor(latency_s: float) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-m", "tests.bench.vendor", str(latency_s)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT, env=environment)


def test_latency_is_paid_once_for_each_link_of_the_longest_chain(tmp_path: Path) -> None:
    slow, quick = _vendor(LATENCY_S), _vendor(0)
    try:
        assert slow.stdout is not None
        assert quick.stdout is not None
        slow_url, quick_url = slow.stdout.readline().strip(), quick.stdout.readline().strip()
        for url in (slow_url, quick_url):  # the simulator thinks once about a person's day
            _collect(url, tmp_path / f"warm{url[-5:]}")
        ratios = []
        for run in range(RUNS):
            _, processor_s = _collect(quick_url, tmp_path / f"quick{run}")
            wall_s, _ = _collect(slow_url, tmp_path / f"slow{run}")
            ratios.append((wall_s - processor_s) / (LONGEST_CHAIN * LATENCY_S))
    finally:
        for vendor in (slow, quick):
            vendor.kill()
            vendor.wait()
            if vendor.stdout is not None:
                vendor.stdout.close()
    median = statistics.median(ratios)
    sys.stdout.write(f"\nlatency: wall less CPU is {median:.2f} of the longest chain (median of {RUNS}: {ratios})\n")
    assert median <= 1.5
