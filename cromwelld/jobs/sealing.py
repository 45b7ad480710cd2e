"""Dates that are final: nothing about them is open any more."""

from __future__ import annotations

import asyncio
import datetime as dt

from cromwelld.events import Event, Kind
from cromwelld.jobs.fetching import Source
from cromwelld.jobs.open_work import awaited
from cromwelld.jobs.places import Places


async def seal(source: Source, places: Places, today: dt.date) -> list[dt.date]:
    """Tell the tables which dates are final, and give those that were not before.

    A date is final once every stream that was promised for it is, or was accepted as it is.

    Raises: ForeignFolder; DamagedFile; NotWritable; Held.
    """
    return await asyncio.to_thread(_seal, source, places, today)


def _seal(source: Source, places: Places, today: dt.date) -> list[dt.date]:
    work = places.ledger.open_work
    final = set(work.dates(places.account)) - set(work.open_dates(places.account)) - awaited(source, places, today)
    newly = [dt.date.fromisoformat(date) for date in places.lake.seal({date.isoformat() for date in final})]
    for date in newly:
        places.report(Event(Kind.DAY_SEALED, {"account": places.account, "date": date.isoformat()}))
    return newly
