"""How commands find the daemon of a state folder: its lock says that it lives, two files beside it where and how."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cromwelld.config import Endpoint, Http, read_secret
from cromwelld.config.secrets import CREDENTIALS
from cromwelld.disk import write_bytes
from cromwelld.errors import Held
from cromwelld.locks import holder_of
from cromwelld.web.token import TOKEN_FILE, read_token

LOCK = "lock"
PURPOSE = "cromwelld run"  # what the daemon says in the lock
ADDRESS_FILE = "http_address"
CREDENTIALS_FILE = "http_credentials"
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where one listens, and how that is reached


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A daemon that runs: its process, where it is reached, by which name it may be asked, and the token."""

    pid: int
    url: str
    host: str
    token: str = field(repr=False)


@contextmanager
def announced(state: Path, endpoint: Endpoint, environ: Mapping[str, str]) -> Iterator[None]:
    """Say in the state folder where the daemon answers, as long as it does; the port may be any free one.

    Where its credentials lie is said, too: its user and root may read there, so that a token need not be copied.

    Raises: NotWritable.
    """
    told = {ADDRESS_FILE: _netloc(endpoint), CREDENTIALS_FILE: environ.get(CREDENTIALS, "")}
    for name, text in told.items():
        write_bytes(state / name, text.encode(), mode=0o600)
    try:
        yield
    finally:
        for name in told:
            with suppress(OSError):
                (state / name).unlink()


def find(state: Path, http: Http, environ: Mapping[str, str] = os.environ) -> Found | None:
    """Find the daemon that keeps a state folder; None if none runs.

    Raises: NotWritable if this user may not look; Held if the daemon does not answer by HTTP yet; ConfigurationError;
    DamagedFile.
    """
    holder = holder_of(state / LOCK)
    if holder is None or not holder.what.startswith(PURPOSE):
        return None
    netloc = _announced(state, ADDRESS_FILE) or (_netloc(http.listen) if http.listen.port else "")
    if not netloc:
        raise Held(f"the daemon (process {holder.pid}) is starting", hint="try again in a moment")
    theirs = {CREDENTIALS: found} if (found := _announced(state, CREDENTIALS_FILE)) else {}
    token = read_token(state / TOKEN_FILE) if http.token is None else read_secret(http.token, {**environ, **theirs})
    return Found(pid=holder.pid, url=f"http://{netloc}", host=_name(netloc, http), token=token)


def _announced(state: Path, name: str) -> str:
    try:
        return (state / name).read_text("utf-8").strip()
    except OSError:
        return ""


def _netloc(endpoint: Endpoint) -> str:
    host = _ANYWHERE.get(endpoint.host, endpoint.host)
    return f"[{host}]:{endpoint.port}" if ":" in host else f"{host}:{endpoint.port}"


def _name(netloc: str, http: Http) -> str:
    """Choose a name by which the daemon may be asked: the one it is reached by, if that is allowed."""
    host, _, port = netloc.rpartition(":")
    allowed = [*http.allowed_hosts]
    plain = host.strip("[]")
    chosen = plain if plain in allowed or not allowed else allowed[0]
    return f"[{chosen}]:{port}" if ":" in chosen else f"{chosen}:{port}"
