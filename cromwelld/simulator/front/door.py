"""The door of an API: every request is counted, written down, checked and answered, in simulated time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Generic, Literal, Protocol, TypeVar

from aiohttp import web
from aiohttp.typedefs import Middleware

from cromwelld.simulator.front.answers import Silent, Verbatim
from cromwelld.simulator.front.received import RECEIVED, Budget, Log
from cromwelld.simulator.front.refusing import VendorRefusal

Clock = Callable[[], datetime]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Say whose token a request brought, by the ids of both vendors, and what was granted with it."""

    user_id: str
    health_user_id: str
    scopes: frozenset[str]


class Guard(Protocol):
    """The login server, as the door sees it."""

    def routes(self) -> Sequence[web.RouteDef]:
        """Give the paths of the login, which need no token and are not counted."""

    def owns(self, path: str) -> bool:
        """Tell whether a path is one of the login's."""

    def allowed(self, access_token: str) -> Allowed | Literal["expired", "unknown"]:
        """Tell what an access token opens."""


class Choices(Protocol):
    """The options that both vendors have."""

    @property
    def latency_s(self) -> float:
        """Give the seconds by which every answer is delayed."""


O_contra = TypeVar("O_contra", bound=Choices, contravariant=True)
O = TypeVar("O", bound=Choices)  # noqa: E741 - options


class Vendor(Protocol[O_contra]):
    """What each vendor does in its own way at the door."""

    def count(self, now: datetime, options: O_contra) -> Budget:
        """Count a request."""

    def stop(self, request: web.Request, options: O_contra, budget: Budget | None) -> web.StreamResponse | None:
        """Answer a request that gets no further; None lets it in.

        The login's paths have no budget: they meet the failures that are wanted, and no other check.

        Raises: VendorRefusal.
        """

    def refused(self, refusal: VendorRefusal, options: O_contra) -> web.Response:
        """Turn a refusal into an answer."""

    def missing(self) -> web.Response:
        """Answer what asks for a path that is not there."""

    def silent_until(self, answer: web.StreamResponse, now: datetime) -> datetime | None:
        """Read until when an answer 429 asks for silence; None where it says nothing that can be read."""


class Door(Generic[O]):
    """Serve one vendor's endpoints behind its door."""

    def __init__(self, vendor: Vendor[O], clock: Clock, options: O | Callable[[], O], guard: Guard | None) -> None:
        self._vendor = vendor
        self._clock = clock
        self.options: Callable[[], O] = options if callable(options) else lambda: options
        self._guard = guard
        self._log = Log()
        # one thread: what several requests need is made once, and the event loop never waits for it
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="simulator")

    def application(self, routes: Sequence[web.RouteDef], *inner: Middleware) -> web.Application:
        """Lay the endpoints, and the login's, behind the gate; `inner` stands between the gate and the endpoints.

        The requests received can be read from the application: `app[RECEIVED]`.
        """

        @web.middleware
        async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._gate(request, handler)

        app = web.Application(middlewares=[gate, *inner])
        app[RECEIVED] = self._log.received
        app.add_routes([*(self._guard.routes() if self._guard else ()), *routes])
        app.on_cleanup.append(self._stop)
        return app

    async def rendered(self, make: Callable[[], tuple[str, str]]) -> web.Response:
        """Make an answer's type and text in the thread."""
        content_type, text = await asyncio.get_running_loop().run_in_executor(self._thread, make)
        return web.Response(text=text, content_type=content_type, charset="utf-8")

    async def _stop(self, _: web.Application) -> None:
        self._thread.shutdown(wait=False)

    async def _gate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count, write down, delay and answer a request; every answer carries the simulated time."""
        now, options = self._clock(), self.options()
        is_login = self._guard is not None and self._guard.owns(request.path)
        budget = None if is_login else self._vendor.count(now, options)
        number = self._log.arrive(request, now, budget)
        if options.latency_s:
            await asyncio.sleep(options.latency_s)
        answer = await self._answered(request, options, budget, handler)
        if budget is not None and not isinstance(answer, Verbatim):
            answer.headers.update(budget.headers)
        answer.headers["Date"] = format_datetime(now.astimezone(UTC), usegmt=True)
        self._note(number, answer, now)
        return answer

    async def _answered(
        self, request: web.Request, options: O, budget: Budget | None, handler: Handler
    ) -> web.StreamResponse:
        try:
            return self._vendor.stop(request, options, budget) or await handler(request)
        except VendorRefusal as refusal:
            return self._vendor.refused(refusal, options)
        except web.HTTPException:
            return self._vendor.missing()

    def _note(self, number: int, answer: web.StreamResponse, now: datetime) -> None:
        if isinstance(answer, Silent):
            return
        self._log.answered(number, answer.status)
        until = self._vendor.silent_until(answer, now) if answer.status == web.HTTPTooManyRequests.status_code else None
        if until is not None:
            self._log.hush(until)
