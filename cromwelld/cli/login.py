"""`cromwelld login`: a person grants access in a browser, here or elsewhere, and the login is kept."""

from __future__ import annotations

import asyncio
import getpass
import os
import socket
import threading
import webbrowser
from dataclasses import dataclass
from pathlib import Path

import click

from cromwelld.cli import speaking
from cromwelld.cli.consenting import Answers
from cromwelld.cli.explain import say
from cromwelld.cli.lessons import lesson
from cromwelld.disk import make_private
from cromwelld.errors import UsageError
from cromwelld.sources.oauth import Tokens
from cromwelld.sources.oauth.consent import Consent, address, consent_of, new_consent
from cromwelld.web.client import Client
from cromwelld.web.protocol import LoggedIn
from cromwelld.wiring import access, build
from cromwelld.wiring.logins import Arrival

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
    if account.by_export:
        message = f"account {account.name} needs no login: its data come by exports of Google Takeout"
        raise UsageError(message, hint="put them into import_from, or run cromwelld import")
    found = speaking.daemon_of(settings)
    if found is not None:
        async with Client(found) as client:
            _tell(await _through(client, account.name, wish))
        return 0
    arrival = Arrival(
        way=access.access_of(settings, account, say),
        state=settings.state_dir,
        report=say,
        clock=build.now,
        remark=_remark,
    )
    store = arrival.store
    for folder in (settings.state_dir, store.path.parent):  # a consent is not spent where nothing can be kept
        make_private(folder)
    tokens = await (_consented(arrival, wish) if wish.file is None else _taken_over(arrival, wish.file, wish))
    _tell(
        LoggedIn(
            account=account.name,
            place=str(store.path),
            granted=arrival.granted(tokens),
            remarks=tuple(arrival.remarks(tokens)),
        )
    )
    return 0


async def _through(client: Client, account: str, wish: _Wish) -> LoggedIn:
    """Let the daemon that keeps the state folder log in: only the vendor's answer passes through here."""
    if wish.file is not None:
        content = (await _content(wish.file)).decode("utf-8", "replace")
        return await client.import_login(account, content, replace_person=wish.replace_person)
    redirect_uri = f"http://127.0.0.1:{wish.port}"
    begun = await client.begin_login(account, redirect_uri)
    consent = consent_of(begun.address, redirect_uri)
    async with Answers(wish.port, consent) as answers:
        _invite(begun.address, consent, wish)
        answer = await answers.address()
    return await client.finish_login(begun.id, answer, replace_person=wish.replace_person)


async def _consented(arrival: Arrival, wish: _Wish) -> Tokens:
    """Let a person grant access, and exchange the code that comes back."""
    consent = new_consent(f"http://127.0.0.1:{wish.port}")
    async with Answers(wish.port, consent) as answers:
        _invite(address(arrival.way.provider, arrival.way.application.client_id, consent), consent, wish)
        code = await answers.code()
    return await arrival.by_code(code, consent, replace_person=wish.replace_person)


async def _taken_over(arrival: Arrival, file: Path, wish: _Wish) -> Tokens:
    """Take over the login of another program."""
    return await arrival.by_file(await _content(file), file, replace_person=wish.replace_person)


async def _content(file: Path) -> bytes:
    try:
        return await asyncio.to_thread(file.read_bytes)
    except OSError as err:
        raise UsageError(f"{file} cannot be read: {err.strerror}", hint="name a file that this user may read") from err


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


def _tell(kept: LoggedIn) -> None:
    """Say what was granted and what a person should know."""
    click.echo(f"logged in: {kept.account}, kept in {kept.place}")
    click.echo(f"granted: {', '.join(kept.granted) or 'the vendor does not say'}")
    for remark in kept.remarks:
        _remark(remark)


def _remark(remark: str) -> None:
    click.echo(f"but: {remark}")
