"""`cromwelld collect`: fetch dates again now."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from cromwelld.cli import show, speaking
from cromwelld.cli.dates import parse_dates
from cromwelld.cli.explain import say
from cromwelld.cli.lessons import lesson
from cromwelld.config import Account, Settings
from cromwelld.errors import UsageError
from cromwelld.jobs.collect import Collected, Wish
from cromwelld.jobs.collect import collect as collect_dates
from cromwelld.jobs.compile import check_timezone
from cromwelld.jobs.fetching import Source
from cromwelld.jobs.places import Places
from cromwelld.jobs.summary import Summary, summarize
from cromwelld.jobs.verify import read_back
from cromwelld.locks import held
from cromwelld.planner import plan
from cromwelld.web.client import Client
from cromwelld.web.finding import Found
from cromwelld.wiring import access, build
from cromwelld.wiring.vendors import STREAMS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    dates: str
    config: Path | None
    account: str | None
    force: tuple[str, ...]
    timezone: str
    as_json: bool


_EXAMPLES = (
    ("collect yesterday", ""),
    ("collect 7d", "the last week"),
    ("collect 2025-10-06..2025-10-12", "both ends included"),
    ("collect 2025-10-08 --force gps", "take the new track"),
    ("collect 2025-10-08 --timezone Asia/Tokyo", "the date was spent there"),
)
_CODES = (0, 1, 2, 10, 75, 77, 130)


@click.command(epilog=lesson(_EXAMPLES, _CODES))
@click.argument("dates")
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="The configuration, instead of the usual places."
)
@click.option("--account", metavar="NAME", help="Whose dates, if there are several accounts.")
@click.option(
    "--force", default="", metavar="STREAM,...", help="Take the new answer of these streams, whatever is stored."
)
@click.option("--timezone", default="", metavar="ZONE", help="The dates were spent in this zone: take them anew in it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def collect(dates: str, *, force: str, **more: Any) -> int:  # noqa: ANN401 - the options, as they are declared above
    """Fetch DATES now and store them: 2025-10-08, 2025-10-06..2025-10-12, today, yesterday or 7d.

    Dates that are stored already are fetched again; again is always safe.
    """
    streams = tuple(word.strip() for word in force.split(",") if word.strip())
    check_timezone(more["timezone"])
    return asyncio.run(_collect(_Request(dates=dates, force=streams, **more)))


rerun = click.Command(
    "rerun",
    callback=collect.callback,
    params=collect.params,
    help=f"The same as collect. {collect.help}",
    epilog=lesson([(example.replace("collect", "rerun"), purpose) for example, purpose in _EXAMPLES], _CODES),
)


async def _collect(request: _Request) -> int:
    settings = build.settings_from(request.config, dict(os.environ))
    account = build.account_of(settings, request.account)
    parse_dates(request.dates, build.latest_today(build.now))  # a slip of the fingers leaves no folders behind
    found = speaking.daemon_of(settings)
    if found is None:
        wish, summary = await _alone(request, settings, account)
    else:
        wish, summary = await _through(found, request, account)
    present(summary, wish, where(settings, account), as_json=request.as_json)
    return summary.exit_code


async def _alone(request: _Request, settings: Settings, account: Account) -> tuple[Wish, Summary]:
    """Collect in this process."""
    build.check_kinds(settings)
    way = access.access_of(settings, account, say)
    access.stored_login(way)  # nothing is made for an account that has no login
    async with build.places_of(settings, account, say, build.now) as places:
        first, last = parse_dates(request.dates, build.today_of(account, places.ledger, places.clock))
        wish = Wish(first=first, last=last, force=frozenset(request.force), rezone=bool(request.timezone))
        with held(settings.state_dir / "lock", f"cromwelld collect {request.dates}"):
            async with access.source_of(way, places, request.timezone) as source:
                _check_streams(request.force, source)
                collected = await run(source, places, wish, quiet=request.as_json)
            await read_back(places, STREAMS, settings.archive.verify_every_s)
    return wish, summarize(replace(collected, ended_by=build.with_remedy(collected.ended_by, account)))


async def _through(found: Found, request: _Request, account: Account) -> tuple[Wish, Summary]:
    """Let the daemon collect that keeps the state folder."""
    if request.timezone:
        raise UsageError(
            "--timezone: the daemon keeps to the zones that are stored", hint="stop it, and run this again"
        )
    async with Client(found) as client:
        zone = await speaking.zone_of(client, account)
        first, last = parse_dates(request.dates, build.today_in(zone, build.now))
        wish = Wish(first=first, last=last, force=frozenset(request.force))
        return wish, await speaking.collect(client, account.name, wish, quiet=request.as_json)


def _check_streams(names: Sequence[str], source: Source) -> None:
    unknown = [name for name in names if name not in source.streams]
    if unknown:
        hint = f"the streams are: {', '.join(source.streams)}"
        raise UsageError(f"--force: there is no stream {', '.join(unknown)}", hint=hint)


async def run(source: Source, places: Places, wish: Wish, *, quiet: bool) -> Collected:
    """Collect with a bar on a terminal."""
    dated = frozenset(name for name, stream in source.streams.items() if not stream.undated)
    pieces = plan(places.account, source.streams.values(), wish.first, wish.last)
    total = sum((piece.last - piece.first).days + 1 for piece in pieces if piece.stream in dated)
    with show.progress(total, "collecting", quiet=quiet) as tell:
        return await collect_dates(source, places, wish, lambda item: tell(item) if item.stream in dated else None)


def where(settings: Settings, account: Account) -> dict[str, str]:
    """Say where things lie."""
    return {
        "archive": build.archive_place(settings, account),
        "tables": str(account.data_dir),
        "state": str(settings.state_dir),
    }


def present(summary: Summary, wish: Wish, places: dict[str, str], *, as_json: bool) -> None:
    """Print what was done."""
    days = (wish.last - wish.first).days + 1
    dates = [wish.first + dt.timedelta(days=count) for count in range(days)]
    if as_json:
        show.as_json(summary, places)
    else:
        show.print_collected(summary, dates, places)
