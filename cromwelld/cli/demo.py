"""`cromwelld demo`: a few days of an invented person, from a simulated vendor over real HTTP."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from cromwelld.cli import collect as collecting
from cromwelld.cli.apis import APIS
from cromwelld.cli.dates import parse_date, parse_dates
from cromwelld.cli.explain import say
from cromwelld.cli.lessons import lesson
from cromwelld.config import Account, Archive, Settings
from cromwelld.disk import write_bytes
from cromwelld.errors import UsageError
from cromwelld.jobs.collect import Wish
from cromwelld.jobs.summary import summarize
from cromwelld.locks import held
from cromwelld.wiring import access, build

_MARK = "cromwelld-demo.json"
_ACCOUNT = "demo"
_START = "2025-10-06"  # fixed, so that a second run finds the same days
_MOST_DAYS = 366
_COLLECTED_AT = dt.time(3)  # the morning after the last day, as the daily schedule would


_EXAMPLES = (
    ("demo", "three days in ./cromwelld-demo"),
    ("demo --days 5 --data-dir D", "five days in D"),
    ("demo --from 2025-10-25", "with the 25 hours of 26 October"),
    ("demo --source fitbit_web", "the same days, as Fitbit told them"),
    ("demo --faults 7", "from a vendor that fails"),
)


@click.command(epilog=lesson(_EXAMPLES, (0, 1, 2, 10, 130)))
@click.option(
    "--days", type=click.IntRange(1, _MOST_DAYS), default=3, show_default=True, metavar="N", help="How many, up to 366."
)
@click.option("--from", "first", default=_START, show_default=True, metavar="DATE", help="The first day.")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("cromwelld-demo"),
    show_default=True,
    metavar="FOLDER",
    help="The folder for archive, tables and state.",
)
@click.option(
    "--source",
    "api",
    type=click.Choice(APIS),
    default=APIS[0],
    show_default=True,
    help="Which vendor is simulated.",
)
@click.option("--faults", type=int, metavar="SEED", help="Let the vendor fail, and see it survived.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def demo(  # noqa: PLR0913 - one parameter for each option
    days: int, first: str, data_dir: Path, api: str, faults: int | None, *, as_json: bool
) -> int:
    """Collect invented days from a simulated vendor: no account, no cloud, nothing leaves this machine.

    They land in ./cromwelld-demo: archive objects, Parquet tables, and the state of the collector.
    """
    wish = _wish(first, days)
    _claim(data_dir)
    return asyncio.run(_demo(wish, data_dir, _Vendor(api, faults), as_json=as_json))


def _wish(first: str, days: int) -> Wish:
    """Choose the days; invented or not, none of them lies in the future."""
    today = build.latest_today(build.now)
    start, _ = parse_dates(parse_date(first, today).isoformat(), today)
    last = start + dt.timedelta(days=days - 1)
    if last > today:
        hint = "choose an earlier date, or fewer days"
        raise UsageError(f"--from {first} --days {days}: {last} has not begun yet (today is {today})", hint=hint)
    return Wish(first=start, last=last)


def _claim(folder: Path) -> None:
    """Mark the folder as the demo's own; refuse one that holds anything else."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / _MARK).is_file():
        raise UsageError(
            f"{folder} holds files that are not the demo's: invented days are never mixed with real ones",
            hint="choose a new folder: cromwelld demo --data-dir FOLDER",
        )
    write_bytes(folder / _MARK, json.dumps({"what": "invented data of `cromwelld demo`"}).encode())


@dataclass(frozen=True, slots=True)
class _Vendor:
    api: str
    faults: int | None


async def _demo(wish: Wish, folder: Path, vendor: _Vendor, *, as_json: bool) -> int:
    from cromwelld.simulator.faces import FACES
    from cromwelld.simulator.faults import WITHOUT_LOGIN, plan
    from cromwelld.simulator.person import Person
    from cromwelld.simulator.serve import serving

    person = Person()
    morning = dt.datetime.combine(wish.last + dt.timedelta(days=1), _COLLECTED_AT, tzinfo=ZoneInfo(person.zone))
    clock = _Stopped(morning.astimezone(dt.UTC))
    settings, account = _settings(folder, vendor.api)
    faults = None if vendor.faults is None else plan(vendor.faults, kinds=WITHOUT_LOGIN)
    with held(settings.state_dir / "lock", "cromwelld demo"):
        async with (
            serving(FACES[vendor.api].application(person, clock, quota=False, faults=faults)) as url,
            build.places_of(settings, account, say, clock) as places,
            access.source_of(access.simulated(account, url), places) as source,
        ):
            summary = summarize(await collecting.run(source, places, wish, quiet=as_json))
    collecting.present(summary, wish, collecting.where(settings, account), as_json=as_json)
    if not as_json:
        if faults is not None:
            _survived([one.fault.name for one in faults.said], asked=len(faults.seen))
        _teach(wish, account)
    return summary.exit_code


class _Stopped:
    """A clock that stands still: the demo's days end the same way whenever it is run."""

    def __init__(self, instant: dt.datetime) -> None:
        self._instant = instant

    def __call__(self) -> dt.datetime:
        return self._instant


def _settings(folder: Path, api: str) -> tuple[Settings, Account]:
    account = Account(name=_ACCOUNT, source=api, data_dir=folder / "data", prefix="fitbit")
    settings = Settings(
        state_dir=folder / "state", accounts={_ACCOUNT: account}, archive=Archive(folder=folder / "archive")
    )
    return settings, account


def _survived(faults: Sequence[str], *, asked: int) -> None:
    """Say what the vendor did wrong on purpose."""
    kinds = ", ".join(f"{count} x {name}" for name, count in Counter(faults).most_common())
    click.echo(f"\nsurvived {len(faults)} faults in {asked} requests: {kinds or 'none'}")


def _teach(wish: Wish, account: Account) -> None:
    click.echo("")
    click.echo("Read it (Python, no daemon needed):")
    click.echo("  from cromwelld import load_date")
    click.echo(f'  load_date("{wish.first}", "{account.data_dir}")["HeartRate_Intraday"]')
