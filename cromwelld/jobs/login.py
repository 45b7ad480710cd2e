"""What becomes of a new login: whose it is, whether it may take the place of the old one, and what it lacks."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from cromwelld.disk import write_bytes
from cromwelld.errors import BadAnswer, LoginNeeded, UsageError
from cromwelld.sources.client import Client
from cromwelld.sources.oauth import Provider, Tokens, TokenStore
from cromwelld.sources.raw import Request

_PRIVATE = 0o600
_SALT_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A login that is on the disk, and what a person should know of it, the worst first."""

    tokens: Tokens
    remarks: tuple[str, ...]


async def identity(client: Client, provider: Provider) -> str:
    """Ask the vendor who has logged in; the answer is hashed at once and kept nowhere.

    Raises: as `Client.send`; BadAnswer if the answer names nobody.
    """
    found: object = json.loads((await client.send(Request(path=provider.identity_path))).body)
    for key in provider.identity_keys:
        found = found.get(key) if isinstance(found, dict) else None
    if not isinstance(found, str) or not found:
        raise BadAnswer("the vendor does not say whose login this is")
    return found


def person_of(state: Path, provider: Provider, who: str) -> str:
    """Hash an identity with the salt of this state folder, which is made when it is first needed.

    Raises: NotWritable.
    """
    file = state / "salt"
    salt = b""
    with suppress(FileNotFoundError):
        salt = file.read_bytes()
    if len(salt) < _SALT_BYTES:  # one that is empty would hide nobody
        salt = secrets.token_bytes(_SALT_BYTES)
        write_bytes(file, salt, mode=_PRIVATE)
    return _hashed(salt, provider, who)


def _hashed(salt: bytes, provider: Provider, who: str) -> str:
    return hmac.new(salt, f"{provider.name}:{who}".encode(), hashlib.sha256).hexdigest()


async def keep(store: TokenStore, tokens: Tokens, *, replace_person: bool) -> None:
    """Put a login whose `person` is known in the place of the one that is there.

    Raises: UsageError if that is another person's, unless `replace_person`; NotWritable; Held.
    """
    async with store.lock():
        before = _before(store)
        if before is not None and before.person not in {None, tokens.person} and not replace_person:
            message = "this is another person's login than the one whose data this account holds: nothing was changed"
            hint = "log in with that person's account; or give this person an account of their own in the configuration"
            raise UsageError(message, hint=f"{hint} (--replace-person if you are sure)")
        store.save(tokens)


def _before(store: TokenStore) -> Tokens | None:
    try:
        return store.load()
    except LoginNeeded:  # damaged for good: whoever's it was, it is of no use
        return None


def remarks(tokens: Tokens, provider: Provider, costs: Mapping[str, Sequence[str]], now: dt.datetime) -> Iterator[str]:
    """Say what a person should know of a new login: what it lacks, and when it ends.

    `costs` names the streams that need each scope.
    """
    if tokens.refresh_token is None:
        yield (
            "the vendor gave no refresh token, so this login ends within hours: remove cromwelld from the apps that "
            "may see your account, then log in again"
        )
    if tokens.refresh_expires_at is not None:
        days = max(0, (tokens.refresh_expires_at - now).days)
        yield (
            f"this login ends on {tokens.refresh_expires_at.date()} (in {days} days), used or not: the project is in "
            "status Testing. Publish it (Google Auth Platform, Audience), then log in again"
        )
    has = None if tokens.scope is None else set(tokens.scope.split())
    for scope in provider.scopes if has is not None else ():
        if has is not None and scope not in has:
            lost = ", ".join(costs.get(scope, ())) or "nothing that is asked for"
            yield f"{scope.rpartition('/')[2]} was not granted: {lost} cannot be had. Log in again and tick it"


def named(tokens: Tokens, state: Path, provider: Provider, who: str) -> Tokens:
    """Add the hash of the identity to a login."""
    return replace(tokens, person=person_of(state, provider, who))
