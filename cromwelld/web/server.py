"""The server: takes connections, asks the door, finds the route, and lets nothing out but answers and problems."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from cromwelld.config import Endpoint
from cromwelld.errors import ConfigurationError, CromwelldError
from cromwelld.events import Event, Kind, Report
from cromwelld.web import door
from cromwelld.web.call import Answer, Call, Route
from cromwelld.web.connection import Connection, Limits
from cromwelld.web.problems import PROBLEM_JSON, Problem, problem_of
from cromwelld.web.protocol import Daemon
from cromwelld.web.routes import candidates, chosen

_ALWAYS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "cromwelld",
    "X-Content-Type-Options": "nosniff",
}
_MOST_NAMES = 20  # of refused hosts that are told: whoever asks with a new one each time shall not fill the log
_ENDS_WITHIN_S = 1.0  # twice: answers may end by themselves, then whoever only waits is sent away


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Where it listens, by which names it may be asked, and the token that opens what is not for everybody."""

    listen: Endpoint
    allowed_hosts: Collection[str]
    token: str = field(repr=False)
    limits: Limits = field(default_factory=Limits)


@asynccontextmanager
async def serving(daemon: Daemon, rules: Rules, report: Report) -> AsyncIterator[Endpoint]:
    """Answer while the block runs; give where it listens, with the port that the system chose for port 0.

    Raises: ConfigurationError if the port cannot be had.
    """
    house = _House(_Desk(daemon, rules, report), rules.limits)
    try:
        server = await asyncio.get_running_loop().create_server(house, rules.listen.host, rules.listen.port)
    except OSError as err:
        where = f"{rules.listen.host}:{rules.listen.port}"
        hint = "set http.listen to an address of this machine and a free port"
        raise ConfigurationError(f"http.listen: cannot listen on {where}: {err.strerror}", hint=hint) from err
    try:
        yield Endpoint(host=rules.listen.host, port=server.sockets[0].getsockname()[1])
    finally:
        server.close()
        house.pre_shutdown()
        await house.shutdown(_ENDS_WITHIN_S)
        await server.wait_closed()


class _House(web.Server):
    """Make a connection of ours for each client."""

    def __init__(self, desk: _Desk, limits: Limits) -> None:
        super().__init__(desk.answer)
        self._limits = limits

    def __call__(self) -> web.RequestHandler:
        return Connection(self, self._limits)


class _Desk:
    """Answer requests, one after the other of each connection."""

    def __init__(self, daemon: Daemon, rules: Rules, report: Report) -> None:
        self._daemon = daemon
        self._rules = rules
        self._report = report
        self._refused: set[str] = set()

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request, whatever happens."""
        connection, limits = request.protocol, self._rules.limits
        if isinstance(connection, Connection):
            connection.expect_within(limits.answer_s)
        try:
            answer = await self._answered(request)
        except Problem as problem:
            answer = _told(problem)
        if isinstance(connection, Connection):
            connection.expect_within(limits.head_s)
        return _response(answer)

    async def _answered(self, request: web.BaseRequest) -> Answer:
        """Let the request through the door, and ask its route. Raises: Problem."""
        heads = _heads(request)
        self._at_the_door(heads)
        if not request.raw_path.startswith("/"):
            raise Problem(400, "ask for a path, not for an address")
        found = candidates(request.rel_url.raw_path)
        if not (found and all(route.open for route, _ in found)):
            door.check_token(heads, self._rules.token)  # whoever lacks it does not learn which paths there are
        route, parts = chosen(found, request.method)
        door.check_body(heads)
        call = Call(parts=parts, query=_query(request, route), body=await self._body(request))
        return await self._asked(route, call)

    async def _asked(self, route: Route, call: Call) -> Answer:
        """Ask the daemon; no error of its leaves as anything but a problem. Raises: Problem."""
        try:
            return await route.respond(self._daemon, call)
        except Problem:
            raise
        except CromwelldError as err:
            raise problem_of(err) from err
        except Exception as err:
            self._report(Event(Kind.HTTP_FAILED, {"route": f"{route.method} {route.path}", "problem": _place(err)}))
            raise Problem(500, "a fault of cromwelld; its log has more") from err

    def _at_the_door(self, heads: door.Heads) -> None:
        try:
            door.check_host(heads, self._rules.allowed_hosts)
        except Problem:
            self._tell_refused(door.shown_host(heads.hosts))
            raise
        door.check_origin(heads)

    def _tell_refused(self, host: str) -> None:
        """Tell once of each name, and of no more than some of them."""
        if host not in self._refused and len(self._refused) < _MOST_NAMES:
            self._refused.add(host)
            self._report(Event(Kind.HOST_REFUSED, {"host": host, "key": door.ALLOWED_HOSTS}))

    async def _body(self, request: web.BaseRequest) -> bytes:
        """Read the body, as far as it may go.

        Raises: Problem 400, 408 or 413.
        """
        most = self._rules.limits.body_bytes
        if (request.content_length or 0) > most:
            raise Problem(413, f"the body is longer than {most} bytes")
        body = bytearray()
        try:
            async with asyncio.timeout(self._rules.limits.body_s):
                while chunk := await request.content.readany():
                    body += chunk
                    if len(body) > most:
                        raise Problem(413, f"the body is longer than {most} bytes")
        except TimeoutError as err:
            raise Problem(408, "the body did not come in time", headers={"Connection": "close"}) from err
        except web.RequestPayloadError as err:
            raise Problem(400, "the body does not end as it should", headers={"Connection": "close"}) from err
        return bytes(body)


def _heads(request: web.BaseRequest) -> door.Heads:
    headers = request.headers
    return door.Heads(
        method=request.method,
        hosts=headers.getall("Host", []),
        origins=headers.getall("Origin", []),
        authorization=headers.getall("Authorization", []),
        content_type=headers.get("Content-Type", ""),
        site=headers.get("Sec-Fetch-Site", ""),
    )


def _query(request: web.BaseRequest, route: Route) -> Mapping[str, str]:
    """Take the query; a name that is unknown or stands twice is a slip, and nothing is guessed. Raises: Problem 400."""
    found = request.rel_url.query
    unknown = [name for name in found if name not in route.query]
    if unknown:
        known = f"known here: {', '.join(route.query)}" if route.query else "this path takes none"
        raise Problem(400, "there is a parameter that this path does not know", hint=known)
    if len(found) != len(set(found)):
        raise Problem(400, "a parameter stands twice")
    return dict(found)


def _told(problem: Problem) -> Answer:
    return Answer(status=problem.status, body=problem.document(), content_type=PROBLEM_JSON, headers=problem.headers)


def _response(answer: Answer) -> web.Response:
    headers = {**_ALWAYS, "Content-Type": answer.content_type, **answer.headers}
    response = web.Response(status=answer.status, body=answer.body, headers=headers)
    if answer.headers.get("Connection") == "close":
        response.force_close()
    return response


def _place(err: Exception) -> str:
    """Say where a fault is; its words may hold what nobody should read."""
    *_, last = traceback.extract_tb(err.__traceback__)
    return f"{type(err).__name__} in {last.name} at {last.filename.rpartition('cromwelld/')[2]}:{last.lineno}"
