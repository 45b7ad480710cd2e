"""The gigabytes of an export that nobody should read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np

from tests.support.takeout.member import Member, fitness
from tests.support.takeout.order import Order
from tests.support.takeout.text import csv, numbers, stamps

HEADER = "timestamp,steps,data source"
ROW_BYTES = len("2026-09-10T04:00:00Z,77777,x\n")
TOKENS = "UserSensorCompressionToken"
TOKENS_SHARE = 0.13


def beside(order: Order, read: int, month: dt.date) -> Iterator[Member]:
    """Write as much junk beside the bytes of a month as the order's share asks for."""
    wanted = round(read * order.junk / (1 - order.junk))
    if wanted:
        for name, share in (("UserActivityProbabilities", 1 - TOKENS_SHARE), (TOKENS, TOKENS_SHARE)):
            yield fitness(order, f"{name}_{month}.csv", _rows(month, round(wanted * share) // ROW_BYTES))


def _rows(month: dt.date, count: int) -> bytes:
    """Write rows whose column is called steps and holds none."""
    first = int(dt.datetime.combine(month, dt.time(), tzinfo=dt.UTC).timestamp())
    noise = np.random.default_rng(month.toordinal()).integers(70_000, 80_000, count)
    return csv(HEADER, stamps(first + np.arange(count)), numbers(noise, str), b"x")
