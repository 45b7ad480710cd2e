"""`cromwelld doctor`: every check of the set-up, each finding with its remedy."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import aiohttp
import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cromwelld.cli.lessons import lesson
from cromwelld.config import Account, Settings, find
from cromwelld.errors import ConfigurationError, CromwelldError, LoginNeeded
from cromwelld.events import ignore
from cromwelld.jobs import doctor as examining
from cromwelld.jobs.doctor import Bucket, Case, Far, Finding, Replies, Result, Status, Unasked
from cromwelld.sources.client import Client, Limits, Retries
from cromwelld.sources.oauth import Tokens, TokenStore
from cromwelld.sources.oauth.sending import Patience
from cromwelld.wiring import access, build
from cromwelld.wiring.vendors import VENDORS

_PATIENCE = Retries(attempts=2, first_wait_s=0.5, longest_wait_s=2.0)
_BRIEF = Patience(attempts=2, first_wait_s=0.5, longest_wait_s=2.0, total_s=10.0)
_LIMITS = Limits(concurrency=1, total_s=10.0)
_RIGHT_FIRST = "set the configuration right first, then run cromwelld doctor again"
_COLOURS = {Status.OK: "green", Status.WARNING: "yellow", Status.PROBLEM: "red", Status.SKIPPED: "dim"}


_EXAMPLES = (
    ("doctor", "look at everything"),
    ("doctor --offline", "ask the vendor nothing"),
    ("doctor --json", "for programs"),
)


@click.command(epilog=lesson(_EXAMPLES, (0, 1, 2, 75, 77)))
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="The configuration, instead of the usual places."
)
@click.option("--account", metavar="NAME", help="Whose set-up, if there are several accounts.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--offline", is_flag=True, help="Ask nothing of the vendor, nor of a bucket.")
def doctor(config: Path | None, account: str | None, *, as_json: bool, offline: bool) -> int:
    """Look at everything that must be right before data can come, and change nothing.

    Every check is made even if others fail, and each says the one thing to do.
    """
    environ = dict(os.environ)
    try:
        settings = build.settings_from(config, environ)
    except ConfigurationError as err:
        results = _unreadable(err)
    else:
        one = build.account_of(settings, account)
        case = asyncio.run(_case(find(config, environ), settings, one, offline=offline))
        results = examining.examine(case)
    code = examining.exit_code(results)
    _print_json(results, code) if as_json else _print(results)
    return code


def _unreadable(err: ConfigurationError) -> list[Result]:
    """Say what is wrong with the settings; nothing else can be looked at."""
    sentence = f"{err.message}: {'; '.join(err.problems)}" if err.problems else err.message
    first, *others = examining.checks_of(None)
    rest = [Result(one.name, examining.skipped("without a configuration", _RIGHT_FIRST)) for one in others]
    return [Result(first.name, examining.of_error(ConfigurationError(sentence, hint=err.hint))), *rest]


async def _case(config: Path, settings: Settings, account: Account, *, offline: bool) -> Case:
    """Gather what the checks look at, and ask the vendor."""
    far = examining.FARS.get(account.source)
    login = _login(settings, account)
    way = _way(settings, account)
    if far is None:
        replies: Replies | Unasked = Unasked(f"source {account.source!r} asks nobody", "nothing to do")
    elif offline:
        replies = Unasked("left out: --offline", "run it again without --offline")
    else:
        replies = await _asked(account, far, None if isinstance(way, ConfigurationError) else way, login=login)
    return Case(
        config=config,
        settings=settings,
        account=account,
        mistake=way if isinstance(way, ConfigurationError) else None,
        login=login if isinstance(login, LoginNeeded) else _said(settings, account, login),
        log_in=f"run cromwelld login --account {account.name}",
        far=far,
        replies=replies,
        clock=build.now,
        bucket=await _bucket(settings, account, offline=offline),
        environ=dict(os.environ),
    )


async def _bucket(settings: Settings, account: Account, *, offline: bool) -> Bucket | None:
    """Ask the archive, if it is a bucket; a folder is looked at like the others."""
    if settings.archive.store == "folder":
        return None
    if offline:
        return Bucket.unasked("left out: --offline", "run it again without --offline")
    try:
        async with build.store_of(settings, account) as store:
            return await examining.ask_bucket(store)
    except CromwelldError as err:
        return Bucket.refused(err)


def _login(settings: Settings, account: Account) -> Tokens | LoginNeeded:
    """Read the login; not by way of its source, which may be one that cannot be collected from."""
    file = access.token_file(settings.state_dir, account.name)
    try:
        tokens = TokenStore(file, ignore).load()
    except CromwelldError as err:
        return LoginNeeded(err.message, hint=err.hint)
    hint = f"run: cromwelld login --account {account.name}"
    return tokens or LoginNeeded(f"account {account.name} has no login: {file} does not exist", hint=hint)


def _said(settings: Settings, account: Account, login: Tokens) -> examining.Login:
    granted = None if login.scope is None else frozenset(login.scope.split())
    return examining.Login(file=access.token_file(settings.state_dir, account.name), granted=granted)


def _way(settings: Settings, account: Account) -> access.Access | ConfigurationError | None:
    """Find the way to the vendor, or what the settings ask for that cannot be done; Takeout has no vendor to ask."""
    if account.source not in VENDORS:
        return None
    try:
        return access.access_of(settings, account, ignore)
    except ConfigurationError as err:
        return err


async def _asked(account: Account, far: Far, way: access.Access | None, *, login: Tokens | LoginNeeded) -> Replies:
    """Ask the vendor, with few attempts; without a login too, because any answer says what time it is there.

    A login that is due is renewed, as any command would: that it can be is what is asked.
    """
    vendor, listener = VENDORS[account.source], examining.Listener(build.now)

    async def token() -> str:
        return "" if isinstance(login, LoginNeeded) else login.access_token

    async with aiohttp.ClientSession() as session, AsyncExitStack() as stack:
        client = Client(
            session=session,
            base_url=account.base_url or vendor.url,
            token=token,
            report=ignore,
            judge=vendor.judge,
            vendor_hosts=vendor.hosts,
            retries=_PATIENCE,
            limits=_LIMITS,
            record=listener,
        )
        if way is not None and way.store is not None and not isinstance(login, LoginNeeded):
            keeper = access.keeper_of(way, way.store, session, report=ignore, clock=build.now)
            keeper.patience = _BRIEF
            await stack.enter_async_context(keeper)
            client = replace(client, token=keeper.current, renew=keeper.renewed)
        return await examining.ask(client, far, listener)


def _print_json(results: Sequence[Result], code: int) -> None:
    findings = [{"check": one.check, **_json(one.finding)} for one in results]
    click.echo(json.dumps({"exit_code": code, "findings": findings}, indent=2))


def _json(finding: Finding) -> dict[str, str]:
    return {"status": finding.status.value, "sentence": finding.sentence, "remedy": finding.remedy}


def _print(results: Sequence[Result]) -> None:
    """Print a table on a terminal, a line for each check elsewhere."""
    console = Console()
    if not console.is_terminal:
        for one in results:
            remedy = f" -> {one.finding.remedy}" if one.finding.remedy else ""
            click.echo(f"{one.finding.status.value:8} {one.check}: {one.finding.sentence}{remedy}")
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for one in results:
        table.add_row(*_cells(one))
    console.print(table)


def _cells(one: Result) -> tuple[Text, Text, Text]:
    """Lay out one finding: its status, its name, and the sentence with the remedy below it."""
    colour = _COLOURS[one.finding.status]
    said = Text(one.finding.sentence)
    if one.finding.remedy:
        said.append(f"\n-> {one.finding.remedy}", style="bold" if one.finding.status is not Status.SKIPPED else "dim")
    return Text(one.finding.status.value, style=colour), Text(one.check), said
