"""What must be known before an answer can be read: zones and the tracker; and the devices' own stream."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from cromwelld.errors import BadAnswer, CromwelldError
from cromwelld.sources.facts import EVER, Facts, Tracker, stored_zone, zones
from cromwelld.sources.parsed import Asked, Parsed, merged
from cromwelld.sources.spans import Span
from cromwelld.sources.telling import Settings, Teller
from cromwelld.sources.work import Work, good

_Body = TypeVar("_Body")


@dataclass(frozen=True, slots=True, kw_only=True)
class Devices(Generic[_Body]):
    """The stream of the devices, and how its answer is read: for the tracker that is worn, and for batteries."""

    stream: str
    tracker: Callable[[_Body, Asked], Tracker | None]
    battery: Callable[[_Body, Asked], Parsed]


class Knowing(Generic[_Body]):
    """Find out, once for a fetch, what its parsers must be told."""

    def __init__(self, work: Work, settings: Settings, teller: Teller, *, devices: Devices[_Body]) -> None:
        self._work = work
        self._settings = settings
        self._teller = teller
        self._devices = devices

    async def zone(self, dates: Collection[dt.date], ask: Callable[[], Awaitable[str]]) -> str | None:
        """Ask the vendor for the zone if a date has none of its own; else the last known one must do."""
        if all(stored_zone(self._settings.zone_of, date) is not None for date in dates):
            return None
        found = await self._work.caught(ask)
        if isinstance(found, CromwelldError):
            self._teller.no_zone(str(found))
            return self._settings.last_zone()
        return found

    async def facts(
        self,
        dates: Collection[dt.date],
        zone: Awaitable[str | None],
        devices: Awaitable[_Body | CromwelldError | None],
    ) -> Facts:
        """Put together what parsers must know; the devices' own stream says what is wrong with the devices."""
        facts, body = Facts(zone=zones(self._settings.zone_of, await zone, dates)), await devices
        if body is None:
            return facts
        found = await self._work.caught(self._tracker, body, facts)
        return facts if isinstance(found, CromwelldError) else facts.worn(found)

    async def _tracker(self, body: _Body | CromwelldError, facts: Facts) -> Tracker | None:
        return self._devices.tracker(good(body), facts.asked(EVER))

    async def tell_devices(
        self, newest: dt.date, devices: Awaitable[_Body | CromwelldError | None], known: Awaitable[Facts]
    ) -> None:
        """Answer for the devices, on the dates that they speak of; where they speak of none, on the newest asked."""
        body, facts = await devices, await known
        if body is None:
            return
        result = await self._work.caught(self._battery, body, facts)
        dates = [] if isinstance(result, CromwelldError) else sorted({date for date, _ in result.tables})
        self._teller.tell(self._devices.stream, dates or [newest], result, facts=facts)

    async def _battery(self, body: _Body | CromwelldError, facts: Facts) -> Parsed:
        # Not in a thread: zones of dates that were not asked are looked up where the caller lives.
        return self._devices.battery(good(body), facts.asked(EVER))


@dataclass(frozen=True, slots=True)
class Track:
    """One track as it was sent, or why it was not, and the id of its activity."""

    activity_id: str
    body: bytes | CromwelldError


async def read_tracks(
    work: Work, tracks: Sequence[Track], parse: Callable[[bytes, Asked], Parsed], *, date: dt.date, facts: Facts
) -> Parsed:
    """Read the tracks of one date: one that can never be had is counted, one that may come later fails them all.

    Raises: what stands in place of a track, but for BadAnswer.
    """
    parts: list[Parsed] = []
    for one in tracks:
        asked = facts.asked(Span(date, date), activity_id=one.activity_id)
        try:
            body = good(one.body)
            parts.append(await work.read(partial(parse, body, asked), len(body)))
        except BadAnswer as err:
            parts.append(Parsed(tables={}, rejected={str(err): 1}))
    return merged(parts)
