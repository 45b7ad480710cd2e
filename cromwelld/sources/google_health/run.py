"""One fetch: all requests at once, each failure kept to its own stream and dates."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial

from cromwelld.errors import CromwelldError, Refused, WrongRequest
from cromwelld.pieces import Answer, Piece
from cromwelld.sources.client import Client
from cromwelld.sources.facts import Facts
from cromwelld.sources.google_health import devices, exercise, settings
from cromwelld.sources.google_health.account import Settings
from cromwelld.sources.google_health.asking import Asking, Memory
from cromwelld.sources.google_health.datatypes import minute_sums
from cromwelld.sources.google_health.paging import pages
from cromwelld.sources.google_health.scopes import missing
from cromwelld.sources.google_health.streams import (
    DATA_STREAMS,
    DEVICE_SCOPES,
    DEVICES,
    EXERCISE,
    GPS,
    SOURCE,
    STREAMS,
    TRACK_SCOPES,
    DataStream,
)
from cromwelld.sources.google_health.verdict import NOT_FOUND
from cromwelld.sources.knowing import Devices, Knowing, Track, read_tracks
from cromwelld.sources.parsed import Asked, Parsed
from cromwelld.sources.raw import TCX, Request
from cromwelld.sources.spans import Span, spans
from cromwelld.sources.telling import Offer, Teller
from cromwelld.sources.work import Work, good

_SETTINGS = Request(path="/v4/users/me/settings")
_DEVICES = Request(path="/v4/users/me/pairedDevices", query={"pageSize": "100"}, stream=DEVICES.name)
_Wanted = Mapping[str, Collection[dt.date]]
_Bodies = Sequence[bytes] | CromwelldError
_READ_DEVICES: Devices[Sequence[bytes]] = Devices(stream=DEVICES.name, tracker=devices.tracker, battery=devices.battery)


class Run:
    """Work through pieces once; `ended` holds the error after which nothing more was sent, if there was one."""

    def __init__(self, client: Client, account: Settings, memory: Memory, *, deliver: Callable[[Answer], None]) -> None:
        self._account = account
        self._work = Work(client)
        self._asking = Asking(self._work.send, memory, steps_from=account.steps_from, report=account.report)
        self._teller = Teller(Offer(SOURCE, STREAMS), account, deliver=deliver)
        self._knowing = Knowing(self._work, account, self._teller, devices=_READ_DEVICES)

    @property
    def ended(self) -> CromwelldError | None:
        """Give what ended the fetch before its time."""
        return self._work.ended

    async def work(self, pieces: Sequence[Piece]) -> None:
        """Send every request that the pieces need, the longest chains first, and deliver the answers."""
        wanted = self._teller.wanted(pieces)
        dates = {date for found in wanted.values() for date in found}
        listed = {*wanted.get(EXERCISE.stream, ()), *wanted.get(GPS.name, ())}
        async with asyncio.TaskGroup() as group:
            zone = group.create_task(self._knowing.zone(dates, self._settings_zone))
            paired = group.create_task(self._paired(wanted))
            known = group.create_task(self._knowing.facts(dates, zone, paired))
            for span in spans(listed, EXERCISE.longest_range):
                group.create_task(self._listed(span, wanted, known=known))
            for stream, span in _ranges(wanted):
                group.create_task(self._range(stream, span, known))
            if DEVICES.name in wanted:
                group.create_task(self._knowing.tell_devices(max(wanted[DEVICES.name]), paired, known))

    async def _range(self, stream: DataStream, span: Span, known: Awaitable[Facts]) -> None:
        bodies = await self._bodies(stream, span)
        await self._read(stream, span.dates, bodies, known=known)

    async def _bodies(self, stream: DataStream, span: Span) -> _Bodies:
        refusal = self._refused(stream.scopes)
        return await self._work.caught(self._asking.bodies, stream, span) if refusal is None else refusal

    def _refused(self, scopes: Sequence[str]) -> Refused | None:
        """Give the refusal of what the login does not include: then nothing is sent."""
        return missing(scopes, self._account.granted)

    async def _read(
        self, stream: DataStream, dates: Sequence[dt.date], bodies: _Bodies, *, known: Awaitable[Facts]
    ) -> None:
        facts = await known
        found = await self._work.caught(self._parse, stream, facts.asked(Span(dates[0], dates[-1])), bodies)
        self._teller.tell(stream.stream, dates, found, facts=facts)

    async def _parse(self, stream: DataStream, asked: Asked, bodies: _Bodies) -> Parsed:
        whole, parse = good(bodies), stream.parse
        if stream.grid is not None:
            stretch = await self._work.read(partial(stream.grid.uneven, whole, asked), _size(whole))
            if stretch is not None:
                family = self._asking.family(stream)
                sums = minute_sums(stream.data_type, *stretch, family=family)
                whole = [*whole, *await pages(self._work.send, replace(sums, stream=stream.stream))]
                parse = stream.grid.parse
        return await self._work.read(partial(parse, whole, asked), _size(whole))

    async def _settings_zone(self) -> str:
        if (refusal := self._refused(DEVICE_SCOPES)) is not None:
            raise refusal
        return settings.time_zone((await self._work.send(_SETTINGS)).body)

    async def _paired(self, wanted: _Wanted) -> _Bodies | None:
        if DEVICES.name not in wanted:
            return None
        refusal = self._refused(DEVICE_SCOPES)
        return await self._work.caught(pages, self._work.send, _DEVICES) if refusal is None else refusal

    async def _listed(self, span: Span, wanted: _Wanted, *, known: Awaitable[Facts]) -> None:
        """Ask for the exercises and for the tracks of those found, and tell both streams."""
        logged, tracked = (_within(span, wanted.get(name, ())) for name in (EXERCISE.stream, GPS.name))
        refusal = self._refused(TRACK_SCOPES)
        bodies: _Bodies = refusal if refusal is not None and not logged else await self._bodies(EXERCISE, span)
        found = await self._work.caught(_exercises, bodies) if refusal is None else refusal
        async with asyncio.TaskGroup() as group:
            for date in tracked:
                group.create_task(self._tracks(date, found, known=known))
            if logged:
                group.create_task(self._read(EXERCISE, logged, bodies, known=known))

    async def _tracks(
        self, date: dt.date, found: Sequence[exercise.Exercise] | CromwelldError, *, known: Awaitable[Facts]
    ) -> None:
        having = [] if isinstance(found, CromwelldError) else [one for one in found if one.date == date and one.has_gps]
        bodies = await asyncio.gather(*(self._work.caught(self._track, one) for one in having))
        facts = await known
        tracks = [Track(one.activity_id, body) for one, body in zip(having, bodies, strict=True)]
        read = partial(read_tracks, self._work, tracks, exercise.track, date=date, facts=facts)
        result = found if isinstance(found, CromwelldError) else await self._work.caught(read)
        self._teller.tell(GPS.name, [date], result, facts=facts)

    async def _track(self, one: exercise.Exercise) -> bytes:
        """Ask for a track; an exercise without a route has none to give."""
        path = f"/v4/users/me/dataTypes/exercise/dataPoints/{one.id}:exportExerciseTcx"
        try:
            return (await self._work.send(Request(path=path, query={"alt": "media"}, accept=TCX, stream=GPS.name))).body
        except WrongRequest as err:
            if err.reason == NOT_FOUND:
                return b""
            raise CromwelldError(str(err)) from err  # our own mistake is no answer: the date is asked again


def _ranges(wanted: _Wanted) -> list[tuple[DataStream, Span]]:
    """Give the requests that need nothing but their dates."""
    plain = [one for name, one in DATA_STREAMS.items() if name in wanted and one is not EXERCISE]
    return [(one, span) for one in plain for span in spans(wanted[one.stream], one.longest_range)]


def _within(span: Span, dates: Collection[dt.date]) -> list[dt.date]:
    return [date for date in span.dates if date in dates]


def _size(bodies: Sequence[bytes]) -> int:
    return sum(map(len, bodies))


async def _exercises(bodies: _Bodies) -> list[exercise.Exercise]:
    return exercise.exercises(good(bodies))
