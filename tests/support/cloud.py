"""A vendor's cloud in memory, which knows of a person what the watch has synced, and counts what it is asked."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cromwelld import localtime
from cromwelld.errors import OutOfBudget
from cromwelld.pieces import Answer, Outcome, Piece, Stream
from cromwelld.sources.spans import Span, spans
from tests.support.answers import ZONE, answer, heart_rate, hrv, night, track, walk

HOUR = dt.timedelta(hours=1)
STREAMS = {
    "heart_rate": Stream(name="heart_rate", measurements=("HeartRate_Intraday",), longest_range=1),
    "sleep": Stream(name="sleep", measurements=("SleepLevels", "SleepSummary"), longest_range=100),
    "hrv": Stream(name="hrv", measurements=("HRV",), longest_range=30),
    "activities": Stream(name="activities", measurements=("ActivityRecords",), longest_range=365),
    "gps": Stream(name="gps", measurements=("GPS",), longest_range=1, follows="activities"),
    "devices": Stream(name="devices", measurements=("DeviceBatteryLevel",), longest_range=1095, undated=True),
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request: what was asked for which dates, and when."""

    stream: str
    first: dt.date
    last: dt.date
    at: dt.datetime
    urgent: bool


class Killed(BaseException):
    """Nobody is there any more."""


@dataclass(kw_only=True)
class Cloud:
    """Two sources on one truth. `synced` is how far the watch has synced, None as far as it is now.

    A date has an hour of heart rate for each hour that was synced, a night, a daily value and a walk with a track once
    the clock has passed them; `nights` are other ones, from and to in UTC. `wrong` names outcomes of streams, `late`
    values that are changed afterwards; `most`
    requests are answered, then the budget is spent. At the request `kill_at` the program is no more.
    """

    clock: Callable[[], dt.datetime]
    streams: Mapping[str, Stream] = field(default_factory=lambda: dict(STREAMS))
    synced: dt.datetime | None = None
    device: str = "Charge 6"
    wrong: dict[str, Outcome] = field(default_factory=dict)
    late: dict[dt.date, float] = field(default_factory=dict)
    unworn: set[dt.date] = field(default_factory=set)
    short: set[dt.date] = field(default_factory=set)
    nights: dict[dt.date, list[tuple[str, str]]] = field(default_factory=dict)
    most: int | None = None
    kill_at: int | None = None
    ahead_s: float | None = None
    requests: list[Request] = field(default_factory=list)

    def source(self, *, urgent: bool) -> Face:
        return Face(self, urgent)

    def synced_at(self) -> dt.datetime:
        return self.clock() if self.synced is None else self.synced

    def asked(self, stream: str) -> list[tuple[dt.date, dt.date]]:
        return [(one.first, one.last) for one in self.requests if one.stream == stream]

    def count(self, request: Request) -> None:
        if self.kill_at is not None and len(self.requests) >= self.kill_at:
            raise Killed
        if self.most is not None and len(self.requests) >= self.most:
            raise OutOfBudget("the budget of requests is spent", retry_after_s=3600.0)
        self.requests.append(request)

    def answer(self, stream: str, date: dt.date) -> Answer:
        outcome = self.wrong.get(stream, Outcome.OK)
        if outcome is not Outcome.OK:
            return replace(answer(stream, date.isoformat(), {}, outcome=outcome.value, reason="so"), tables={})
        told = self._told(stream, date)
        return replace(told, device=self.device, synced_at=self.synced_at())

    def _told(self, stream: str, date: dt.date) -> Answer:
        text, start = date.isoformat(), localtime.bounds(date, ZONE)[0]
        hours = int((self.synced_at() - start) / HOUR)
        if date in self.unworn:
            hours = 0
        if stream == "heart_rate":
            return heart_rate(text, range(0, min(24, max(0, hours)) * 3600, 600), self.late.get(date, 60.0))
        if stream == "sleep":
            usual = [(f"{text}T01:10:00", f"{text}T05:50:00")] if hours >= 6 else []
            return night(text, self.nights.get(date, usual))
        if stream == "hrv":
            return hrv(text, 34.5) if hours >= 9 else answer("hrv", text, {})
        if stream == "activities":
            return walk(text, f"{text}T10:00:00", "Walk", 1) if hours >= 12 else answer("activities", text, {})
        if hours >= 12:
            return track(text, f"{text}T10:00:00", "Walk", 20 if date in self.short else 60)
        return answer("gps", text, {})

    def devices(self) -> Answer:
        at = self.synced_at()
        date = localtime.local_date(at, ZONE)
        columns: dict[str, Sequence[object]] = {"time": [at], "tag_Device": [self.device], "field_value": [80.0]}
        told = answer("hrv", date.isoformat(), {"DeviceBatteryLevel": columns})
        return replace(told, stream="devices", device=self.device, synced_at=at, measurements=("DeviceBatteryLevel",))


@dataclass
class Face:
    """The cloud as one of the two sources: answers come in the order of the pieces."""

    cloud: Cloud
    urgent: bool
    name: str = "fitbit_web"

    @property
    def ahead_s(self) -> float | None:
        return self.cloud.ahead_s

    @property
    def streams(self) -> Mapping[str, Stream]:
        return self.cloud.streams

    async def fetch(self, pieces: Sequence[Piece]) -> AsyncIterator[Answer]:
        wanted: dict[str, set[dt.date]] = {}
        for piece in pieces:
            wanted.setdefault(piece.stream, set()).update(Span(piece.first, piece.last).dates)
        listed = wanted.pop("activities", set()) | wanted.get("gps", set())
        for stream in sorted(wanted.keys() - {"gps", "devices"}):
            for span in spans(wanted[stream], self.streams[stream].longest_range):
                await asyncio.sleep(0)  # answers come one after the other, while others are written
                for one in self._answers(stream, span):
                    yield one
        for span in spans(listed, 365):
            for one in [*self._answers("activities", span), *self._tracks(span, wanted.get("gps", set()))]:
                yield one
        if "devices" in wanted:
            today = max(wanted["devices"])
            self._count("devices", Span(today, today))
            yield self.cloud.devices()

    def _tracks(self, span: Span, dates: Collection[dt.date]) -> Iterator[Answer]:
        for date in sorted(set(span.dates).intersection(dates)):
            found = self.cloud.answer("gps", date)
            if found.rows:
                self._count("gps", Span(date, date))
            yield found

    def _answers(self, stream: str, span: Span) -> list[Answer]:
        self._count(stream, span)
        return [self.cloud.answer(stream, date) for date in span.dates]

    def _count(self, stream: str, span: Span) -> None:
        self.cloud.count(Request(stream, span.first, span.last, self.cloud.clock(), self.urgent))
