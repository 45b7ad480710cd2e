"""Tables from archive objects, in a process of its own: compile_one_way.py ARCHIVE DATA [FEW FEW-DATA NEXT NEXT-FEW].

As `cromwelld compile` does it. Prints seconds and peak memory in MB, and the wall and processor seconds that each 20
objects took, in order. With more arguments FEW is compiled as well, and then the objects of the folders NEXT and
NEXT-FEW are added in turns, each by a call of its own, which is timed too.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from cromwelld.cli.compile import take_in_small
from cromwelld.events import ignore
from cromwelld.jobs.compile import find_objects, listed
from cromwelld.jobs.intake import Offer
from cromwelld.lake.writer import Lake


@dataclass(frozen=True, slots=True)
class Instant:
    """Now, by the clock and by what the processor has done."""

    wall_s: float = field(default_factory=time.perf_counter)
    processor_s: float = field(default_factory=time.process_time)

    def since(self, other: Instant) -> tuple[float, float]:
        return self.wall_s - other.wall_s, self.processor_s - other.processor_s


def compiled(data: Path, place: Path) -> list[Instant]:
    lake, instants = Lake(data, report=ignore), [Instant()]
    offer = Offer(objects=listed(find_objects([place]), lake.origins()))
    result = asyncio.run(take_in_small(lake, offer, lambda _: instants.append(Instant())))
    assert not result.problems
    assert len(result.written) == len(offer.objects)
    return [*instants, Instant()]


def added(file: Path, data: Path) -> tuple[float, float]:
    start = Instant()
    return compiled(data, file)[-1].since(start)


def main() -> None:
    archive, data, *more = map(Path, sys.argv[1:])
    pa.array([1.0])  # imports what the other way has imported before its clock starts
    seen = compiled(data, archive)
    told: dict[str, object] = {
        "seconds": seen[-1].wall_s - seen[0].wall_s,
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "steps": [seen[n + 20].since(seen[n]) for n in range(1, len(seen) - 20, 20)],
    }
    if more:
        few, few_data, following, following_few = more
        compiled(few_data, few)
        pairs = zip(sorted(following.iterdir()), sorted(following_few.iterdir()), strict=True)
        told["added"] = [(added(one, data), added(other, few_data)) for one, other in pairs]
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
