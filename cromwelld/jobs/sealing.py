"""Dates that are final: nothing about them is open any more."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Collection, Sequence

from cromwelld.events import Event, Kind
from cromwelld.jobs.days import DateState, days_of
from cromwelld.jobs.fetching import Source
from cromwelld.jobs.open_work import awaited
from cromwelld.jobs.places import Places
from cromwelld.lake.sealing import Mark


async def seal(source: Source, places: Places, today: dt.date) -> list[dt.date]:
    """Tell the tables which dates are final, and give those that were not before.

    A date is final once every stream that was promised for it is, or was accepted as it is.

    Raises: ForeignFolder; DamagedFile; NotWritable; Held.
    """
    return await asyncio.to_thread(_seal, source, places, today)


def _seal(source: Source, places: Places, today: dt.date) -> list[dt.date]:
    work = places.ledger.open_work
    asked, still_open = set(work.dates(places.account)), set(work.open_dates(places.account))
    final = asked - still_open - awaited(source, places, today)
    before = {dt.date.fromisoformat(date) for date in places.lake.sealed()} & asked
    streams = [name for name, stream in source.streams.items() if not stream.undated]
    told = days_of(places.ledger, places.account, sorted(still_open | (final ^ before)), streams=streams)
    places.lake.mark({one.date.isoformat(): Mark(sealed=one.date in final, streams=_words(one)) for one in told})
    newly = sorted(final - before)
    _say(places, newly)
    return newly


async def seal_exported(places: Places, dates: Collection[dt.date]) -> list[dt.date]:
    """Tell the tables which of some dates are final where nothing but exports comes, and give those not so before.

    A date on which an export ended is not: the next one completes it. Raises: as `seal`.
    """
    return await asyncio.to_thread(_seal_exported, places, dates)


def _seal_exported(places: Places, dates: Collection[dt.date]) -> list[dt.date]:
    before = {dt.date.fromisoformat(date) for date in places.lake.sealed()}
    told = list(days_of(places.ledger, places.account, sorted(set(dates) - before)))
    places.lake.mark({one.date.isoformat(): Mark(sealed=one.sealed, streams=_words(one)) for one in told})
    newly = [one.date for one in told if one.sealed]
    _say(places, newly)
    return newly


def _say(places: Places, newly: Sequence[dt.date]) -> None:
    for date in newly:
        places.report(Event(Kind.DAY_SEALED, {"account": places.account, "date": date.isoformat()}))


def _words(one: DateState) -> str:
    return "; ".join(f"{it.stream} {it.state}{f' ({it.reason})' if it.reason else ''}" for it in one.streams)
