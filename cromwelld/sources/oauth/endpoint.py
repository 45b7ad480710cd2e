"""What is asked of a token endpoint, and what its answers mean. Pure."""

from __future__ import annotations

import base64
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cromwelld.errors import CromwelldError, FarSideAway, LoginNeeded, PersonNeeded, Retired
from cromwelld.sources.oauth import fields
from cromwelld.sources.oauth.consent import Consent
from cromwelld.sources.oauth.provider import Application, Provider
from cromwelld.sources.oauth.tokens import Tokens
from cromwelld.sources.verdict import seconds_of

LOG_IN = "run `cromwelld login`"
_OK, _GONE = 200, 410
_PASSING = frozenset({408, 425, 429})
_REFUSALS = range(400, 500)
_WORD = re.compile(r"[A-Za-z][A-Za-z_]{0,39}")  # no digits: a token never passes for one
_LONGEST_BODY = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One POST to a token endpoint; only the address and whose it is are in the repr."""

    source: str
    url: str
    form: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


def exchange(provider: Provider, application: Application, *, code: str, consent: Consent) -> Asking:
    """Ask for tokens in exchange for the code of a consent, which works once and for some minutes."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "code_verifier": consent.verifier,
        "redirect_uri": consent.redirect_uri,
    }
    return _authenticated(provider, application, form)


def refresh(provider: Provider, application: Application, *, refresh_token: str) -> Asking:
    """Ask for a new access token."""
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return _authenticated(provider, application, form)


def revocation(provider: Provider, application: Application, *, token: str) -> Asking:
    """Ask the vendor to take a login back, access token and refresh token alike.

    Source: RFC 7009; https://dev.fitbit.com/build/reference/web-api/authorization/revoke-token/;
    https://developers.google.com/identity/protocols/oauth2/native-app
    """
    return replace(_authenticated(provider, application, {"token": token}), url=provider.revoke_url)


def _authenticated(provider: Provider, application: Application, form: dict[str, str]) -> Asking:
    """Say who asks. Source: https://dev.fitbit.com/build/reference/web-api/authorization/oauth2-token/."""
    form["client_id"] = application.client_id
    headers = {"Accept": "application/json"}
    secret = application.client_secret
    if secret is not None and provider.basic:
        pair = base64.b64encode(f"{application.client_id}:{secret}".encode()).decode("ascii")
        headers["Authorization"] = f"Basic {pair}"
    elif secret is not None:
        form["client_secret"] = secret
    return Asking(source=provider.name, url=provider.token_url, form=form, headers=headers)


def verdict(
    status: int, headers: Mapping[str, str], *, body: bytes, now: dt.datetime, before: Tokens | None = None
) -> Tokens | CromwelldError:
    """Decide by status, then body: the new tokens, or the error to raise. `before` is the login that is renewed.

    What a renewal does not say again stays: the refresh token of a vendor that does not rotate it, the scopes, whose
    login it is. Anything but a plain refusal is FarSideAway and says nothing about the login. Messages never hold the
    vendor's own text, which can repeat a token.

    Source: RFC 6749, 5; https://dev.fitbit.com/build/reference/web-api/authorization/refresh-token/;
    https://developers.google.com/identity/protocols/oauth2/native-app
    """
    if status == _OK:
        return _tokens(body, now=now, before=before) or FarSideAway("200: the answer holds no whole token response")
    if status == _GONE:
        return Retired("410: the vendor has switched its logins off", hint=_GONE_HINT)
    said = _said(body) if status in _REFUSALS and status not in _PASSING else []
    if said:
        return _refusal(status, said, renewing=before is not None)
    return FarSideAway(
        f"{status}: the vendor's token endpoint is away or busy",
        hint="nothing to do: it is asked again later",
        retry_after_s=seconds_of(headers.get("retry-after")),
    )


_GONE_HINT = "use the Google Health API as source, or import a Google Takeout"


def _tokens(body: bytes, *, now: dt.datetime, before: Tokens | None) -> Tokens | None:
    found = fields.opened(body)
    access = None if found is None else fields.token(found.get("access_token"))
    if found is None or access is None:
        return None
    before = before or Tokens(access_token="")
    refresh_token = fields.token(found.get("refresh_token"))
    rotated = refresh_token is not None and refresh_token != before.refresh_token
    refresh_ends = fields.after(now, found.get("refresh_token_expires_in"))
    return replace(
        before,
        access_token=access,
        refresh_token=refresh_token or before.refresh_token,
        scope=fields.names(found.get("scope")) or before.scope,
        expires_at=fields.after(now, found.get("expires_in")),
        refresh_expires_at=refresh_ends or (None if rotated else before.refresh_expires_at),
        obtained_at=now.replace(microsecond=0),
    )


def _said(body: bytes) -> list[str]:
    """Find the words of a refusal: RFC 6749's one, or Fitbit's list, or Google's front end's status."""
    found = fields.opened(body[:_LONGEST_BODY]) or {}
    error, errors = found.get("error"), found.get("errors")
    words = [one.get("errorType") for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    words.append(error.get("status") if isinstance(error, dict) else error)
    return [word for word in words if isinstance(word, str) and _WORD.fullmatch(word)]


def _refusal(status: int, said: list[str], *, renewing: bool) -> CromwelldError:
    label = f"{status} {' '.join(said)}"
    if "invalid_grant" in said:
        message, hint = _DEAD_LOGIN if renewing else _DEAD_CODE
        return LoginNeeded(f"{label}: {message}", hint=_APPLICATION_CHANGED if "invalid_token" in said else hint)
    for word in said:
        if word in _CLIENT:
            return PersonNeeded(f"{label}: the vendor does not accept {_CLIENT[word]}", hint=_CLIENT_HINT)
    if renewing:
        return PersonNeeded(f"{label}: the vendor refuses to renew the login", hint=LOG_IN)
    return PersonNeeded(f"{label}: the vendor refuses the login", hint="run `cromwelld login` again")


_DEAD_LOGIN = ("the vendor does not take the refresh token any more", LOG_IN)
_DEAD_CODE = ("the code is used up or too old", "run `cromwelld login` again; a code works once, for some minutes")
_APPLICATION_CHANGED = (
    f"{LOG_IN}; a change of the application's type or access at dev.fitbit.com ends all of its logins"
)
_CLIENT = {
    "invalid_client": "client_id or client_secret",
    "unauthorized_client": "this kind of client for logins",
    "unsupported_grant_type": "this kind of client for logins",
    "redirect_uri_mismatch": "the redirect address",
    "deleted_client": "client_id: it was deleted",
}
_CLIENT_HINT = "compare client_id and client_secret in the configuration with what the vendor's console shows"
