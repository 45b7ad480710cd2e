"""The two ways in which a consent comes back: the browser calls on loopback, or a person pastes the address."""

from __future__ import annotations

import asyncio
import hmac
import sys
import threading
from types import TracebackType
from typing import Self

from aiohttp import web

from cromwelld.errors import CromwelldError, UsageError
from cromwelld.sources.oauth.consent import Consent, read_code

_LONGEST_S = 900.0
_MORE_S = 0.5  # a pasted address that was broken into lines comes at once
_PAGE = '<!doctype html><html lang="en"><title>cromwelld</title><p>{}</p></html>'
_DONE = "Thank you. You can close this window and go back to the terminal."
_NOTHING = "The vendor gave no access. You can close this window; the terminal says what to do."
_WAITING = "cromwelld waits here for the vendor's answer."


class Answers:
    """Listen on loopback and to the terminal at once; the first answer to this consent counts."""

    def __init__(self, port: int, consent: Consent) -> None:
        self._port = port
        self._consent = consent
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[str] = self._loop.create_future()
        self._pasted = ""
        self._patience: asyncio.TimerHandle | None = None
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/", self._called)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        except OSError as err:
            await self._runner.cleanup()
            hint = "choose another one with --port; at Fitbit it must be the one that is registered"
            raise UsageError(f"port {self._port} is taken on this machine", hint=hint) from err
        threading.Thread(target=self._listen, daemon=True, name="pasted address").start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._patience is not None:
            self._patience.cancel()
        if self._runner is not None:
            await self._runner.cleanup()

    async def code(self) -> str:
        """Wait for the code that the vendor gave to this consent.

        Raises: UsageError if what was pasted holds none, or nobody answers within a quarter of an hour; PersonNeeded
        if access was not granted.
        """
        return read_code(await self.address(), self._consent)

    async def address(self) -> str:
        """Wait for the address on which the browser ended.

        Raises: UsageError if nobody answers within a quarter of an hour.
        """
        try:
            return await asyncio.wait_for(self._answer, _LONGEST_S)
        except TimeoutError as err:
            raise UsageError("nobody answered within 15 minutes", hint="run the login again") from err

    async def _called(self, request: web.Request) -> web.Response:
        """Take the vendor's answer from the browser; what does not know this attempt's state is a stranger's."""
        state = request.query.get("state", "").encode("utf-8", "replace")
        told = hmac.compare_digest(state, self._consent.state.encode())
        if told:
            self._take(str(request.url))
        said = _WAITING if not told else _DONE if "code" in request.query else _NOTHING
        return web.Response(text=_PAGE.format(said), content_type="text/html")

    def _listen(self) -> None:
        """Read pasted lines; in a thread, because a terminal cannot be waited for otherwise."""
        for line in sys.stdin:
            if line.strip():
                self._loop.call_soon_threadsafe(self._add, line.strip())

    def _add(self, line: str) -> None:
        """Add a line to what was pasted: it is taken when it makes sense, or when no more lines come."""
        self._pasted += line
        if self._patience is not None:
            self._patience.cancel()
        try:
            read_code(self._pasted, self._consent)
        except UsageError:
            self._patience = self._loop.call_later(_MORE_S, self._take, self._pasted)
        except CromwelldError:
            self._take(self._pasted)
        else:
            self._patience = self._loop.call_later(_MORE_S, self._take, self._pasted)

    def _take(self, answer: str) -> None:
        if not self._answer.done():
            self._answer.set_result(answer)
