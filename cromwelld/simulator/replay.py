"""Recorded answers served again from a folder.

`index.json` in the folder is a list of objects: `method`, `path`, `query` (text or an object of name to value; absent
means any), `sent` (the JSON that the request carried; absent means any), `status` (200 if absent), `headers` (if any)
and `body`, the name of a file in the folder.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from cromwelld.errors import ConfigurationError

INDEX = "index.json"
HINT = "see `cromwelld simulate --help` for what an entry holds"
KEYS = ("method", "path", "query", "sent", "status", "headers", "body")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
LOWEST_STATUS, HIGHEST_STATUS = 200, 599
TYPES = {".json": "application/json", ".tcx": "application/vnd.garmin.tcx+xml", ".html": "text/html"}
ANY_TYPE = "application/octet-stream"
# these describe the recorded connection, not this one
NOT_REPLAYED = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})
Query = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Hold one recorded answer and the request that it answers; `query` and `sent` None mean any.

    `sent` is the JSON of the request, in the one form that is compared.
    """

    method: str
    path: str
    query: Query | None
    sent: str | None
    status: int
    headers: Mapping[str, str]
    body: bytes

    def answer(self) -> web.Response:
        """Make the answer anew."""
        return web.Response(status=self.status, headers=self.headers, body=self.body)


def application(folder: Path, *, unknown: Callable[[], web.Response]) -> web.Application:
    """Build an application that serves a folder's recordings, and `unknown` for all else.

    A recording whose query or JSON is named goes before one that takes any.

    Raises: ConfigurationError: the index or a body cannot be used; every mistake is named.
    """
    recordings = {(each.method, each.path, each.query, each.sent): each for each in load(folder)}

    async def handle(request: web.Request) -> web.Response:
        query = tuple(sorted(request.query.items()))
        sent = _canonical(await request.text())
        for asked in ((query, sent), (None, sent), (query, None), (None, None)):
            found = recordings.get((request.method, request.path, *asked))
            if found:
                return found.answer()
        return unknown()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    return app


def _canonical(text: str) -> str | None:
    """Bring JSON into one form; what is none is as if nothing was sent."""
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except ValueError:
        return None


def load(folder: Path) -> list[Recording]:
    """Read a folder's index and the bodies that it names.

    Raises: ConfigurationError: the index or a body cannot be used; every mistake is named.
    """
    entries = _entries(folder / INDEX)
    problems = [problem for number, entry in enumerate(entries, 1) for problem in _mistakes(folder, number, entry)]
    problems += _repetitions(entries) if not problems else []
    if problems:
        message = (
            f"{folder / INDEX} has {len(problems)} mistakes" if len(problems) > 1 else f"{folder / INDEX} is wrong"
        )
        raise ConfigurationError(message, problems=problems, hint=HINT)
    return [_recording(folder, entry) for entry in entries]


def _entries(index: Path) -> list[Any]:
    try:
        entries = json.loads(index.read_bytes())
    except OSError as err:
        raise ConfigurationError(f"{index} cannot be read: {err.strerror}", hint=HINT) from err
    except ValueError as err:
        raise ConfigurationError(f"{index} is no JSON: {err}", hint=HINT) from err
    if not isinstance(entries, list):
        raise ConfigurationError(f"{index} must hold a list of answers", hint=HINT)
    return entries


def _mistakes(folder: Path, number: int, entry: object) -> Iterator[str]:
    """Name every mistake of an entry by its number, counted from 1, and key."""
    if not isinstance(entry, dict):
        yield f"entry {number}: must be an object"
        return
    for key in sorted(entry.keys() - set(KEYS)):
        yield f"entry {number}: {key}: unknown, use {', '.join(KEYS)}"
    for key, check in CHECKS.items():
        found = check(folder, entry.get(key))
        if found:
            yield f"entry {number}: {key}: {found}"


def _method_mistake(_: Path, value: object) -> str | None:
    return None if value in METHODS else f"must be one of {', '.join(METHODS)}"


def _path_mistake(_: Path, value: object) -> str | None:
    fits = isinstance(value, str) and value.startswith("/") and "?" not in value
    return None if fits else "must be text that begins with / and holds no query"


def _query_mistake(_: Path, value: object) -> str | None:
    fits = value is None or isinstance(value, str) or _is_text_by_text(value)
    return None if fits else "must be text or an object of text by name"


def _sent_mistake(_: Path, value: object) -> str | None:
    return None if value is None or isinstance(value, dict) else "must be an object"


def _status_mistake(_: Path, value: object) -> str | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    fits = value is None or (whole and LOWEST_STATUS <= value <= HIGHEST_STATUS)  # type: ignore[operator]
    return None if fits else f"must be a number from {LOWEST_STATUS} to {HIGHEST_STATUS}"


def _headers_mistake(_: Path, value: object) -> str | None:
    fits = value is None or (_is_text_by_text(value) and "\n" not in "".join(_texts(value)))
    return None if fits else "must be an object of text by name"


def _body_mistake(folder: Path, value: object) -> str | None:
    if not isinstance(value, str) or not value:
        return "must be the name of a file in the folder"
    body = (folder / value).resolve()
    if not body.is_relative_to(folder.resolve()):
        return f"{value} lies outside the folder"
    return None if body.is_file() else f"{value} is not there"


CHECKS = {
    "method": _method_mistake,
    "path": _path_mistake,
    "query": _query_mistake,
    "sent": _sent_mistake,
    "status": _status_mistake,
    "headers": _headers_mistake,
    "body": _body_mistake,
}


def _is_text_by_text(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for pair in value.items() for each in pair)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, text in value.items():
            yield f"{name}{text}"


def _repetitions(entries: list[dict[str, Any]]) -> list[str]:
    """Name the entries that answer what an earlier one answers."""
    seen: dict[tuple[str, str, Query | None, str | None], int] = {}
    problems = []
    for number, entry in enumerate(entries, 1):
        asked = (entry["method"], entry["path"], _query(entry.get("query")), _sent(entry.get("sent")))
        earlier = seen.setdefault(asked, number)
        if earlier != number:
            problems.append(f"entry {number}: path: answers the same request as entry {earlier}")
    return problems


def _recording(folder: Path, entry: dict[str, Any]) -> Recording:
    body = folder / entry["body"]
    headers = {name: text for name, text in (entry.get("headers") or {}).items() if name.lower() not in NOT_REPLAYED}
    if "content-type" not in {name.lower() for name in headers}:
        headers["Content-Type"] = TYPES.get(body.suffix.lower(), ANY_TYPE)
    return Recording(
        method=entry["method"],
        path=entry["path"],
        query=_query(entry.get("query")),
        sent=_sent(entry.get("sent")),
        status=entry.get("status") or 200,
        headers=headers,
        body=body.read_bytes(),
    )


def _query(value: str | dict[str, str] | None) -> Query | None:
    """Bring a query into the one form that is compared: the order of its parts does not count."""
    if value is None:
        return None
    pairs = parse_qsl(value.removeprefix("?"), keep_blank_values=True) if isinstance(value, str) else value.items()
    return tuple(sorted(pairs))


def _sent(value: Mapping[str, object] | None) -> str | None:
    return None if value is None else json.dumps(value, sort_keys=True)
