"""A day in Berlin as the vendor would send it, small enough to be checked by eye."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from cromwelld.events import Event
from cromwelld.pieces import Answer, Piece
from cromwelld.sources.client import Client, Limits, Retries
from cromwelld.sources.fitbit_web import FitbitWeb, Settings
from cromwelld.sources.fitbit_web.endpoints import ENDPOINTS
from cromwelld.sources.parsed import Parsed
from tests.support.far_side import FarSide, Reply
from tests.support.hearing import aloud
from tests.unit.fitbit_web.reading import BERLIN, Plain, day, rows

DATE, NEXT = "2024-03-30", "2024-03-31"
LIST = "/1/user/-/activities/list.json"
HEART_RATE = f"/1/user/-/activities/heart/date/{DATE}/1d/1sec.json"
STEPS = f"/1/user/-/activities/steps/date/{DATE}/1d/1min.json"
SUMMARY = f"/1/user/-/activities/heart/date/{DATE}/{DATE}.json"
HRV = f"/1/user/-/hrv/date/{DATE}/{DATE}.json"
SLEEP = f"/1.2/user/-/sleep/date/{DATE}/{DATE}.json"
DEVICES = "/1/user/-/devices.json"
PROFILE = "/1/user/-/profile.json"
TCX = "/1/user/-/activities/7.tcx"
TRACKER = "/1/user/-/activities/tracker"
RESOURCES = (
    "steps",
    "calories",
    "distance",
    "minutesSedentary",
    "minutesLightlyActive",
    "minutesFairlyActive",
    "minutesVeryActive",
)


def sent(content: object, status: int = 200) -> Reply:
    return Reply(json.dumps(content).encode(), status=status)


def heart_rate(date: str, *points: tuple[str, int]) -> Reply:
    dataset = [{"time": time, "value": value} for time, value in points]
    return sent({"activities-heart": [{"dateTime": date}], "activities-heart-intraday": {"dataset": dataset}})


def steps(date: str, *points: tuple[str, int]) -> Reply:
    dataset = [{"time": time, "value": value} for time, value in points]
    return sent({"activities-steps": [{"dateTime": date}], "activities-steps-intraday": {"dataset": dataset}})


def activity(log_id: int, start: str, name: str = "Run", kind: str = "tracker") -> dict[str, object]:
    return {"logId": log_id, "activityName": name, "logType": kind, "startTime": start, "duration": 60000}


def listed(*activities: dict[str, object], following: str = "") -> Reply:
    return sent({"activities": activities, "pagination": {"next": following}})


def track(*times: str) -> Reply:
    position = "<Position><LatitudeDegrees>52.5</LatitudeDegrees><LongitudeDegrees>13.4</LongitudeDegrees></Position>"
    points = "".join(f"<Trackpoint><Time>{time}</Time>{position}</Trackpoint>" for time in times)
    lap = f"<Activity><Lap><Track>{points}</Track></Lap></Activity>"
    return Reply(f"<TrainingCenterDatabase><Activities>{lap}</Activities></TrainingCenterDatabase>".encode())


def tracker(level: int = 60, synced: str = "2024-03-31T08:00:00.000") -> dict[str, object]:
    return {"batteryLevel": level, "deviceVersion": "Charge 6", "lastSyncTime": synced, "type": "TRACKER"}


def lay_day(far_side: FarSide) -> None:
    """Lay out one record or two for every stream of the day."""
    zone = {"name": "Peak", "minutes": 3}
    night = {
        "dateOfSleep": DATE,
        "startTime": "2024-03-29T23:00:00.000",
        "duration": 3600000,
        "isMainSleep": True,
        "type": "stages",
        "levels": {"data": [{"dateTime": "2024-03-29T23:00:00.000", "level": "deep", "seconds": 3600}]},
    }
    far_side.lay(LIST, listed(activity(7, f"{DATE}T18:00:00.000+01:00")))
    far_side.lay(TCX, track(f"{DATE}T18:00:05.000+01:00"))
    far_side.lay(PROFILE, sent({"user": {"timezone": "Europe/Berlin"}}))
    far_side.lay(DEVICES, sent([tracker()]))
    far_side.lay(HEART_RATE, heart_rate(DATE, ("08:00:00", 61), ("08:00:05", 62)))
    far_side.lay(STEPS, steps(DATE, ("08:00:00", 0), ("08:01:00", 19)))
    value = {"heartRateZones": [zone], "restingHeartRate": 55}
    far_side.lay(SUMMARY, sent({"activities-heart": [{"dateTime": DATE, "value": value}]}))
    far_side.lay(HRV, sent({"hrv": [{"dateTime": DATE, "value": {"dailyRmssd": 40.5}}]}))
    breaths = {"br": [{"dateTime": DATE, "value": {"breathingRate": 15.5}}]}
    far_side.lay(f"/1/user/-/br/date/{DATE}/{DATE}.json", sent(breaths))
    skin = {"tempSkin": [{"dateTime": DATE, "value": {"nightlyRelative": -0.2}}]}
    far_side.lay(f"/1/user/-/temp/skin/date/{DATE}/{DATE}.json", sent(skin))
    far_side.lay(f"/1/user/-/spo2/date/{DATE}/{DATE}.json", sent([{"dateTime": DATE, "value": {"avg": 96.5}}]))
    weight = {"weight": [{"date": DATE, "time": "07:00:00", "weight": 70.5}]}
    far_side.lay(f"/1/user/-/body/log/weight/date/{DATE}/{DATE}.json", sent(weight))
    far_side.lay(SLEEP, sent({"sleep": [night]}))
    for resource in RESOURCES:
        totals = {f"activities-tracker-{resource}": [{"dateTime": DATE, "value": "7"}]}
        far_side.lay(f"{TRACKER}/{resource}/date/{DATE}/{DATE}.json", sent(totals))


def pieces(first: str = DATE, last: str = "", streams: Collection[str] = tuple(ENDPOINTS)) -> list[Piece]:
    return [Piece("me", stream, day(first), day(last or first)) for stream in streams]


@dataclass
class Fetching:
    """A source against a far side, with what it said."""

    source: FitbitWeb
    events: list[Event] = field(default_factory=list)

    async def all(self, wanted: list[Piece]) -> dict[tuple[str, str], Answer]:
        """Collect the answers by stream and date; an answer that comes twice is a mistake."""
        found: dict[tuple[str, str], Answer] = {}
        async for answer in self.source.fetch(wanted):
            place = (answer.stream, answer.date.isoformat())
            assert place not in found
            found[place] = answer
        return found


async def no_wait(_seconds: float) -> None:
    await asyncio.sleep(0)


async def token() -> str:
    return "TOKEN.SECRET"


@asynccontextmanager
async def fetching(
    far_side: FarSide,
    *,
    zone_of: Callable[[object], str | None] = lambda _: BERLIN,
    last_zone: str | None = None,
    leave_out: Collection[str] = (),
    concurrency: int = 20,
) -> AsyncIterator[Fetching]:
    events: list[Event] = []
    async with far_side.serving() as base_url, aiohttp.ClientSession() as session:
        client = Client(
            session=session,
            base_url=base_url,
            token=token,
            report=aloud(events),
            retries=Retries(sleep=no_wait),
            limits=Limits(concurrency=concurrency),
        )
        settings = Settings(
            zone_of=zone_of, report=aloud(events), last_zone=lambda: last_zone, leave_out=frozenset(leave_out)
        )
        yield Fetching(FitbitWeb(client, settings), events)


def plain(answer: Answer, measurement: str) -> list[Plain]:
    return rows(Parsed(tables={(answer.date, measurement): answer.tables[measurement]}), str(answer.date), measurement)
