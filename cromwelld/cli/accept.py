"""`cromwelld accept`: settle what only a person can."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path

import click

from cromwelld.cli import speaking
from cromwelld.cli.dates import parse_dates
from cromwelld.cli.explain import say
from cromwelld.cli.lessons import lesson
from cromwelld.config import Account, Settings
from cromwelld.errors import UsageError
from cromwelld.web.client import Client
from cromwelld.wiring import build

_EXAMPLES = (
    ("accept 2025-10-08", "whatever is open of this date stays as it is"),
    ("accept 2025-10-08 gps", "only the tracks"),
)


@click.command(epilog=lesson(_EXAMPLES, (0, 1, 2)))
@click.argument("date")
@click.argument("streams", nargs=-1, metavar="[STREAM]...")
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="The configuration, instead of the usual places."
)
@click.option("--account", metavar="NAME", help="Whose date, if there are several accounts.")
def accept(date: str, streams: tuple[str, ...], config: Path | None, account: str | None) -> int:
    """Take a DATE as it is: what failed, was refused or holds less than before is not asked again by itself.

    `collect` still asks for it, and a watch that brings something new opens it again.
    """
    settings = build.settings_from(config, dict(os.environ))
    return asyncio.run(_accept(settings, build.account_of(settings, account), date, streams))


async def _accept(settings: Settings, account: Account, text: str, streams: tuple[str, ...]) -> int:
    found = speaking.daemon_of(settings)
    if found is not None:
        async with Client(found) as client:
            date = _one(text, build.today_in(await speaking.zone_of(client, account), build.now))
            return _told(date, await client.accept(account.name, date, streams))
    async with build.places_of(settings, account, say, build.now) as places:
        date = _one(text, build.today_of(account, places.ledger, places.clock))
        return _told(date, places.ledger.open_work.accept(account.name, date, streams))


def _one(text: str, today: dt.date) -> dt.date:
    date, last = parse_dates(text, today)
    if date != last:
        raise UsageError(f"{text}: one date at a time", hint="run it once for each date")
    return date


def _told(date: dt.date, accepted: Sequence[str]) -> int:
    click.echo(f"{date}: {', '.join(accepted)} accepted" if accepted else f"{date}: nothing was open")
    return 0
