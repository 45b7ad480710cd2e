"""The source of the Google Health API against a far side that sends the samples as they lie in the reference."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pyarrow as pa
from aiohttp import web
from aiohttp.test_utils import TestServer

from cromwelld.errors import CromwelldError
from cromwelld.events import Event
from cromwelld.measurements import MEASUREMENTS
from cromwelld.pieces import Answer, Piece
from cromwelld.sources.client import Client, Limits, Retries
from cromwelld.sources.google_health import GoogleHealth, Settings
from cromwelld.sources.google_health.streams import STREAMS
from cromwelld.sources.google_health.verdict import judge
from tests.support.far_side import FarSide, Reply
from tests.support.hearing import aloud
from tests.support.reference import reference, reference_root

PARIS = "Europe/Paris"
DATE = "2026-03-10"
SETTINGS, DEVICES = "/v4/users/me/settings", "/v4/users/me/pairedDevices"
JSON_TYPE = {"Content-Type": "application/json; charset=UTF-8"}
HTML_TYPE = {"Content-Type": "text/html; charset=UTF-8"}
OURS = "a mistake in cromwelld itself"

Plain = dict[str, str | float]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def sample(name: str) -> bytes:
    """Give a sample by its name without the ending."""
    return reference(f"google-health/samples/{name}.json").read_bytes()


def error(name: str) -> bytes:
    return reference(f"google-health/errors/{name}.json").read_bytes()


def names(folder: str) -> list[str]:
    """List the files of a folder without their ending; none where the reference is absent."""
    root = reference_root()
    return [] if root is None else sorted(path.stem for path in (root / "google-health" / folder).glob("*.json"))


def points(data_type: str, verb: str = "reconcile") -> str:
    """Give the path by which a type is asked."""
    return f"/v4/users/me/dataTypes/{data_type}/dataPoints:{verb}"


def track(number: str) -> str:
    return f"/v4/users/me/dataTypes/exercise/dataPoints/{number}:exportExerciseTcx"


def sent(body: object, status: int = 200, **headers: str) -> Reply:
    """Answer with JSON: bytes as they are, everything else encoded."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(text, status=status, headers={**JSON_TYPE, **headers})


@dataclass(frozen=True)
class Posted:
    """One request with a body."""

    path: str
    body: Mapping[str, object]


class Vendor(FarSide):
    """A far side that also takes POST, and has nothing to tell where nothing is laid out."""

    def __init__(self) -> None:
        super().__init__()
        self.posted: list[Posted] = []
        self.otherwise = sent({})

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        async with TestServer(app) as server:
            yield str(server.make_url("")).rstrip("/")

    async def _reply(self, request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            self.posted.append(Posted(request.path, await request.json()))
        self.replies.setdefault(request.path, [self.otherwise])
        return await super()._reply(request)


@dataclass
class Waits:
    """Sleep without time passing, and remember for how long."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(0)


@dataclass
class Fetching:
    """A source against a far side, with what it said."""

    source: GoogleHealth
    waits: Waits
    events: list[Event] = field(default_factory=list)
    ended: CromwelldError | None = None

    async def all(self, wanted: list[Piece]) -> dict[tuple[str, str], Answer]:
        """Collect the answers by stream and date; an answer that comes twice is a mistake, an end is remembered."""
        found: dict[tuple[str, str], Answer] = {}
        try:
            async for answer in self.source.fetch(wanted):
                place = (answer.stream, answer.date.isoformat())
                assert place not in found
                found[place] = answer
        except CromwelldError as err:
            self.ended = err
        return found

    def said(self, answers: Mapping[tuple[str, str], Answer]) -> str:
        """Give everything that was said in words."""
        reasons = [answer.reason for answer in answers.values()]
        return "\n".join([*reasons, *map(str, self.events), repr(self.ended)])


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What a test may want otherwise; `zone` None asks the vendor."""

    zone: str | None = PARIS
    last_zone: str | None = None
    granted: frozenset[str] | None = None
    steps_from: str = "watch"
    concurrency: int = 20
    attempts: int = 3
    quota_wait_s: float = 0.0


USUAL = Circumstances()


@asynccontextmanager
async def fetching(vendor: Vendor, how: Circumstances = USUAL) -> AsyncIterator[Fetching]:
    events: list[Event] = []
    waits = Waits()
    async with vendor.serving() as base_url, aiohttp.ClientSession() as session:
        client = Client(
            session=session,
            base_url=base_url,
            token=_token,
            report=aloud(events),
            judge=judge,
            vendor_hosts=frozenset({"health.googleapis.com"}),
            retries=Retries(attempts=how.attempts, quota_wait_s=how.quota_wait_s, sleep=waits),
            limits=Limits(concurrency=how.concurrency),
        )
        settings = Settings(
            zone_of=lambda _: how.zone,
            report=aloud(events),
            last_zone=lambda: how.last_zone,
            granted=how.granted,
            steps_from=how.steps_from,
        )
        yield Fetching(GoogleHealth(client, settings), waits, events)


async def _token() -> str:
    return "TOKEN.SECRET"


def pieces(streams: Collection[str] = tuple(STREAMS), first: str = DATE, last: str = "") -> list[Piece]:
    return [Piece("me", stream, day(first), day(last or first)) for stream in streams]


def rows(table: pa.Table) -> list[Plain]:
    """Give the rows in order of time, with plain column names, times as UTC text, and without what is absent."""
    return sorted((_plain(row) for row in table.to_pylist()), key=lambda row: (str(row["time"]), sorted(map(str, row))))


def _plain(row: Mapping[str, object]) -> Plain:
    found: Plain = {}
    for name, value in row.items():
        if isinstance(value, dt.datetime):
            found[name] = value.isoformat().replace("+00:00", "Z")
        elif isinstance(value, (str, float)):
            found[name.removeprefix("tag_").removeprefix("field_")] = value
    return found


def tables(answer: Answer) -> dict[str, list[Plain]]:
    """Give the rows of every measurement of an answer that has any."""
    return {name: rows(table) for name, table in answer.tables.items() if table.num_rows}


def assert_in_contract(date: dt.date, held: Mapping[str, pa.Table]) -> None:
    """Check what must hold whatever was sent: the catalogue's columns, numbers that are numbers, years that can be."""
    for measurement, table in held.items():
        schema = MEASUREMENTS[measurement].schema
        assert table.schema.names[: len(schema)] == schema.names
        assert [column.type for column in table.schema][: len(schema)] == [column.type for column in schema]
        assert len(table.schema) == len(schema) or MEASUREMENTS[measurement].open_fields
        assert table["time"].null_count == 0
        for row in table.to_pylist():
            assert abs(row["time"].date() - date) <= dt.timedelta(days=2)
            numbers = [value for value in row.values() if isinstance(value, float)]
            assert all(abs(number) < float("inf") for number in numbers)
