"""Who may come in: a request for this machine by a name that it has, from no foreign page, with the token. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cromwelld.web.call import JSON
from cromwelld.web.problems import Problem
from cromwelld.web.token import opens

ALLOWED_HOSTS = "http.allowed_hosts"
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")
_LONGEST_SHOWN = 80
_CHALLENGE = 'Basic realm="cromwelld", charset="UTF-8"'
_CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """The headers of a request that decide whether it may come in; of those that may come once, all that came."""

    method: str
    hosts: Sequence[str]
    origins: Sequence[str]
    authorization: Sequence[str]
    content_type: str
    site: str = ""


def check_host(heads: Heads, allowed: Collection[str]) -> None:
    """Refuse a request for another name: a page of somebody else's whose name leads here (DNS rebinding) sends it.

    Raises: Problem 400, or 421 naming the key that allows it.
    """
    if len(heads.hosts) != 1 or (found := _HOST.fullmatch(heads.hosts[0])) is None:
        raise Problem(400, "a request has one Host header with a name or an address")
    if plain_host(found[1]) not in {plain_host(name) for name in allowed}:
        hint = f"if this name is right, add it to {ALLOWED_HOSTS} in the configuration"
        raise Problem(421, "this is not a name of the daemon", hint=hint)


def plain_host(name: str) -> str:
    """Give a host name as names are compared: small letters, no brackets, no dot at its end."""
    return name.strip("[]").lower().removesuffix(".")


def shown_host(hosts: Sequence[str]) -> str:
    """Give a host that was refused as it may stand in a log."""
    text = ",".join(hosts)[:_LONGEST_SHOWN]
    return re.sub(r"[^A-Za-z0-9.:_,\[\]-]", "?", text) or "(none)"


def check_origin(heads: Heads) -> None:
    """Refuse what a foreign page makes a browser ask.

    Raises: Problem 403.
    """
    foreign = heads.method in _CHANGES and heads.site in {"cross-site", "same-site"}
    foreign = foreign or any(not _own(origin, heads.hosts[0]) for origin in heads.origins)
    if foreign or len(heads.origins) > 1:
        raise Problem(403, "a page of another origin may ask nothing here")


def _own(origin: str, host: str) -> bool:
    """Tell whether a page came from the host that is asked; a proxy that speaks TLS may stand before it."""
    scheme, separator, rest = origin.partition("://")
    return scheme in {"http", "https"} and bool(separator) and rest.lower() == host.lower()


def check_token(heads: Heads, token: str) -> None:
    """Refuse who does not have the token.

    Raises: Problem 401.
    """
    if len(heads.authorization) != 1 or not opens(token, heads.authorization[0]):
        hint = "send the token of the state folder (file http_token) as Bearer, or as the password of any user"
        raise Problem(401, "this needs the token", hint=hint, headers={"WWW-Authenticate": _CHALLENGE})


def check_body(heads: Heads) -> None:
    """Refuse bodies that are no JSON: a form of a foreign page cannot send any.

    Raises: Problem 415.
    """
    kind = heads.content_type.partition(";")[0].strip().lower()
    if heads.method in {"POST", "PUT"} and kind != JSON:
        raise Problem(415, f"the body must be {JSON}")
