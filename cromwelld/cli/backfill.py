"""`cromwelld backfill`: older dates, from the requests that today leaves over."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import math
import os
from dataclasses import dataclass
from pathlib import Path

import click

from cromwelld.cli import show, speaking
from cromwelld.cli.dates import parse_dates
from cromwelld.cli.explain import say
from cromwelld.cli.lessons import lesson
from cromwelld.config import Account
from cromwelld.errors import OutOfBudget
from cromwelld.jobs.backfill import backfill as fill_up
from cromwelld.jobs.backfill import lacking_within
from cromwelld.jobs.performing import Performed
from cromwelld.jobs.places import Places
from cromwelld.locks import held
from cromwelld.planner.backfill import DATE_BYTES, Estimate, estimate
from cromwelld.state import Stretch
from cromwelld.web.client import Client
from cromwelld.web.finding import Found
from cromwelld.web.protocol import BackfillWish
from cromwelld.wiring import access, build
from cromwelld.wiring.access import Line

_DONE, _FAILED, _INCOMPLETE = 0, 1, 10
_EXAMPLES = (
    ("backfill 2019-01-01 --dry-run", "what it would cost, from there to yesterday"),
    ("backfill 2024-01-01..2024-12-31", "both ends included; again it goes on where it was"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    dates: str
    config: Path | None
    account: str | None
    dry_run: bool
    as_json: bool


@click.command(epilog=lesson(_EXAMPLES, (0, 1, 2, 10, 75, 77, 130)))
@click.argument("dates", metavar="FROM[..TO]")
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="The configuration, instead of the usual places."
)
@click.option("--account", metavar="NAME", help="Whose dates, if there are several accounts.")
@click.option("--dry-run", is_flag=True, help="Say what it would cost; ask nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def backfill(dates: str, config: Path | None, account: str | None, *, dry_run: bool, as_json: bool) -> int:
    """Fetch the dates from FROM to TO (yesterday, if it is left out) that were never asked, newest first.

    It leaves a reserve of the budget for today, waits when the rest is spent, and can be stopped at any time.
    """
    request = _Request(dates=dates, config=config, account=account, dry_run=dry_run, as_json=as_json)
    return asyncio.run(_backfill(request))


async def _backfill(request: _Request) -> int:
    settings = build.settings_from(request.config, dict(os.environ))
    account = build.account_of(settings, request.account)
    found = speaking.daemon_of(settings)
    if found is not None:
        return await _through(found, request, account)
    build.check_kinds(settings)
    way = access.access_of(settings, account, say)
    if not request.dry_run:
        access.stored_login(way)  # nothing is made for an account that has no login
    async with build.places_of(settings, account, say, build.now) as places, access.line_of(way, places) as line:
        today = build.today_of(account, places.ledger, places.clock)
        stretch = _stretch(request.dates, today)
        costs = await asyncio.to_thread(_costs, line, places, stretch, today)
        _present(costs, stretch, as_json=request.as_json)
        if request.dry_run:
            return _DONE
        with held(settings.state_dir / "lock", f"cromwelld backfill {request.dates}"):
            return await _fill(line, places, stretch, account=account, quiet=request.as_json)


async def _through(found: Found, request: _Request, account: Account) -> int:
    """Let the daemon plan and do it that keeps the state folder."""
    async with Client(found) as client:
        stretch = _stretch(request.dates, build.today_in(await speaking.zone_of(client, account), build.now))
        wish = BackfillWish(account=account.name, first=stretch.first, last=stretch.last, dry_run=request.dry_run)
        plan = await client.backfill(wish)
    tracks = plan.requests.get("gps", 0)
    requests = {name: count for name, count in plan.requests.items() if name != "gps"}
    size_bytes = plan.dates * DATE_BYTES
    costs = Estimate(dates=plan.dates, requests=requests, tracks=tracks, hours=plan.hours, size_bytes=size_bytes)
    _present(costs, stretch, as_json=request.as_json)
    if plan.entered and plan.dates:
        click.echo("the daemon fills them up by itself; cromwelld status says how far it is", err=True)
    return _DONE


def _stretch(dates: str, today: dt.date) -> Stretch:
    yesterday = today - dt.timedelta(days=1)
    first, last = parse_dates(dates if ".." in dates else f"{dates}..yesterday", today)
    return Stretch(first=first, last=min(last, yesterday))


def _costs(line: Line, places: Places, stretch: Stretch, today: dt.date) -> Estimate:
    source = line.offered()
    return estimate(source.streams, lacking_within(source, places, stretch, today), line.access.rate)


async def _fill(line: Line, places: Places, stretch: Stretch, *, account: Account, quiet: bool) -> int:
    """Go on until everything has come, waiting for the budget in between."""
    failed: set[tuple[str, dt.date]] = set()
    while True:
        sources, today = await line.sources(), build.today_of(account, places.ledger, places.clock)
        lacking = await asyncio.to_thread(lacking_within, sources.patient, places, stretch, today)
        with show.progress(sum(map(len, lacking.values())), "filling up", quiet=quiet) as tell:
            done = await fill_up(sources, places, stretch, today, tell)
        failed |= done.failed
        if not isinstance(done.ended_by, OutOfBudget) or done.ended_by.retry_after_s is None:
            return _told(done, failed, account)
        minutes = math.ceil(done.ended_by.retry_after_s / 60)
        click.echo(f"the requests for older dates are spent; it goes on in {minutes} minutes", err=True)
        await asyncio.sleep(done.ended_by.retry_after_s)


def _told(done: Performed, failed: set[tuple[str, dt.date]], account: Account) -> int:
    if done.ended_by is not None:
        raise build.with_remedy(done.ended_by, account) or done.ended_by
    waiting = [one.error for one in done.stored.values() if one.error is not None]
    if waiting:
        click.echo(f"{len(waiting)} dates wait to be stored: {waiting[0]}", err=True)
    if failed:
        streams = ", ".join(sorted({stream for stream, _ in failed}))
        click.echo(f"{len(failed)} answers could not be had ({streams}); they are asked again by themselves", err=True)
    return _INCOMPLETE if waiting or failed else _DONE


def _present(costs: Estimate, stretch: Stretch, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(_document(costs, stretch), indent=2))
        return
    if not costs.dates:
        click.echo(f"{stretch.first} to {stretch.last}: every date was asked already")
        return
    click.echo(f"{stretch.first} to {stretch.last}: {costs.dates:,} dates lack something")
    for name, count in sorted(costs.requests.items(), key=lambda pair: (-pair[1], pair[0])):
        click.echo(f"  {name:24}{count:>8,} requests")
    if costs.tracks:
        click.echo(f"  {'tracks, about':24}{costs.tracks:>8,} requests, one for each activity that a watch recorded")
    time = f"{costs.hours:.1f} hours at the vendor's quota" if costs.hours else "no quota"
    click.echo(
        f"  {'in all, about':24}{costs.total:>8,} requests, {time}; about {_size(costs.size_bytes)} in the archive"
    )


def _document(costs: Estimate, stretch: Stretch) -> dict[str, object]:
    return {
        "first": stretch.first.isoformat(),
        "last": stretch.last.isoformat(),
        "dates": costs.dates,
        "requests": dict(costs.requests),
        "tracks_about": costs.tracks,
        "hours_about": round(costs.hours, 2),
        "bytes_about": costs.size_bytes,
    }


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 1e9 else f"{size_bytes / 1e6:.0f} MB"  # noqa: PLR2004
