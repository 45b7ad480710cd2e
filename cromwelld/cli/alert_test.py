"""`cromwelld alert-test`: whether a letter arrives."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp
import click

from cromwelld.cli.lessons import lesson
from cromwelld.config import Alerts
from cromwelld.errors import CromwelldError, UsageError
from cromwelld.monitor.alerts import Ping, channels_of, pinger_of, trial
from cromwelld.wiring import build


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """One channel, and what came of it."""

    channel: str
    error: CromwelldError | None = None


@click.command(epilog=lesson((("alert-test", ""), ("alert-test --json", "for programs")), (0, 1, 2, 75, 77)))
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="The configuration, instead of the usual places."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def alert_test(config: Path | None, *, as_json: bool) -> int:
    """Send a trial over every channel of [alerts], and say what came of it."""
    settings = build.settings_from(config, dict(os.environ))
    tried = asyncio.run(_try_all(settings.alerts))
    if as_json:
        click.echo(json.dumps({"channels": [_document(one) for one in tried]}, indent=2))
    else:
        _print(tried)
    return max((one.error.exit_code for one in tried if one.error is not None), default=0)


async def _try_all(told: Alerts) -> list[_Tried]:
    """Send over every channel at once; one that fails holds up no other. Raises: UsageError if there is none."""
    async with aiohttp.ClientSession() as session:
        letter = trial(dt.datetime.now(dt.UTC))
        units: dict[str, Callable[[], Awaitable[None]]] = {
            channel.name: partial(channel.send, letter) for channel in channels_of(told, session)
        }
        pinger = pinger_of(told, session)
        if pinger is not None:
            units["healthchecks"] = partial(pinger.send, Ping.LOG, "alert-test", letter.mark)
        if not units:
            hint = "set [alerts.mail], [alerts.ntfy] or [alerts.healthchecks] in the configuration"
            raise UsageError("no channel for alerts is configured", hint=hint)
        return list(await asyncio.gather(*(_tried(name, unit) for name, unit in units.items())))


async def _tried(name: str, unit: Callable[[], Awaitable[None]]) -> _Tried:
    try:
        await unit()
    except CromwelldError as err:
        return _Tried(channel=name, error=err)
    return _Tried(channel=name)


def _print(tried: Sequence[_Tried]) -> None:
    for one in tried:
        if one.error is None:
            click.echo(f"sent     {one.channel}: see whether it has arrived")
        else:
            remedy = f" -> {one.error.hint}" if one.error.hint else ""
            click.echo(f"failed   {one.channel}: {one.error.message}{remedy}")


def _document(one: _Tried) -> dict[str, object]:
    error = None if one.error is None else {"message": one.error.message, "hint": one.error.hint}
    return {"channel": one.channel, "sent": one.error is None, "error": error}
