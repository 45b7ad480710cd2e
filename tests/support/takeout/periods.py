"""The stretches of dates that files of an export cover."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import groupby

from cromwelld.simulator.person.civil import utc
from tests.support.takeout.order import DAY, Order

CHUNK_DAYS = 30


def utc_dates(order: Order) -> list[dt.date]:
    """List the dates of UTC that the person's dates touch, and one more at each end for what is planted late."""
    first = utc(order.person.civil(order.first).start).date() - DAY
    last = utc(order.person.civil(order.end).end - 1).date() + DAY
    return [first + DAY * number for number in range((last - first).days + 1)]


def utc_months(order: Order) -> Iterator[tuple[dt.date, list[dt.date]]]:
    """Give the first date of each month of UTC with the person's dates that touch it."""
    end = order.end
    for first, days in _by_month(utc_dates(order)):
        around = {day + DAY * more for day in days for more in (-1, 0, 1)}
        yield first, [day for day in sorted(around) if order.first <= day <= end]


def months(order: Order) -> Iterator[tuple[dt.date, list[dt.date]]]:
    """Give the first date of each month with the dates of it."""
    yield from _by_month(order.days)


def chunks(order: Order) -> Iterator[list[dt.date]]:
    """Give the dates of each of the thirty days that an old file covers."""
    days = order.days
    for first in range(0, len(days), CHUNK_DAYS):
        yield days[first : first + CHUNK_DAYS]


def years(order: Order) -> Iterator[list[dt.date]]:
    """Give the dates of each year."""
    for _, days in groupby(order.days, key=lambda day: day.year):
        yield list(days)


def _by_month(days: list[dt.date]) -> Iterator[tuple[dt.date, list[dt.date]]]:
    for first, within in groupby(days, key=lambda day: day.replace(day=1)):
        yield first, list(within)
