"""Commands that a running daemon does for us: so that its secrets stay with it, and no file of another user appears."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import shlex
import sys
from pathlib import Path

import click

from cromwelld.cli import show
from cromwelld.config import Account, Settings
from cromwelld.config.secrets import FOLDER, HANDED
from cromwelld.errors import CromwelldError, UsageError
from cromwelld.jobs.collect import Wish
from cromwelld.jobs.summary import Summary, together
from cromwelld.planner import windows
from cromwelld.web.client import Client, ended
from cromwelld.web.finding import Found, find
from cromwelld.web.problems import NotThere
from cromwelld.web.runs import LONGEST_WAIT_S, MOST_DATES


def daemon_of(settings: Settings) -> Found | None:
    """Find the daemon that keeps the state folder of the settings; None if none runs and this user may go on alone.

    Raises: UsageError if the state folder is another user's and no daemon does it for us; as `find`.
    """
    found = find(settings.state_dir, settings.http) if _may_look(settings.state_dir) else None
    if found is None:
        check_owner(settings.state_dir)
    return found


def _may_look(state: Path) -> bool:
    return os.access(state, os.R_OK | os.X_OK)


def check_owner(state: Path) -> None:
    """Refuse a state folder of another user, where files of ours would be in the way of its owner.

    Raises: UsageError.
    """
    owner = _other_owner(state)
    if owner is not None:
        handed = f" -p {HANDED}" if FOLDER.is_dir() else ""
        line = f"sudo systemd-run --pipe --wait --collect --uid={owner} -p UMask=0027{handed} {shlex.join(_command())}"
        message = f"{state} belongs to the user {owner}, and no daemon answers for it"
        raise UsageError(message, hint=f"run it as {owner}: {line}")


def _other_owner(state: Path) -> str | None:
    """Name the owner of a folder that is not ours; None for our own, and where there is none yet."""
    try:
        number = state.stat().st_uid
    except OSError:
        return None
    if os.name != "posix" or number == os.geteuid():
        return None
    try:
        return state.owner()
    except KeyError:  # a container's user has no entry
        return str(number)


def _command() -> list[str]:
    """Give the command as it was typed, so that another user's shell finds it."""
    program = Path(sys.argv[0])
    known = program.is_absolute() and program.name != "__main__.py"
    return [str(program) if known else "cromwelld", *sys.argv[1:]]


async def zone_of(client: Client, account: Account) -> str | None:
    """Give the zone of an account: the configured one, else the newest that the daemon knows."""
    if account.timezone is not None:
        return account.timezone
    zones = [day.zone for day in await client.days(account.name) if day.zone]
    return zones[-1] if zones else None


async def collect(client: Client, account: str, wish: Wish, *, quiet: bool) -> Summary:
    """Let the daemon collect, and wait for it with a bar on a terminal.

    Raises: as `Client.ask`; CromwelldError if a run ends without having done anything.
    """
    parts = []
    for first, last in windows(wish.first, wish.last, MOST_DATES):
        dates = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
        asked = await client.ask_run(account, dates, sorted(wish.force))
        parts.append(await _done(client, asked.id, quiet=quiet))
        if parts[-1].ended_by is not None:
            break
    return together(parts)


async def _done(client: Client, run: int, *, quiet: bool) -> Summary:
    with show.advancing("collecting", quiet=quiet) as bar:
        step_s = LONGEST_WAIT_S if bar is None else 1
        try:
            end = await ended(client, await client.run(run, 0), step_s=step_s, tell=bar or _nobody)
        except asyncio.CancelledError:
            click.echo(f"cromwelld: the daemon goes on with run {run}; cromwelld runs says how it ended", err=True)
            raise
    try:
        return await client.report(run)
    except NotThere as err:
        raise CromwelldError(f"run {run} {end.state.value}: {end.reason}", hint="see the log of the daemon") from err


def _nobody(done: int, total: int) -> None:
    """Tell nobody."""
    del done, total
