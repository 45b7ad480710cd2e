"""One connection: cut when its client is too slow, answered with a problem when it does not speak HTTP."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aiohttp import web

from cromwelld.web.problems import PROBLEM_JSON, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a client may take of us: sizes, numbers, and how long its parts may last.

    `head_s` is from one answer to the whole head of the next request, `body_s` for a whole body, `answer_s` from a head
    to its answer: longer than the longest wait that may be asked for.
    """

    head_s: float = 10.0
    body_s: float = 10.0
    answer_s: float = 60.0
    body_bytes: int = 64 << 10
    line_bytes: int = 8190
    headers: int = 64
    connections: int = 300


class Connection(web.RequestHandler):
    """Speak HTTP with one client, as long as it keeps pace."""

    def __init__(self, house: web.Server, limits: Limits) -> None:
        self._house = house
        self._limits = limits
        self._alarm: asyncio.TimerHandle | None = None
        super().__init__(
            house,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type]  # None is what switches it off
            max_line_size=limits.line_bytes,
            max_field_size=limits.line_bytes,
            max_headers=limits.headers,
            keepalive_timeout=limits.head_s,
            lingering_time=1.0,
            auto_decompress=False,
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a client, unless there are too many."""
        super().connection_made(transport)
        if len(self._house.connections) > self._limits.connections:
            self._cut()
        else:
            self.expect_within(self._limits.head_s)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Let go of a client."""
        self._still()
        super().connection_lost(exc)

    def expect_within(self, seconds: float) -> None:
        """Cut the connection unless this is said again within so many seconds."""
        self._still()
        self._alarm = asyncio.get_running_loop().call_later(seconds, self._cut)

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """Answer what is no HTTP; what it was is not repeated."""
        del request, exc, message
        sentence = (
            "this is not HTTP that can be understood" if status < web.HTTPInternalServerError.status_code else "a fault"
        )
        self.expect_within(self._limits.head_s)
        response = web.Response(status=status, body=Problem(status, sentence).document(), content_type=PROBLEM_JSON)
        response.force_close()
        return response

    def log_exception(self, *args: object, **more: object) -> None:
        """Say nothing: what goes wrong in an answer is reported where it is made."""

    def _cut(self) -> None:
        if self.transport is not None:
            self.transport.abort()  # closing would wait for a client that does not read

    def _still(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
