"""Versions that were set aside, forgotten in their time."""

from __future__ import annotations

import datetime as dt

from cromwelld.events import Event, Kind
from cromwelld.jobs.places import Places


async def forget_replaced(places: Places, keep_s: int) -> list[str]:
    """Remove the versions that were set aside longer ago than `keep_s`; give their names.

    Raises: StoreError; FarSideAway.
    """
    names = await places.archive.forget_replaced(places.clock() - dt.timedelta(seconds=keep_s))
    if names:
        places.report(Event(Kind.REPLACED_FORGOTTEN, {"account": places.account, "versions": len(names)}))
    return names
