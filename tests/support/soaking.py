"""Three days of the whole daemon, ten people before vendors that fail, in minutes: soaking.py FOLDER.

Everything is in one process, since time jumps only where nothing is under way. Prints as JSON what it weighed and
heard.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import json
import re
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import asdict, dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web

from cromwelld.daemon.supervisor import Surroundings, live
from cromwelld.events import Event, Kind
from cromwelld.lake.memory import stay_small
from cromwelld.monitor.notify import Notifier
from cromwelld.simulator.faces import FACES
from cromwelld.simulator.faults import WITHOUT_LOGIN, plan
from cromwelld.simulator.person import Person
from cromwelld.simulator.serve import serving
from cromwelld.wiring.vendors import STREAMS
from tests.support.fast_time import FastLoop
from tests.support.running import Manager

BEGIN = dt.datetime(2025, 10, 24, 12, tzinfo=dt.UTC)  # the clocks are changed in the night to the 26th
PEOPLE, DAYS = 10, 3
DAY_S, SCRAPED_S, WATCHDOG_S = 86_400, 30, 120
THIN = ("heart_rate", "steps", "gps", "activities", "spo2_intraday", "activity_levels", "minutes_sedentary")


@dataclass(frozen=True)
class Weight:
    memory_kb: int
    tasks: int
    files: int


@dataclass
class Heard:
    """What the daemon said and was asked in its life, counted."""

    port: int = 0
    events: Counter[Kind] = field(default_factory=Counter)
    letters: list[str] = field(default_factory=list)
    scrapes: Counter[int] = field(default_factory=Counter)
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, event: Event) -> None:
        self.events[event.kind] += 1
        if event.kind is Kind.DAEMON_READY:
            self.port = int(event.fields["port"])
            self.ready.set()


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def weigh() -> Weight:
    gc.collect()
    told = Path("/proc/self/status").read_text("ascii")
    memory = int(re.findall(r"VmRSS:\s+(\d+)", told)[0])
    return Weight(memory, len(asyncio.all_tasks()), open_files())


def configured(root: Path, urls: Sequence[str], letters: str) -> Path:
    """Write the configuration of ten people; the logins are there."""
    secret = root / "secret"
    secret.write_text("invented", "utf-8")
    (root / "state/tokens").mkdir(parents=True)
    blocks = [f'state_dir = "{root / "state"}"\n']
    for number in range(PEOPLE):
        name, source = f"person{number}", "google_health" if number % 2 else "fitbit_web"
        left_out = [one for one in THIN if one in STREAMS[source]]
        client = f'client_id = "x"\nclient_secret_file = "{secret}"\n' if number % 2 else ""
        blocks.append(
            f'[accounts.{name}]\nsource = "{source}"\nbase_url = "{urls[number % len(urls)]}"\n{client}'
            f'data_dir = "{root / "data" / name}"\nprefix = "{name}"\nleave_out = {json.dumps(left_out)}\n'
        )
        (root / "state/tokens" / f"{name}.json").write_text(json.dumps({"access_token": "any"}), "utf-8")
    blocks.append(f'[archive]\nfolder = "{root / "archive"}"\n[http]\nlisten = "127.0.0.1:0"\n')
    blocks.append(f'[alerts]\nnot_worn_after = "1d"\n[alerts.ntfy]\nurl = "{letters}/topic"\n')
    file = root / "config.toml"
    file.write_text("\n".join(blocks), "utf-8")
    return file


@asynccontextmanager
async def vendors(loop: FastLoop) -> AsyncIterator[list[str]]:
    """Serve four vendors, two of each kind, each with faults of its own."""
    async with AsyncExitStack() as stack:
        urls = []
        for seed in range(4):
            api = "google_health" if seed % 2 else "fitbit_web"
            app = FACES[api].application(Person(), loop.clock, quota=False, faults=plan(seed, kinds=WITHOUT_LOGIN))
            urls.append(await stack.enter_async_context(serving(app)))
        yield urls


@asynccontextmanager
async def letter_box(heard: Heard) -> AsyncIterator[str]:
    """Take the letters of ntfy; every third one is refused for the moment."""
    asked = 0

    async def take(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        if asked % 3 == 0:
            return web.Response(status=503)
        heard.letters.append(request.headers["Title"])
        return web.Response(text="OK")

    app = web.Application()
    app.router.add_post("/topic", take)
    async with serving(app) as url:
        yield url


async def scrape(heard: Heard) -> None:
    """Be Prometheus, and somebody who looks whether it lives."""
    async with aiohttp.ClientSession(f"http://127.0.0.1:{heard.port}") as session:
        while True:
            for path in ("/metrics", "/healthz"):
                async with session.get(path) as answer:
                    await answer.read()
                    heard.scrapes[answer.status] += 1
            await asyncio.sleep(SCRAPED_S)


async def three_days(loop: FastLoop, root: Path, heard: Heard, manager: Manager) -> list[Weight]:
    async with vendors(loop) as urls, letter_box(heard) as letters:
        around = Surroundings(
            config=configured(root, urls, letters), log=heard, notifier=Notifier(str(manager.path)), clock=loop.clock,
            environ={"WATCHDOG_USEC": str(WATCHDOG_S * 1_000_000)},
        )  # fmt: skip
        before, weights = len(asyncio.all_tasks()), []
        async with asyncio.TaskGroup() as group:
            daemon = group.create_task(live(around))
            await heard.ready.wait()
            scraping = group.create_task(scrape(heard))
            for _ in range(DAYS):
                await asyncio.sleep(DAY_S)
                weights.append(weigh())
            scraping.cancel()
            signal.raise_signal(signal.SIGTERM)
            await daemon
        assert len(asyncio.all_tasks()) <= before
    return weights


def main(root: Path) -> None:
    stay_small()
    files, loop, heard = open_files(), FastLoop(BEGIN), Heard()
    with closing(Manager(root / "notify")) as manager:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            weights = runner.run(three_days(loop, root, heard, manager))
        lines = manager.lines()
    told = {
        "weights": [asdict(one) for one in weights],
        "files_left": open_files() - files,
        "scrapes": heard.scrapes,
        "signs_of_life": lines.count("WATCHDOG=1"),
        "stopping": lines.count("STOPPING=1"),
        "letters": Counter(letter.rpartition(": ")[2] for letter in heard.letters),
        "events": Counter({kind.label: count for kind, count in heard.events.items()}),
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
