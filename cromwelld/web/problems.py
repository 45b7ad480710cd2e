"""What goes wrong, as application/problem+json and back: a sentence and the one thing to do, never a traceback.

Source: RFC 9457.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from http import HTTPStatus

import msgspec

from cromwelld.errors import (
    ConfigurationError,
    CromwelldError,
    FarSideAway,
    Held,
    PersonNeeded,
    Retired,
    Skippable,
    StoreError,
    UsageError,
)

PROBLEM_JSON = "application/problem+json"

# The first that fits: what the caller can do about it decides.
_STATUS: tuple[tuple[type[CromwelldError], int], ...] = (
    (UsageError, 422),
    (ConfigurationError, 409),
    (PersonNeeded, 409),
    (Held, 409),
    (Skippable, 502),
    (Retired, 502),
    (FarSideAway, 503),
    (StoreError, 503),
)


_KINDS: dict[int, type[CromwelldError]] = {2: UsageError, 75: FarSideAway, 77: PersonNeeded}
_NOT_FOUND, _FAULT = 404, 500
_REJECTED = {
    401: ("the daemon does not take the token", "http.token_file and the daemon must have the same: start it again"),
    421: ("the daemon may not be asked by this name", "add it to http.allowed_hosts, and start the daemon again"),
}


class Problem(Exception):
    """Refuse a request with a status and a sentence."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        hint: str = "",
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.hint = hint
        self.headers = dict(headers or {})
        self.members = dict(members or {})

    def document(self) -> bytes:
        """Give the problem as JSON."""
        title = HTTPStatus(self.status).phrase
        told: dict[str, object] = {"type": "about:blank", "title": title, "status": self.status, "detail": self.detail}
        if self.hint:
            told["hint"] = self.hint
        return msgspec.json.encode(told | self.members)


def problem_of(err: CromwelldError) -> Problem:
    """Tell an error of ours to who asked; `exit_code` is what a command ends with."""
    status = next((status for kind, status in _STATUS if isinstance(err, kind)), 500)
    members: dict[str, object] = {"exit_code": err.exit_code}
    if isinstance(err, ConfigurationError) and err.problems:
        members["problems"] = list(err.problems)
    wait_s = err.retry_after_s if isinstance(err, FarSideAway) else None
    headers = {} if wait_s is None else {"Retry-After": str(math.ceil(wait_s))}
    return Problem(status, err.message, hint=err.hint, headers=headers, members=members)


class NotThere(UsageError):
    """There is no such thing at the daemon, or no more."""


class _Told(msgspec.Struct, frozen=True):
    detail: str
    hint: str = ""
    exit_code: int | None = None
    problems: tuple[str, ...] = ()


def error_of(status: int, content: bytes) -> CromwelldError:
    """Make the error out of a problem that the daemon met."""
    if status in _REJECTED:
        message, hint = _REJECTED[status]
        return ConfigurationError(message, hint=hint)
    try:
        told = msgspec.json.decode(content, type=_Told)
    except msgspec.DecodeError:
        return CromwelldError(f"the daemon answered {status}", hint="see its log")
    if told.problems:
        return ConfigurationError(told.detail, problems=told.problems, hint=told.hint)
    return _kind(status, told.exit_code)(told.detail, hint=told.hint)


def _kind(status: int, exit_code: int | None) -> type[CromwelldError]:
    if status == _NOT_FOUND:
        return NotThere
    if exit_code is None:  # refused before it came to any work of the daemon: what was asked cannot be
        return UsageError if status < _FAULT else CromwelldError
    return _KINDS.get(exit_code, CromwelldError)
