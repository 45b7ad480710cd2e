"""A collection that is killed at its n-th step on the disk; run as a program: killed.py ROOT FIRST LAST STRIDE.

Each kill happens in a forked child, which leaves by `os._exit` just before the step: nothing is tidied up, as in a
real kill. Afterwards another child collects again, undisturbed. The program prints how many steps there were.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from cromwelld.jobs.collect import Wish, collect
from cromwelld.pieces import Answer
from tests.support.answers import Told, heart_rate, hrv, night, track, walk
from tests.support.places import places_in

KILLED = 137
DAY_1, DAY_2 = "2025-10-08", "2025-10-09"
WISH = Wish(first=dt.date(2025, 10, 8), last=dt.date(2025, 10, 9))

EARLIER = (
    heart_rate(DAY_1, range(0, 600, 5)),
    night(DAY_1, [("2025-10-07T22:10:00", "2025-10-08T05:50:00")]),
    walk(DAY_1, "2025-10-08T08:00:00", "Walk", 30),
    track(DAY_1, "2025-10-08T08:00:00", "Walk", 50),
)
LATER = (
    heart_rate(DAY_1, range(0, 900, 5)),
    night(DAY_1, [("2025-10-07T23:05:00", "2025-10-08T05:50:00")]),
    track(DAY_1, "2025-10-08T08:00:00", "Walk", 60),
    hrv(DAY_1, 34.5),
    heart_rate(DAY_2, range(0, 700, 5)),
    night(DAY_2, [("2025-10-08T22:00:00", "2025-10-09T06:00:00")]),
    walk(DAY_2, "2025-10-09T08:00:00", "Run", 20),
)


def run(root: Path, answers: tuple[Answer, ...]) -> None:
    with places_in(root) as places:
        asyncio.run(collect(Told(answers), places, WISH, lambda _: None))


def count_steps(act: Callable[[], None]) -> None:
    """Call `act` before every step on the disk that a kill could come before."""

    def before(owner: object, name: str) -> None:
        real = getattr(owner, name)

        def step(*args: object, **more: object) -> object:
            act()
            return real(*args, **more)

        setattr(owner, name, step)

    for owner, name in ((os, "fsync"), (os, "replace"), (os, "rename"), (os, "unlink"), (os, "rmdir")):
        before(owner, name)
    for name in ("replace", "rename", "unlink", "rmdir", "mkdir", "touch"):
        before(Path, name)


def in_child(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - a child must never run the parent's code
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def kill_at(root: Path, step: int) -> bool:
    """Collect and die before the given step; then collect again. Tell whether the step was ever reached."""
    in_child(lambda: run(root, EARLIER))

    def dying() -> None:
        steps = itertools.count(1)
        count_steps(lambda: os._exit(KILLED) if next(steps) == step else None)
        run(root, LATER)

    code = in_child(dying)
    if code not in {0, KILLED}:
        raise SystemExit(f"the run failed before step {step}")
    if in_child(lambda: run(root, LATER)):
        raise SystemExit(f"the run after a kill before step {step} failed")
    return code == KILLED


def main() -> None:
    root, first, last, stride = Path(sys.argv[1]), *map(int, sys.argv[2:])
    pa.array([1.0])  # what a child would otherwise import again
    done = 0
    for step in range(first, last, stride):
        if not kill_at(root / f"{step:04d}", step):
            break
        done += 1
    sys.stdout.write(str(done))


if __name__ == "__main__":
    main()
