"""Backfills: what they cost, what a kill costs, and that the promise is kept."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections import Counter
from pathlib import Path

import pytest

from cromwelld.jobs.backfill import backfill, lacking_within
from cromwelld.jobs.performing import Performed, Sources
from cromwelld.lake.reader import load_days
from cromwelld.pieces import Outcome
from cromwelld.planner.backfill import Rate, estimate
from cromwelld.sources.fitbit_web.endpoints import STREAMS as FITBIT
from cromwelld.sources.google_health.streams import STREAMS as GOOGLE
from cromwelld.state import Stretch
from tests.support.cloud import STREAMS, Cloud, Killed
from tests.support.places import Clock, files_of, places_in

NOW = dt.datetime(2025, 10, 9, 3, 0, tzinfo=dt.UTC)
TODAY, DAY = dt.date(2025, 10, 9), dt.timedelta(days=1)
LONG = Stretch(first=TODAY - 120 * DAY, last=TODAY - DAY)
SHORT = Stretch(first=TODAY - 100 * DAY, last=TODAY - 41 * DAY)


async def fill(root: Path, cloud: Cloud, stretch: Stretch = LONG) -> Performed:
    with places_in(root, Clock(NOW)) as places:
        sources = Sources(urgent=cloud.source(urgent=True), patient=cloud.source(urgent=False))
        return await backfill(sources, places, stretch, TODAY, lambda _: None)


def durable(root: Path) -> set[tuple[str, dt.date]]:
    with places_in(root, Clock(NOW)) as places:
        return {(entry.stream, entry.date) for entry in places.ledger.entries("me", dt.date.min, dt.date.max)}


async def test_the_dry_run_says_what_the_real_one_sends(tmp_path: Path) -> None:
    cloud = Cloud(clock=Clock(NOW))
    with places_in(tmp_path, Clock(NOW)) as places:
        planned = estimate(STREAMS, lacking_within(cloud.source(urgent=False), places, SHORT, TODAY), None)
    assert cloud.requests == []
    await fill(tmp_path, cloud, SHORT)
    sent = Counter(one.stream for one in cloud.requests)
    assert sent.pop("gps") == 60  # a walk a date
    assert dict(planned.requests) == dict(sent)
    assert planned.dates == 60
    assert not any(one.urgent for one in cloud.requests)


@pytest.mark.slow
async def test_kills_cost_what_was_not_durable_and_nothing_else(tmp_path: Path) -> None:
    calm = Cloud(clock=Clock(NOW))
    await fill(tmp_path / "calm", calm)
    dice = random.Random(7)
    cloud, kills = Cloud(clock=Clock(NOW)), 0
    while kills < 20:
        before = durable(tmp_path / "killed")
        asked = len(cloud.requests)
        cloud.kill_at = asked + dice.randint(1, 2 * len(calm.requests) // 20)
        try:
            await fill(tmp_path / "killed", cloud)
        except Killed:
            kills += 1
        else:
            break
        finally:
            again = [one for one in cloud.requests[asked:] if one.stream not in {"devices", "activities"}]
            assert not {(one.stream, one.first) for one in again} & before
    cloud.kill_at = None
    await fill(tmp_path / "killed", cloud)
    assert kills >= 10
    assert files_of(tmp_path / "killed") == files_of(tmp_path / "calm")
    # a list is in flight as long as its tracks are
    assert len(cloud.asked("activities")) <= len(calm.asked("activities")) + kills


async def test_nothing_of_a_date_is_stored_before_all_of_it_has_come(tmp_path: Path) -> None:
    cloud = Cloud(clock=Clock(NOW), most=50)
    done = await fill(tmp_path, cloud)
    assert done.ended_by is not None
    assert not (tmp_path / "data").exists()  # thirty dates need sixty requests for samples and tracks alone
    with places_in(tmp_path, Clock(NOW)) as places:
        assert len(places.outbox.dates()) > 60  # the longest ranges came first, and wait
    cloud.most = None
    await fill(tmp_path, cloud)
    days = load_days(LONG.first.isoformat(), LONG.last.isoformat(), tmp_path / "data")
    assert set(days["state"]) == {"complete"}


async def test_a_refused_stream_is_not_asked_in_every_window(tmp_path: Path) -> None:
    cloud = Cloud(clock=Clock(NOW), wrong={"hrv": Outcome.REFUSED})
    done = await fill(tmp_path, cloud)
    assert len(cloud.asked("hrv")) == 1
    assert {stream for stream, _ in done.failed} == {"hrv"}
    days = load_days(LONG.first.isoformat(), LONG.last.isoformat(), tmp_path / "data")
    assert set(days["date"]) == {(LONG.first + number * DAY).isoformat() for number in range(120)}


def dates(count: int) -> set[dt.date]:
    return {TODAY - number * DAY for number in range(1, count + 1)}


def test_an_estimate_counts_lists_once_a_window_and_guesses_tracks() -> None:
    asked = {"heart_rate": dates(60), "activities": dates(60), "gps": dates(60), "hrv": dates(60)}
    found = estimate(FITBIT, asked, Rate(requests=110, window_s=3600.0))
    assert dict(found.requests) == {"heart_rate": 60, "activities": 2, "hrv": 2, "devices": 2}
    assert found.tracks == 30
    assert found.total == 96
    assert math.isclose(found.hours, 96 / 110)
    assert found.dates == 60
    assert found.size_bytes == 60 * 150_000


def test_a_google_day_of_heart_rate_has_several_pages() -> None:
    found = estimate(GOOGLE, {"heart_rate": dates(10)}, Rate(requests=90, window_s=60.0))
    assert dict(found.requests) == {"heart_rate": 30, "devices": 1}
    assert math.isclose(found.hours, 31 / 90 / 60)


def test_nothing_lacking_costs_nothing() -> None:
    found = estimate(FITBIT, {"heart_rate": set()}, None)
    assert (found.total, found.dates, found.hours, found.size_bytes) == (0, 0, 0.0, 0)


@pytest.mark.parametrize("first", [TODAY - DAY, TODAY])
async def test_a_backfill_of_one_date_is_whole(tmp_path: Path, first: dt.date) -> None:
    cloud = Cloud(clock=Clock(NOW))
    await fill(tmp_path, cloud, Stretch(first=first, last=first))
    assert Counter(one.stream for one in cloud.requests) >= Counter(dict.fromkeys(("heart_rate", "sleep", "hrv"), 1))
