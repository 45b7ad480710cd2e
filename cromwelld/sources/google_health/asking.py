"""Asking for one stream over a span of dates: the way that the vendor accepts, to the last page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from cromwelld.errors import BadAnswer, CromwelldError, Refused, Skippable, Unsupported, WrongRequest
from cromwelld.events import Event, Kind, Report
from cromwelld.sources.google_health.datatypes import (
    DataType,
    Way,
    daily_sums,
    everything,
    family_of,
    reconciled,
)
from cromwelld.sources.google_health.paging import NewestFirst, Send, pages
from cromwelld.sources.google_health.streams import DataStream
from cromwelld.sources.spans import Span, spans

_FILTER = "INVALID_DATA_POINT_FILTER"
_TOO_LONG = "INVALID_ROLLUP_QUERY_DURATION"


class Memory:
    """Remember for the life of a source which filters the vendor refused, and which it took."""

    def __init__(self) -> None:
        self._refused: set[tuple[str, Way]] = set()
        self._taken: set[tuple[str, Way]] = set()
        self._trying: dict[str, asyncio.Lock] = {}

    def way(self, data_type: DataType) -> Way:
        """Choose the best way that was not refused."""
        return next((way for way in data_type.ways if (data_type.path, way) not in self._refused), data_type.ways[-1])

    @asynccontextmanager
    async def choosing(self, data_type: DataType) -> AsyncIterator[Way]:
        """Give the way to ask; as long as nobody knows whether it is taken, one request at a time finds out."""
        if (data_type.path, self.way(data_type)) in self._taken:
            yield self.way(data_type)
            return
        async with self._trying.setdefault(data_type.path, asyncio.Lock()):
            way = self.way(data_type)
            try:
                yield way
            except WrongRequest:
                raise
            except CromwelldError:  # nothing was said against the filter: further requests need not wait
                self._taken.add((data_type.path, way))
                raise
            self._taken.add((data_type.path, way))

    def refuse(self, data_type: DataType, way: Way) -> bool:
        """Note a refusal, and tell whether it is the first of its kind."""
        known = (data_type.path, way) in self._refused
        self._refused.add((data_type.path, way))
        return not known


class Asking:
    """Ask for streams of one account."""

    def __init__(self, send: Send, memory: Memory, *, steps_from: str, report: Report) -> None:
        self._send = send
        self._memory = memory
        self._steps_from = steps_from
        self._report = report

    def family(self, stream: DataStream) -> str | None:
        """Name the family of sources that a stream is limited to, if it is."""
        return family_of(self._steps_from) if stream.by_family else None

    async def bodies(self, stream: DataStream, span: Span) -> list[bytes]:
        """Give every page of what a stream has on the dates of `span`.

        Raises: as `Client.send` and `pages`.
        """
        if stream.summed:
            return await self._sums(stream, span)
        found = await self._records(stream, span)
        return found if stream.beside is None else found + await self._beside(stream, stream.beside)

    async def _records(self, stream: DataStream, span: Span) -> list[bytes]:
        """Ask for records; a refused filter is replaced by the next documented one, once for the life of the source."""
        data_type = stream.data_type
        try:
            async with self._memory.choosing(data_type) as way:
                enough = NewestFirst(data_type.key, span.first) if way is Way.OPEN else _never
                request = reconciled(data_type, span, way, early=stream.early, family=self.family(stream))
                return await pages(self._send, replace(request, stream=stream.stream), enough)
        except WrongRequest as err:
            if way is data_type.ways[-1] or not _filter_refused(err):
                raise
            if self._memory.refuse(data_type, way):
                fields = {"stream": stream.stream, "refused": way.value, "reason": err.reason}
                self._report(Event(Kind.FILTER_REFUSED, {**fields, "instead": self._memory.way(data_type).value}))
            return await self._records(stream, span)

    async def _beside(self, stream: DataStream, data_type: DataType) -> list[bytes]:
        """Ask for what a stream is read with.

        Only a type that the vendor does not have costs no more than what is computed from it: any other refusal may be
        over tomorrow, and the stream without its part would take the place of a whole one in the archive.
        """
        try:
            return await pages(self._send, replace(everything(data_type), stream=stream.stream))
        except Unsupported as err:
            fields = {"stream": stream.stream, "lacks": data_type.path, "reason": str(err)}
            self._report(Event(Kind.VALUE_LACKING, {**fields}))
            return []
        except Skippable as err:
            kind = Refused if isinstance(err, Refused) else BadAnswer
            raise kind(f"{data_type.path}: {err}", hint=err.hint) from err

    async def _sums(self, stream: DataStream, span: Span) -> list[bytes]:
        """Ask for sums; a range that the vendor finds too long is cut to what it allows."""
        try:
            request = daily_sums(stream.data_type, span, family=self.family(stream))
            answer = await self._send(replace(request, stream=stream.stream))
        except WrongRequest as err:
            most = int(err.details.get("maxDurationDays", 0)) if err.reason == _TOO_LONG else 0
            if not 0 < most < len(span.dates):
                raise
            return [body for part in spans(span.dates, most) for body in await self._sums(stream, part)]
        return [answer.body]


def _never(_: bytes) -> bool:
    return False


def _filter_refused(err: WrongRequest) -> bool:
    """Tell a refusal of the filter; some 400s come without a reason."""
    return not err.reason or err.reason.startswith(_FILTER)
