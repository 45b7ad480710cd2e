"""An archive that is away for days: the tables go on, nothing is lost, and all drains by itself in order."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from cromwelld.archive.s3 import opened
from cromwelld.errors import FarSideAway
from cromwelld.events import Kind
from cromwelld.lake.reader import load_date
from cromwelld.outbox import Outbox
from cromwelld.pieces import Answer
from tests.support.answers import answer, heart_rate, hrv, night, track, walk, whole_day
from tests.support.collecting import DATE, Household
from tests.support.faltering import Faltering
from tests.support.places import files_of
from tests.support.s3 import SeaweedFS, through
from tests.support.wire import wire_to

BEFORE, AFTER = "2025-10-07", "2025-10-09"
MORE = range(0, 700, 5)
LATER = [("2025-10-07T23:05:00", "2025-10-08T05:50:00")]
VOLATILE = "data/compilation_state.json"


@pytest.fixture
def away(tmp_path: Path) -> Faltering:
    return Faltering(tmp_path / "home" / "archive")


@pytest.fixture
def home(tmp_path: Path, away: Faltering) -> Household:
    return Household(tmp_path / "home", store=away)


async def both(home: Household, tmp_path: Path, *runs: Sequence[Answer]) -> Household:
    """Collect the same answers where nothing is ever away, one run after the other."""
    undisturbed = Household(tmp_path / "undisturbed")
    for answers in runs:
        undisturbed.clock.now = home.clock.now
        await undisturbed.collect(*answers, days=(BEFORE, AFTER))
    return undisturbed


async def test_tables_go_on_while_the_archive_is_away(home: Household, away: Faltering) -> None:
    away.away = True
    collected = await home.collect(*whole_day(DATE))
    (stored,) = collected.stored
    assert isinstance(stored.error, FarSideAway)
    assert not stored.archived
    assert not home.object().exists()
    assert len(home.waiting()) == 5
    assert len(load_date(DATE, home.root / "data")["HeartRate_Intraday"]) == 120
    assert home.state() == "complete"
    assert [event.fields["date"] for event in home.said(Kind.DAY_WAITS)] == [DATE]


async def test_an_archive_that_is_away_is_asked_once_however_many_dates_wait(home: Household, away: Faltering) -> None:
    away.away = True
    await home.collect(*(one for date in (BEFORE, DATE, AFTER) for one in whole_day(date)), days=(BEFORE, AFTER))
    assert away.asked == ["read"]
    assert len(home.waiting()) == 15


async def test_an_outage_of_days_ends_in_the_bytes_of_an_undisturbed_run(
    home: Household, away: Faltering, tmp_path: Path
) -> None:
    before, during = whole_day(DATE), (heart_rate(DATE, MORE), night(DATE, LATER), *whole_day(AFTER))
    still = (
        track(DATE, "2025-10-08T08:00:00", "Walk", 60),
        hrv(AFTER, 34.5),
        walk(AFTER, "2025-10-09T08:00:00", "Run", 20),
    )
    await home.collect(*before, days=(BEFORE, AFTER))
    away.away = True
    await home.collect(*during, days=(BEFORE, AFTER))
    home.clock.now += dt.timedelta(days=2)
    await home.collect(*still, days=(BEFORE, AFTER))
    assert len(load_date(DATE, home.root / "data")["HeartRate_Intraday"]) == len(MORE)
    assert len(load_date(DATE, home.root / "data")["GPS"]) == 60
    away.away = False
    await home.collect(days=("2025-10-01", "2025-10-01"))
    assert [event.fields["date"] for event in home.said(Kind.DAY_ARCHIVED)] == [DATE, AFTER]
    assert home.waiting() == []
    expected, found = files_of((await both(home, tmp_path, before, during, still)).root), files_of(home.root)
    assert {name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name)} <= {
        VOLATILE,
        *replaced(found),
        *replaced(expected),
    }
    assert _origins(home.root) == _origins(tmp_path / "undisturbed")


def replaced(files: dict[str, bytes]) -> set[str]:
    """Name the versions that were set aside: fewer where an outage saved a version in between."""
    return {name for name in files if "/replaced/" in name}


def _origins(root: Path) -> object:
    return json.loads((root / VOLATILE).read_text())["dates"]


async def test_a_partial_answer_never_overwrites_an_object_that_cannot_be_read(
    home: Household, away: Faltering
) -> None:
    await home.collect(heart_rate(DATE, MORE), night(DATE, LATER))
    whole = home.object().read_bytes()
    away.away = True
    await home.collect(heart_rate(DATE, range(0, 50, 5)))
    assert home.object().read_bytes() == whole
    assert len(load_date(DATE, home.root / "data")["HeartRate_Intraday"]) == len(MORE)
    assert home.said(Kind.MEASUREMENT_SHRUNK) != []
    away.away = False
    await home.collect()
    assert home.object().read_bytes() == whole
    assert home.waiting() == []


async def test_what_was_forced_during_an_outage_is_forced_after_it(home: Household, away: Faltering) -> None:
    await home.collect(heart_rate(DATE, MORE))
    away.away = True
    await home.collect(heart_rate(DATE, range(0, 50, 5)), force=["heart_rate"])
    assert len(load_date(DATE, home.root / "data")["HeartRate_Intraday"]) == 10
    away.away = False
    await home.collect()
    assert len(home.times("HeartRate_Intraday")) == 10


async def test_a_full_archive_keeps_the_old_object_and_the_tables_go_on(home: Household, away: Faltering) -> None:
    await home.collect(heart_rate(DATE, range(0, 600, 5)))
    old = home.object().read_bytes()
    away.full = True
    (stored,) = (await home.collect(heart_rate(DATE, MORE))).stored
    assert isinstance(stored.error, FarSideAway)
    assert home.object().read_bytes() == old
    assert len(load_date(DATE, home.root / "data")["HeartRate_Intraday"]) == len(MORE)


async def test_today_is_in_the_tables_during_an_outage(home: Household, away: Faltering) -> None:
    away.away = True
    home.clock.now = dt.datetime(2025, 10, 8, 15, tzinfo=dt.UTC)
    await home.collect(*whole_day(DATE))
    assert home.state() == "provisional"
    assert len(load_date(DATE, home.root / "data")["HeartRate_Intraday"]) == 120


async def test_what_waits_is_counted_with_its_bytes_and_its_age(home: Household, away: Faltering) -> None:
    box = Outbox(home.root / "state" / "outbox" / "me")
    assert box.held() is None
    away.away = True
    await home.collect(*whole_day(DATE))
    held = box.held()
    assert held is not None
    files = list((home.root / "state" / "outbox").rglob("*.arrow"))
    assert held.pieces == len(files) == 5
    assert held.size_bytes == sum(path.stat().st_size for path in files)
    assert held.oldest.timestamp() == pytest.approx(min(path.stat().st_mtime for path in files))


def busy_day() -> Answer:
    """Give a day of heart rate that does not pack small."""
    dice = random.Random(8)
    midnight = dt.datetime(2025, 10, 8, tzinfo=dt.UTC)
    times = [midnight + dt.timedelta(seconds=number) for number in range(28_000)]
    values = [float(dice.randrange(45, 190)) for _ in times]
    return answer("heart_rate", DATE, {"HeartRate_Intraday": {"time": times, "field_value": values}})


@pytest.mark.slow
async def test_a_server_killed_within_an_upload_gets_the_day_an_hour_later(tmp_path: Path) -> None:
    home, undisturbed = Household(tmp_path / "home"), Household(tmp_path / "undisturbed")
    before, after = whole_day(DATE), (busy_day(),)
    for answers in (before, after):
        await undisturbed.collect(*answers)
    with SeaweedFS.running(tmp_path / "server") as (server, seaweed):
        bucket = server.bucket("fitbit")
        async with wire_to(server.url) as wire, opened(through(bucket, wire.url)) as home.store:
            await home.collect(*before)
            wire.at_bytes(60_000, seaweed.kill)
            (stored,) = (await home.collect(*after)).stored
            assert isinstance(stored.error, FarSideAway)
            assert len(load_date(DATE, home.root / "data")["HeartRate_Intraday"]) == 28_000
        await asyncio.to_thread(seaweed.start)
        home.clock.now += dt.timedelta(hours=1)
        async with opened(replace(bucket, patience=replace(bucket.patience, attempts=5))) as home.store:
            await home.collect()
            content = await home.store.read(f"fitbit_backup_{DATE}.json.gz")
        assert content is not None
        assert content.data == undisturbed.object().read_bytes()
        assert server.uploads(bucket) == []
    assert home.waiting() == []
    found, expected = files_of(home.root), files_of(undisturbed.root)
    tables = {name for name in expected if name.startswith("data/")} - {VOLATILE}
    assert {name for name in tables if found.get(name) != expected[name]} == set()
