"""`cromwelld demo`: a few days of an invented person, from a simulated vendor over real HTTP."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from cromwelld.cli import build, show
from cromwelld.cli import collect as collecting
from cromwelld.cli.dates import EARLIEST, parse_date
from cromwelld.cli.explain import say
from cromwelld.config import Account, Archive, Settings
from cromwelld.disk import write_bytes
from cromwelld.errors import UsageError
from cromwelld.jobs.collect import Wish
from cromwelld.locks import held

_MARK = "cromwelld-demo.json"
_ACCOUNT = "demo"
_START = "2025-10-06"  # fixed, so that a second run finds the same days
_MOST_DAYS = 366
_COLLECTED_AT = dt.time(3)  # the morning after the last day, as the daily schedule would


@click.command()
@click.option("--days", type=click.IntRange(1, _MOST_DAYS), default=3, show_default=True, help="How many days.")
@click.option("--from", "first", default=_START, show_default=True, metavar="DATE", help="The first day.")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("cromwelld-demo"),
    show_default=True,
    help="The folder for archive, tables and state.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def demo(days: int, first: str, data_dir: Path, *, as_json: bool) -> int:
    """Collect invented days from a simulated vendor: no account, no cloud, nothing leaves this machine.

    They land in ./cromwelld-demo: archive objects, Parquet tables, and the state of the collector.
    """
    start = parse_date(first, dt.datetime.now(dt.UTC).date())
    if start < EARLIEST:
        raise UsageError(f"--from {first}: there are no data before {EARLIEST}", hint="choose a later date")
    wish = Wish(first=start, last=start + dt.timedelta(days=days - 1))
    _claim(data_dir)
    return asyncio.run(_demo(wish, data_dir, as_json=as_json))


def _claim(folder: Path) -> None:
    """Mark the folder as the demo's own; refuse one that holds anything else."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / _MARK).is_file():
        raise UsageError(
            f"{folder} holds files that are not the demo's: invented days are never mixed with real ones",
            hint="choose a new folder: cromwelld demo --data-dir FOLDER",
        )
    write_bytes(folder / _MARK, json.dumps({"what": "invented data of `cromwelld demo`"}).encode())


async def _demo(wish: Wish, folder: Path, *, as_json: bool) -> int:
    from cromwelld.simulator.fitbit_web import Options, application
    from cromwelld.simulator.person import Person
    from cromwelld.simulator.serve import serving

    person = Person()
    morning = dt.datetime.combine(wish.last + dt.timedelta(days=1), _COLLECTED_AT, tzinfo=ZoneInfo(person.zone))
    clock = _Stopped(morning.astimezone(dt.UTC))
    settings, account = _settings(folder)
    write_bytes(build.token_file(settings.state_dir, account.name), b'{"access_token": "invented"}', mode=0o600)
    with held(settings.state_dir / "lock", "cromwelld demo"):
        app = application(person, clock=clock, options=Options(quota=None))
        async with (
            serving(app) as url,
            build.places_of(settings, account, say, clock) as places,
            build.source_of(settings, account, places, url) as source,
        ):
            collected = await collecting.run(source, places, wish, quiet=as_json)
    collecting.present(collected, wish, collecting.where(settings, account), as_json=as_json)
    if not as_json:
        _teach(wish, account)
    return show.exit_code(collected)


class _Stopped:
    """A clock that stands still: the demo's days end the same way whenever it is run."""

    def __init__(self, instant: dt.datetime) -> None:
        self._instant = instant

    def __call__(self) -> dt.datetime:
        return self._instant


def _settings(folder: Path) -> tuple[Settings, Account]:
    account = Account(name=_ACCOUNT, source="fitbit_web", data_dir=folder / "data", prefix="fitbit")
    settings = Settings(
        state_dir=folder / "state", accounts={_ACCOUNT: account}, archive=Archive(folder=folder / "archive")
    )
    return settings, account


def _teach(wish: Wish, account: Account) -> None:
    click.echo("")
    click.echo("Read it (Python, no daemon needed):")
    click.echo("  from cromwelld import load_date")
    click.echo(f'  load_date("{wish.first}", "{account.data_dir}")["HeartRate_Intraday"]')
