"""Planning stays quick over ten years of ledger."""

from __future__ import annotations

import datetime as dt
import statistics
import time
from pathlib import Path

import pytest

from cromwelld.jobs.cycle import Turn
from cromwelld.jobs.open_work import awaited, open_work
from cromwelld.pieces import Answer, Outcome
from cromwelld.planner import batches, todays, wanted
from cromwelld.sources.fitbit_web.endpoints import STREAMS
from cromwelld.state import Fetched, Outlook, Stretch
from tests.support.cloud import Cloud
from tests.support.places import Clock, places_in

NOW = dt.datetime(2025, 10, 9, 3, 7, tzinfo=dt.UTC)
TODAY, DAY = dt.date(2025, 10, 9), dt.timedelta(days=1)
DATES, RUNS, LIMIT_S = 3650, 7, 0.1


@pytest.mark.bench
@pytest.mark.parametrize("holes", [0, 1], ids=["all of it asked", "every ninth date lacks something"])
def test_ten_years_of_ledger_are_planned_in_a_tenth_of_a_second(tmp_path: Path, holes: int) -> None:
    turn = Turn(today=TODAY)
    with places_in(tmp_path, Clock(NOW)) as places:
        names = [name for name, stream in STREAMS.items() if not stream.undated]
        for number, name in enumerate(names):
            lacking = 9 if holes and number % 3 == 0 else DATES
            dates = [TODAY - count * DAY for count in range(1, DATES + 1) if count % lacking]
            places.ledger.fetched("me", [_fetched(name, date) for date in dates], NOW - DAY)
        places.ledger.open_work.promise("me", Stretch(first=TODAY - DATES * DAY, last=dt.date.max))
        cloud = Cloud(clock=Clock(NOW), streams=dict(STREAMS)).source(urgent=True)
        spent = []
        for _ in range(RUNS):
            began = time.perf_counter()
            work = open_work(cloud, places, turn.today)
            planned = [todays("me", STREAMS, work), *batches("me", STREAMS, wanted(STREAMS, work))]
            spent.append(time.perf_counter() - began)
        began = time.perf_counter()
        awaited(cloud, places, turn.today)
        waited_s = time.perf_counter() - began
    told = f"{len(planned)} batches: {statistics.median(spent) * 1000:.0f} ms, what is awaited {waited_s * 1000:.0f} ms"
    print(told)  # noqa: T201 - a measurement is to be read
    assert statistics.median(spent) < LIMIT_S


def _fetched(name: str, date: dt.date) -> Fetched:
    answer = Answer(stream=name, date=date, outcome=Outcome.OK, source="fitbit_web", zone="Europe/London")
    due_at = None if TODAY - date > 7 * DAY else NOW + DAY
    return Fetched(answer=answer, digest="0" * 16, outlook=Outlook(due_at=due_at))
