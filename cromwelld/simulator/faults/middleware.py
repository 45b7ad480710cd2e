"""The faults of a plan, done to requests over real HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware

from cromwelld.simulator.faults.asked import asked_by
from cromwelld.simulator.faults.kinds import Act, Fault
from cromwelld.simulator.faults.plan import FaultPlan
from cromwelld.simulator.front.answers import JSON_TYPE, Cut, Silent, Verbatim, Voice
from cromwelld.simulator.front.door import Clock, Handler

SLOW_S = 0.3
WAIT_S = 17
Doing = Callable[[web.Request, Handler, Fault, Voice], Awaitable[web.StreamResponse]]


Current = Callable[[web.Request], FaultPlan | None]


def faulty(current: Current, voice: Voice, *, clock: Clock) -> Middleware:
    """Do what the plan that is current says to each request for a path that is there."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        plan = current(request)
        if plan is None or request.match_info.http_exception is not None:
            return await handler(request)
        token = request.headers.get("Authorization", "")
        fault = plan.fault(await asked_by(request), token=token, at=clock())
        return await (handler(request) if fault is None else DOINGS[fault.act](request, handler, fault, voice))

    return middleware


async def _answer(_: web.Request, __: Handler, fault: Fault, voice: Voice) -> web.StreamResponse:
    """Answer with an error; one that says 429 has the headers of the fault and no others of the quota."""
    answer = voice.error(fault.status, fault.shape)
    if fault.status != web.HTTPTooManyRequests.status_code:
        return answer
    headers = {name: text.format(wait=WAIT_S) for name, text in fault.headers.items()}
    return Verbatim(body=answer.body, status=fault.status, content_type=JSON_TYPE, headers=headers)


async def _html(_: web.Request, __: Handler, fault: Fault, voice: Voice) -> web.StreamResponse:
    return voice.page(fault.status)


async def _silent(_: web.Request, __: Handler, ___: Fault, ____: Voice) -> web.StreamResponse:
    return Silent()


async def _slow(request: web.Request, handler: Handler, _: Fault, __: Voice) -> web.StreamResponse:
    await asyncio.sleep(SLOW_S)
    return await handler(request)


async def _cut_body(request: web.Request, handler: Handler, _: Fault, __: Voice) -> web.StreamResponse:
    answer = await handler(request)
    return Cut(answer) if isinstance(answer, web.Response) else answer


async def _cut_json(request: web.Request, handler: Handler, _: Fault, voice: Voice) -> web.StreamResponse:
    """Send the first half of the answer as if it were the whole."""
    answer = await handler(request)
    body = answer.body if isinstance(answer, web.Response) and isinstance(answer.body, bytes) else b""
    half = body[: len(body) // 2] or voice.cut.encode()
    return web.Response(body=half, content_type=answer.content_type, status=answer.status)


async def _empty(request: web.Request, handler: Handler, _: Fault, __: Voice) -> web.StreamResponse:
    """Answer as if nothing had been synced yet."""
    answer = await handler(request)
    if not isinstance(answer, web.Response) or answer.content_type != JSON_TYPE or not isinstance(answer.body, bytes):
        return answer
    return web.json_response(emptied(json.loads(answer.body)), status=answer.status)


def emptied(body: Any) -> Any:  # noqa: ANN401 - any JSON
    """Empty the lists of an answer, on top and one level below; there is no further page either."""
    if isinstance(body, list):
        return []
    if not isinstance(body, Mapping):
        return body
    kept = {name: inner for name, inner in body.items() if name != "nextPageToken"}
    if "dataPoints" in kept or "rollupDataPoints" in kept:
        return {}
    return {name: _emptied_below(inner) for name, inner in kept.items()}


def _emptied_below(inner: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(inner, Mapping):
        last = {"next": ""} if "next" in inner else {}
        return {name: [] if isinstance(each, list) else each for name, each in inner.items()} | last
    return [] if isinstance(inner, list) else inner


async def _lost(request: web.Request, handler: Handler, _: Fault, __: Voice) -> web.StreamResponse:
    """Let the request take effect and close the connection."""
    await handler(request)
    return Silent()


DOINGS: Mapping[Act, Doing] = {
    "answer": _answer,
    "html": _html,
    "silent": _silent,
    "slow": _slow,
    "cut_body": _cut_body,
    "cut_json": _cut_json,
    "empty": _empty,
    "lost": _lost,
    "lost_half": _cut_body,
}
