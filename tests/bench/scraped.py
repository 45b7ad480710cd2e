"""A server that is scraped while days are stored, in a process of its own: scraped.py FOLDER.

The large days of one_day.py are stored one after the other, each in a fresh folder, in the event loop of the server, as
long as standard input is open; the metrics are the real ones, told of everything that happens. Prints the port, and at
the end how many days were stored.
"""

from __future__ import annotations

import asyncio
import sys
from itertools import count
from pathlib import Path

from cromwelld.config import Endpoint
from cromwelld.events import Event, ignore
from cromwelld.jobs.collect import Wish, collect
from cromwelld.lake.memory import stay_small
from cromwelld.monitor.looplag import take_turns_often
from cromwelld.monitor.metrics import Metrics
from cromwelld.sources.fitbit_web.endpoints import STREAMS
from cromwelld.web import Rules, serving
from tests.bench.one_day import DATE, LARGE, Decoded, answers_of, bodies, source_of
from tests.support.daemon import TOKEN, FakeDaemon, fake_daemon
from tests.support.places import places_in

ACCOUNTS = ("me", "partner")


class Scraped(FakeDaemon):
    """The fake daemon, with the metrics of a real one."""

    rendering: Metrics

    async def metrics(self) -> bytes:
        return await self.rendering.rendered()


async def _serve(folder: Path) -> None:
    metrics = Metrics(ACCOUNTS, STREAMS)
    day = Decoded(await answers_of(source_of(bodies(LARGE, DATE))))
    with fake_daemon(folder / "state") as fake:
        daemon = Scraped(fake.ledger, fake.outbox)
        daemon.rendering = metrics
        rules = Rules(listen=Endpoint(host="127.0.0.1", port=0), allowed_hosts=("127.0.0.1",), token=TOKEN)
        async with serving(daemon, rules, ignore) as endpoint:
            await _store(folder / "first", day, metrics)
            sys.stdout.write(f"{endpoint.port}\n")
            sys.stdout.flush()
            closed = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
            for number in count():
                if closed.done():
                    sys.stdout.write(f"{number}\n")
                    return
                await _store(folder / str(number), day, metrics)


async def _store(folder: Path, day: Decoded, metrics: Metrics) -> None:
    events: list[Event] = []
    with places_in(folder, events=events) as places:
        done = await collect(day, places, Wish(first=DATE, last=DATE), lambda _: None)
    assert done.complete
    for event in events:
        metrics.report(event)


if __name__ == "__main__":
    stay_small()  # as the daemon does
    take_turns_often()
    asyncio.run(_serve(Path(sys.argv[1])))
