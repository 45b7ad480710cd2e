"""A far side on loopback: answers as a test lays them out, and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass(frozen=True)
class Reply:
    """One answer; `cut` closes the connection in the middle of the body."""

    body: bytes = b"{}"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


class FarSide:
    """Answer each path with its replies in turn, the last one for ever; a path without any is 404."""

    def __init__(self, *, delay_s: float = 0.0) -> None:
        self.replies: dict[str, list[Reply]] = {}
        self.seen: list[Seen] = []
        self.delay_s = delay_s
        self.waiting = 0
        self.most_waiting = 0

    def lay(self, path: str, *replies: Reply) -> None:
        """Lay out the replies of a path; `?query` is part of it where a test needs that."""
        self.replies[path] = list(replies)

    def asked(self, path: str) -> int:
        """Count the requests for a path."""
        return sum(one.path == path for one in self.seen)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Serve on a free port; gives the base URL."""
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        async with TestServer(app) as server:
            yield str(server.make_url("")).rstrip("/")

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(Seen(request.path, dict(request.query), dict(request.headers)))
        self.waiting += 1
        self.most_waiting = max(self.most_waiting, self.waiting)
        try:
            await asyncio.sleep(self.delay_s)
        finally:
            self.waiting -= 1
        return await self._reply(request)

    async def _reply(self, request: web.Request) -> web.StreamResponse:
        replies = self.replies.get(request.path_qs) or self.replies.get(request.path)
        if not replies:
            return web.json_response({"errors": [{"errorType": "not_found"}], "success": False}, status=404)
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if not reply.cut:
            return web.Response(body=reply.body, status=reply.status, headers=dict(reply.headers))
        response = web.StreamResponse(status=reply.status, headers={"Content-Length": str(len(reply.body))})
        await response.prepare(request)
        await response.write(reply.body[: len(reply.body) // 2])
        if request.transport is not None:
            request.transport.close()
        return response
