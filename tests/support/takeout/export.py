"""All files of an export, month by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from tests.support.takeout import heartbeats, minutes, olddata, sleeps
from tests.support.takeout.member import Member
from tests.support.takeout.order import Layout, Order
from tests.support.takeout.periods import chunks, utc_dates, utc_months, years

OldFiles = Callable[[Order, list[dt.date]], Iterator[Member]]
OF_THIRTY_DAYS: tuple[OldFiles, ...] = (olddata.by_minute, olddata.by_day, sleeps.logs)
OF_A_YEAR: tuple[OldFiles, ...] = (olddata.by_year,)
TABLES_OF_A_YEAR: tuple[OldFiles, ...] = (sleeps.tables,)


def members(order: Order) -> Iterator[Member]:
    """Write the files of an export one by one; equal orders give equal bytes."""
    yield from _old(order)
    if order.layout is not Layout.SITE_EXPORT:
        yield from _tables(order)


def _old(order: Order) -> Iterator[Member]:
    for days in chunks(order):
        for day in days:
            yield from heartbeats.twins(order, day)
            yield from heartbeats.zones(order, day)
        for write in OF_THIRTY_DAYS:
            yield from write(order, days)
    for days in years(order):
        for write in OF_A_YEAR:
            yield from write(order, days)


def _tables(order: Order) -> Iterator[Member]:
    for month, days in utc_months(order):
        yield from minutes.tables(order, month, days)
        yield from heartbeats.tables(order, [date for date in utc_dates(order) if date.replace(day=1) == month])
    for days in years(order):
        for write in TABLES_OF_A_YEAR:
            yield from write(order, days)
