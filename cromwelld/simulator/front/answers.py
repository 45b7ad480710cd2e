"""The ways in which an answer can be sent, whole or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.web_request import BaseRequest

JSON_TYPE = "application/json"
CUT_OFF_BYTES = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Say how a vendor words what goes wrong.

    `html` is a page with `{status}` in it, `cut` the beginning of JSON that ends too early. `error` answers with a
    status in a shape (`google`, `legacy`); a shape that the vendor does not have is its usual one.
    """

    html: str
    cut: str
    error: Callable[[int, str], web.Response]

    def page(self, status: int) -> web.Response:
        """Answer with a page, as a front end does."""
        return web.Response(text=self.html.format(status=status), content_type="text/html", status=status)


class Failure(Protocol):
    """Say how requests under a path fail; each vendor has its own, with what is special to it."""

    @property
    def status(self) -> int:
        """Give the status of the answer."""

    @property
    def shape(self) -> str:
        """Give the shape of the body: an `html` page, text `cut` inside JSON, anything else is an error of JSON."""

    @property
    def retry_after(self) -> str | None:
        """Give the header of that name, None for none."""


def failed(failure: Failure, voice: Voice, body: Mapping[str, object]) -> web.Response:
    """Write the failure that is wanted; `body` is its error in JSON."""
    if failure.shape == "html":
        answer = voice.page(failure.status)
    elif failure.shape == "cut":
        answer = web.Response(text=voice.cut, content_type=JSON_TYPE, status=failure.status)
    else:
        answer = web.json_response(body, status=failure.status)
    if failure.retry_after is not None:
        answer.headers["Retry-After"] = failure.retry_after
    return answer


class Verbatim(web.Response):
    """Answer with headers of one's own: the door adds the date and nothing about the quota."""


class Cut(web.StreamResponse):
    """Send the first half of a body whose whole length was announced, then close the connection."""

    def __init__(self, whole: web.Response) -> None:
        body = whole.body if isinstance(whole.body, bytes) else b""
        super().__init__(status=whole.status, headers={"Content-Type": whole.headers.get("Content-Type", JSON_TYPE)})
        # an answer without a body is cut as well: its length is told, and nothing follows
        self.content_length = len(body) or CUT_OFF_BYTES
        self._half = body[: len(body) // 2]

    async def write_eof(self, _: bytes = b"") -> None:
        """Send what is sent of the body, and close. Raises: ConnectionResetError: always, which ends the request."""
        transport = self._req.transport if self._req is not None else None
        if self._half:
            await self.write(self._half)
        if transport is not None:
            transport.close()
        raise ConnectionResetError("cut on purpose")


class Silent(web.StreamResponse):
    """Close the connection without a word."""

    async def prepare(self, request: BaseRequest) -> AbstractStreamWriter | None:
        """Close instead of answering. Raises: ConnectionResetError: always, which ends the request."""
        if request.transport is not None:
            request.transport.close()
        raise ConnectionResetError("closed on purpose")
