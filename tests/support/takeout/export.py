"""All files of an export, month by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import partial

from tests.support.takeout import (
    account,
    body,
    daily,
    exercises,
    heartbeats,
    junk,
    minutes,
    nightly,
    olddata,
    scores,
    sensors,
    sleeps,
    tracks,
)
from tests.support.takeout.member import Member
from tests.support.takeout.order import DAY, Layout, Order
from tests.support.takeout.periods import chunks, months, utc_dates, utc_months, years

Dates = list[dt.date]
OfDates = Callable[[Order, Dates], Iterator[Member]]
OfAMonth = Callable[[Order, dt.date, Dates], Iterator[Member]]

OLD_OF_THIRTY_DAYS: tuple[OfDates, ...] = (olddata.by_minute, olddata.by_day, sleeps.logs)
OF_A_UTC_MONTH: tuple[OfAMonth, ...] = (minutes.tables, sensors.tables, body.fat_tables)
OF_A_MONTH: tuple[OfAMonth, ...] = (minutes.zone_files, nightly.of_a_month, scores.of_a_month)
OF_DATES: tuple[OfDates, ...] = (nightly.of_nights, sensors.temperatures, exercises.tables, tracks.files)
OF_A_YEAR: tuple[OfDates, ...] = (sleeps.tables, scores.of_a_year)
OF_ALL_YEARS: tuple[OfDates, ...] = (daily.tables, scores.of_all_years, body.tables)


def members(order: Order) -> Iterator[Member]:
    """Write the files of an export one by one; equal orders give equal bytes.

    They come by date, so that years cost no more memory than months.
    """
    read = 0
    for when, files in _by_date(order):
        for file in files:
            read += len(file.content)
            yield file
        if when is None or order.layout is Layout.SITE_EXPORT:
            continue
        yield from junk.beside(order, read, when)
        read = 0


def _by_date(order: Order) -> Iterator[tuple[dt.date | None, Iterator[Member]]]:
    """Give the files of each thirty dates and of each month, the latter with the month."""
    logs = exercises.Logs(order)
    old = [(days[0], None, partial(_old, order, days, logs)) for days in chunks(order)]
    tables = [(month, month, partial(_of_utc_month, order, month, days)) for month, days in utc_months(order)]
    for _, month, write in sorted(
        old if order.layout is Layout.SITE_EXPORT else old + tables, key=lambda each: each[0]
    ):
        yield month, write()
    yield None, _old_of_longer(order, logs)
    if order.layout is not Layout.SITE_EXPORT:
        yield _after(order.end), _whole(order)


def _after(end: dt.date) -> dt.date:
    """Give a date after the last one that no month is named by: the junk of both would have one name."""
    day = end + DAY
    return day + DAY if day.day == 1 else day


def _old(order: Order, days: Dates, logs: exercises.Logs) -> Iterator[Member]:
    """Write what the old site kept of thirty dates."""
    for day in days:
        yield from heartbeats.twins(order, day)
        yield from heartbeats.zones(order, day)
        yield from logs.add([day])
    for write in OLD_OF_THIRTY_DAYS:
        yield from write(order, days)


def _old_of_longer(order: Order, logs: exercises.Logs) -> Iterator[Member]:
    yield from logs.rest()
    for _, days in months(order):
        yield from body.old_logs(order, days)
    for days in years(order):
        yield from olddata.by_year(order, days)


def _of_utc_month(order: Order, month: dt.date, days: Dates) -> Iterator[Member]:
    """Write the tables that are cut by dates and months."""
    for write in OF_A_UTC_MONTH:
        yield from write(order, month, days)
    yield from heartbeats.tables(order, [date for date in utc_dates(order) if date.replace(day=1) == month])
    own = [day for day in days if day.replace(day=1) == month]
    if own:
        yield from _of_month(order, month, own)


def _of_month(order: Order, month: dt.date, days: Dates) -> Iterator[Member]:
    for write in OF_A_MONTH:
        yield from write(order, month, days)
    for write_dates in OF_DATES:
        yield from write_dates(order, days)
    for day in days:
        yield from minutes.paces(order, day)


def _whole(order: Order) -> Iterator[Member]:
    """Write the tables of years, the devices, and what nobody should read."""
    for days in years(order):
        for write in OF_A_YEAR:
            yield from write(order, days)
    for write in OF_ALL_YEARS:
        yield from write(order, order.days)
    yield from account.devices(order)
    yield from account.folders(order)
