"""`cromwelld verify`: archive, tables and ledger against each other."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from cromwelld.cli import show, speaking
from cromwelld.cli.explain import say
from cromwelld.cli.lessons import lesson
from cromwelld.errors import CromwelldError
from cromwelld.jobs.tidy import forget_replaced
from cromwelld.jobs.verify import Finding, Order, Verified
from cromwelld.jobs.verify import verify as verify_dates
from cromwelld.locks import held
from cromwelld.web.client import Client
from cromwelld.web.finding import Found
from cromwelld.web.runs import LONGEST_WAIT_S
from cromwelld.wiring import build
from cromwelld.wiring.vendors import STREAMS

_DONE, _INCOMPLETE = 0, 10
_EXAMPLES = (("verify", "read every date back and compare"), ("verify --repair", "mend what the archive can mend"))


@dataclass(frozen=True, slots=True)
class _Request:
    config: Path | None
    account: str | None
    repair: bool
    as_json: bool


@click.command(epilog=lesson(_EXAMPLES, (0, 1, 2, 10, 75, 130)))
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="The configuration, instead of the usual places."
)
@click.option("--account", metavar="NAME", help="Whose dates, if there are several accounts.")
@click.option("--repair", is_flag=True, help="Mend tables and ledger from the archive, lost objects from the tables.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(config: Path | None, account: str | None, *, repair: bool, as_json: bool) -> int:
    """Hold archive, tables and ledger against each other: counts and content, date by date.

    Versions that were set aside longer than `keep_replaced` ago are forgotten.
    """
    return asyncio.run(_verify(_Request(config, account, repair, as_json)))


async def _verify(request: _Request) -> int:
    settings = build.settings_from(request.config, dict(os.environ))
    account = build.account_of(settings, request.account)
    found = speaking.daemon_of(settings)
    if found is not None:
        return await _through(found, account.name, request)
    async with build.places_of(settings, account, say, build.now) as places:
        with held(settings.state_dir / "lock", "cromwelld verify"):
            dates = len(await asyncio.to_thread(places.ledger.dates, account.name))
            with show.progress(dates, "reading back", quiet=request.as_json) as tell:
                order = Order(streams=STREAMS, repair=request.repair)
                verified = await verify_dates(places, order, tell)
            await forget_replaced(places, settings.archive.keep_replaced_s)
    present(verified, as_json=request.as_json)
    return _DONE if verified.sound else _INCOMPLETE


async def _through(found: Found, account: str, request: _Request) -> int:
    """Let the daemon read back that keeps the state folder."""
    async with Client(found) as client:
        asked = await client.verify(account, repair=request.repair)
        with show.advancing("reading back", quiet=request.as_json) as bar:
            while not asked.ended:
                asked = await client.verification(asked.id, LONGEST_WAIT_S if bar is None else 1)
                if bar is not None and asked.progress is not None:
                    bar(asked.progress.done, asked.progress.total)
    if asked.reason:
        raise CromwelldError(f"nothing was read back to its end: {asked.reason}", hint="see the log of the daemon")
    findings = [
        Finding(date=one.date, place=one.place, sentence=one.what, remedy=one.remedy, mended=one.mended)
        for one in asked.findings
    ]
    sound = all(one.mended for one in findings)
    _print(asked.dates, asked.records, findings, as_json=request.as_json)
    return _DONE if sound else _INCOMPLETE


def present(verified: Verified, *, as_json: bool) -> None:
    """Print what was found: a line each, or one JSON object."""
    _print(len(verified.dates), verified.records, verified.findings, as_json=as_json)


def _print(dates: int, records: int, findings: Sequence[Finding], *, as_json: bool) -> None:
    if as_json:
        document = {
            "dates": dates,
            "records": records,
            "sound": all(one.mended for one in findings),
            "findings": [_json(one) for one in findings],
        }
        click.echo(json.dumps(document, indent=2))
        return
    for one in findings:
        click.echo(f"{one.date} {one.place}: {one.sentence}; {'mended' if one.mended else one.remedy}")
    mended = sum(one.mended for one in findings)
    end = f"{len(findings) - mended} things do not fit, {mended} were mended" if findings else "everything fits"
    click.echo(f"{dates} dates and {records:,} records read back: {end}")


def _json(one: Finding) -> dict[str, object]:
    date: dt.date = one.date
    return {
        "date": date.isoformat(),
        "place": one.place,
        "what": one.sentence,
        "mended": one.mended,
        "remedy": "" if one.mended else one.remedy,
    }
