"""Three days of ten people before vendors that fail, in minutes: nothing is left over, and memory does not grow."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import json
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from cromwelld.config import Account, Archive, Settings
from cromwelld.daemon.board import Board
from cromwelld.daemon.household import Household
from cromwelld.daemon.observing import Observer
from cromwelld.events import Event
from cromwelld.lake.memory import stay_small
from cromwelld.simulator.faces import FACES
from cromwelld.simulator.faults import WITHOUT_LOGIN, plan
from cromwelld.simulator.person import Person
from cromwelld.simulator.serve import serving
from tests.support.fast_time import FastLoop

BEGIN = dt.datetime(2025, 10, 24, 12, tzinfo=dt.UTC)  # the clocks are changed in the night to the 26th
PEOPLE = 10
DAY_S = 86_400
THIN = ("heart_rate", "steps", "gps", "activities", "spo2_intraday", "activity_levels", "minutes_sedentary")


@dataclass(frozen=True)
class Weight:
    memory_kb: int
    tasks: int
    files: int


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def weigh() -> Weight:
    gc.collect()
    told = Path("/proc/self/status").read_text("ascii")
    memory = int(re.findall(r"VmRSS:\s+(\d+)", told)[0])
    return Weight(memory, len(asyncio.all_tasks()), open_files())


def household(root: Path, urls: list[str]) -> Settings:
    accounts = {}
    for number in range(PEOPLE):
        name = f"person{number}"
        url = urls[number % len(urls)]
        source = "google_health" if number % 2 else "fitbit_web"
        accounts[name] = Account(
            name=name, source=source, base_url=url, client_id="x", data_dir=root / "data" / name, prefix=name,
            leave_out=tuple(one for one in THIN if one in streams_of(source)),
        )  # fmt: skip
        tokens = root / "state" / "tokens" / f"{name}.json"
        tokens.parent.mkdir(parents=True, exist_ok=True)
        tokens.write_text(json.dumps({"access_token": "any"}), "utf-8")
    return Settings(state_dir=root / "state", accounts=accounts, archive=Archive(folder=root / "archive"))


def streams_of(source: str) -> set[str]:
    from cromwelld.wiring.vendors import STREAMS  # noqa: PLC0415 - next to its use

    return set(STREAMS[source])


async def three_days(loop: FastLoop, root: Path, events: list[Event]) -> list[Weight]:
    async with AsyncExitStack() as stack:
        urls = []
        for seed in range(4):
            api = "google_health" if seed % 2 else "fitbit_web"
            faults = plan(seed, kinds=WITHOUT_LOGIN)
            app = FACES[api].application(Person(), loop.clock, quota=False, faults=faults)
            urls.append(await stack.enter_async_context(serving(app)))
        settings = household(root, urls)
        observer = Observer(settings, events.append, loop.clock)
        people = Household(settings, observer.report, loop.clock, Board(lambda: None, observer.changed.ring))
        await people.open()
        weights = []
        async with asyncio.TaskGroup() as group:
            before = len(asyncio.all_tasks())
            people.begin(group)
            watching = group.create_task(observer.watch(people))
            for _ in range(3):
                await asyncio.sleep(DAY_S)
                weights.append(weigh())
                events[:] = [one for one in events if one.kind.label == "run.started"]
            await people.leave(60)
            watching.cancel()
        assert len(asyncio.all_tasks()) <= before
    return weights


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_three_days_of_ten_people_leave_nothing_over(tmp_path: Path) -> None:
    stay_small()
    loop, events = FastLoop(BEGIN), list[Event]()
    files = open_files()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        weights = runner.run(three_days(loop, tmp_path, events))
    print(weights)  # noqa: T201 - what a run by hand is for
    assert weights[-1].memory_kb <= 1.1 * weights[0].memory_kb
    assert weights[-1].tasks <= weights[0].tasks + 2 * PEOPLE  # of connections that are kept open for a while
    assert weights[-1].files <= weights[0].files + 4 * PEOPLE
    assert open_files() <= files
    assert [path for path in tmp_path.rglob("*") if path.name.startswith(".") and path.name.endswith(".tmp")] == []
    for number in range(PEOPLE):
        objects = sorted((tmp_path / "archive" / f"person{number}").glob("fitbit_backup_*"))
        assert {"2025-10-23", "2025-10-24", "2025-10-25", "2025-10-26"} <= {one.name[14:24] for one in objects}
