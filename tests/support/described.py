"""The routes' description, and questions whose answers are held against it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse


@cache
def description() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((resources.files("cromwelld.web") / "openapi.json").read_text("utf-8"))
    return found


@cache
def api() -> OpenAPI:
    problems: dict[str, Callable[[bytes], Any]] = {"application/problem+json": json.loads}
    return OpenAPI.from_dict(description(), config=Config(extra_media_type_deserializers=problems))


@dataclass(frozen=True)
class Asked:
    """One request: its path is that of a route with its parts filled in."""

    method: str
    path: str
    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    token: bool = True


async def ask(url: str, asked: Asked, token: str) -> tuple[MockRequest, MockResponse]:
    """Ask the server, and give both sides as the checker takes them."""
    headers = {**({"Authorization": f"Bearer {token}"} if asked.token else {}), **asked.headers}
    body = None if asked.body is None else json.dumps(asked.body)
    if body is not None:
        headers["Content-Type"] = "application/json"
    async with (
        aiohttp.ClientSession() as session,
        session.request(asked.method, url + asked.path, data=body, headers=headers) as response,
    ):
        content = await response.read()
        told = dict(response.headers)
    parts = urlsplit(asked.path)
    request = MockRequest(
        "http://127.0.0.1:8377",
        asked.method.lower(),
        parts.path,
        args=dict(parse_qsl(parts.query)),
        headers=headers,
        data=body.encode() if body else None,
        content_type="application/json",
    )
    kind = told.get("Content-Type", "").partition(";")[0]
    return request, MockResponse(content, status_code=response.status, headers=told, content_type=kind)
