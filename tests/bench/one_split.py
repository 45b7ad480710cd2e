"""Split a monolithic table in a process of its own and print seconds and peak memory: one_split.py FILE FOLDER."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from cromwelld.events import ignore
from cromwelld.jobs.split import Job, split
from cromwelld.jobs.zones import Zones
from cromwelld.lake.writer import Lake


def _memory_kb(name: str) -> int:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def main(file: Path, folder: Path) -> None:
    started = time.perf_counter()
    done = split(Lake(folder, report=ignore), Job(file=file, data_dir=folder, zones=Zones()))
    seconds = time.perf_counter() - started
    result = {"seconds": seconds, "memory_mb": _memory_kb("VmHWM") / 1024, "dates": len(done.written)}
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
