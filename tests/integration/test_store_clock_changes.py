"""Days of 25 and 23 hours, from the vendor's clock times to archive and tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import aiohttp
import pytest

from cromwelld.events import Kind
from cromwelld.jobs.collect import Collected
from cromwelld.lake.reader import load_date
from cromwelld.simulator.fitbit_web import Options, application
from cromwelld.simulator.person import Person
from cromwelld.simulator.serve import serving
from cromwelld.sources.client import Client
from cromwelld.sources.fitbit_web import FitbitWeb, Settings
from tests.support.collecting import Household
from tests.support.hearing import aloud

NOW = dt.datetime(2025, 11, 20, 9, tzinfo=dt.UTC)
FALL_BACK = {"Europe/London": "2025-10-26", "America/New_York": "2025-11-02"}
SECOND_PASS = {"Europe/London": "2025-10-26T01", "America/New_York": "2025-11-02T06"}
MIDNIGHTS = {
    "Europe/London": ("2025-10-25T23:00:00", "2025-10-26T23:59:00"),
    "America/New_York": ("2025-11-02T04:00:00", "2025-11-03T04:59:00"),
}
SPRING_FORWARD = "2025-03-30"


def iso(seconds: int) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat()


def beats(person: Person, date: str) -> list[tuple[str, float]]:
    truth = person.heart_rate(dt.date.fromisoformat(date))
    return [(iso(at), float(bpm)) for at, bpm in zip(truth.instants, truth.bpm, strict=True)]


def minutes(person: Person, date: str) -> list[tuple[str, float]]:
    truth = person.movement(dt.date.fromisoformat(date))
    return [(iso(truth.first + 60 * n), float(steps)) for n, steps in enumerate(truth.steps)]


def stored(home: Household, date: str, name: str) -> list[tuple[str, float]]:
    return [(r["time"], r["fields"]["value"]) for r in home.records(date) if r["measurement"] == name]


def hours(rows: Sequence[tuple[str, float]]) -> int:
    return len({time[:13] for time, _ in rows})


@pytest.fixture
def home(tmp_path: Path) -> Household:
    found = Household(tmp_path)
    found.clock.now = NOW
    return found


async def collected(home: Household, person: Person, date: str, fall_back: Literal["twice", "once"]) -> Collected:
    async def token() -> str:
        return "invented"

    options = Options(quota=None, fall_back=fall_back)
    app = application(person, clock=home.clock, options=options)
    async with serving(app) as url, aiohttp.ClientSession() as session:
        client = Client(session=session, base_url=url, token=token, report=aloud(home.events), clock=home.clock)
        source = FitbitWeb(client, Settings(zone_of=lambda _: None, report=home.events.append))
        return await home.collect_from(source, days=(date, date))


@pytest.mark.parametrize("zone", FALL_BACK)
async def test_an_hour_that_was_sent_twice_is_there_twice(home: Household, zone: str) -> None:
    person, date = Person(zone=zone), FALL_BACK[zone]
    assert (await collected(home, person, date, "twice")).complete
    beat, walked = stored(home, date, "HeartRate_Intraday"), stored(home, date, "Steps_Intraday")
    assert beat == beats(person, date)
    assert walked == minutes(person, date)
    assert len(walked) == 1500
    assert (walked[0][0][:19], walked[-1][0][:19]) == MIDNIGHTS[zone]
    assert hours(walked) == hours(beat) == 25
    assert [time for time, _ in beat if time.startswith(SECOND_PASS[zone])]
    assert home.said(Kind.HOUR_SENT_ONCE) == []
    frames = load_date(date, home.root / "data")
    assert len(frames["Steps_Intraday"]) == 1500
    assert frames["HeartRate_Intraday"]["time"].is_unique
    assert len(frames["HeartRate_Intraday"]) == len(beat)
    assert set(frames["Steps_Intraday"]["time"].dt.strftime("%Y-%m-%d")) == {date}


@pytest.mark.parametrize("zone", FALL_BACK)
async def test_an_hour_that_was_sent_once_is_the_first_pass(home: Household, zone: str) -> None:
    person, date = Person(zone=zone), FALL_BACK[zone]
    assert (await collected(home, person, date, "once")).complete
    truth = [(time, bpm) for time, bpm in beats(person, date) if not time.startswith(SECOND_PASS[zone])]
    assert len(truth) < len(beats(person, date))
    assert stored(home, date, "HeartRate_Intraday") == truth
    walked = stored(home, date, "Steps_Intraday")
    assert len(walked) == 1440
    assert not [time for time, _ in walked if time.startswith(SECOND_PASS[zone])]
    assert sum(steps for _, steps in walked) == sum(steps for _, steps in minutes(person, date))
    assert (walked[0][0][:19], walked[-1][0][:19]) == MIDNIGHTS[zone]
    assert {event.fields["date"] for event in home.said(Kind.HOUR_SENT_ONCE)} == {date}
    assert len(load_date(date, home.root / "data")["HeartRate_Intraday"]) == len(truth)


async def test_a_skipped_hour_is_not_there(home: Household) -> None:
    person = Person(zone="Europe/London")
    assert (await collected(home, person, SPRING_FORWARD, "twice")).complete
    beat, walked = (stored(home, SPRING_FORWARD, name) for name in ("HeartRate_Intraday", "Steps_Intraday"))
    assert beat == beats(person, SPRING_FORWARD)
    assert walked == minutes(person, SPRING_FORWARD)
    assert len(walked) == 1380
    assert hours(walked) == 23
    assert (walked[0][0], walked[-1][0]) == ("2025-03-30T00:00:00+00:00", "2025-03-30T22:59:00+00:00")
    frame = load_date(SPRING_FORWARD, home.root / "data")["Steps_Intraday"]
    assert not (frame["time"].dt.hour == 1).any()


@pytest.mark.parametrize("fall_back", ["twice", "once"])
async def test_collecting_the_day_again_changes_nothing(home: Household, fall_back: Literal["twice", "once"]) -> None:
    person, date = Person(), FALL_BACK["Europe/London"]
    await collected(home, person, date, fall_back)
    before = home.object(date).read_bytes()
    again = await collected(home, person, date, fall_back)
    assert home.object(date).read_bytes() == before
    assert not any(item.changed for item in again.stored)
