"""What a parser must know beside the answer: zones, the tracker, its last sync."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass

from cromwelld.localtime import known_zone
from cromwelld.sources.parsed import Asked
from cromwelld.sources.spans import Span
from cromwelld.sources.values import FIRST_YEAR, LAST_YEAR

ZoneOf = Callable[[dt.date], str | None]
EVER = Span(dt.date(FIRST_YEAR, 1, 1), dt.date(LAST_YEAR, 12, 31))


@dataclass(frozen=True, slots=True)
class Tracker:
    """The tracker that synced last: the device's name, and when."""

    device: str
    last_sync: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The zone of each date (None: not known), and the tracker that synced last, if it is known."""

    zone: ZoneOf
    device: str = ""
    last_sync: dt.datetime | None = None

    def worn(self, tracker: Tracker | None) -> Facts:
        """Add the tracker, if one is known."""
        if tracker is None:
            return self
        return Facts(zone=self.zone, device=tracker.device, last_sync=tracker.last_sync)

    def asked(self, span: Span, *, activity_id: str = "") -> Asked:
        """Tell a parser about a request for the dates of `span`."""
        return Asked(
            first=span.first, last=span.last, zone=self.zone, last_sync=self.last_sync, activity_id=activity_id
        )


def zones(stored: ZoneOf, vendor: str | None, dates: Collection[dt.date]) -> ZoneOf:
    """Give the zone of a date: the stored one, else the vendor's.

    Dates that were asked are looked up at once, so that parsers may ask from their threads. A date that was not (a
    device synced today) falls back on the zone of the newest one that was.
    """
    known = {date: stored_zone(stored, date) or vendor for date in dates}

    def of(date: dt.date) -> str | None:
        if date in known:
            return known[date]
        return stored_zone(stored, date) or vendor or known[max(known)]

    return of


def stored_zone(stored: ZoneOf, date: dt.date) -> str | None:
    """Give the stored or configured zone of a date, if it is one that is known here."""
    name = stored(date)
    return name if name is not None and known_zone(name) else None
