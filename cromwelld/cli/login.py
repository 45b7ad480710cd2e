"""`cromwelld login`: a person grants access in a browser, here or elsewhere, and the login is kept."""

from __future__ import annotations

import asyncio
import getpass
import os
import socket
import webbrowser
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import click

from cromwelld.cli import access, build
from cromwelld.cli.consenting import Answers
from cromwelld.cli.explain import say
from cromwelld.cli.lessons import lesson
from cromwelld.disk import make_private
from cromwelld.errors import ConfigurationError, UsageError
from cromwelld.jobs import login as logging_in
from cromwelld.jobs.doctor import FARS
from cromwelld.sources.client import Client
from cromwelld.sources.oauth import Tokens, TokenStore
from cromwelld.sources.oauth.consent import Consent, address, new_consent, read_code
from cromwelld.sources.oauth.endpoint import exchange, refresh
from cromwelld.sources.oauth.sending import TokenEndpoint
from cromwelld.sources.oauth.tokens import imported

PORT = 8378
_EXAMPLES = (
    ("login", "in the browser, or by pasting"),
    ("login --account partner", "where there are several"),
    ("login --import tokens.json", "an old script's token file"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    config: Path | None
    account: str | None
    file: Path | None
    replace_person: bool
    browser: bool
    port: int


@click.command(epilog=lesson(_EXAMPLES, (0, 1, 2, 75, 77, 130)))
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="The configuration, instead of the usual places."
)
@click.option("--account", metavar="NAME", help="Who logs in, if there are several accounts.")
@click.option(
    "--import",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Take the token file of an old script instead.",
)
@click.option("--replace-person", is_flag=True, help="Accept another person's login for this account.")
@click.option("--no-browser", is_flag=True, help="Open no browser here; print the address.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=PORT,
    show_default=True,
    metavar="N",
    help="Where on loopback the browser comes back to.",
)
def login(  # noqa: PLR0913 - one parameter for each option
    config: Path | None, account: str | None, file: Path | None, port: int, *, replace_person: bool, no_browser: bool
) -> int:
    """Log in at the vendor, in a browser on this machine or on another one.

    Nothing of the password comes here: the vendor hands over a token, which is kept in the state folder.
    """
    wish = _Wish(
        config=config, account=account, file=file, replace_person=replace_person, browser=not no_browser, port=port
    )
    return asyncio.run(_login(wish))


async def _login(wish: _Wish) -> int:
    settings = build.settings_from(wish.config, dict(os.environ))
    account = build.account_of(settings, wish.account)
    way = access.access_of(settings, account, say)
    store = way.store
    if store is None or not way.application.client_id:
        message = f"accounts.{account.name}.client_id: a login needs the client that you registered at the vendor"
        raise ConfigurationError(message, hint="set client_id and client_secret_file")
    make_private(settings.state_dir)
    async with aiohttp.ClientSession() as session:
        tokens = await (_consented(way, session, wish) if wish.file is None else _taken_over(way, session, wish.file))
        who = await logging_in.identity(_client(way, session, tokens), way.provider)
        tokens = logging_in.named(tokens, settings.state_dir, way.provider, who)
        await logging_in.keep(store, tokens, replace_person=wish.replace_person)
    _tell(way, store, tokens)
    return 0


async def _consented(way: access.Access, session: aiohttp.ClientSession, wish: _Wish) -> Tokens:
    """Let a person grant access, and exchange the code that comes back."""
    consent = new_consent(f"http://127.0.0.1:{wish.port}")
    async with Answers(wish.port) as answers:
        _invite(address(way.provider, way.application.client_id, consent), consent, wish)
        code = read_code(await answers.first(), consent)
    asking = exchange(way.provider, way.application, code=code, consent=consent)
    return await TokenEndpoint(session=session, report=say).ask(asking)


def _invite(url: str, consent: Consent, wish: _Wish) -> None:
    """Open the browser, or say how a browser elsewhere can do it."""
    if wish.browser and _has_browser() and webbrowser.open(url):
        click.echo(f"Your browser opens. If it does not, open this address in it:\n\n{url}\n")
        return
    there = f"{getpass.getuser()}@{socket.gethostname()}"
    click.echo(f"Open this address in a browser, choose the account and tick every box:\n\n{url}\n")
    click.echo(
        "The browser then goes to an address on its own machine. If that is another machine than this one, either"
    )
    click.echo(f"run this on it first:  ssh -L {wish.port}:127.0.0.1:{wish.port} {there}")
    click.echo(f"or paste here the address that it ends on ({consent.redirect_uri}/?...), and press Enter:")


def _has_browser() -> bool:
    """Tell whether a browser of a person is here; one for terminals would fill this one."""
    if os.name == "posix" and not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


async def _taken_over(way: access.Access, session: aiohttp.ClientSession, file: Path) -> Tokens:
    """Take over the login of another program; one whose access token is gone is renewed first."""
    tokens = imported(_read(file), file)
    if tokens.valid(build.now()) or tokens.refresh_token is None:
        return tokens
    asking = refresh(way.provider, way.application, refresh_token=tokens.refresh_token)
    renewed = await TokenEndpoint(session=session, report=say).ask(asking, before=tokens)
    if way.store is not None and way.store.load() is None:  # a pair that rotated is on the disk before it is used
        async with way.store.lock():
            way.store.save(renewed)
    return renewed


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as err:
        raise UsageError(f"{file} cannot be read: {err.strerror}", hint="name a file that this user may read") from err


def _client(way: access.Access, session: aiohttp.ClientSession, tokens: Tokens) -> Client:
    async def token() -> str:
        return tokens.access_token

    vendor = way.vendor
    client = Client(session=session, base_url=way.base_url, token=token, report=say, judge=vendor.judge)
    return replace(client, vendor_hosts=vendor.hosts)


def _tell(way: access.Access, store: TokenStore, tokens: Tokens) -> None:
    """Say what was granted and what a person should know."""
    granted = [scope.rpartition("/")[2] for scope in (tokens.scope or "").split()]
    click.echo(f"logged in: {way.account.name}, kept in {store.path}")
    click.echo(f"granted: {', '.join(granted) or 'the vendor does not say'}")
    costs = FARS[way.account.source].costs
    for remark in logging_in.remarks(tokens, way.provider, costs, build.now()):
        click.echo(f"but: {remark}")
