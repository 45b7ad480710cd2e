"""The token that opens `/` and `/v1/`: made once, read by its owner only, compared in constant time."""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from cromwelld.config import Http, read_secret
from cromwelld.disk import write_bytes
from cromwelld.errors import DamagedFile, NotWritable

TOKEN_FILE = "http_token"  # noqa: S105 - a name, not the token
_BYTES = 32
_PRIVATE = 0o600


def token_of(http: Http, state: Path, environ: Mapping[str, str]) -> str:
    """Give the token of the settings, else the one in the state folder, which is made when there is none.

    Raises: ConfigurationError; DamagedFile; NotWritable.
    """
    if http.token is not None:
        return read_secret(http.token, environ)
    file = state / TOKEN_FILE
    if not file.exists():
        write_bytes(file, secrets.token_urlsafe(_BYTES).encode(), mode=_PRIVATE)
    return read_token(file)


def read_token(file: Path) -> str:
    """Read the token that the daemon made.

    Raises: NotWritable if this user may not; DamagedFile if there is none in it.
    """
    remedy = f"delete {file} and start the daemon again: it makes another one"
    try:
        token = file.read_bytes().decode("ascii").strip()
    except PermissionError as err:
        raise NotWritable(f"{file} may not be read by this user", hint="run it as the user of the daemon") from err
    except (OSError, UnicodeDecodeError) as err:
        raise DamagedFile(f"the token file {file} cannot be read: {type(err).__name__}", hint=remedy) from None
    if not token:
        raise DamagedFile(f"the token file {file} is empty", hint=remedy)
    if os.name == "posix" and file.stat().st_mode & 0o077:
        file.chmod(_PRIVATE)
    return token


def opens(token: str, authorization: str | None) -> bool:
    """Tell whether an Authorization header has the token: as Bearer, or as the password of Basic, whoever the user."""
    scheme, _, given = (authorization or "").strip().partition(" ")
    kind = scheme.lower()
    said = given.strip() if kind == "bearer" else _password(given) if kind == "basic" else ""
    return hmac.compare_digest(said.encode("utf-8", "replace"), token.encode("utf-8", "replace"))


def _password(given: str) -> str:
    """Read the password of a Basic header; empty if there is none. Source: RFC 7617."""
    try:
        decoded = base64.b64decode(given.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    return decoded.partition(":")[2]
