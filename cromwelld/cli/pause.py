"""`cromwelld pause`: collect nothing for an account, for a while or until it is resumed."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from contextlib import closing
from pathlib import Path

import click

from cromwelld.cli import speaking
from cromwelld.cli.lessons import lesson
from cromwelld.config import Account, Settings
from cromwelld.disk import make_private
from cromwelld.errors import UsageError
from cromwelld.jobs.places import Clock
from cromwelld.state import Ledger, Obstacle, Standing
from cromwelld.web.client import Client
from cromwelld.wiring import build

_EXAMPLES = (
    ("pause", "until it is resumed"),
    ("pause --until 2025-12-01", "until that day begins"),
    ("pause --resume", "collect again"),
)


@click.command(epilog=lesson(_EXAMPLES, (0, 1, 2)))
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="The configuration, instead of the usual places."
)
@click.option("--account", metavar="NAME", help="Whose collecting, if there are several accounts.")
@click.option("--until", metavar="TIME", help="When it goes on by itself: 2025-12-01 or 2025-12-01T08:00, here.")
@click.option("--resume", is_flag=True, help="Collect again.")
def pause(config: Path | None, account: str | None, until: str | None, *, resume: bool) -> int:
    """Let the daemon collect nothing by itself for an account; what people wish is collected all the same.

    What was missed is caught up with afterwards.
    """
    if resume and until is not None:
        raise UsageError("--resume and --until do not go together", hint="cromwelld pause --resume")
    settings = build.settings_from(config, dict(os.environ))
    chosen = build.account_of(settings, account)
    end = None if until is None else _instant(until, build.now)
    asyncio.run(_pause(settings, chosen, end, resume=resume))
    word = "is collected again" if resume else f"is paused {f'until {until}' if until else 'until it is resumed'}"
    click.echo(f"{chosen.name} {word}")
    return 0


def _instant(text: str, clock: Clock) -> dt.datetime:
    """Read a date or a time on this machine's clock. Raises: UsageError."""
    try:
        found = dt.datetime.fromisoformat(text).astimezone()
    except ValueError as err:
        raise UsageError(f"--until: {text!r} is no time", hint="write 2025-12-01 or 2025-12-01T08:00") from err
    if found <= clock():
        raise UsageError(f"--until: {text} has passed", hint="name a time to come, or leave it out")
    return found


async def _pause(settings: Settings, account: Account, until: dt.datetime | None, *, resume: bool) -> None:
    """Tell the daemon; without one write it where the next one finds it."""
    found = speaking.daemon_of(settings)
    if found is not None:
        async with Client(found) as client:
            await (client.resume(account.name) if resume else client.pause(account.name, until))
        return
    make_private(settings.state_dir)
    with closing(Ledger(settings.state_dir / "ledger.sqlite")) as ledger:
        if resume:
            ledger.standings.clear(account.name, Obstacle.PAUSED)
            return
        standing = Standing(obstacle=Obstacle.PAUSED, reason="", way="", since=build.now(), until=until)
        ledger.standings.put(account.name, standing)
