"""Import an export and print seconds and peak memory, in a process of its own."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cromwelld.jobs.importing.run import THREADS, Hearing, Imported, Order, import_export
from cromwelld.jobs.places import Places
from cromwelld.lake.memory import stay_small
from tests.support.places import Clock, places_in

NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def _memory_kb(name: str) -> int:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


async def _import(places: Places, order: Order) -> Imported:
    """Import with the threads that the command has."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    return await import_export(places, order, Hearing())


def main(home: Path, *parts: Path) -> None:
    stay_small()
    started, busy = time.perf_counter(), time.process_time()
    with places_in(home, Clock(NOW)) as places:
        order = Order(parts=parts, folder=home / "state" / "import", timezone="Europe/London")
        done = asyncio.run(_import(places, order))
    result = {
        "seconds": time.perf_counter() - started,
        "processor_s": time.process_time() - busy,
        "memory_mb": _memory_kb("VmHWM") / 1024,
        "dates": len(done.dates),
        "complete": done.complete,
    }
    sys.stdout.write(json.dumps(result))
