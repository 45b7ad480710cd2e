"""Tables from archive objects, in a process of its own: compile_one_way.py ARCHIVE DATA [LATER].

As `cromwelld compile` does it. Prints seconds and peak memory in MB; the seconds that each 20 objects took, in order;
and, with LATER, what it took to add each of its objects by a call of its own.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

import pyarrow as pa

from cromwelld.cli.compile import _take_in
from cromwelld.events import ignore
from cromwelld.jobs.compile import find_objects, listed
from cromwelld.jobs.intake import Offer
from cromwelld.lake.writer import Lake


def compiled(lake: Lake, place: Path) -> list[float]:
    marks: list[float] = [time.perf_counter()]
    offer = Offer(objects=listed(find_objects([place]), lake.origins()))
    result = asyncio.run(_take_in(lake, offer, lambda _: marks.append(time.perf_counter())))
    assert not result.problems
    assert len(result.written) == len(offer.objects)
    return [*marks, time.perf_counter()]


def main() -> None:
    archive, data, *later = map(Path, sys.argv[1:])
    pa.array([1.0])  # imports what the other way has imported before its clock starts
    lake = Lake(data, report=ignore)
    marks = compiled(lake, archive)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    added = []
    for file in sorted(later[0].iterdir()) if later else ():
        start = time.perf_counter()
        compiled(lake, file)
        added.append(time.perf_counter() - start)
    steps = [marks[n + 20] - marks[n] for n in range(1, len(marks) - 20, 20)]
    told = {"seconds": marks[-1] - marks[0], "rss_mb": peak_mb, "steps": steps, "added": added}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
