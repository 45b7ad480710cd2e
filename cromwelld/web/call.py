"""One question to the daemon and its answer, as values: what a route is given and what it gives back."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import msgspec

from cromwelld.web.problems import Problem
from cromwelld.web.protocol import Daemon

JSON = "application/json"
T = TypeVar("T")
_NUMBER = re.compile(r"[0-9]{1,15}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is asked: the parts of the path by name, the query (each name once), and the body."""

    parts: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back."""

    status: int = 200
    body: bytes = field(repr=False)
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


Respond = Callable[[Daemon, Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A method and a path such as `/v1/runs/{run}`, who answers, and whether anybody may ask without the token."""

    method: str
    path: str
    respond: Respond
    open: bool = False
    query: tuple[str, ...] = ()

    def parts_of(self, path: str) -> dict[str, str] | None:
        """Give the parts of a path that is this route's; None if it is not."""
        found = self._pattern().fullmatch(path)
        return None if found is None else found.groupdict()

    def _pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(self.path)))


def as_json(value: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with a value as JSON; times in UTC, dates and enumerations as text."""
    return Answer(status=status, body=msgspec.json.encode(value), headers=headers or {})


class Body(Generic[T]):
    """Read bodies strictly: every field is known, of its type, and within its limits."""

    def __init__(self, kind: type[T]) -> None:
        self._decoder = msgspec.json.Decoder(kind)

    def read(self, call: Call) -> T:
        """Read the body of a call.

        Raises: Problem 400 saying what does not fit, and where; never what was found there.
        """
        try:
            return self._decoder.decode(call.body)
        except (msgspec.DecodeError, RecursionError, UnicodeError) as err:
            raise Problem(400, f"the body does not fit: {err}") from err


def number_of(call: Call, name: str) -> int:
    """Read a number in the path. Raises: Problem 404."""
    text = call.parts[name]
    if not _NUMBER.fullmatch(text):
        raise Problem(404, f"there is no {name} of that number")
    return int(text)


def count_of(call: Call, name: str, default: int, most: int) -> int:
    """Read a count from 0 to `most` in the query. Raises: Problem 400."""
    text = call.query.get(name)
    if text is None:
        return default
    if not _NUMBER.fullmatch(text) or int(text) > most:
        raise Problem(400, f"{name} must be a number from 0 to {most}")
    return int(text)


def date_of(call: Call, name: str) -> dt.date | None:
    """Read a date in the query; None if it is not given. Raises: Problem 400."""
    text = call.query.get(name)
    if text is None:
        return None
    try:
        if _DATE.fullmatch(text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass  # of the form, and yet no date: the sentence below says it
    raise Problem(400, f"{name} must be a date such as 2025-10-08")
