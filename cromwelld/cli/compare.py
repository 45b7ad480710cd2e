"""`cromwelld simulate --compare`: the same invented dates from both vendors, against the table of known differences."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import click
from rich.console import Console
from rich.table import Table

from cromwelld.config import Account
from cromwelld.events import ignore
from cromwelld.jobs.changeover import Comparison, Days, compare, days_of
from cromwelld.measurements.changeover import DIFFERENCES
from cromwelld.simulator.faces import FACES
from cromwelld.simulator.person import Person
from cromwelld.simulator.serve import serving
from cromwelld.sources.client import Client
from cromwelld.sources.telling import Settings
from cromwelld.wiring.vendors import VENDORS, Granted

FIRST, LAST = dt.date(2025, 10, 20), dt.date(2025, 11, 2)  # two weeks, with the 25 hours of 26 October
_COLUMNS = 130
_NOWHERE = Path()  # nothing is written


def compare_vendors(person: Person) -> int:
    """Fetch, compare and print; 0 if the table says all that differs, and nothing that does not."""
    found = asyncio.run(compared(person))
    console = Console(width=_COLUMNS)
    console.print(_table(found))
    for line in _verdict(found):
        click.echo(line)
    return 0 if found.holds else 1


async def compared(person: Person, first: dt.date = FIRST, last: dt.date = LAST) -> Comparison:
    """Fetch the same dates of a person from both vendors over HTTP, and compare them."""
    return compare(
        await fetched("fitbit_web", person, first, last), await fetched("google_health", person, first, last)
    )


async def fetched(api: str, person: Person, first: dt.date, last: dt.date) -> Days:
    """Fetch dates of a person from one simulated vendor, as they are the morning after the last one."""
    morning = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(12), tzinfo=ZoneInfo(person.zone))
    instant = morning.astimezone(dt.UTC)
    vendor = VENDORS[api]

    async def token() -> str:
        return "compared"

    app = FACES[api].application(person, lambda: instant, quota=False)
    async with serving(app) as url, aiohttp.ClientSession() as session:
        client = Client(session=session, base_url=url, token=token, report=ignore, judge=vendor.judge)
        settings = Settings(zone_of=lambda _: None, report=ignore)
        account = Account(name="compared", source=api, data_dir=_NOWHERE, prefix="compared")
        return await days_of(vendor.make(client, settings, account, Granted()), first, last)


def _table(found: Comparison) -> Table:
    """Lay out what is equal and what the table knows to differ, with its reason."""
    table = Table("measurement", "what", "change", "values", "why")
    for name, count in found.equal.items():
        table.add_row(name, "", "same", f"{count:,}", "")
    for one in DIFFERENCES:
        count = found.seen.get(((one.measurement, one.column), one.change), 0)
        values = f"{count:,}" if one.shown or count else "not shown"
        table.add_row(one.measurement, one.column or "all of it", one.change.name.lower(), values, one.why)
    return table


def _verdict(found: Comparison) -> Iterator[str]:
    for ((measurement, column), change), count in found.unlisted.items():
        yield f"not in the table: {measurement} {column or 'rows'} is {change.name.lower()} ({count:,} times)"
    for measurement, column in found.unseen:
        yield f"in the table, but nothing differs: {measurement} {column or 'all of it'}"
    for measurement, column in found.shown_after_all:
        yield f"in the table as not shown, but it differs: {measurement} {column or 'all of it'}"
    if found.holds:
        yield "Everything that differs is in the table, and everything that it says is shown differs."
