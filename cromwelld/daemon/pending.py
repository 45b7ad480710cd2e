"""How many dates each account has still to fetch, counted every few minutes: the whole ledger is read for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from cromwelld.config import Account
from cromwelld.jobs.open_work import awaited
from cromwelld.jobs.places import Places
from cromwelld.pieces import Stream
from cromwelld.wiring.vendors import VENDORS

_EVERY = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offered:
    name: str
    streams: Mapping[str, Stream]


class Pending:
    """Count the dates, and know the number for five minutes."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[dt.datetime, int]] = {}

    def of(self, account: Account, places: Places, today: dt.date) -> int | None:
        """Give how many dates lack what can be had and was promised, today's not counted; None if none can. Blocks."""
        if account.source not in VENDORS:
            return None
        counted_at, count = self._known.get(account.name, (None, 0))
        now = places.clock()
        if counted_at is None or not dt.timedelta(0) <= now - counted_at < _EVERY:
            offered = VENDORS[account.source].streams.items()
            streams = {name: stream for name, stream in offered if name not in account.leave_out}
            open_dates = awaited(_Offered(name=account.source, streams=streams), places, today)
            count = len(open_dates - {today})
            self._known[account.name] = (now, count)
        return count
