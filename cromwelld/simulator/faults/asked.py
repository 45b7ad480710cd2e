"""One request as a plan of faults knows it: what it asks for, not when or for the how many-th time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal
from urllib.parse import parse_qs

from aiohttp import web

Place = Literal["data", "account", "token", "elsewhere"]
GOOGLE_TYPES = "/v4/users/me/dataTypes/"
API = ("/v4/", "/1/", "/1.2/")
TOKEN_PATHS = frozenset({"/token", "/oauth2/token"})
ACCOUNT = re.compile(r"/v4/users/me/(identity|profile|settings|pairedDevices)|/1/user/-/(profile|devices)\.json")
DATE_OR_ID = re.compile(r"\d{4}-\d{2}-\d{2}|(?<=/)\d{3,}(?=\.)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Hold what is asked for; `body` is a digest, empty where nothing was sent.

    Of a request for tokens only the refresh token counts, so that a plan decides alike in every run; `is_refresh` says
    that it is one.
    """

    method: str
    path: str
    query: str = ""
    body: str = ""
    is_refresh: bool = False

    @property
    def place(self) -> Place:
        """Tell what kind of path it is."""
        if self.path in TOKEN_PATHS:
            return "token"
        if not self.path.startswith(API):
            return "elsewhere"
        return "account" if ACCOUNT.match(self.path) else "data"

    @property
    def is_google(self) -> bool:
        """Tell the vendors apart by their paths."""
        return self.path.startswith("/v4/") or self.path == "/token"

    def text(self) -> str:
        """Give it as one line, from which dice are thrown."""
        return f"{self.method} {self.path}?{self.query} {self.body}"


def stream_of(path: str) -> str:
    """Name what a path is about, whatever date or record it asks for: a data type, or a path without dates and ids."""
    if path.startswith(GOOGLE_TYPES):
        return path.removeprefix(GOOGLE_TYPES).partition("/")[0]
    return DATE_OR_ID.sub("*", path)


async def asked_by(request: web.Request) -> Asked:
    """Read what a request asks for; its body stays readable for whoever answers it."""
    content = await request.read()
    is_refresh = False
    if request.path in TOKEN_PATHS:
        form = parse_qs(content.decode("utf-8", "replace"))
        is_refresh = form.get("grant_type") == ["refresh_token"]
        content = "".join(form.get("refresh_token", [])).encode()
    return Asked(
        method=request.method,
        path=request.path,
        query=request.query_string,
        body=sha256(content).hexdigest()[:16] if content else "",
        is_refresh=is_refresh,
    )
