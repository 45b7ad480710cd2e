"""The web application that answers as the Fitbit Web API does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import format_datetime

from aiohttp import web

from cromwelld.simulator.fitbit_web.asking import Ask
from cromwelld.simulator.fitbit_web.endpoints import ENDPOINTS, Endpoint
from cromwelld.simulator.fitbit_web.options import Failure, Options
from cromwelld.simulator.fitbit_web.quota import HourlyQuota
from cromwelld.simulator.fitbit_web.refusals import HTML, LEARN_MORE, Refusal, google_body, legacy_body
from cromwelld.simulator.fitbit_web.tcx import Xml
from cromwelld.simulator.fitbit_web.view import View
from cromwelld.simulator.person import Person

JSON_TYPE = "application/json"
TCX_TYPE = "application/vnd.garmin.tcx+xml"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(
    person: Person, *, clock: Callable[[], datetime], options: Options | Callable[[], Options] | None = None
) -> web.Application:
    """Build the application for one person.

    `clock` gives an aware time: nothing later exists yet, and the answers' Date header and hourly quota follow it.
    `options` may be a function that is asked at every request, so that a test can change its mind.
    """
    return Cloud(person, clock, options or Options()).application()


class Cloud:
    """Serve a person, keeping nothing between requests but the count of them."""

    def __init__(self, person: Person, clock: Callable[[], datetime], options: Options | Callable[[], Options]) -> None:
        self._person = person
        self._clock = clock
        self._options = options if callable(options) else lambda: options
        self._quota = HourlyQuota()
        # one thread: a day that several requests need is made once, and the event loop never waits for it
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="simulator")

    def application(self) -> web.Application:
        """Lay the endpoints behind the gate that every request passes."""

        @web.middleware
        async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._gate(request, handler)

        app = web.Application(middlewares=[gate])
        for endpoint in ENDPOINTS:
            app.router.add_get(endpoint.path, self._handler(endpoint))
        app.on_cleanup.append(self._stop)
        return app

    async def _stop(self, _: web.Application) -> None:
        self._thread.shutdown(wait=False)

    async def _gate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count, delay, check and answer a request; every answer carries the quota and the simulated time."""
        now, options = self._clock(), self._options()
        spent = self._quota.spend(now, options.quota)
        if options.latency_s:
            await asyncio.sleep(options.latency_s)
        try:
            if spent.refused:
                raise Refusal(429)  # noqa: TRY301 - refusals become answers in one place
            answer = _failed(options.failure(request.path)) or await _checked(request, options, handler)
        except Refusal as refusal:
            answer = _json(refusal.body(), status=refusal.status)
        except web.HTTPException:
            answer = _json(Refusal(404).body(), status=404)
        answer.headers.update(spent.headers())
        answer.headers["Date"] = format_datetime(now.astimezone(UTC), usegmt=True)
        return answer

    def _handler(self, endpoint: Endpoint) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            view = View(person=self._person, options=self._options(), now=self._clock())
            ask = Ask(
                view=view,
                path=dict(request.match_info),
                query=dict(request.query),
                base=view.options.links or str(request.url.origin()),
                longest_days=endpoint.longest_days,
            )
            loop = asyncio.get_running_loop()
            return _response(*await loop.run_in_executor(self._thread, _rendered, endpoint, ask))

        return handle


async def _checked(request: web.Request, options: Options, handler: Handler) -> web.StreamResponse:
    """Let a request through that brings a token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refusal(401, kind="invalid_request", field="n/a", text="Authorization header required.")
    if options.bearer is not None and token.strip() != options.bearer:
        raise Refusal(401, kind="invalid_token", field="n/a", text=f"Access token invalid: SYNTHETIC. {LEARN_MORE}")
    return await handler(request)


def _rendered(endpoint: Endpoint, ask: Ask) -> tuple[str, str]:
    """Make an answer's type and text."""
    answer = endpoint.answer(ask)
    if isinstance(answer, Xml):
        return TCX_TYPE, answer.text
    return JSON_TYPE, json.dumps(answer, separators=(",", ":"))


def _response(content_type: str, text: str) -> web.Response:
    return web.Response(text=text, content_type=content_type, charset="utf-8")


def _json(body: Mapping[str, object], *, status: int) -> web.Response:
    return web.json_response(body, status=status)


def _failed(failure: Failure | None) -> web.Response | None:
    """Write the failure that is wanted."""
    if failure is None:
        return None
    answer = _failure_body(failure)
    if failure.retry_after is not None:
        answer.headers["Retry-After"] = failure.retry_after
    return answer


def _failure_body(failure: Failure) -> web.Response:
    if failure.shape == "html":
        return web.Response(text=HTML.format(status=failure.status), content_type="text/html", status=failure.status)
    if failure.shape == "cut":
        return web.Response(text='{"activities-heart":[{"date', content_type=JSON_TYPE, status=failure.status)
    body = google_body(failure.status) if failure.shape == "google" else legacy_body(failure)
    return _json(body, status=failure.status)
