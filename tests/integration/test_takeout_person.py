"""The person's export, imported, gives the days that the APIs give: the differences are in the catalogue."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest

from cromwelld.cli.compare import fetched
from cromwelld.jobs.changeover import Days, compare
from cromwelld.jobs.importing.run import Hearing, Imported, import_export
from cromwelld.jobs.importing.run import Order as Wanted
from cromwelld.measurements.changeover import Difference
from cromwelld.measurements.imported import FROM_FITBIT, FROM_GOOGLE
from cromwelld.simulator.person import Person
from tests.support.places import Clock, places_in
from tests.support.takeout import Form, Layout, Order, Trap, pack

ZONE = "America/New_York"
PERSON = Person(zone=ZONE)
FIRST, LAST = dt.date(2025, 10, 30), dt.date(2025, 11, 2)  # nothing was worn on the first; the last has 25 hours
MADE = dt.datetime(2025, 11, 3, 17, tzinfo=dt.UTC)  # noon in New York
NOW = Clock(dt.datetime(2025, 11, 5, 9, tzinfo=dt.UTC))
TABLES: Mapping[str, tuple[Difference, ...]] = {"fitbit_web": FROM_FITBIT, "google_health": FROM_GOOGLE}
WITH_TABLES = [layout for layout in Layout if layout is not Layout.SITE_EXPORT]
HARMLESS = frozenset(Trap) - {Trap.HEADER_ONLY}


async def imported(root: Path, order: Order, *, form: Form = Form.ZIP) -> tuple[Imported, Days]:
    """Import an export into an empty home and read the archive back."""
    parts = pack(order, root / "export", form=form, part_bytes=4_000_000)
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
