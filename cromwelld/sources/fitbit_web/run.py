"""One fetch: all requests at once, each failure kept to its own stream and dates."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from cromwelld.errors import BadAnswer, CromwelldError, TooLong
from cromwelld.pieces import Answer, Piece
from cromwelld.sources.client import Client
from cromwelld.sources.facts import EVER, Facts
from cromwelld.sources.fitbit_web import activities, profile
from cromwelld.sources.fitbit_web.devices import tracker
from cromwelld.sources.fitbit_web.endpoints import (
    ACTIVITIES,
    DEVICES,
    ENDPOINTS,
    GPS,
    PROFILE,
    SOURCE,
    STREAMS,
    Endpoint,
)
from cromwelld.sources.knowing import Devices, Knowing, Track, read_tracks
from cromwelld.sources.parsed import Asked, Parsed, merged
from cromwelld.sources.raw import Request
from cromwelld.sources.spans import Span, spans
from cromwelld.sources.telling import Offer, Settings, Teller
from cromwelld.sources.work import Work, good

_MOST_PAGES = 100
_ANY_ZONE = "UTC"  # for an id that nobody will see: without a zone the date waits
_READ_DEVICES: Devices[bytes] = Devices(stream=DEVICES.stream, tracker=tracker, battery=DEVICES.parse)
_Wanted = Mapping[str, Collection[dt.date]]


@dataclass(frozen=True, slots=True)
class _Listing:
    """The pages of the activity list, as sent, and the activities on them that may have a track."""

    pages: Sequence[bytes]
    found: Sequence[activities.Activity]


class Run:
    """Work through pieces once; `ended` holds the error after which nothing more was sent, if there was one."""

    def __init__(self, client: Client, settings: Settings, deliver: Callable[[Answer], None]) -> None:
        self._client = client
        self._settings = settings
        self._work = Work(client)
        self._teller = Teller(Offer(SOURCE, STREAMS), settings, deliver=deliver)
        self._knowing = Knowing(self._work, settings, self._teller, devices=_READ_DEVICES)

    @property
    def ended(self) -> CromwelldError | None:
        """Give what ended the fetch before its time."""
        return self._work.ended

    async def work(self, pieces: Sequence[Piece]) -> None:
        """Send every request that the pieces need, the longest chains first, and deliver the answers."""
        wanted = self._teller.wanted(pieces)
        dates = {date for found in wanted.values() for date in found}
        listed = {*wanted.get(ACTIVITIES.stream, ()), *wanted.get(GPS.stream, ())}
        async with asyncio.TaskGroup() as group:
            lists = [(span, group.create_task(self._list(span))) for span in spans(listed, ACTIVITIES.longest_range)]
            zone = group.create_task(self._knowing.zone(dates, self._profile_zone))
            devices = group.create_task(self._device_list(wanted))
            known = group.create_task(self._knowing.facts(dates, zone, devices))
            for span, listing in lists:
                group.create_task(self._listed(span, wanted, listing=listing, known=known))
            if DEVICES.stream in wanted:
                group.create_task(self._knowing.tell_devices(max(wanted[DEVICES.stream]), devices, known))
            for endpoint, span in _ranges(wanted):
                group.create_task(self._range(endpoint, span, known))

    async def _range(self, endpoint: Endpoint, span: Span, known: Awaitable[Facts]) -> None:
        bodies = await self._work.caught(self._bodies, endpoint, span)
        await self._read(endpoint, span.dates, bodies, known=known)

    async def _bodies(self, endpoint: Endpoint, span: Span) -> list[bytes]:
        """Ask for a span; one that the vendor finds too long is halved, again and again if it must be."""
        try:
            return [await self._get(endpoint.request(span.first, span.last))]
        except TooLong:
            if span.first == span.last:
                raise
            halves = spans(span.dates, (len(span.dates) + 1) // 2)
            return [body for half in halves for body in await self._bodies(endpoint, half)]

    async def _read(
        self,
        endpoint: Endpoint,
        dates: Sequence[dt.date],
        bodies: Sequence[bytes] | CromwelldError,
        *,
        known: Awaitable[Facts],
    ) -> None:
        facts = await known
        self._teller.tell(
            endpoint.stream,
            dates,
            await self._work.caught(self._parse, endpoint, dates, bodies, facts=facts),
            facts=facts,
        )

    async def _get(self, request: Request) -> bytes:
        return (await self._work.send(request)).body

    async def _profile_zone(self) -> str:
        return await asyncio.to_thread(profile.time_zone, await self._get(PROFILE.request(EVER.first, EVER.last)))

    async def _device_list(self, wanted: _Wanted) -> bytes | CromwelldError | None:
        if DEVICES.stream not in wanted:
            return None
        return await self._work.caught(self._get, DEVICES.request(EVER.first, EVER.last))

    async def _list(self, span: Span) -> _Listing | CromwelldError:
        return await self._work.caught(self._pages, span)

    async def _pages(self, span: Span) -> _Listing:
        """Follow the list, oldest first, to its end or past the span; travel upsets the order by less than a day."""
        past = span.last + dt.timedelta(days=1)
        requests = [ACTIVITIES.request(span.first, span.last)]
        bodies: list[bytes] = []
        found: dict[str | None, activities.Activity] = {}
        while len(requests) <= _MOST_PAGES:
            bodies.append(await self._get(requests[-1]))
            page = await asyncio.to_thread(activities.page, bodies[-1])
            found |= {one.log_id: one for one in page.activities if one.may_have_track}
            if not page.next or any(one.date > past for one in page.activities):
                return _Listing(bodies, list(found.values()))
            path, query = self._client.follow(page.next)
            if (following := Request(path=path, query=query, stream=ACTIVITIES.stream)) in requests:
                break
            requests.append(following)
        raise BadAnswer("the activity list has no end")

    async def _listed(
        self,
        span: Span,
        wanted: _Wanted,
        *,
        listing: Awaitable[_Listing | CromwelldError],
        known: Awaitable[Facts],
    ) -> None:
        """Ask for the tracks of the activities found, and tell both streams."""
        result = await listing
        pages, found = (result, []) if isinstance(result, CromwelldError) else (result.pages, result.found)
        logged, tracked = (_within(span, wanted.get(one.stream, ())) for one in (ACTIVITIES, GPS))
        async with asyncio.TaskGroup() as group:
            for date in tracked:
                having = [one for one in found if one.date == date]
                failure = result if isinstance(result, CromwelldError) else None
                group.create_task(self._tracks(date, having, failure=failure, known=known))
            if logged:
                group.create_task(self._read(ACTIVITIES, logged, pages, known=known))

    async def _tracks(
        self,
        date: dt.date,
        having: Sequence[activities.Activity],
        *,
        failure: CromwelldError | None,
        known: Awaitable[Facts],
    ) -> None:
        requests = [GPS.request(date, date, log_id=one.log_id or "") for one in having]
        bodies = await asyncio.gather(*(self._work.caught(self._get, request) for request in requests))
        facts = await known
        zone = facts.zone(date) or _ANY_ZONE
        tracks = [Track(one.id(zone), body) for one, body in zip(having, bodies, strict=True)]
        read = partial(read_tracks, self._work, tracks, GPS.parse, date=date, facts=facts)
        result = await self._work.caught(read) if failure is None else failure
        self._teller.tell(GPS.stream, [date], result, facts=facts)

    async def _parse(
        self, endpoint: Endpoint, dates: Sequence[dt.date], bodies: Sequence[bytes] | CromwelldError, *, facts: Facts
    ) -> Parsed:
        asked = facts.asked(Span(dates[0], dates[-1]))
        return merged([await self._parsed(endpoint, body, asked) for body in good(bodies)])

    async def _parsed(self, endpoint: Endpoint, body: bytes, asked: Asked) -> Parsed:
        return await self._work.read(partial(endpoint.parse, body, asked), len(body))


def _ranges(wanted: _Wanted) -> list[tuple[Endpoint, Span]]:
    """Give the requests that need nothing but their dates."""
    plain = [one for name, one in ENDPOINTS.items() if name in wanted and one not in (ACTIVITIES, GPS, DEVICES)]
    return [(one, span) for one in plain for span in spans(wanted[one.stream], one.longest_range)]


def _within(span: Span, dates: Collection[dt.date]) -> list[dt.date]:
    return [date for date in span.dates if date in dates]
