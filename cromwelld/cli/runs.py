"""`cromwelld runs`: what was wished, by whom, and what became of it."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import msgspec

from cromwelld.cli import show
from cromwelld.cli.ledgers import Looked, looked_at
from cromwelld.cli.lessons import lesson
from cromwelld.errors import UsageError
from cromwelld.state import Run
from cromwelld.wiring import build

_MOST = 500
_EXAMPLES = (
    ("runs", "the newest, newest first"),
    ("runs 42", "everything about one"),
    ("runs --account me --limit 100 --json", "for programs"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    config: Path | None
    account: str | None
    limit: int
    as_json: bool


@click.command(epilog=lesson(_EXAMPLES, (0, 1, 2)))
@click.argument("run", required=False, type=click.IntRange(1), metavar="[RUN]")
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="The configuration, instead of the usual places."
)
@click.option("--account", metavar="NAME", help="Only those of one account.")
@click.option(
    "--limit", type=click.IntRange(1, _MOST), default=20, show_default=True, metavar="N", help="How many at most."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def runs(run: int | None, config: Path | None, account: str | None, limit: int, *, as_json: bool) -> int:
    """List the runs of the daemon, or tell everything about one RUN."""
    request = _Request(config=config, account=account, limit=limit, as_json=as_json)
    return asyncio.run(_runs(run, request))


async def _runs(run: int | None, request: _Request) -> int:
    settings = build.settings_from(request.config, dict(os.environ))
    if request.account is not None:
        build.account_of(settings, request.account)
    async with looked_at(settings) as looked:
        if run is not None:
            return await _one(looked, run, as_json=request.as_json)
        _list(await looked.runs(request.account, request.limit), as_json=request.as_json)
    return 0


def _list(found: Sequence[Run], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"runs": msgspec.to_builtins(found)}, indent=2))
        return
    if not found:
        click.echo("no runs yet")
    titles = ("run", "account", "dates", "wished by", "state", "records", "ended", "reason")
    show.print_table(titles, [_cells(run) for run in found])


def _cells(run: Run) -> tuple[str, ...]:
    ended = when(run.ended_at) if run.ended_at else "-"
    counted = f"{run.counts.records:,}" if run.ended_at else "-"
    return str(run.id), run.account, span_of(run), run.wished_by.value, run.state.value, counted, ended, run.reason


async def _one(looked: Looked, number: int, *, as_json: bool) -> int:
    run = await looked.run(number)
    if run is None:
        raise UsageError(f"there is no run {number}", hint="cromwelld runs lists those that are known")
    report = await looked.report(number)
    if as_json:
        click.echo(json.dumps({**msgspec.to_builtins(run), "report": msgspec.to_builtins(report)}, indent=2))
        return 0
    click.echo(f"run {run.id} of {run.account}: {span_of(run)}, {run.state.value}")
    for name, said in _facts(run):
        if said:
            click.echo(f"  {name:9} {said}")
    if report is not None:
        show.print_collected(report, run.dates, {})
    return 0


def _facts(run: Run) -> list[tuple[str, str]]:
    return [
        ("wished by", f"{run.wished_by.value}, {when(run.asked_at)}"),
        ("forced", ", ".join(run.force)),
        ("begun", when(run.started_at) if run.started_at else ""),
        ("ended", when(run.ended_at) if run.ended_at else ""),
        ("reason", run.reason),
    ]


def span_of(run: Run) -> str:
    """Name the dates of a run in short."""
    return show.listed(run.dates)


def when(at: dt.datetime | None) -> str:
    """Write an instant for people."""
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "-"
