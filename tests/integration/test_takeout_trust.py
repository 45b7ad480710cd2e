"""After days from an API, the table of trust tells the differences that were planted in an export, and no others."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from pathlib import Path

import pytest

from cromwelld.jobs.importing.run import Hearing, Imported, import_export
from cromwelld.jobs.importing.run import Order as Wanted
from cromwelld.jobs.importing.trust import Trust
from cromwelld.simulator.google_health.person_records import PersonRecords
from cromwelld.simulator.person import Person
from tests.support.collecting import Household
from tests.support.google import Setup, fetching
from tests.support.places import Clock, files_of, places_in
from tests.support.takeout import Layout, Order, Planted, pack

pytestmark = pytest.mark.timeout(180)

ZONE = "Europe/London"
FIRST, LAST = dt.date(2025, 9, 23), dt.date(2025, 9, 25)
NOW = dt.datetime(2025, 9, 26, 11, tzinfo=dt.UTC)
LATE = {"heart_rate_": 7, "heart_rate-": 7}
DATES = 3


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Collect the person's dates from the API, once."""
    root = tmp_path_factory.mktemp("collected")
    asyncio.run(_collect(root))
    return root


async def _collect(root: Path) -> None:
    async with fetching(PersonRecords(Person(), NOW), Setup(zone=ZONE, clock=lambda: NOW)) as one:
        await Household(root, Clock(NOW)).collect_from(one.source, days=(str(FIRST), str(LAST)))


@pytest.fixture
def home(collected: Path, tmp_path: Path) -> Path:
    return shutil.copytree(collected, tmp_path / "home")


async def held_against(home: Path, planted: Planted, *, dry_run: bool = True) -> Imported:
    """Import an export with planted differences beside what the API gave."""
    order = Order(
        person=Person(),
        first=FIRST,
        last=LAST,
        layout=Layout.GOOGLE_FOLDERS,
        planted=planted,
        exported_at=NOW,
    )
    parts = pack(order, home.parent / "export")
    with places_in(home, Clock(NOW)) as places:
        wanted = Wanted(parts=parts, folder=home.parent / "staging", timezone=ZONE, dry_run=dry_run)
        return await import_export(places, wanted, Hearing())


def told(line: Trust) -> tuple[int, int, float | None]:
    return line.dates, line.equal, None if line.median is None else round(line.median, 6)


async def test_nothing_planted_is_nothing_found(home: Path) -> None:
    lines = (await held_against(home, Planted())).trust.lines
    for name in ("HeartRate_Intraday", "Steps_Intraday", "Activity-steps", "ActiveZoneMinutes", "RestingHR", "HRV"):
        assert told(lines[name]) == (DATES, DATES, 0.0), name
    for name in ("HeartRate_Intraday", "Steps_Intraday"):
        assert lines[name].shift_min == 0


async def test_seven_hours_are_found_and_nothing_else(home: Path) -> None:
    lines = (await held_against(home, Planted(late_h=LATE))).trust.lines
    heart = lines["HeartRate_Intraday"]
    assert (heart.dates, heart.equal, heart.shift_min) == (DATES, 0, 7 * 60)
    assert told(lines["Steps_Intraday"]) == (DATES, DATES, 0.0)
    assert lines["Steps_Intraday"].shift_min == 0


async def test_doubled_steps_are_a_hundred_per_cent_more_at_the_same_times(home: Path) -> None:
    lines = (await held_against(home, Planted(steps_times=2))).trust.lines
    assert told(lines["Steps_Intraday"]) == (DATES, 0, 1.0)
    assert told(lines["Activity-steps"]) == (DATES, 0, 1.0)
    assert lines["Steps_Intraday"].worst == pytest.approx(1.0)
    assert told(lines["HeartRate_Intraday"]) == (DATES, DATES, 0.0)
    assert told(lines["Activity-distance"]) == (DATES, DATES, 0.0)


async def test_doubled_zone_minutes_are_a_hundred_per_cent_more(home: Path) -> None:
    lines = (await held_against(home, Planted(zone_minutes_times=2))).trust.lines
    assert told(lines["ActiveZoneMinutes"])[1:] == (0, 1.0)
    assert told(lines["ActiveZoneMinutes_Intraday"])[1:] == (0, 1.0)
    assert told(lines["Steps_Intraday"]) == (DATES, DATES, 0.0)


async def test_what_the_api_gave_stays_and_looking_writes_nothing(home: Path) -> None:
    """An import beside days of an API replaces none of their numbers, whatever it has; a dry run not even a file."""
    before = files_of(home)
    planted = Planted(late_h=LATE, steps_times=2, zone_minutes_times=2)
    await held_against(home, planted)
    assert files_of(home) == before
    household = Household(home, Clock(NOW))
    kept = {name: household.times(name, str(FIRST)) for name in ("HeartRate_Intraday", "Steps_Intraday")}
    await held_against(home, planted, dry_run=False)
    assert {name: household.times(name, str(FIRST)) for name in kept} == kept
    assert household.about(str(FIRST))["Steps_Intraday"] == "google_health ok"
    assert household.about(str(FIRST))["Readiness"] == "takeout ok"
