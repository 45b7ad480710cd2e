"""A few points made by hand, served as the simulated Google Health API over real HTTP."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from cromwelld.simulator.google_health import Options, application
from cromwelld.simulator.google_health.points import Point
from cromwelld.simulator.serve import serving

NOW = dt.datetime(2026, 3, 12, 9, 7, 31, tzinfo=dt.UTC)
DAY = dt.date(2026, 3, 10)
HOUR = 3600
POINTS = "/v4/users/me/dataTypes/{}/dataPoints"
WATCH = {
    "recordingMethod": "PASSIVELY_MEASURED",
    "device": {"displayName": "Charge 6", "formFactor": "FITNESS_BAND"},
    "platform": "FITBIT",
}
PHONE = {"recordingMethod": "PASSIVELY_MEASURED", "device": {"formFactor": "PHONE"}, "platform": "HEALTH_CONNECT"}


def utc(text: str) -> int:
    """Give the UTC seconds of `10 12:01` or `10 12:01:09`, a time of March 2026."""
    day, clock = text.split(" ")
    return int(dt.datetime.fromisoformat(f"2026-03-{int(day):02}T{clock}+00:00").timestamp())


def interval(start: str, end: str, *, wearable: bool = True, id: str | None = None, **payload: Any) -> Point:  # noqa: A002, ANN401
    """Make an interval on a clock one hour ahead of UTC."""
    return Point(
        start=utc(start),
        end=utc(end),
        offset_s=HOUR,
        end_offset_s=HOUR,
        payload=payload,
        id=id,
        source=WATCH if wearable else PHONE,
        wearable=wearable,
    )


def sample(at: str, *, wearable: bool = True, id: str | None = None, **payload: Any) -> Point:  # noqa: A002, ANN401
    """Make a sample on a clock one hour ahead of UTC."""
    return interval(at, at, wearable=wearable, id=id, **payload)


def daily(day: int, **payload: Any) -> Point:  # noqa: ANN401
    """Make the summary of a day of March 2026."""
    return Point(day=dt.date(2026, 3, day), payload=payload, source={**WATCH, "recordingMethod": "DERIVED"})


@dataclass(frozen=True, kw_only=True)
class HandMade:
    """Know these points, whatever dates are asked for."""

    known: Mapping[str, Sequence[Point]] = field(default_factory=dict)
    devices: int = 2
    routes: Mapping[str, str] = field(default_factory=dict)

    def points(self, path: str, first: dt.date, last: dt.date) -> Sequence[Point]:
        assert first <= last
        return self.known.get(path, ())

    def span(self) -> tuple[dt.date, dt.date]:
        return dt.date(2026, 3, 1), NOW.date()

    def settings(self) -> Mapping[str, Any]:
        return {"name": "users/me/settings", "timeZone": "Europe/Berlin", "utcOffset": "3600s"}

    def profile(self) -> Mapping[str, Any]:
        return {"name": "users/me/profile", "age": 40}

    def identity(self) -> Mapping[str, Any]:
        return {"name": "users/me/identity", "legacyUserId": "ABC123", "healthUserId": "1234567890"}

    def paired_devices(self) -> Sequence[Mapping[str, Any]]:
        return [
            {
                "name": f"users/1234567890/pairedDevices/{9001 + number}",
                "deviceType": "TRACKER",
                "batteryStatus": "High",
                "batteryLevel": 84,
                "lastSyncTime": "2026-03-10T18:02:11Z",
                "deviceVersion": "Charge 6",
            }
            for number in range(self.devices)
        ]

    def tcx(self, exercise: str) -> str | None:
        return self.routes.get(exercise)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - a test looks into it by hand
        return json.loads(self.text)

    @property
    def reason(self) -> str | None:
        details = self.json["error"].get("details", [{}])
        return str(details[0]["reason"]) if "reason" in details[0] else None


class Client:
    """Ask a served application, with a token unless told otherwise."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str) -> None:
        self._session = session
        self._base_url = base_url
        self.headers = {"Authorization": "Bearer any"}

    async def get(self, path: str, **query: str) -> Answer:
        return await self.send("GET", path, query=query)

    async def post(self, path: str, body: object) -> Answer:
        return await self.send("POST", path, content=json.dumps(body))

    async def send(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, content: str | None = None
    ) -> Answer:
        request = self._session.request(method, self._base_url + path, params=query, data=content, headers=self.headers)
        async with request as got:
            found = {name.lower(): value for name, value in got.headers.items()}
            return Answer(got.status, found, await got.text())

    async def list(self, kind: str, **query: str) -> Any:  # noqa: ANN401
        return _well(await self.get(POINTS.format(kind), **query))

    async def reconcile(self, kind: str, **query: str) -> Any:  # noqa: ANN401
        return _well(await self.get(POINTS.format(kind) + ":reconcile", **query))

    async def roll_up(self, kind: str, body: object) -> Any:  # noqa: ANN401
        return _well(await self.post(POINTS.format(kind) + ":rollUp", body))

    async def daily_roll_up(self, kind: str, body: object) -> Any:  # noqa: ANN401
        return _well(await self.post(POINTS.format(kind) + ":dailyRollUp", body))


def _well(answer: Answer) -> Any:  # noqa: ANN401
    assert answer.status == 200, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    return answer.json


@asynccontextmanager
async def google(
    records: HandMade | Callable[[], HandMade] | None = None,
    options: Options | Callable[[], Options] | None = None,
    *,
    clock: Callable[[], dt.datetime] = lambda: NOW,
) -> AsyncIterator[Client]:
    app = application(records or HandMade(), clock=clock, options=options or Options())
    async with serving(app) as base_url, aiohttp.ClientSession() as session:
        yield Client(session, base_url)


def range_of(start: str, end: str) -> dict[str, str]:
    """Write a physical range of March 2026."""
    at = (dt.datetime.fromtimestamp(utc(text), dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for text in (start, end))
    return dict(zip(("startTime", "endTime"), at, strict=True))


def days_of(start: int, end: int) -> dict[str, Any]:
    """Write a civil range of March 2026."""
    return {name: {"date": {"year": 2026, "month": 3, "day": day}} for name, day in (("start", start), ("end", end))}
