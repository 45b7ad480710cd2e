"""An import beside what an API has brought: the trust table sees what was planted, and the API's records stand."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from cromwelld.cli.compare import fetched
from cromwelld.day import Day
from cromwelld.jobs.changeover import Days
from cromwelld.jobs.fetching import Manner, fetch
from cromwelld.jobs.importing.run import Imported
from cromwelld.jobs.importing.trust import Trust, TrustTable
from cromwelld.jobs.places import Places
from cromwelld.jobs.store import store
from cromwelld.pieces import Answer, Outcome, Piece
from cromwelld.simulator.person import Person
from tests.support.answers import Told
from tests.support.importing import run_import
from tests.support.places import Clock as At
from tests.support.places import files_of, places_in
from tests.support.takeout import Layout, Order, Planted, pack

pytestmark = pytest.mark.timeout(120)

FIRST, LAST = dt.date(2025, 10, 21), dt.date(2025, 10, 23)
DAY = dt.timedelta(days=1)
NOW = dt.datetime(2025, 11, 2, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def days() -> Days:
    return asyncio.run(fetched("google_health", Person(), FIRST, LAST))


def export(into: Path, planted: Planted | None = None) -> list[Path]:
    order = Order(
        person=Person(),
        first=FIRST - DAY,
        last=LAST + DAY,
        layout=Layout.GOOGLE_FLAT,
        planted=planted or Planted(),
    )
    return pack(order, into)


def answered(day: Day) -> Answer:
    return Answer(
        stream="api",
        date=day.date,
        outcome=Outcome.OK,
        tables=day.tables,
        source="google_health",
        zone=day.zone,
        measurements=tuple(day.tables),
    )


def collected(places: Places, days: Days) -> None:
    """Store what the API gave."""
    found = [answered(day) for day in days.values()]
    pieces = [Piece("me", "api", one.date, one.date) for one in found]
    asyncio.run(fetch(Told(found), places, pieces, Manner(), lambda _: None))
    asyncio.run(store(places, list(days)))


def compared(tmp_path: Path, days: Days, planted: Planted | None = None) -> TrustTable:
    with places_in(tmp_path, At(NOW)) as places:
        collected(places, days)
        before = files_of(tmp_path)
        done: Imported = run_import(
            places, export(tmp_path / "export", planted), tmp_path / "i", timezone=Person().zone, dry_run=True
        )
        assert files_of(tmp_path) == before
    return done.trust


def line(table: TrustTable, name: str) -> Trust:
    return table.lines[name]


def test_an_honest_export_is_equal_to_the_archive(tmp_path: Path, days: Days) -> None:
    table = compared(tmp_path, days)
    for name in ("HeartRate_Intraday", "Steps_Intraday", "Activity-steps", "HRV", "ActiveZoneMinutes", "GPS"):
        found = line(table, name)
        assert (found.dates, found.equal, found.median, found.worst) == (3, 3, 0.0, 0.0), name
    assert line(table, "HeartRate_Intraday").shift_min == 0
    assert line(table, "Steps_Intraday").shift_min == 0
    assert "Readiness" not in table.lines  # no API has it: there is nothing to compare
    assert table.recorders["HeartRate_Intraday"].keys() == {"PixelWatch3"}


def test_a_shift_of_seven_hours_is_found(tmp_path: Path, days: Days) -> None:
    late = {"heart_rate_": 7, "heart_rate-": 7}
    table = compared(tmp_path, days, Planted(late_h=late))
    assert line(table, "HeartRate_Intraday").shift_min == 7 * 60
    assert line(table, "HeartRate_Intraday").equal == 0
    assert line(table, "Steps_Intraday").shift_min == 0


def test_doubled_steps_are_found(tmp_path: Path, days: Days) -> None:
    table = compared(tmp_path, days, Planted(steps_times=2))
    for name in ("Steps_Intraday", "Activity-steps"):
        found = line(table, name)
        assert (found.dates, found.equal) == (3, 0)
        assert found.median == pytest.approx(1.0)
        assert found.worst == pytest.approx(1.0)
    assert line(table, "HeartRate_Intraday").equal == 3


def test_doubled_zone_minutes_are_found(tmp_path: Path, days: Days) -> None:
    table = compared(tmp_path, days, Planted(zone_minutes_times=2))
    found = line(table, "ActiveZoneMinutes")
    assert (found.dates, found.equal) == (3, 0)
    assert found.median == pytest.approx(1.0)


def test_the_records_of_the_api_stand_and_get_what_it_lacks(tmp_path: Path, days: Days) -> None:
    with places_in(tmp_path, At(NOW)) as places:
        collected(places, days)
        before = {date: places.lake.day(date) for date in days}
        run_import(places, export(tmp_path / "export", Planted(steps_times=2)), tmp_path / "i", timezone=Person().zone)
        for date, old in before.items():
            new = places.lake.day(date)
            assert old is not None
            assert new is not None
            assert new.tables["Activity-steps"].equals(old.tables["Activity-steps"])
            assert new.asked["Activity-steps"] == "google_health ok"
            assert new.asked["Readiness"] == "takeout ok"
            nights = new.tables["SleepSummary"]
            assert nights["field_efficiency"].null_count == 0  # what Google's API never gives
            assert nights.drop_columns(["field_efficiency"]).equals(
                old.tables["SleepSummary"].drop_columns(["field_efficiency"])
            )


def test_an_api_takes_the_place_of_an_export_and_keeps_what_it_lacks(tmp_path: Path, days: Days) -> None:
    with places_in(tmp_path, At(NOW)) as places:
        run_import(places, export(tmp_path / "export"), tmp_path / "i", timezone=Person().zone)
        collected(places, days)
        for date, day in days.items():
            found = places.lake.day(date)
            assert found is not None
            assert found.asked["Activity-steps"] == "google_health ok"
            assert found.asked["HeartRate_Intraday"] == "google_health ok"
            assert found.asked["SleepScore"] == "takeout ok"
            assert found.tables["HR_Zones"].equals(day.tables["HR_Zones"])
            assert found.tables["SleepSummary"]["field_efficiency"].null_count == 0


def test_an_api_without_records_takes_nothing_away(tmp_path: Path, days: Days) -> None:
    with places_in(tmp_path, At(NOW)) as places:
        run_import(places, export(tmp_path / "export"), tmp_path / "i", timezone=Person().zone)
        before = {date: places.lake.day(date) for date in days}
        nothing = {
            date: replace(day, tables={name: rows.slice(0, 0) for name, rows in day.tables.items()})
            for date, day in days.items()
        }
        collected(places, nothing)
        for date, old in before.items():
            new = places.lake.day(date)
            assert old is not None
            assert new is not None
            assert {name: rows.num_rows for name, rows in new.tables.items()} == {
                name: rows.num_rows for name, rows in old.tables.items()
            }


def test_the_same_export_again_changes_no_byte(tmp_path: Path) -> None:
    with places_in(tmp_path, At(NOW)) as places:
        parts = export(tmp_path / "export")
        first = run_import(places, parts, tmp_path / "i", timezone=Person().zone)
        assert first.changed == len(first.dates) >= 5
        before = files_of(tmp_path)
        again = run_import(places, parts, tmp_path / "i", timezone=Person().zone)
        assert (again.changed, again.unchanged) == (0, len(first.dates))
        assert files_of(tmp_path) == before
        assert not (tmp_path / "i").exists()


def test_a_later_export_brings_only_what_is_new(tmp_path: Path) -> None:
    later = Order(person=Person(), first=FIRST - DAY, last=LAST + 3 * DAY, layout=Layout.GOOGLE_FLAT)
    with places_in(tmp_path, At(NOW)) as places:
        first = run_import(places, export(tmp_path / "a"), tmp_path / "i", timezone=Person().zone)
        done = run_import(places, pack(later, tmp_path / "b"), tmp_path / "i", timezone=Person().zone)
    assert done.dates > first.dates
    assert done.changed <= len(done.dates - first.dates) + 3  # the last dates of the first were not whole
