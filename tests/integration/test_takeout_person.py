"""The person's export, imported, gives the days that the APIs give: the differences are in the catalogue."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from cromwelld.cli.compare import fetched
from cromwelld.jobs.changeover import Days, compare
from cromwelld.jobs.importing.run import Hearing, Imported, import_export
from cromwelld.jobs.importing.run import Order as Wanted
from cromwelld.measurements.changeover import Difference
from cromwelld.measurements.imported import FROM_FITBIT, FROM_GOOGLE
from cromwelld.simulator.person import Person
from tests.support.places import Clock, files_of, places_in
from tests.support.takeout import Form, Layout, Order, Trap, pack

pytestmark = pytest.mark.timeout(180)

ZONE = "America/New_York"
PERSON = Person(zone=ZONE)
FIRST, LAST = dt.date(2025, 10, 30), dt.date(2025, 11, 2)  # nothing was worn on the first; the last has 25 hours
MADE = dt.datetime(2025, 11, 3, 17, tzinfo=dt.UTC)  # noon in New York
NOW = Clock(dt.datetime(2025, 11, 5, 9, tzinfo=dt.UTC))
TABLES: Mapping[str, tuple[Difference, ...]] = {"fitbit_web": FROM_FITBIT, "google_health": FROM_GOOGLE}
WITH_TABLES = [layout for layout in Layout if layout is not Layout.SITE_EXPORT]
SEEN_THROUGH = frozenset(Trap) - {Trap.HEADER_ONLY}

A_DATE = Order(person=PERSON, first=LAST, last=LAST, layout=Layout.GOOGLE_FOLDERS, exported_at=MADE)


async def imported(root: Path, order: Order) -> tuple[Imported, Days]:
    """Import an export and read the archive back."""
    parts = pack(order, root / "export", part_bytes=4_000_000)
    with places_in(root / "home", NOW) as places:
        found = await import_export(places, Wanted(parts=parts, folder=root / "staging", timezone=ZONE), Hearing())
        read = {date: await places.archive.read(date) for date in sorted(found.dates)}
    days = {date: opened.day for date, opened in read.items() if opened and opened.day}
    return found, {date: day for date, day in days.items() if FIRST <= date <= LAST}


def ordered(layout: Layout, *traps: Trap) -> Order:
    return Order(person=PERSON, first=FIRST, last=LAST, layout=layout, traps=frozenset(traps), exported_at=MADE)


@pytest.fixture(scope="module")
def fetched_days() -> Mapping[str, Days]:
    return {name: asyncio.run(fetched(name, PERSON, FIRST, LAST)) for name in TABLES}


@pytest.mark.parametrize("layout", WITH_TABLES)
async def test_an_export_gives_the_days_of_the_apis(
    tmp_path: Path, layout: Layout, fetched_days: Mapping[str, Days]
) -> None:
    found, new = await imported(tmp_path, ordered(layout))
    assert (found.inventory.refused, found.inventory.unknown, found.problems) == ([], [], {})
    for name, days in fetched_days.items():
        assert sorted(new) == sorted(days)
        compared = compare(days, new, TABLES[name])
        assert (compared.unlisted, compared.unseen, compared.shown_after_all) == ({}, (), ())
        assert compared.equal["HeartRate_Intraday"] > 50_000


async def test_an_import_again_changes_no_byte(tmp_path: Path) -> None:
    await imported(tmp_path, A_DATE)
    files = files_of(tmp_path / "home")
    again, _ = await imported(tmp_path, A_DATE)
    assert files_of(tmp_path / "home") == files
    assert (again.changed, again.inventory.read > 50) == (0, True)
    shutil.rmtree(tmp_path / "home" / "state")  # what is remembered of the first time is lost: all is merged anew
    await imported(tmp_path, A_DATE)
    assert files_of(tmp_path / "home") == files


async def test_neither_the_form_nor_the_order_of_the_parts_matters(tmp_path: Path) -> None:
    parts = {form: pack(A_DATE, tmp_path / form.value, form=form, part_bytes=1_000_000) for form in Form}
    assert (len(parts[Form.ZIP]), len(parts[Form.TGZ]), len(parts[Form.FOLDER])) == (5, 5, 1)
    backwards = parts[Form.ZIP][::-1]
    for name, given in {**{form.value: found for form, found in parts.items()}, "backwards": backwards}.items():
        with places_in(tmp_path / "homes" / name, NOW) as places:
            wanted = Wanted(parts=given, folder=tmp_path / "staging" / name, timezone=ZONE)
            assert (await import_export(places, wanted, Hearing())).complete
        assert files_of(tmp_path / "homes" / name) == files_of(tmp_path / "homes" / Form.FOLDER.value), name


async def test_the_traps_add_the_phones_steps_where_no_watch_was_and_nothing_else(tmp_path: Path) -> None:
    """Other recorders of the same minutes, bad readings, placeholders and other clocks are seen through."""
    _, plain = await imported(tmp_path / "plain", ordered(Layout.GOOGLE_FOLDERS))
    found, trapped = await imported(tmp_path / "trapped", ordered(Layout.GOOGLE_FOLDERS, *SEEN_THROUGH))
    assert (found.inventory.refused, found.inventory.unknown, found.problems) == ([], [], {})
    for date, day in trapped.items():
        more = () if PERSON.worn(date) else ("Steps_Intraday", "Activity-steps")
        for name in more:
            assert sum(day.tables[name]["field_value"].to_pylist()) == sum(
                each.steps for each in PERSON.phone_steps(date)
            )
        rest = {name: rows for name, rows in day.tables.items() if name not in more}
        if more:  # what names no device is then of the phone, the only one that does
            assert {nameless(rows) for rows in rest.values()} == {
                nameless(rows) for rows in plain[date].tables.values()
            }
        else:
            assert rest == plain[date].tables


def nameless(rows: pa.Table) -> str:
    """Give the rows as text, without the device."""
    return str(rows.drop_columns([name for name in rows.column_names if name == "tag_Device"]).to_pydict())


async def test_a_later_export_adds_what_is_new_and_changes_nothing_else(tmp_path: Path) -> None:
    """Of what the first one had of its last date, only the battery is not in the second one any more."""
    first = replace(ordered(Layout.GOOGLE_FLAT), exported_at=dt.datetime(2025, 11, 1, 17, tzinfo=dt.UTC))
    _, early = await imported(tmp_path, first)
    _, both = await imported(tmp_path, ordered(Layout.GOOGLE_FLAT))
    _, at_once = await imported(tmp_path / "at-once", ordered(Layout.GOOGLE_FLAT))
    whole = [date for date in early if date < dt.date(2025, 11, 1)]
    assert {date: both[date] for date in whole} == {date: early[date] for date in whole}
    battery = {date for date, day in both.items() if "DeviceBatteryLevel" in day.tables}
    assert battery == {dt.date(2025, 11, 1)}
    for date, day in both.items():
        rest = {name: rows for name, rows in day.tables.items() if name != "DeviceBatteryLevel"}
        assert rest == at_once[date].tables
