"""`cromwelld status`: how everything stands."""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from cromwelld.cli.ledgers import looked_at
from cromwelld.cli.lessons import lesson
from cromwelld.cli.runs import span_of, when
from cromwelld.config import BY_EXPORT
from cromwelld.jobs.days import DateState
from cromwelld.jobs.importing.standing import Exports
from cromwelld.jobs.overview import AccountOverview, Overview
from cromwelld.jobs.states import UNKNOWN
from cromwelld.planner.states import State
from cromwelld.wiring import build

_EXAMPLES = (("status", "of the daemon, or of the ledger without one"), ("status --json", "for programs"))
_LACKING = {state.value for state in State if state.lacking}


@click.command(epilog=lesson(_EXAMPLES, (0, 1, 2)))
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="The configuration, instead of the usual places."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(config: Path | None, *, as_json: bool) -> int:
    """Say how every account stands: login, newest date, what waits, the last two weeks, the last run."""
    return asyncio.run(_status(config, as_json=as_json))


async def _status(config: Path | None, *, as_json: bool) -> int:
    settings = build.settings_from(config, dict(os.environ))
    async with looked_at(settings) as looked:
        overview = await looked.overview()
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(overview), indent=2))
    else:
        for line in _lines(overview):
            click.echo(line)
    return 0


def _lines(overview: Overview) -> Iterator[str]:
    since = f"the daemon runs since {when(overview.running_since)}" if overview.running_since else "no daemon runs"
    yield f"cromwelld {overview.version}, {since}" + (f": {overview.work}" if overview.work else "")
    for account in overview.accounts:
        yield ""
        yield f"{account.name}: {_way_in(account)}"
        for name, said in _facts(account):
            yield f"  {name:9} {said}"


def _way_in(account: AccountOverview) -> str:
    if account.source == BY_EXPORT:
        return "from exports of Google Takeout, which need no login"
    return f"from {account.source}, login {account.login}"


def _facts(account: AccountOverview) -> Iterator[tuple[str, str]]:
    if account.paused:
        yield "paused", account.paused
    yield "archive", f"newest date {account.newest_stored}" if account.newest_stored else "nothing yet"
    if account.exports is not None:
        yield from _exports(account.exports)
    if account.waiting is not None:
        yield "waiting", f"{account.waiting.pieces} answers, the oldest since {when(account.waiting.oldest)}"
    counted = Counter(day.state for day in account.days)
    said = ", ".join(f"{count} {state}" for state, count in counted.most_common())
    if account.exports is not None and account.source == BY_EXPORT and not counted.keys() - {UNKNOWN}:
        said = "the last two weeks are in no export yet: they were not asked"
    yield "dates", said or "none was ever asked"
    for day in account.days:
        for said in _lacking(day):
            yield "", said
    for run in account.runs[:1]:
        ended = f", ended {when(run.ended_at)}" if run.ended_at else ""
        reason = f" ({run.reason})" if run.reason else ""
        yield "last run", f"{run.id}: {span_of(run)} {run.state.value}{reason}{ended}"


def _exports(exports: Exports) -> Iterator[tuple[str, str]]:
    """Say how far exports reach, when the next one is due, and which are not in."""
    if exports.until is None:
        yield "exports", f"none was imported yet; put one into {exports.folder or 'a folder that import_from names'}"
    else:
        yield "exports", f"up to {exports.until}, there in part; the next one is due on {exports.due_on}"
    for name, reason in exports.refused.items():
        yield "", f"{name}: not imported, or not all of it: {reason}"
    for name, reason in exports.waiting.items():
        yield "", f"{name}: tried again: {reason}"


def _lacking(day: DateState) -> Iterator[str]:
    """Say once for each reason which streams a date lacks."""
    groups: dict[tuple[str, str], list[str]] = {}
    for one in day.streams:
        if one.state in _LACKING:
            groups.setdefault((one.state, one.reason), []).append(one.stream)
    for (state, reason), streams in groups.items():
        yield f"{day.date} {', '.join(streams)}: {state}" + (f": {reason}" if reason else "")
