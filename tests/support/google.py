"""A fetch of the Google Health source from the simulated vendor, over real HTTP, with every request noted."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Middleware

from cromwelld.events import Event, Kind
from cromwelld.pieces import Answer, Piece
from cromwelld.simulator.google_health import Options, application
from cromwelld.simulator.google_health.points import Point, Records
from cromwelld.simulator.serve import serving
from cromwelld.sources.client import Client, Limits, Retries
from cromwelld.sources.google_health import GoogleHealth, Settings
from cromwelld.sources.google_health.streams import STREAMS
from cromwelld.sources.google_health.verdict import judge
from tests.support.hearing import aloud

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
NOW = dt.datetime(2026, 3, 12, 9, 7, 31, tzinfo=dt.UTC)
BERLIN = "Europe/Berlin"
TYPES = "/v4/users/me/dataTypes"
TRACKER = {
    "name": "users/1234567890/pairedDevices/9001",
    "deviceType": "TRACKER",
    "batteryStatus": "High",
    "batteryLevel": 84,
    "lastSyncTime": "2026-03-11T18:02:11Z",
    "deviceVersion": "Charge 6",
}


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One request as it arrived, and the status with which it was answered."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    status: int = 0

    @property
    def kind(self) -> str:
        """Name the type of data that is asked for, `` for the account's own."""
        return self.path.removeprefix(f"{TYPES}/").partition("/")[0] if self.path.startswith(TYPES) else ""

    @property
    def operation(self) -> str:
        return self.path.rpartition(":")[2] if ":" in self.path else "list"

    @property
    def filter(self) -> str:
        return self.query.get("filter", "")

    @property
    def token(self) -> str | None:
        """Give the token of the page that is asked for, None for the first."""
        held = self.query if self.body is None else self.body
        return held.get("pageToken")

    @property
    def question(self) -> object:
        """Give everything that was asked but the page."""
        body = {} if self.body is None else self.body
        return self.method, self.path, *({**held, "pageToken": None} for held in (self.query, body))


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """Know points by type, laid out by the civil dates on which they start and end."""

    known: Mapping[str, Sequence[Point]] = field(default_factory=dict)
    first: dt.date = dt.date(2026, 3, 1)
    last: dt.date = dt.date(2026, 3, 12)
    zone: str = BERLIN
    devices: Sequence[Mapping[str, Any]] = (TRACKER,)
    routes: Mapping[str, str] = field(default_factory=dict)
    _dated: dict[str, dict[dt.date, list[Point]]] = field(default_factory=dict)

    def points(self, path: str, first: dt.date, last: dt.date) -> Sequence[Point]:
        dated = self._dated.setdefault(path, {}) or self._lay(path)
        found = {id(point): point for date in _dates(first, last) for point in dated.get(date, ())}
        return list(found.values())

    def _lay(self, path: str) -> dict[dt.date, list[Point]]:
        for point in self.known.get(path, ()):
            for date in {point.day} if point.day else {point.civil_start.date(), point.civil_end.date()}:
                self._dated[path].setdefault(date, []).append(point)
        return self._dated[path]

    def span(self) -> tuple[dt.date, dt.date]:
        return self.first, self.last

    def settings(self) -> Mapping[str, Any]:
        return {"name": "users/me/settings", "timeZone": self.zone, "utcOffset": "3600s"}

    def profile(self) -> Mapping[str, Any]:
        return {"name": "users/me/profile", "age": 40}

    def identity(self) -> Mapping[str, Any]:
        return {"name": "users/me/identity", "legacyUserId": "ABC123", "healthUserId": "1234567890"}

    def paired_devices(self) -> Sequence[Mapping[str, Any]]:
        return self.devices

    def tcx(self, exercise: str) -> str | None:
        return self.routes.get(exercise)


async def no_wait(_seconds: float) -> None:
    await asyncio.sleep(0)


async def token() -> str:
    return "TOKEN.SECRET"


@dataclass(frozen=True, kw_only=True)
class Setup:
    """Say what is special about the vendor, the login and the account; `failing` may answer instead of the vendor;
    `sending` is called at each sending."""

    options: Options | Callable[[], Options] = field(default_factory=lambda: Options(quota=None))
    failing: Callable[[Seen], web.Response | None] = lambda _: None
    clock: Callable[[], dt.datetime] = lambda: NOW
    granted: frozenset[str] | None = None
    steps_from: str = "watch"
    zone: str | None = BERLIN
    last_zone: str | None = None
    leave_out: frozenset[str] = frozenset()
    limits: Limits = field(default_factory=lambda: Limits(concurrency=10))
    retries: Retries = field(default_factory=lambda: Retries(sleep=no_wait))
    sending: Callable[[], None] = lambda: None


@dataclass
class Fetching:
    """A source against the simulated vendor, with what it sent and said."""

    source: GoogleHealth
    seen: list[Seen]
    events: list[Event] = field(default_factory=list)

    async def all(self, wanted: Sequence[Piece]) -> dict[tuple[str, str], Answer]:
        """Collect the answers by stream and date; an answer that comes twice is a mistake."""
        found: dict[tuple[str, str], Answer] = {}
        async for answer in self.source.fetch(wanted):
            place = (answer.stream, answer.date.isoformat())
            assert place not in found
            found[place] = answer
        return found

    def asked(self, kind: str, operation: str | None = None) -> list[Seen]:
        """Give the requests for a type of data, in the order of their arrival."""
        return [one for one in self.seen if one.kind == kind and operation in {None, one.operation}]

    def said(self, kind: Kind) -> list[Event]:
        return [event for event in self.events if event.kind is kind]


def pieces(first: str, last: str = "", streams: Collection[str] = tuple(STREAMS)) -> list[Piece]:
    start, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)
    return [Piece("me", stream, start, end) for stream in streams]


def times(answer: Answer, measurement: str) -> list[dt.datetime]:
    """Give the times of an answer's records, in order."""
    return sorted(answer.tables[measurement]["time"].to_pylist())


def values(answer: Answer, measurement: str) -> list[tuple[str, float]]:
    """Give the times of day in UTC and the values of an answer's records, in order."""
    rows = answer.tables[measurement].select(["time", "field_value"]).to_pylist()
    return sorted((row["time"].strftime("%H:%M:%S"), row["field_value"]) for row in rows)


def noting(sending: Callable[[], None]) -> aiohttp.TraceConfig:
    """Call at the moment at which each request is sent."""

    async def note(*_: object) -> None:
        sending()

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(note)
    return trace


@asynccontextmanager
async def fetching(records: Records | Callable[[], Records], setup: Setup | None = None) -> AsyncIterator[Fetching]:
    """Serve the records and build a source that asks for them."""
    setup = setup or Setup()
    seen: list[Seen] = []
    events: list[Event] = []
    app = application(records, clock=setup.clock, options=setup.options)
    app.middlewares.insert(0, _noting(seen, setup.failing))
    async with serving(app) as base_url, aiohttp.ClientSession(trace_configs=[noting(setup.sending)]) as session:
        client = Client(
            session=session,
            base_url=base_url,
            token=token,
            report=aloud(events),
            judge=judge,
            retries=setup.retries,
            limits=setup.limits,
        )
        account = Settings(
            zone_of=lambda _: setup.zone,
            last_zone=lambda: setup.last_zone,
            report=aloud(events),
            granted=setup.granted,
            steps_from=setup.steps_from,
            leave_out=setup.leave_out,
        )
        yield Fetching(GoogleHealth(client, account), seen, events)


def _noting(seen: list[Seen], failing: Callable[[Seen], web.Response | None]) -> Middleware:
    @web.middleware
    async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
        content = await request.read()
        body = json.loads(content) if content else None
        one = Seen(method=request.method, path=request.path, query=dict(request.query), body=body)
        answer = failing(one) or await handler(request)
        seen.append(replace(one, status=answer.status))
        return answer

    return note


def _dates(first: dt.date, last: dt.date) -> list[dt.date]:
    return [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
