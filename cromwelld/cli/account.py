"""`cromwelld account`: what belongs to one person, given to them, or taken away."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path

import aiohttp
import click

from cromwelld.cli.explain import say
from cromwelld.cli.lessons import lesson
from cromwelld.config import Account, Settings
from cromwelld.errors import LoginNeeded
from cromwelld.jobs.importing.attempts import attempts_file
from cromwelld.jobs.importing.record import record_file
from cromwelld.jobs.leaving import Belongings, belongings, erase
from cromwelld.jobs.leaving import export as copy_out
from cromwelld.locks import held
from cromwelld.sources.oauth.revoking import revoke
from cromwelld.wiring import access, build
from cromwelld.wiring.exports import staging_folder

_EXAMPLES = (
    ("account export partner --to FOLDER", "archive and tables, for the person to take along"),
    ("account remove partner", "revoke and forget the login; the data stay"),
    ("account remove partner --erase", "everything, after the list of it and a question"),
)
_config = click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="The configuration, instead of the usual places."
)


@click.group(epilog=lesson(_EXAMPLES, (0, 1, 2, 75, 77)))
def account() -> None:
    """Give a person what is theirs, or take an account away."""


@account.command()
@click.argument("name")
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True, metavar="FOLDER", help="Where it goes.")
@_config
def export(name: str, folder: Path, config: Path | None) -> int:
    """Copy every object of the archive and the tables of an account below FOLDER; nothing is changed."""
    settings = build.settings_from(config, dict(os.environ))
    return asyncio.run(_export(settings, build.account_of(settings, name), folder))


async def _export(settings: Settings, chosen: Account, folder: Path) -> int:
    async with build.places_of(settings, chosen, say, build.now) as places:
        own = await belongings(places, chosen.data_dir, ())
        done = await copy_out(places, own, folder)
    for name, err in done.problems.items():
        click.echo(f"{name}: {err.message}", err=True)
    click.echo(f"{len(own.objects) - len(done.problems)} objects and {len(own.tables)} tables are in {folder}")
    return 1 if done.problems else 0


@account.command()
@click.argument("name")
@click.option("--erase", "erasing", is_flag=True, help="Erase archive, tables and everything that is known, too.")
@click.option("--keep-login", is_flag=True, help="Do not ask the vendor to revoke the login; only forget it.")
@click.option("--yes", is_flag=True, help="Do not ask before erasing.")
@_config
def remove(name: str, config: Path | None, *, erasing: bool, keep_login: bool, yes: bool) -> int:
    """Revoke the login of an account at the vendor and forget it; with --erase also erase its data, here and in S3.

    Stop the daemon before it, and take the account out of the configuration after it.
    """
    settings = build.settings_from(config, dict(os.environ))
    chosen = build.account_of(settings, name)
    with held(settings.state_dir / "lock", f"cromwelld account remove {name}"):
        return asyncio.run(_remove(settings, chosen, keep_login=keep_login, erasing=erasing, yes=yes))


async def _remove(settings: Settings, chosen: Account, *, keep_login: bool, erasing: bool, yes: bool) -> int:
    async with build.places_of(settings, chosen, say, build.now) as places:
        own = await belongings(places, chosen.data_dir, _kept(settings, chosen))
        _list(own, erasing=erasing)
        if erasing and not yes:
            click.confirm("Erase all of it? Nothing brings it back", abort=True)
        await _forget_login(settings, chosen, revoking=not keep_login)
        if erasing:
            await erase(places, own)
    click.echo(f"done; now take [accounts.{chosen.name}] out of the configuration")
    return 0


def _list(own: Belongings, *, erasing: bool) -> None:
    click.echo("to be erased:" if erasing else "stays where it is:")
    for line in own.lines():
        click.echo(f"  {line}")
    if erasing and own.place.startswith("s3://"):
        click.echo("  (where the bucket keeps versions, those stay until a rule of the bucket, or you, end them)")


async def _forget_login(settings: Settings, chosen: Account, *, revoking: bool) -> None:
    """Give the login back to the vendor, then remove it; one that cannot be read is only removed."""
    if chosen.source == "import":
        return
    way = access.access_of(settings, chosen, say)
    if way.store is None:
        return
    tokens = None
    with suppress(LoginNeeded):
        tokens = await asyncio.to_thread(way.store.load)
    if tokens is not None and revoking:
        async with aiohttp.ClientSession() as session:
            await revoke(session, way.provider, way.application, tokens)
        click.echo("the login is revoked at the vendor")
    await asyncio.to_thread(way.store.remove)


def _kept(settings: Settings, chosen: Account) -> tuple[Path, ...]:
    """Say where something of an account may lie beside the ledger: answers, drafts, imports, half a login."""
    state, name = settings.state_dir, chosen.name
    half_arrived = state / "tokens" / "arriving" / f"new-{name}.json"
    exports = record_file(state, name), attempts_file(state, name), staging_folder(state, name)
    return state / "outbox" / name, state / "drafts" / name, *exports, half_arrived
