"""A job that is killed at its n-th step on the disk; run as a program: killed.py JOB ROOT FIRST LAST STRIDE.

Each kill happens in a forked child, which leaves by `os._exit` just before the step: nothing is tidied up, as in a
real kill. Afterwards another child does the same again, undisturbed. The program prints how many kills there were.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from cromwelld.cli import main as command
from cromwelld.jobs.collect import Wish, collect
from cromwelld.jobs.importing import intake
from cromwelld.pieces import Answer
from cromwelld.simulator.person import Person
from cromwelld.sources.takeout import reading
from cromwelld.sources.takeout.members import Member
from tests.support.answers import Told, heart_rate, hrv, night, track, walk
from tests.support.cli import home
from tests.support.importing import run_import
from tests.support.places import places_in
from tests.support.takeout import Layout, Order, pack

KILLED = 137
EXPORT = "export"
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


@dataclass(frozen=True)
class Job:
    """What lies there before, and what is killed."""

    prepare: Callable[[Path], None]
    act: Callable[[Path], None]


def _only_the_archive(root: Path) -> None:
    """Leave nothing but the archive, some of whose tables are there in an earlier version."""
    run(root, EARLIER)
    shutil.move(root / "data", root / "earlier")
    run(root, LATER)
    shutil.rmtree(root / "state")
    shutil.rmtree(root / "data")
    shutil.move(root / "earlier", root / "data")
    home(root, "http://127.0.0.1:9")


def export_in(folder: Path) -> list[Path]:
    """Give the parts of the person's export in a folder, written where they are not there yet."""
    if not folder.exists():
        order = Order(person=Person(), first=WISH.first, last=WISH.last, layout=Layout.GOOGLE_FOLDERS)
        pack(order, folder, part_bytes=2_000_000)
    return sorted(folder.iterdir())


def reads_of(root: Path) -> Path:
    """Name the file that lists what was read of an export in full, beside the folder of a run."""
    return root.with_suffix(".read")


def _noting(root: Path) -> None:
    """Note each file of an export once all of it has been read; no step on the disk of the job's own."""
    real = reading.read

    def read(member: Member, *more: Any) -> Iterator[pa.Table]:  # noqa: ANN401 - handed on as they come
        yield from real(member, *more)
        with reads_of(root).open("a", encoding="utf-8") as file:
            file.write(f"{member.name}\n")

    setattr(intake, "read", read)  # noqa: B010 - the name that it looks up


def _import(root: Path) -> None:
    parts = export_in(root.parent / EXPORT)
    _noting(root)
    with places_in(root) as places:
        run_import(places, parts, root / "state" / "import", timezone="Europe/London")


def _told(*words: object) -> None:
    """Run a command; its end is an error only where it says so."""
    try:
        command([str(word) for word in words])
    except SystemExit as end:
        if end.code:
            raise


JOBS = {
    "collect": Job(lambda root: run(root, EARLIER), lambda root: run(root, LATER)),
    "sync": Job(_only_the_archive, lambda root: _told("sync", "--json", "--config", root / "config.toml")),
    "compile": Job(
        _only_the_archive,
        lambda root: _told("compile", root / "archive", "--data-dir", root / "data", "--json"),
    ),
    "import": Job(lambda root: root.mkdir() if export_in(root.parent / EXPORT) else None, _import),
}


def count_steps(act: Callable[[], None]) -> None:
    """Call `act` before every step on the disk that a kill could come before."""

    def before(owner: object, name: str) -> None:
        real = getattr(owner, name)

        def step(*args: object, **more: object) -> object:
            act()
            return real(*args, **more)

        setattr(owner, name, step)

    for owner, name in ((os, name) for name in ("fsync", "replace", "rename", "unlink", "rmdir", "write")):
        before(owner, name)
    for name in ("replace", "rename", "unlink", "rmdir", "mkdir", "touch", "write_bytes"):
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


def kill_at(job: Job, root: Path, step: int) -> bool:
    """Do a job and die before the given step; then do it again. Tell whether the step was ever reached."""
    in_child(lambda: job.prepare(root))

    def dying() -> None:
        steps = itertools.count(1)
        count_steps(lambda: os._exit(KILLED) if next(steps) == step else None)
        job.act(root)

    code = in_child(dying)
    if code not in {0, KILLED}:
        raise SystemExit(f"the run failed before step {step}")
    if in_child(lambda: job.act(root)):
        raise SystemExit(f"the run after a kill before step {step} failed")
    return code == KILLED


def main() -> None:
    sys.stdout, out = sys.stderr, sys.stdout
    job, root, first, last, stride = JOBS[sys.argv[1]], Path(sys.argv[2]), *map(int, sys.argv[3:])
    pa.array([1.0])  # what a child would otherwise import again
    done = 0
    for step in range(first, last, stride):
        if not kill_at(job, root / f"{step:04d}", step):
            break
        done += 1
    out.write(str(done))


if __name__ == "__main__":
    main()
