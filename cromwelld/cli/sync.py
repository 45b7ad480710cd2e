"""`cromwelld sync`: new or changed objects of the archive into tables, or as they are into a folder."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from cromwelld.archive.names import date_of
from cromwelld.archive.store import Store
from cromwelld.cli import show, speaking
from cromwelld.cli.explain import say
from cromwelld.cli.lessons import lesson
from cromwelld.config import Stay
from cromwelld.disk import check_writable
from cromwelld.errors import UsageError
from cromwelld.jobs.compile import check_timezone
from cromwelld.jobs.intake import Compiled, Hearing, Offer, take_in
from cromwelld.jobs.places import Places
from cromwelld.jobs.remembering import remember_lost
from cromwelld.jobs.store import Stored, store
from cromwelld.jobs.sync import Downloaded, Plan, download, plan
from cromwelld.jobs.zones import Zones
from cromwelld.lake.memory import stay_small
from cromwelld.lake.writer import Lake
from cromwelld.locks import held
from cromwelld.wiring import build
from cromwelld.wiring.vendors import STREAMS

_DONE, _FAILED, _INCOMPLETE = 0, 1, 10
_EXAMPLES = (
    ("sync", "new or changed days into the tables; into an empty folder it is the restore"),
    ("sync --dry-run", "what would be done"),
    ("sync s3://bucket/prefix --data-dir data", "on a laptop, without a configuration"),
    ("sync --download-only --to copy", "the objects as they are"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    address: str | None
    config: Path | None
    account: str | None
    data_dir: Path | None
    timezone: str
    as_is: bool
    dry_run: bool
    to: Path | None
    as_json: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """Where a sync reads and writes; `places` is there only where a configuration says what else there is."""

    store: Store
    lake: Lake
    tables: Path
    places: Places | None
    stays: tuple[Stay, ...] = ()


@click.command(epilog=lesson(_EXAMPLES, (0, 1, 2, 10, 75, 130)))
@click.argument("address", required=False, metavar="[s3://BUCKET/PREFIX]")
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="The configuration, instead of the usual places."
)
@click.option("--account", metavar="NAME", help="Whose archive, if there are several accounts.")
@click.option(
    "--data-dir", type=click.Path(path_type=Path), metavar="FOLDER", help="Where the tables go: with an address only."
)
@click.option("--timezone", default="", metavar="ZONE", help="The zone of foreign objects whose records imply none.")
@click.option("--as-is", is_flag=True, help="Mend nothing: take foreign records as they were written.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, with sizes; write nothing.")
@click.option("--download-only", is_flag=True, help="Copy the objects as they are, below the folder of --to.")
@click.option("--to", type=click.Path(path_type=Path), metavar="FOLDER", help="Where --download-only copies to.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def sync(  # noqa: PLR0913, PLR0917 - one for each option
    address: str | None,
    config: Path | None,
    account: str | None,
    data_dir: Path | None,
    timezone: str,
    to: Path | None,
    *,
    as_is: bool,
    dry_run: bool,
    download_only: bool,
    as_json: bool,
) -> int:
    """Bring new or changed days of the archive into the tables; what is there already is not read.

    Without an address it is the archive of the configuration, and what waits for it is stored first. Killed, it goes on
    where it was when it is run again.
    """
    if download_only is not (to is not None):
        raise UsageError("--download-only and --to go together", hint="cromwelld sync --download-only --to FOLDER")
    if address is not None and data_dir is None and to is None:
        raise UsageError("an address needs a place for the tables", hint="add --data-dir FOLDER")
    if address is None and data_dir is not None:
        raise UsageError("--data-dir goes with an address", hint="the configuration says where its tables are")
    request = _Request(
        address=address, config=config, account=account, data_dir=data_dir, timezone=check_timezone(timezone),
        as_is=as_is, dry_run=dry_run, to=to, as_json=as_json,
    )  # fmt: skip
    return asyncio.run(_sync(request))


async def _sync(request: _Request) -> int:
    async with _ground(request) as ground:
        if request.to is not None:
            return await _download(ground.store, request.to, request)
        stored = [] if ground.places is None or request.dry_run else await _drain(ground.places)
        waiting = [] if ground.places is None else await asyncio.to_thread(ground.places.outbox.dates)
        planned = plan(await ground.store.listing(), await asyncio.to_thread(ground.lake.origins), waiting)
        if request.dry_run:
            return _present_plan(planned, ground, as_json=request.as_json)
        compiled = await _into_tables(ground, planned, request)
    compiled.oddities.passed_over += planned.others
    _present(compiled, stored, request=request, tables=ground.tables)
    return _exit_code(compiled, stored)


@asynccontextmanager
async def _ground(request: _Request) -> AsyncIterator[_Ground]:
    if request.address is not None:
        async with build.store_at(request.address) as found:
            tables = request.data_dir or Path()
            yield _Ground(store=found, lake=Lake(tables, report=say), tables=tables, places=None)
        return
    settings = build.settings_from(request.config, dict(os.environ))
    account = build.account_of(settings, request.account)
    speaking.check_owner(settings.state_dir)
    if request.dry_run or request.to is not None:
        async with build.store_of(settings, account) as found:
            tables = account.data_dir
            yield _Ground(store=found, lake=Lake(tables, report=say), tables=tables, places=None)
        return
    async with build.places_of(settings, account, say, build.now) as places:
        with held(settings.state_dir / "lock", "cromwelld sync"):
            yield _Ground(
                store=places.archive.store,
                lake=places.lake,
                tables=account.data_dir,
                places=places,
                stays=account.lived_in,
            )


async def _drain(places: Places) -> list[Stored]:
    """Store what waits for the archive: it is newer than what the archive has."""
    return await store(places, await asyncio.to_thread(places.outbox.dates))


async def _into_tables(ground: _Ground, planned: Plan, request: _Request) -> Compiled:
    await asyncio.to_thread(check_writable, ground.tables)
    stay_small()
    todo = len(planned.objects)
    with show.progress(todo, "bringing into tables", quiet=request.as_json) as tell:
        zones = Zones(stays=ground.stays, given=request.timezone)
        offer = Offer(objects=planned.objects, zones=zones, repairing=not request.as_is)
        compiled = await take_in(ground.lake, ground.store, offer=offer, hearing=Hearing(report=say, tell=tell))
    if ground.places is not None:
        await asyncio.to_thread(remember_lost, ground.places, STREAMS)
    return compiled


def _exit_code(compiled: Compiled, stored: Sequence[Stored]) -> int:
    if any(item.error is not None for item in stored):
        return _FAILED
    if not compiled.problems:
        return _DONE
    return _INCOMPLETE if compiled.written or compiled.unchanged else _FAILED


async def _download(found: Store, folder: Path, request: _Request) -> int:
    listed = await found.listing()
    if request.dry_run:
        size = sum(one.size_bytes for one in listed)
        click.echo(f"{len(listed)} objects, {size / 1e6:,.1f} MB, would be copied to {folder} unless they are there")
        return _DONE
    await asyncio.to_thread(check_writable, folder)
    with show.progress(len(listed), "downloading", quiet=request.as_json) as tell:
        done = await download(found, listed, folder, tell)
    _present_download(done, folder, as_json=request.as_json)
    return _DONE if not done.problems else _INCOMPLETE


def _present_download(done: Downloaded, folder: Path, *, as_json: bool) -> None:
    problems = [f"{name}: {err.message}" for name, err in done.problems.items()]
    if as_json:
        document = {"fetched": done.fetched, "unchanged": done.unchanged, "problems": problems, "folder": str(folder)}
        click.echo(json.dumps(document, indent=2))
        return
    for problem in problems:
        click.echo(problem, err=True)
    click.echo(f"{len(done.fetched)} objects copied, {done.unchanged} were there, all in {folder}")


def _present_plan(planned: Plan, ground: _Ground, *, as_json: bool) -> int:
    """Say what a sync would do."""
    counts = {"new": planned.new, "changed": planned.changed, "unchanged": planned.unchanged}
    if as_json:
        document: dict[str, object] = {
            name: [str(date_of(one.name)) for one in group] if name != "unchanged" else len(group)
            for name, group in counts.items()
        }
        more = {"bytes": planned.size_bytes, "passed_over": planned.others, "tables": str(ground.tables)}
        click.echo(json.dumps(document | more, indent=2))
        return _DONE
    for name in ("new", "changed"):
        for one in counts[name]:
            click.echo(f"{date_of(one.name)} {name:8} {one.size_bytes / 1000:,.0f} kB")
    said = ", ".join(f"{len(group)} {name}" for name, group in counts.items())
    click.echo(f"{ground.store.place()}: {said}; {planned.size_bytes / 1e6:,.1f} MB to read, into {ground.tables}")
    _say_others(planned)
    return _DONE


def _present(compiled: Compiled, stored: Sequence[Stored], *, request: _Request, tables: Path) -> None:
    """Say what was done."""
    drained = sum(item.archived for item in stored)
    if request.as_json:
        document = {
            "written": [date.isoformat() for date in compiled.written],
            "unchanged": compiled.unchanged,
            **compiled.oddities.document(),
            "problems": compiled.problems,
            "stored_first": drained,
            "tables": str(tables),
        }
        click.echo(json.dumps(document, indent=2))
        return
    if drained:
        click.echo(f"{drained} dates that waited are in the archive now")
    click.echo(f"{len(compiled.written)} dates written, {compiled.unchanged} unchanged, tables in {tables}")
    for line in compiled.oddities.lines():
        click.echo(line)
    if compiled.problems:
        click.echo(f"{len(compiled.problems)} objects were left out, see above", err=True)


def _say_others(planned: Plan) -> None:
    if planned.others:
        click.echo(f"passed over: {', '.join(planned.others)}")
