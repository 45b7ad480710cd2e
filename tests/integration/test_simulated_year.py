"""A year of one person in simulated time, with everything that goes wrong in a year, over real HTTP.

At its end every stream of every date is settled or says why not, and the archive has what truly happened.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from cromwelld import localtime
from cromwelld.errors import ClockWrong, LoginNeeded
from cromwelld.events import Event, Kind
from cromwelld.jobs.cycle import Cycled, Turn, cycle
from cromwelld.jobs.days import days
from cromwelld.lake.reader import load_days
from cromwelld.simulator import fitbit_web
from cromwelld.simulator.faults import FaultPlan, plan
from cromwelld.simulator.fitbit_web.options import Failure
from cromwelld.simulator.person import Activity, Device, HeartRate, Movement, Person, Route
from cromwelld.simulator.person.devices import last_sync
from cromwelld.simulator.serve import serving
from cromwelld.sources.fitbit_web.endpoints import STREAMS
from cromwelld.state import database
from cromwelld.wiring import access
from tests.support.faltering import Faltering
from tests.support.places import places_in
from tests.support.surviving import Ground, Manner, Time, counted
from tests.support.travel import Travel

DAY = dt.timedelta(days=1)
FIRST, LAST = dt.date(2025, 1, 1), dt.date(2025, 12, 31)
START = dt.datetime(2025, 1, 2, 3, 7, tzinfo=dt.UTC)
DENSE = (dt.date(2025, 11, 3), dt.date(2025, 11, 9))
TRAVEL = (dt.date(2025, 9, 15), dt.date(2025, 9, 21))
AWAY = "Asia/Tokyo"
OUTAGE = (dt.date(2025, 3, 10), dt.date(2025, 3, 11))
FAULTY = (dt.date(2025, 4, 1), dt.date(2025, 4, 10))
NO_LOGIN = (dt.date(2025, 5, 5), dt.date(2025, 5, 7))
OFF = (dt.date(2025, 6, 10), dt.date(2025, 6, 16))
WRONG_CLOCK = dt.date(2025, 8, 20)
LIGHT = (dt.date(2025, 2, 8), dt.date(2025, 2, 16))  # the day is looked at at noon, too
NO_ARCHIVE = (dt.date(2025, 10, 1), dt.date(2025, 10, 3))


def between(date: dt.date, dates: tuple[dt.date, dt.date]) -> bool:
    return dates[0] <= date <= dates[1]


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


# from when to when the phone was not near the watch
SILENT = (
    (at("2025-02-10T18:00"), at("2025-02-13T09:00")),
    (at("2025-07-01T07:30"), at("2025-08-05T20:00")),
    (at("2025-12-05T21:40"), at("2025-12-06T08:00")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wearer(Person):
    """Wear a watch whose phone is away now and then; thin but for one week."""

    def last_sync(self, now: dt.datetime) -> dt.datetime:
        synced = last_sync(now)
        return next((last_sync(away) for away, back in SILENT if away <= synced < back), synced)

    def devices(self, now: dt.datetime) -> tuple[Device, ...]:
        synced = self.last_sync(now)
        found = Person.devices(self, synced)
        return tuple(replace(one, last_sync=synced) if one.kind == "watch" else one for one in found)

    @cache  # noqa: B019 - there are two of them, and what a year was is asked for again at its end
    def heart_rate(self, day: dt.date) -> HeartRate:
        return Person.heart_rate(OFTEN if between(day, DENSE) else self, day)

    @cache  # noqa: B019
    def movement(self, day: dt.date) -> Movement:
        return Person.movement(self, day)

    def activities(self, day: dt.date) -> tuple[Activity, ...]:
        return _activities(self, day)


@cache
def _activities(wearer: Wearer, day: dt.date) -> tuple[Activity, ...]:
    found = Person.activities(wearer, day)
    return found if between(day, DENSE) else tuple(_thin(one) for one in found)


def _thin(one: Activity) -> Activity:
    """Leave every twentieth point of a track."""
    if one.route is None:
        return one
    route, left = one.route, slice(None, None, 20)
    columns = {name: getattr(route, name)[left] for name in Route.__slots__}
    return replace(one, route=Route(**columns))


OFTEN, THIN = Wearer(), Wearer(gap_s=(100, 300), exercise_gap_s=(20, 40))


@dataclass(kw_only=True)
class Year(Ground):
    """The household through the year; `store` is the archive, which can be away."""

    person: Person = THIN
    manner: Manner = field(default_factory=lambda: Manner(left_out=(), quota_wait_s=0.0))
    time: Time = field(default_factory=lambda: Time(START))
    kinds: set[Kind] = field(default_factory=set)
    faults: FaultPlan = field(default_factory=lambda: plan(7))
    skew: dt.timedelta = dt.timedelta()
    store: Faltering = field(init=False)

    def __post_init__(self) -> None:
        Ground.__post_init__(self)
        self.store = Faltering(self.root / "archive")
        self.log_in()

    def hear(self, event: Event) -> None:
        """Remember what kinds of things happened: a year has hundreds of thousands of events."""
        self.kinds.add(event.kind)

    def clock(self) -> dt.datetime:
        """Tell the time as our machine has it; the vendor has its own."""
        return self.time() + self.skew

    @asynccontextmanager
    async def vendor(self) -> AsyncIterator[str]:
        away = replace(self.person, zone=AWAY)
        elsewhere = fitbit_web.application(away, clock=self.time, options=fitbit_web.Options(quota=None))
        async with serving(elsewhere) as there, aiohttp.ClientSession() as session:
            app = fitbit_web.application(self.person, clock=self.time, options=self.options, logins=self.logins)
            travel = Travel(first=TRAVEL[0], last=TRAVEL[1], elsewhere=there, now=self.time, session=session)
            app.middlewares.append(travel.middleware())
            app.middlewares.insert(0, counted(self.time))
            async with serving(app) as here:
                yield here

    def options(self) -> fitbit_web.Options:
        today = self.time.now.date()
        if between(today, OUTAGE):
            return fitbit_web.Options(failing={"/1": Failure(status=503, shape="html")})
        return fitbit_web.Options(faults=self.faults if between(today, FAULTY) else None)

    async def cycle(self, url: str, *, light: bool = False) -> Cycled:
        with places_in(self.root, store=self.store) as opened, self._virtual():
            places = replace(opened, clock=self.clock, report=self.hear)
            way = self._access(url, self.hear)
            way = replace(way, account=replace(way.account, timezone=None))
            async with access.line_of(way, places) as line:
                sources = await line.sources()
                zone = places.ledger.last_zone("me") or self.person.zone
                turn = Turn(today=localtime.local_date(self.clock(), zone), light=light)
                return await cycle(sources, places, turn, lambda _: None)

    def log_in(self) -> None:
        pair, now = self.logins.issue(), self.time.now.isoformat()
        content = {"access_token": pair.access_token, "refresh_token": pair.refresh_token, "scope": pair.scope}
        text = json.dumps({"format": 1, **content, "obtained_at": now, "expires_at": now})
        self.token_file.write_text(text, encoding="utf-8")


async def live(year: Year, url: str, last: dt.date) -> None:
    """Let the year pass, a cycle each night; around some days without the phone a light one each noon."""
    date = FIRST
    while date < last:
        date += DAY
        if between(date, OFF):
            continue
        for hour, light in ((3, False), (13, True)) if between(date, LIGHT) else ((3, False),):
            year.time.now = dt.datetime.combine(date, dt.time(hour, 7), dt.UTC)
            await _turn(year, url, date, light=light)


async def _turn(year: Year, url: str, date: dt.date, *, light: bool) -> None:
    year.store.away = between(date, NO_ARCHIVE)
    if date == NO_LOGIN[0] and not light:
        year.logins.withdraw()
    if date == NO_LOGIN[1] + DAY and not light:
        year.log_in()
    if date == WRONG_CLOCK:
        year.skew = 3 * DAY
        cycled = await year.cycle(url, light=light)
        year.skew = dt.timedelta()
        assert isinstance(cycled.ended_by, ClockWrong)
        return
    cycled = await year.cycle(url, light=light)
    if between(date, NO_LOGIN):
        assert isinstance(cycled.ended_by, LoginNeeded)


def truth(date: dt.date) -> dict[str, object]:
    """Tell what truly happened on a date, from the person alone."""
    person = replace(THIN, zone=AWAY) if between(date, TRAVEL) else THIN
    beats, moved, vitals = person.heart_rate(date), person.movement(date), person.vitals(date)
    worn = person.worn(date)
    return {
        "beats": list(zip(beats.instants, map(float, beats.bpm), strict=True)),
        "steps": {moved.first + 60 * n: float(steps) for n, steps in enumerate(moved.steps) if steps},
        "total": float(person.totals(date).steps) if worn else None,
        "sleeps": sorted((one.start, one.end) for one in person.sleeps(date)),
        "stages": sum(len(one.stages) for one in person.sleeps(date)) > 0,
        "hrv": None if vitals is None else vitals.daily_rmssd_ms,
        "weights": [(one.at, one.weight_kg) for one in person.weighings(date)],
        "activities": sorted(one.start for one in person.activities(date)),
        "tracks": sorted(one.start for one in person.activities(date) if one.route is not None),
    }


def archived(year: Year, date: dt.date) -> dict[str, object]:
    """Tell the same from the object of the date, as any program would read it."""
    found: dict[str, list[dict[str, Any]]] = {}
    for record in year.records(date.isoformat()):
        found.setdefault(record["measurement"], []).append(record)

    def times(name: str) -> list[dt.datetime]:
        return sorted(dt.datetime.fromisoformat(record["time"]) for record in found.get(name, []))

    def values(name: str, field_name: str = "value") -> list[tuple[int, float]]:
        rows = found.get(name, [])
        return [(seconds(row["time"]), row["fields"][field_name]) for row in rows if field_name in row["fields"]]

    totals, hrv, moved = values("Activity-steps"), values("HRV", "dailyRmssd"), found.get("Steps_Intraday", [])
    nights = found.get("SleepSummary", [])
    ends = [(instant(row["time"]), instant(row["fields"]["endTime"])) for row in nights]
    begun = {row["tags"]["ActivityID"].partition("+")[0] for row in found.get("GPS", [])}
    return {
        "beats": values("HeartRate_Intraday"),
        "steps": {seconds(row["time"]): steps for row in moved if (steps := row["fields"].get("value"))},
        "total": totals[0][1] if totals and totals[0][1] else None,
        "sleeps": sorted(ends),
        "stages": bool(found.get("SleepLevels")),
        "hrv": hrv[0][1] if hrv else None,
        "weights": [(instant(row["time"]), row["fields"]["weight_kg"]) for row in found.get("Weight", [])],
        "activities": times("ActivityRecords"),
        "tracks": sorted(instant(f"{text}+00:00") for text in begun),
    }


def instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def seconds(text: str) -> int:
    return int(instant(text).timestamp())


@pytest.fixture
def no_waiting_for_disks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing wait until it is on the disk: no machine fails in this year, and half of its time would be that."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(database, "_DURABLE", "OFF")


@pytest.fixture
def in_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing happen beside the loop, which stands still while time does: threads would only take turns."""

    async def at_once(work: Callable[..., Any], *told: Any, **more: Any) -> Any:  # noqa: ANN401 - any work
        return work(*told, **more)

    def done(loop: asyncio.AbstractEventLoop, _: object, work: Callable[..., Any], *told: Any) -> asyncio.Future[Any]:  # noqa: ANN401 - any work
        ended = loop.create_future()
        try:
            ended.set_result(work(*told))
        except Exception as err:  # noqa: BLE001 - whoever waits hears of it
            ended.set_exception(err)
        return ended

    monkeypatch.setattr(asyncio, "to_thread", at_once)
    monkeypatch.setattr(asyncio.BaseEventLoop, "run_in_executor", done)  # the vendor's answers


@pytest.fixture
def little_rubbish() -> Iterator[None]:
    """Let what is there stay, as the daemon does, and look for rubbish seldom: little of all this is in a ring."""
    gc.collect()
    gc.freeze()
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 20)
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("no_waiting_for_disks", "in_one_thread", "little_rubbish")
async def test_a_year_ends_with_everything_that_happened(tmp_path: Path) -> None:
    year = Year(root=tmp_path, api="fitbit_web")
    async with year.vendor() as url:
        await live(year, url, LAST + 12 * DAY)
    dates = [FIRST + number * DAY for number in range((LAST - FIRST).days + 1)]
    differs = {}
    for date in dates:
        true, found = truth(date), archived(year, date)
        wrong = [name for name in true if true[name] != found[name]]
        if wrong:
            differs[date.isoformat()] = wrong
    assert differs == {}
    with places_in(tmp_path) as places:
        told = days(places.ledger, "me", FIRST, LAST, streams=fitbit_web_streams())
    open_ones = [
        (one.date, it.stream, it.state, it.reason)
        for one in told
        for it in one.streams
        if it.state not in {"complete", "empty", "not worn"} and not it.reason
    ]
    assert open_ones == []
    assert all(one.sealed for one in told)
    table = load_days(FIRST.isoformat(), LAST.isoformat(), tmp_path / "data")
    assert bool(table["sealed"].all())
    assert year.kinds >= {Kind.LOGIN_NEEDED, Kind.DAY_WAITS, Kind.REQUEST_RETRIED}


def fitbit_web_streams() -> list[str]:
    return [name for name, stream in STREAMS.items() if not stream.undated]
