"""The page on which a person allows or denies, and the address to which the browser goes from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode, urlsplit

from cromwelld.simulator.oauth.manners import Client, Manners, Member
from cromwelld.simulator.oauth.values import Denied

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
CARRIED = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "access_type",
    "prompt",
)
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Synthetic login</title></head><body>
<h1>An application asks for your data</h1>
<form method="post" action="{action}">
{hidden}
<fieldset><legend>Account</legend>
{accounts}
</fieldset>
<fieldset><legend>Allow</legend>
{scopes}
</fieldset>
<button type="submit" name="consent" value="allow">Allow</button>
<button type="submit" name="consent" value="deny">Deny</button>
</form></body></html>
"""
PROBLEM = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Error 400</title></head><body>
<h1>Access blocked</h1><p>Error 400: {error}</p><p>{text}</p></body></html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a person chose on the page; without `ticked` everything that was asked for is ticked, but `unticked`."""

    consent: str
    account: str
    ticked: tuple[str, ...] | None = None
    unticked: frozenset[str] = frozenset()

    def scopes(self, asked: Sequence[str]) -> tuple[str, ...]:
        """Give the scopes that are allowed, in the order in which they were asked for."""
        ticked = asked if self.ticked is None else [scope for scope in asked if scope in self.ticked]
        return tuple(scope for scope in ticked if not self._is_off(scope)) if self.consent == "allow" else ()

    def _is_off(self, scope: str) -> bool:
        """Compare by whole name or by what stands behind the common beginning, as `sleep.readonly`."""
        return scope in self.unticked or scope.partition("googlehealth.")[2] in self.unticked


def check(asked: Mapping[str, str], manners: Manners, client: Client) -> list[str]:
    """Check what a browser was sent with, and give the scopes asked for. Raises: Denied: shown, never sent back."""
    if asked.get("client_id") != client.id:
        raise Denied("invalid_client", "The OAuth client was not found.")
    if not _is_registered(asked.get("redirect_uri", ""), client):
        raise Denied("redirect_uri_mismatch", "Invalid redirect_uri parameter value")
    if asked.get("response_type") != "code":
        raise Denied("unsupported_response_type", "Invalid response_type")
    if "code_challenge" in asked and asked.get("code_challenge_method") != "S256":
        raise Denied("invalid_request", "Invalid code_challenge_method")
    scopes = list(dict.fromkeys(asked.get("scope", "").split()))
    if not scopes or not manners.scopes.issuperset(scopes):
        raise Denied("invalid_scope", "Some requested scopes were invalid")
    return scopes


def _is_registered(redirect_uri: str, client: Client) -> bool:
    if client.redirect_uris:
        return redirect_uri in client.redirect_uris
    parts = urlsplit(redirect_uri)
    return parts.scheme == "http" and parts.hostname in LOOPBACK and not parts.fragment


def page(asked: Mapping[str, str], scopes: Sequence[str], manners: Manners, members: Sequence[Member]) -> str:
    """Write the page: one checkbox a scope, all ticked."""
    carried = ((name, asked[name]) for name in CARRIED if name in asked)
    hidden = (f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in carried)
    accounts = (_input("radio", "account", one.name, checked=number == 0) for number, one in enumerate(members))
    boxes = (_input("checkbox", "tick", scope, checked=True) for scope in scopes)
    return PAGE.format(
        action=manners.authorize, hidden="\n".join(hidden), accounts="\n".join(accounts), scopes="\n".join(boxes)
    )


def problem(denied: Denied) -> str:
    """Write the page that is shown instead of going back."""
    return PROBLEM.format(error=escape(denied.error), text=escape(denied.text))


def _input(kind: str, name: str, value: str, *, checked: bool) -> str:
    mark = " checked" if checked else ""
    text = escape(value)
    return f'<label><input type="{kind}" name="{name}" value="{text}"{mark}> {text}</label>'


def back(asked: Mapping[str, str], manners: Manners, **said: str) -> str:
    """Give the address to which the browser goes, with the state as it came."""
    state = {"state": asked["state"]} if "state" in asked else {}
    join = "&" if "?" in asked["redirect_uri"] else "?"
    return f"{asked['redirect_uri']}{join}{urlencode({**state, **said})}{manners.tail}"
