"""`cromwelld import`: an export of Google Takeout into archive and tables."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click

from cromwelld.archive.objects import Archive
from cromwelld.cli import show, speaking, trusting
from cromwelld.cli.explain import say
from cromwelld.cli.lessons import lesson
from cromwelld.config import Account, Settings
from cromwelld.errors import Held, UsageError
from cromwelld.jobs.compile import check_timezone
from cromwelld.jobs.importing.run import THREADS, Hearing, Imported, import_export
from cromwelld.jobs.places import Places
from cromwelld.jobs.zones import Zones
from cromwelld.lake.memory import stay_small
from cromwelld.lake.writer import Lake
from cromwelld.locks import held
from cromwelld.outbox import Outbox
from cromwelld.sources.takeout.clocks import TWINS
from cromwelld.sources.takeout.family import Clock
from cromwelld.state import Ledger
from cromwelld.wiring import build
from cromwelld.wiring.exports import order_of, staging_folder

_DONE, _FAILED, _INCOMPLETE, _AWAY = 0, 1, 10, 75
_PART = click.Path(path_type=Path, exists=True)
_JSON = "json_"
_CLOCKS = {"utc": Clock.UTC, "local": Clock.LOCAL}
_EXAMPLES = (
    ("import --dry-run takeout-*.zip", "what is in it, and how far it agrees with the archive"),
    ("import takeout-20261006T120000Z-*.zip", "all parts of one export"),
    ("import Takeout", "a folder that was unpacked"),
    ("import --clock steps=utc takeout-*.zip", "where nothing tells how the old JSON is to be read"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    parts: tuple[Path, ...]
    config: Path | None
    account: str | None
    timezone: str
    clocks: Mapping[str, Clock]
    dry_run: bool
    as_json: bool


@click.command("import", epilog=lesson(_EXAMPLES, (0, 1, 2, 10, 75, 130)))
@click.argument("parts", nargs=-1, required=True, type=_PART, metavar="ZIP|TGZ|FOLDER...")
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="The configuration, instead of the usual places."
)
@click.option("--account", metavar="NAME", help="Whose export it is, if there are several accounts.")
@click.option("--timezone", default="", metavar="ZONE", help="The person's zone on dates of which nothing tells it.")
@click.option(
    "--clock",
    "clocks",
    multiple=True,
    metavar="KIND=utc|local",
    help="How the old JSON of a kind is to be read, where it cannot be measured.",
)
@click.option("--dry-run", is_flag=True, help="Read and compare; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def import_(  # noqa: PLR0913 - one for each option
    parts: tuple[Path, ...],
    config: Path | None,
    account: str | None,
    timezone: str,
    clocks: tuple[str, ...],
    *,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Import all parts of one export, as they were downloaded or unpacked.

    Again is always safe. Killed, it goes on where it was when it is run again.
    """
    request = _Request(
        parts=parts,
        config=config,
        account=account,
        timezone=check_timezone(timezone),
        clocks=_clocks(clocks),
        dry_run=dry_run,
        as_json=as_json,
    )
    return asyncio.run(_import(request))


def _clocks(said: tuple[str, ...]) -> Mapping[str, Clock]:
    kinds = [twin.family.removeprefix(_JSON) for twin in TWINS]
    found = {}
    for word in said:
        kind, _, clock = word.partition("=")
        if kind not in kinds or clock not in _CLOCKS:
            hint = f"one of {', '.join(kinds)}, then =utc or =local"
            raise UsageError(f"--clock {word}: cannot be understood", hint=hint)
        found[f"{_JSON}{kind}"] = _CLOCKS[clock]
    return found


async def _import(request: _Request) -> int:
    settings = build.settings_from(request.config, dict(os.environ))
    account = build.account_of(settings, request.account)
    speaking.check_owner(settings.state_dir)
    stay_small()
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    opened = _looking(settings, account) if request.dry_run else build.places_of(settings, account, say, build.now)
    async with opened as places:
        with _locked(settings, account, request):
            imported = await _run(places, settings, account, request)
    trusting.present(imported, dry_run=request.dry_run, as_json=request.as_json)
    return _exit_code(imported)


@contextmanager
def _locked(settings: Settings, account: Account, request: _Request) -> Iterator[None]:
    """Keep the state folder to ourselves.

    The daemon does not take paths from others: whoever has its token could have it open any file that it may read, and
    it sees no home folders. It has a folder of its own to look into.

    Raises: Held with what to do instead.
    """
    if request.dry_run:
        yield
        return
    with ExitStack() as stack:
        try:
            stack.enter_context(held(settings.state_dir / "lock", "cromwelld import"))
        except Held as err:
            raise Held(err.message, hint=_instead(account)) from err
        yield


def _instead(account: Account) -> str:
    """Say how an export comes in while a daemon runs."""
    key = f"accounts.{account.name}.import_from"
    if account.import_from is not None:
        return (
            f"if that is the daemon, put all parts into {account.import_from} ({key}): it imports them within minutes, "
            "and cromwelld status says how it went; else wait until it has finished"
        )
    return (
        f"if that is the daemon, set {key} to a folder that it may read, reload it and put all parts there: it imports "
        "them by itself; or stop it until this is done"
    )


async def _run(places: Places, settings: Settings, account: Account, request: _Request) -> Imported:
    order = replace(
        order_of(settings, account, request.parts),
        folder=staging_folder(places.drafts.parents[1], account.name),
        timezone=request.timezone or account.timezone,
        given=request.clocks,
        dry_run=request.dry_run,
    )
    with show.counting("reading and importing", quiet=request.as_json) as tell:
        return await import_export(places, order, Hearing(file=tell, date=tell))


@asynccontextmanager
async def _looking(settings: Settings, account: Account) -> AsyncIterator[Places]:
    """Open places in which nothing of the account's is written: what must be kept meanwhile is forgotten again."""
    with tempfile.TemporaryDirectory(prefix="cromwelld-") as found:
        folder, kept = Path(found), settings.state_dir / "ledger.sqlite"
        ledger = Ledger(kept if kept.is_file() else folder / kept.name)
        async with build.store_of(settings, account) as store:
            with closing(ledger):
                yield Places(
                    account=account.name,
                    outbox=Outbox(folder / "outbox"),
                    archive=Archive(store),
                    lake=Lake(account.data_dir, report=say),
                    ledger=ledger,
                    drafts=folder / "drafts" / account.name,
                    label=account.device or "",
                    clock=build.now,
                    report=say,
                    zones=Zones(stays=account.lived_in),
                )


def _exit_code(imported: Imported) -> int:
    if imported.codes:
        return _AWAY if imported.codes == {_AWAY} else _FAILED
    if not imported.dates:
        return _FAILED
    return _DONE if imported.complete else _INCOMPLETE
