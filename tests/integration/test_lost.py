"""Dates of which something could not be had for long."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from cromwelld.events import Kind
from cromwelld.jobs.lost import lost
from cromwelld.pieces import Answer
from tests.support.answers import answer, heart_rate, night
from tests.support.collecting import DATE, Household
from tests.support.faltering import Faltering
from tests.support.places import places_in

BEATS = heart_rate(DATE, range(0, 600, 5))
NIGHT = night(DATE, [("2025-10-07T22:10:00", "2025-10-08T05:50:00")])
DAYS = dt.timedelta(days=1)


def failed(stream: str) -> Answer:
    return answer(stream, DATE, {}, outcome="failed", reason="503: the vendor is away or busy")


@pytest.fixture
def home(tmp_path: Path) -> Household:
    return Household(tmp_path)


def lost_now(home: Household) -> dict[dt.date, str]:
    with places_in(home.root, home.clock) as places:
        return lost(places.ledger, "me", home.clock.now)


async def test_a_stream_that_fails_for_a_week_loses_its_date_until_it_comes(home: Household) -> None:
    await home.collect(BEATS, failed("sleep"))
    assert lost_now(home) == {}
    home.clock.now += 6 * DAYS
    await home.collect(BEATS, failed("sleep"))
    assert lost_now(home) == {}
    home.clock.now += 2 * DAYS
    await home.collect(BEATS, failed("sleep"), failed("hrv"))
    assert lost_now(home) == {dt.date(2025, 10, 8): "sleep: 503: the vendor is away or busy"}
    await home.collect(BEATS, NIGHT)
    assert lost_now(home) == {}


async def test_what_was_lost_long_ago_is_history(home: Household) -> None:
    await home.collect(failed("sleep"))
    home.clock.now += 70 * DAYS
    await home.collect(failed("sleep"))
    assert lost_now(home) == {}


async def test_a_date_that_waits_says_for_what(home: Household) -> None:
    home.store = Faltering(home.root / "archive", away=True)
    await home.collect(BEATS)
    (event,) = home.said(Kind.DAY_WAITS)
    assert event.fields["where"] == "archive"
