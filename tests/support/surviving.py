"""A collector wired as the program is, before a vendor that fails by plan; waiting costs simulated time only."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal
from unittest import mock

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from cromwelld.config import Account
from cromwelld.events import Event, Report, ignore
from cromwelld.jobs.collect import Collected, Wish, collect
from cromwelld.pieces import Outcome
from cromwelld.simulator import fitbit_web, google_health
from cromwelld.simulator.faces import FACES
from cromwelld.simulator.faults import FaultPlan, middleware, scripted
from cromwelld.simulator.front import RECEIVED, Received
from cromwelld.simulator.google_health.person_records import records_of
from cromwelld.simulator.oauth import LoginServer
from cromwelld.simulator.person import Person
from cromwelld.simulator.serve import serving
from cromwelld.sources.client import Limits
from cromwelld.sources.oauth import Application, Keeper, TokenStore
from cromwelld.sources.oauth.sending import Patience
from cromwelld.wiring import access
from cromwelld.wiring.vendors import VENDORS
from tests.support.collecting import read_records
from tests.support.places import places_in

Meddling = Callable[[web.Request, web.StreamResponse], web.StreamResponse]
APIS = ("fitbit_web", "google_health")
FIRST, LAST = dt.date(2025, 10, 6), dt.date(2025, 10, 8)
WISH = Wish(first=FIRST, last=LAST)
NOW = dt.datetime(2025, 10, 9, 9, 7, 31, tzinfo=dt.UTC)
# where the person is: numbers that stand nowhere else, with as many digits as a vendor sends
PERSON = Person(gap_s=(60, 90), start_latitude=56.1357924, start_longitude=3.8642097)
QUOTA_WAIT_S = 3700.0
_MOMENT_S, _QUIET_MOMENTS = 0.001, 3
# what was last heard of a device depends on when it is asked
LEFT_OUT = ("devices",)

# Which of our streams need what is asked below a path; by hand from the vendors' lists of endpoints.
FITBIT_STREAMS: Mapping[str, tuple[str, ...]] = {
    "/1/user/-/activities/heart/date/*/1d/1sec.json": ("heart_rate",),
    "/1/user/-/activities/steps/date/*/1d/1min.json": ("steps",),
    "/1/user/-/activities/heart/date/*/*.json": ("heart_summary",),
    "/1/user/-/hrv/date/*/*.json": ("hrv",),
    "/1/user/-/br/date/*/*.json": ("breathing_rate",),
    "/1/user/-/temp/skin/date/*/*.json": ("skin_temperature",),
    "/1/user/-/spo2/date/*/*.json": ("spo2",),
    "/1/user/-/body/log/weight/date/*/*.json": ("weight",),
    "/1.2/user/-/sleep/date/*/*.json": ("sleep",),
    "/1/user/-/activities/list.json": ("activities", "gps"),
    "/1/user/-/activities/*.tcx": ("gps",),
    "/1/user/-/activities/tracker/minutesSedentary/date/*/*.json": ("minutes_sedentary",),
    "/1/user/-/activities/tracker/minutesLightlyActive/date/*/*.json": ("minutes_lightly_active",),
    "/1/user/-/activities/tracker/minutesFairlyActive/date/*/*.json": ("minutes_fairly_active",),
    "/1/user/-/activities/tracker/minutesVeryActive/date/*/*.json": ("minutes_very_active",),
    "/1/user/-/activities/tracker/steps/date/*/*.json": ("total_steps",),
    "/1/user/-/activities/tracker/calories/date/*/*.json": ("total_calories",),
    "/1/user/-/activities/tracker/distance/date/*/*.json": ("total_distance",),
}
GOOGLE_STREAMS: Mapping[str, tuple[str, ...]] = {
    "heart-rate": ("heart_rate",),
    "steps": ("steps", "total_steps"),
    "distance": ("total_distance",),
    "floors": ("total_floors",),
    "total-calories": ("total_calories",),
    "sedentary-period": ("minutes_sedentary",),
    "activity-level": ("activity_levels",),
    "active-zone-minutes": ("zone_minutes_intraday", "zone_minutes"),
    "time-in-heart-rate-zone": ("heart_rate_zones",),
    "oxygen-saturation": ("spo2_intraday",),
    "heart-rate-variability": ("hrv_intraday",),
    "respiratory-rate-sleep-summary": ("breathing_stages",),
    "daily-resting-heart-rate": ("resting_heart_rate",),
    "daily-heart-rate-variability": ("hrv",),
    "daily-oxygen-saturation": ("spo2",),
    "daily-respiratory-rate": ("breathing_rate",),
    "daily-sleep-temperature-derivations": ("skin_temperature",),
    "daily-vo2-max": ("vo2_max",),
    "weight": ("weight",),
    "height": ("weight",),  # without it there is no index of body mass
    "body-fat": ("body_fat",),
    "sleep": ("sleep",),
    "exercise": ("activities", "gps"),
}


class Time:
    """A clock that stands still but for the sleeping: it goes on when nothing is under way, to the first who wakes."""

    def __init__(self, now: dt.datetime = NOW) -> None:
        self.now = now
        self.under_way = 0
        self._wakings: list[dt.datetime] = []

    def __call__(self) -> dt.datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        until, quiet = self.now + dt.timedelta(seconds=seconds), 0
        self._wakings.append(until)
        try:
            while self.now < until:
                await asyncio.sleep(_MOMENT_S)
                quiet = 0 if self.under_way or until > min(self._wakings) else quiet + 1
                if quiet > _QUIET_MOMENTS:
                    self.now = until
        finally:
            self._wakings.remove(until)


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a collection is run: requests at a time, None for the vendor's own; `quota` is what the vendor truly gives.

    `believed` is what the collector takes the quota for, where that is not the same.
    """

    at_once: int | None = None
    quota: int = 150
    believed: int | None = None
    attempts: int | None = None
    quota_wait_s: float = QUOTA_WAIT_S
    left_out: tuple[str, ...] = LEFT_OUT


DEFAULT = Manner()


@dataclass(kw_only=True)
class Survived:
    """What came of one collection."""

    collected: Collected
    received: list[Received]
    events: list[Event]
    logins: LoginServer

    @property
    def missing(self) -> set[str]:
        """Name the streams of which some date could not be had."""
        wrong = {Outcome.FAILED, Outcome.REFUSED, Outcome.UNSUPPORTED}
        return {item.stream for item in self.collected.asked if item.outcome in wrong}

    @property
    def asked(self) -> list[Received]:
        """Give the requests for data: none of the login's."""
        return [one for one in self.received if not self.logins.owns(one.path)]

    def texts(self) -> Iterator[str]:
        """Give everything that was said: events, reasons, errors."""
        for event in self.events:
            yield f"{event.kind.label} {event.fields}"
        for asked in self.collected.asked:
            yield asked.reason
        errors = [self.collected.ended_by, *(item.error for item in self.collected.stored)]
        for error in filter(None, errors):
            yield f"{error!r} {error} {error.hint}"


@dataclass(kw_only=True)
class Ground:
    """One account's folders and login below `root`, and the vendor with its person; several collections, one clock."""

    root: Path
    api: str
    manner: Manner = DEFAULT
    person: Person = PERSON
    time: Time = field(default_factory=Time)
    wish: Wish = WISH
    meddling: Meddling | None = None
    fitbit: fitbit_web.Options = field(default_factory=fitbit_web.Options)
    also: Report = ignore
    logins: LoginServer = field(init=False)

    def __post_init__(self) -> None:
        self.logins = LoginServer(FACES[self.api].manners, clock=self.time)
        self.token_file.parent.mkdir(parents=True)
        pair = self.logins.issue()
        # due at once, so that every collection begins with a renewal
        content = {"access_token": pair.access_token, "refresh_token": pair.refresh_token, "scope": pair.scope}
        begun = {"obtained_at": NOW.isoformat(), "expires_at": NOW.isoformat()}
        self.token_file.write_text(json.dumps({"format": 1, **content, **begun}), encoding="utf-8")

    @property
    def token_file(self) -> Path:
        return self.root / "state/tokens/me.json"

    async def collect(self, faults: FaultPlan | None = None) -> Survived:
        """Collect the wished days under a plan."""
        events: list[Event] = []

        def report(event: Event) -> None:
            events.append(event)
            self.also(event)

        app = self._application(faults or scripted({}))
        places = places_in(self.root, events=events, label="watch")
        async with serving(app) as url:
            with places as opened, self._virtual():
                folders = replace(opened, clock=self.time, report=report)
                way = self._access(url, report)
                async with access.source_of(way, folders) as source:
                    collected = await collect(source, folders, self.wish, lambda _: None)
        return Survived(collected=collected, received=app[RECEIVED], events=events, logins=self.logins)

    def objects(self) -> dict[str, bytes]:
        """Give the bytes of the archive."""
        found = sorted((self.root / "archive/fitbit").glob("*.json.gz"))
        return {path.name: path.read_bytes() for path in found}

    def records(self, date: str) -> list[dict[str, Any]]:
        return read_records(self.root / f"archive/fitbit/fitbit_backup_{date}.json.gz")

    def of(self, measurement: str, date: str) -> list[dict[str, Any]]:
        return [record for record in self.records(date) if record["measurement"] == measurement]

    def secrets(self) -> set[str]:
        """Give every code and token that the vendor ever made, and more that it could have made."""
        manners, made = self.logins.manners, self.logins._book.state.issued  # noqa: SLF001 - nobody else knows
        digests = (
            sha256(f"{manners.token}:{kind}:{n}".encode()).hexdigest() for kind in KINDS for n in range(made + 2)
        )
        texts = {manners.forge(kind, digest) for digest in digests for kind in KINDS}
        return texts | {self.logins.client.secret or "-", "SYNTH1", "1000000007"}

    def _access(self, url: str, report: Report) -> access.Access:
        vendor, manner = VENDORS[self.api], self.manner
        client = self.logins.client
        account = Account(
            name="me", source=self.api, data_dir=self.root / "data", prefix="fitbit", timezone=self.person.zone,
            leave_out=manner.left_out,
        )  # fmt: skip
        retries = replace(
            vendor.retries,
            sleep=self.time.sleep,
            quota_wait_s=manner.quota_wait_s,
            attempts=manner.attempts or vendor.retries.attempts,
        )
        limits = vendor.limits if manner.at_once is None else Limits(concurrency=manner.at_once)
        assert vendor.quota is not None
        quota = replace(vendor.quota, most=manner.believed or manner.quota)
        return access.Access(
            account=account,
            vendor=replace(vendor, retries=retries, limits=limits, quota=quota),
            base_url=url,
            store=TokenStore(self.token_file, report),
            application=Application(client_id=client.id, client_secret=client.secret),
        )

    @contextmanager
    def _virtual(self) -> Iterator[None]:
        """Let the keeper of the login wait in simulated time too, and slow answers be only a little slow."""
        keeper = functools.partial(Keeper, patience=Patience(sleep=self.time.sleep))
        with mock.patch.object(access, "Keeper", keeper), mock.patch.object(middleware, "SLOW_S", 0.01):
            yield

    def _application(self, faults: FaultPlan) -> web.Application:
        if self.api == "fitbit_web":
            options = replace(self.fitbit, quota=self.manner.quota, faults=faults)
            app = fitbit_web.application(self.person, clock=self.time, options=options, logins=self.logins)
        else:
            quota = google_health.Options(quota=self.manner.quota, faults=faults)
            records = records_of(self.person, self.time)
            app = google_health.application(records, clock=self.time, options=quota, logins=self.logins)
        app.middlewares.insert(0, counted(self.time))
        if self.meddling is not None:
            app.middlewares.insert(2, _meddling(self.meddling))
        return app


KINDS: tuple[Literal["code", "access", "refresh"], ...] = ("code", "access", "refresh")


def counted(time: Time) -> Middleware:
    @web.middleware
    async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
        time.under_way += 1
        try:
            return await handler(request)
        finally:
            time.under_way -= 1

    return counted


def _meddling(change: Meddling) -> Middleware:
    @web.middleware
    async def meddle(request: web.Request, handler: Handler) -> web.StreamResponse:
        return change(request, await handler(request))

    return meddle


def streams_behind(api: str, paths: Collection[str]) -> set[str]:
    """Name our streams that cannot be had without what the vendor has below some paths."""
    behind = FITBIT_STREAMS if api == "fitbit_web" else GOOGLE_STREAMS
    return {stream for path in paths for stream in behind[path]}
