"""A login as a value, and its forms on disk."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cromwelld.errors import DamagedFile, UsageError
from cromwelld.sources.oauth import fields

FORMAT = 1
EXPECTED = (
    'a JSON object as the token endpoint gave it: {"access_token": "...", "refresh_token": "...", "scope": "..."}'
)
_TIMES = ("expires_at", "refresh_expires_at", "obtained_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """One generation of a login; times are UTC, and None is what nobody said.

    `access_token` is empty where only a refresh token was handed over: it is renewed before its first use. `person` is
    the salted hash of the vendor's identity, never the identity. No secret is in the repr.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    scope: str | None = None
    expires_at: dt.datetime | None = None
    refresh_expires_at: dt.datetime | None = None
    obtained_at: dt.datetime | None = None
    person: str | None = field(default=None, repr=False)

    def valid(self, now: dt.datetime) -> bool:
        """Tell whether the access token may be used: there is one, and its end is not known to have come."""
        return bool(self.access_token) and (self.expires_at is None or now < self.expires_at)

    def due(self, now: dt.datetime, *, margin_s: float) -> bool:
        """Tell whether to renew before use: `margin_s` before the end, at most half of the token's life."""
        if not self.valid(now):
            return True
        if self.expires_at is None:
            return False
        life_s = margin_s * 2 if self.obtained_at is None else (self.expires_at - self.obtained_at).total_seconds()
        return now >= self.expires_at - dt.timedelta(seconds=max(0.0, min(margin_s, life_s / 2)))


def encode(tokens: Tokens, *, replaces: str = "") -> bytes:
    """Write a login down; `replaces` is the digest of the file that it takes the place of."""
    content: dict[str, object] = {
        "format": FORMAT,
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "scope": tokens.scope,
        "person": tokens.person,
        "replaces": replaces,
    }
    for name in _TIMES:
        at: dt.datetime | None = getattr(tokens, name)
        content[name] = None if at is None else at.isoformat()
    return json.dumps(content, indent=1).encode() + b"\n"


def decode(content: bytes, path: Path) -> Tokens:
    """Read a login; a plain token response, which does not say when it was made, has no known end.

    Raises: DamagedFile naming the file and what is expected there, never what was found.
    """
    found = fields.opened(content)
    if found is None:
        raise DamagedFile(f"{path} is not a login: {_instead(content)}", hint=f"expected is {EXPECTED}")
    if found.get("format", FORMAT) != FORMAT:
        raise DamagedFile(f"{path} was written by another version of cromwelld", hint="log in again, or update")
    problem = _problem(found, found.get("access_token"))
    if problem:
        raise DamagedFile(f"{path} {problem}", hint=f"expected is {EXPECTED}")
    return Tokens(
        access_token=fields.token(found.get("access_token")) or "",
        refresh_token=fields.token(found.get("refresh_token")),
        scope=fields.names(found.get("scope")),
        expires_at=fields.instant(found.get("expires_at")),
        refresh_expires_at=fields.instant(found.get("refresh_expires_at")),
        obtained_at=fields.instant(found.get("obtained_at")),
        person=fields.text(found.get("person")),
    )


def replaced(content: bytes) -> str | None:
    """Read the digest of the file that a login takes the place of; None if it does not say."""
    found = fields.opened(content)
    digest = None if found is None else found.get("replaces")
    return digest if isinstance(digest, str) else None


def imported(content: bytes, path: Path) -> Tokens:
    """Read the token file of another program.

    Known are a plain token response, that with `expires_at` in seconds since 1970 and a list of scopes (oauthlib), and
    what Google's libraries write (`token`, `expiry`, `scopes`; an access token may be missing).

    Raises: UsageError naming the file and what is expected, never what was found.
    """
    found = fields.opened(content)
    hint = f"expected is {EXPECTED}, or what fitbit-grafana, python-fitbit or Google's libraries keep"
    if found is None:
        raise UsageError(f"{path} is not a token file: {_instead(content)}", hint=hint)
    access = found.get("access_token", found.get("token"))
    problem = _problem(found, access)
    if problem:
        raise UsageError(f"{path} {problem}", hint=hint)
    return Tokens(
        access_token=fields.token(access) or "",
        refresh_token=fields.token(found.get("refresh_token")),
        scope=fields.names(found.get("scope", found.get("scopes"))),
        expires_at=fields.instant(found.get("expires_at", found.get("expiry"))),
    )


def _instead(content: bytes) -> str:
    """Say what a file is that is no JSON object, without repeating it."""
    bare = content.strip()
    if not bare:
        return "it is empty"
    if fields.token(bare.decode("utf-8", "replace").strip('"')) and not bare.startswith((b"{", b"[")):
        return "it holds a bare token"
    return "it is not a whole JSON object"


def _problem(found: Mapping[str, object], access: object) -> str:
    """Say what is wrong with a JSON object as a login; empty if nothing is."""
    if "installed" in found or "web" in found:
        return "holds the client of your Google Cloud project, not a login"
    refresh = found.get("refresh_token")
    if access not in (None, "") and fields.token(access) is None:
        return "has an access_token that cannot be one"
    if refresh not in (None, "") and fields.token(refresh) is None:
        return "has a refresh_token that cannot be one"
    if not access and not refresh:
        return "holds neither access_token nor refresh_token"
    if refresh and (refresh == access or _passes_for_access(str(refresh))):
        return "has an access token in the place of the refresh_token"
    return ""


def _passes_for_access(refresh: str) -> bool:
    """Tell an access token by its shape: Fitbit's are JSON web tokens, Google's begin with `ya29.`."""
    return refresh.startswith("ya29.") or (refresh.startswith("eyJ") and refresh.count(".") == 2)  # noqa: PLR2004
