"""`cromwelld login`: a person grants access in a browser, here or elsewhere, and the login is kept."""

from __future__ import annotations

import asyncio
import getpass
import hashlib
import os
import socket
import threading
import webbrowser
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import click

from cromwelld.cli.consenting import Answers
from cromwelld.cli.explain import say
from cromwelld.cli.lessons import lesson
from cromwelld.disk import make_private
from cromwelld.errors import ConfigurationError, LoginNeeded, PersonNeeded, Refused, UsageError
from cromwelld.jobs import login as logging_in
from cromwelld.jobs.doctor import FARS
from cromwelld.sources.client import Client
from cromwelld.sources.oauth import Tokens, TokenStore
from cromwelld.sources.oauth.consent import Consent, address, new_consent
from cromwelld.sources.oauth.endpoint import exchange
from cromwelld.sources.oauth.sending import TokenEndpoint
from cromwelld.sources.oauth.tokens import imported
from cromwelld.wiring import access, build

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
    for folder in (settings.state_dir, settings.state_dir / "tokens"):
        make_private(folder)
    arrived = _arrived(settings.state_dir, wish.file)
    async with aiohttp.ClientSession() as session:
        if wish.file is None:
            await _consented(way, session, wish, arrived)
        else:
            await _taken_over(wish.file, arrived)
        who = await _identity(way, session, arrived)
        tokens = logging_in.named(_read(arrived), settings.state_dir, way.provider, who)
    try:
        await logging_in.keep(store, tokens, replace_person=wish.replace_person)
    except UsageError:
        if not _renewed(wish.file, tokens):  # another person's: nothing of it stays here that is elsewhere too
            arrived.remove()
        raise
    arrived.remove()
    _tell(way, store, tokens)
    return 0


def _arrived(state: Path, file: Path | None) -> TokenStore:
    """Give the place where a login waits until it is known whose it is.

    A file that is imported again finds what became of it: a renewed pair is never lost on the way.
    """
    name = "new" if file is None else f"import-{hashlib.sha256(_content(file)).hexdigest()[:16]}"
    return TokenStore(state / "tokens" / "arriving" / f"{name}.json", say)


def _renewed(file: Path | None, tokens: Tokens) -> bool:
    """Tell whether the login in a file was spent for this one."""
    return file is not None and imported(_content(file), file).access_token != tokens.access_token


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as err:
        raise UsageError(f"{file} cannot be read: {err.strerror}", hint="name a file that this user may read") from err


async def _consented(way: access.Access, session: aiohttp.ClientSession, wish: _Wish, arrived: TokenStore) -> None:
    """Let a person grant access, and exchange the code that comes back."""
    consent = new_consent(f"http://127.0.0.1:{wish.port}")
    async with Answers(wish.port, consent) as answers:
        _invite(address(way.provider, way.application.client_id, consent), consent, wish)
        code = await answers.code()
    asking = exchange(way.provider, way.application, code=code, consent=consent)
    await _keep(arrived, await TokenEndpoint(session=session, report=say).ask(asking))


async def _taken_over(file: Path, arrived: TokenStore) -> None:
    """Take over the login of another program, unless it arrived before."""
    tokens = imported(_content(file), file)
    if arrived.load() is None:
        await _keep(arrived, tokens)


async def _keep(store: TokenStore, tokens: Tokens) -> None:
    async with store.lock():
        store.save(tokens)


async def _identity(way: access.Access, session: aiohttp.ClientSession, arrived: TokenStore) -> str:
    """Ask whose login it is; one whose access token has ended is renewed first, and is on the disk before it is used.

    Raises: PersonNeeded if the login lacks what it takes to say; what it lacks besides is said.
    """
    vendor = way.vendor
    async with access.keeper_of(way, arrived, session, report=say, clock=build.now) as keeper:
        client = Client(
            session=session,
            base_url=way.base_url,
            token=keeper.current,
            renew=keeper.renewed,
            report=say,
            judge=vendor.judge,
            vendor_hosts=vendor.hosts,
        )
        try:
            return await logging_in.identity(client, way.provider)
        except Refused as err:
            _remark(way, _read(arrived))
            message = "the login lacks what it takes to know whose it is; nothing was stored"
            raise PersonNeeded(message, hint="log in again and tick every box") from err


def _read(store: TokenStore) -> Tokens:
    tokens = store.load()
    if tokens is None:
        raise LoginNeeded(f"the login that arrived is gone: {store.path}", hint="run cromwelld login again")
    return tokens


def _invite(url: str, consent: Consent, wish: _Wish) -> None:
    """Say how a browser here or elsewhere can do it, and open the one that is here."""
    there = f"{getpass.getuser()}@{socket.gethostname()}"
    click.echo(f"Open this address in a browser, choose the account and tick every box:\n\n{url}\n")
    if wish.browser and _has_browser():
        click.echo("Your browser opens. If it does not, or if you want one elsewhere:")
        # Some browsers return when they are closed: not here, where the answer is waited for.
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True, name="browser").start()
    click.echo("The browser then goes to an address on its own machine. If that is not this machine, either")
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


def _tell(way: access.Access, store: TokenStore, tokens: Tokens) -> None:
    """Say what was granted and what a person should know."""
    granted = [scope.rpartition("/")[2] for scope in (tokens.scope or "").split()]
    click.echo(f"logged in: {way.account.name}, kept in {store.path}")
    click.echo(f"granted: {', '.join(granted) or 'the vendor does not say'}")
    _remark(way, tokens)


def _remark(way: access.Access, tokens: Tokens) -> None:
    costs = FARS[way.account.source].costs
    for remark in logging_in.remarks(tokens, way.provider, costs, build.now()):
        click.echo(f"but: {remark}")
