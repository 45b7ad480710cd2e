"""The web application that answers as the Fitbit Web API does."""

from __future__ import annotations

import json
from collections.abc import Callable

from aiohttp import web

from cromwelld.simulator.faults import faulty
from cromwelld.simulator.fitbit_web.asking import USER_ID, Ask
from cromwelld.simulator.fitbit_web.door import ALLOWED, OPTIONS, VOICE, Vendor
from cromwelld.simulator.fitbit_web.endpoints import ENDPOINTS, Endpoint
from cromwelld.simulator.fitbit_web.options import Options
from cromwelld.simulator.fitbit_web.refusals import no_scope
from cromwelld.simulator.fitbit_web.scopes import needed
from cromwelld.simulator.fitbit_web.tcx import Xml
from cromwelld.simulator.fitbit_web.view import View
from cromwelld.simulator.front import JSON_TYPE, Allowed, Clock, Door, Handler
from cromwelld.simulator.oauth import LoginServer
from cromwelld.simulator.person import Person

TCX_TYPE = "application/vnd.garmin.tcx+xml"


def application(
    person: Person,
    *,
    clock: Clock,
    options: Options | Callable[[], Options] | None = None,
    logins: LoginServer | None = None,
) -> web.Application:
    """Build the application for one person.

    `clock` gives an aware time: nothing later exists yet, and the answers' Date header and hourly quota follow it.
    `options` may be a function that is asked at every request, so that a test can change its mind. With `logins` its
    pages and tokens are served on the same address, and no other token is taken.
    """
    return Cloud(person, clock, Door(Vendor(logins), clock, options or Options(), logins)).application()


class Cloud:
    """Serve a person, keeping nothing between requests but what the door keeps."""

    def __init__(self, person: Person, clock: Clock, door: Door[Options]) -> None:
        self._person = person
        self._clock = clock
        self._door = door

    def application(self) -> web.Application:
        """Lay the endpoints behind the door."""
        routes = [web.get(endpoint.path, self._handler(endpoint)) for endpoint in ENDPOINTS]
        faults = faulty(lambda request: request[OPTIONS].faults, VOICE, clock=self._clock)
        return self._door.application(routes, faults)

    def _handler(self, endpoint: Endpoint) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            allowed = request.get(ALLOWED)
            _check_scopes(endpoint, allowed)
            view = View(person=self._person, options=self._door.options(), now=self._clock())
            ask = Ask(
                view=view,
                path=dict(request.match_info),
                query=dict(request.query),
                base=view.options.links or str(request.url.origin()),
                longest_days=endpoint.longest_days,
                user_id=allowed.user_id if allowed else USER_ID,
            )
            return await self._door.rendered(lambda: _rendered(endpoint, ask))

        return handle


def _check_scopes(endpoint: Endpoint, allowed: Allowed | None) -> None:
    """Refuse a token without a scope that the endpoint needs. Raises: Refusal: 403."""
    missing = [scope for scope in needed(endpoint.path) if allowed is not None and scope not in allowed.scopes]
    if missing:
        raise no_scope(missing[0])


def _rendered(endpoint: Endpoint, ask: Ask) -> tuple[str, str]:
    """Make an answer's type and text."""
    answer = endpoint.answer(ask)
    if isinstance(answer, Xml):
        return TCX_TYPE, answer.text
    return JSON_TYPE, json.dumps(answer, separators=(",", ":"))
