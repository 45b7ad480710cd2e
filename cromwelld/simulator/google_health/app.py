"""The web application that answers as the Google Health API does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from aiohttp import web

from cromwelld.simulator.faults import faulty
from cromwelld.simulator.front import JSON_TYPE, Allowed, Clock, Door, Handler
from cromwelld.simulator.google_health.asking import Ask
from cromwelld.simulator.google_health.door import ALLOWED, OPTIONS, VOICE, Vendor
from cromwelld.simulator.google_health.endpoints import ENDPOINTS, Endpoint
from cromwelld.simulator.google_health.listing import Media
from cromwelld.simulator.google_health.options import Options
from cromwelld.simulator.google_health.points import Records
from cromwelld.simulator.oauth import LoginServer

SCOPE_PREFIX = "https://www.googleapis.com/auth/googlehealth."


def application(
    records: Records | Callable[[], Records],
    *,
    clock: Clock,
    options: Options | Callable[[], Options] | None = None,
    logins: LoginServer | None = None,
) -> web.Application:
    """Build the application over records, or over a function that gives them anew for every request.

    `clock` gives an aware time, which the answers' Date header and the quota of the minute follow.
    `options` may be a function that is asked at every request, so that a test can change its mind. With `logins` its
    pages and tokens are served on the same address, and no other token is taken.
    """
    return Cloud(records, clock, Door(Vendor(logins), clock, options or Options(), logins)).application()


class Cloud:
    """Serve records, keeping nothing between requests but what the door keeps."""

    def __init__(self, records: Records | Callable[[], Records], clock: Clock, door: Door[Options]) -> None:
        self._records = records if callable(records) else lambda: records
        self._clock = clock
        self._door = door

    def application(self) -> web.Application:
        """Lay the endpoints behind the door."""
        routes = [web.route(each.verb, each.path, self._handler(each)) for each in ENDPOINTS]
        faults = faulty(lambda request: request[OPTIONS].faults, VOICE, clock=self._clock)
        return self._door.application(routes, faults)

    def _handler(self, endpoint: Endpoint) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            named, query, content = dict(request.match_info), dict(request.query), await request.read()
            allowed, options = request.get(ALLOWED), self._door.options()

            def rendered() -> tuple[str, str]:
                ask = Ask(
                    records=self._records(),
                    options=_granted(options, allowed),
                    path=request.path,
                    named=named,
                    query=query,
                    content=content,
                    whose=_ids(allowed),
                )
                return _rendered(endpoint, ask)

            return await self._door.rendered(rendered)

        return handle


def _granted(options: Options, allowed: Allowed | None) -> Options:
    """Narrow the scopes down to those that the token was granted."""
    if allowed is None:
        return options
    granted = frozenset(scope.removeprefix(SCOPE_PREFIX) for scope in allowed.scopes)
    return replace(options, scopes=granted if options.scopes is None else granted & options.scopes)


def _ids(allowed: Allowed | None) -> dict[str, str]:
    return {} if allowed is None else {"legacyUserId": allowed.user_id, "healthUserId": allowed.health_user_id}


def _rendered(endpoint: Endpoint, ask: Ask) -> tuple[str, str]:
    """Make an answer's type and text."""
    answer = endpoint.answer(ask)
    if isinstance(answer, Media):
        return answer.content_type, answer.text
    return JSON_TYPE, json.dumps(answer, separators=(",", ":"))
