"""One invented person by export and by API, where the export tells less or otherwise than it should."""

from __future__ import annotations

import asyncio
import datetime as dt
from functools import lru_cache
from pathlib import Path

import pytest

from cromwelld.cli.compare import fetched
from cromwelld.jobs.changeover import Days, compare
from cromwelld.jobs.importing.run import Imported
from cromwelld.measurements.imported import FROM_FITBIT, FROM_GOOGLE
from cromwelld.simulator.person import Person
from cromwelld.sources.takeout.family import Clock
from tests.support.importing import run_import
from tests.support.places import Clock as At
from tests.support.places import places_in
from tests.support.takeout import Form, Layout, Order, Trap, pack

FIRST, LAST = dt.date(2025, 10, 25), dt.date(2025, 10, 27)  # the middle one has 25 hours
DAY = dt.timedelta(days=1)
DATES = [FIRST + DAY * number for number in range(3)]
NOW = dt.datetime(2025, 11, 2, 12, tzinfo=dt.UTC)
SAID = {"json_steps": Clock.UTC, "json_distance": Clock.UTC, "json_calories": Clock.LOCAL}
# What the oldest exports have, and as the API has it; none of it names a device.
OLDEST = {"HeartRate_Intraday", "SleepLevels", "SleepSummary", "RestingHR", "Activity-steps", "Activity-distance"}


@lru_cache(maxsize=2)
def by_api(api: str) -> Days:
    return asyncio.run(fetched(api, Person(), FIRST, LAST))


def order(layout: Layout, *traps: Trap) -> Order:
    """Ask for an export of a date more than is compared: a night belongs to the date on which it ends."""
    return Order(person=Person(), first=FIRST - DAY, last=LAST + DAY, layout=layout, traps=frozenset(traps))


def by_export(tmp_path: Path, of: Order, form: Form = Form.ZIP, **more: object) -> tuple[Imported, Days]:
    parts = pack(of, tmp_path / "export", form=form, part_bytes=4_000_000)
    with places_in(tmp_path, At(NOW)) as places:
        done = run_import(places, parts, tmp_path / "import", **{"timezone": Person().zone, **more})
        found = {date: places.lake.day(date) for date in DATES}
    return done, {date: day for date, day in found.items() if day is not None}


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("trap", "form"),
    [
        (Trap.RECORDERS, Form.TGZ),
        (Trap.PADDING, Form.TGZ),
        (Trap.LOCAL_HEART, Form.TGZ),
        (Trap.LOCAL_MINUTES, Form.FOLDER),
        (Trap.MILLI_BREATHS, Form.FOLDER),
        (Trap.ACCOUNT_UNIT, Form.FOLDER),
        (Trap.EMPTY_CELLS, Form.ZIP),
    ],
)
def test_a_trap_changes_nothing_that_is_compared(tmp_path: Path, trap: Trap, form: Form) -> None:
    done, ours = by_export(tmp_path, order(Layout.GOOGLE_FLAT, trap), form)
    assert done.complete
    assert list(ours) == DATES
    assert compare(by_api("google_health"), ours, FROM_GOOGLE).unlisted == {}


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("heart", [(), (Trap.LOCAL_HEART,)], ids=["utc", "local"])
def test_the_oldest_export_is_read_as_a_person_says(tmp_path: Path, heart: tuple[Trap, ...]) -> None:
    done, ours = by_export(tmp_path, order(Layout.SITE_EXPORT, *heart), given=SAID)
    assert done.complete
    unlisted = compare(by_api("fitbit_web"), ours, FROM_FITBIT).unlisted
    assert {place for place, _ in unlisted if place[0] in OLDEST and place[1] != "Device"} == set()
    assert {name for day in ours.values() for name in day.tables} >= OLDEST


@pytest.mark.timeout(120)
def test_the_oldest_export_alone_does_not_tell_how_its_minutes_are_to_be_read(tmp_path: Path) -> None:
    done, ours = by_export(tmp_path, order(Layout.SITE_EXPORT))
    assert done.findings is not None
    assert done.findings.undecided == ("json_steps", "json_distance", "json_calories")
    assert not done.complete
    assert "Steps_Intraday" not in ours[LAST].tables
    assert "HeartRate_Intraday" in ours[LAST].tables  # the names of its files tell


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_without_a_zone_the_nights_of_the_export_tell_it(tmp_path: Path) -> None:
    done, ours = by_export(tmp_path, order(Layout.GOOGLE_FLAT), timezone=None)
    assert done.complete
    assert compare(by_api("google_health"), ours, FROM_GOOGLE).unlisted == {}
    assert {day.zone for day in ours.values()} == {"Etc/GMT-1", "Etc/GMT"}  # summer time and winter time in London
