"""Heart rate: a table in UTC for each date of UTC, and its naive twin for each date of the person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np

from tests.support.takeout.member import Member, old_data, pretty, telemetry
from tests.support.takeout.order import DAY, Order, Trap
from tests.support.takeout.recorders import Told, together
from tests.support.takeout.text import (
    DAY_S,
    EPOCH,
    csv,
    json_list,
    naive,
    numbers,
    on_clock,
    repeated,
    stamps,
)
from tests.support.takeout.truth import Heart, heart, minutes

HEADER = "timestamp,beats per minute,data source"
EMPTY_EVERY = 997
ANOTHER_APP, ANOTHER_APPS_BPM, ANOTHER_APP_EVERY = "Some Phone App", "60", 97
SURE, LESS_SURE, LESS_SURE_EVERY = 3, 2, 11
_AT, _BEATS = b' {\n  "dateTime": "', b'",\n  "value": {\n   "bpm": '
_SURENESS, _END = b',\n   "confidence": ', b"\n  }\n }"
ZONE_NAMES = ("BELOW_DEFAULT_ZONE_1", "IN_DEFAULT_ZONE_1", "IN_DEFAULT_ZONE_2", "IN_DEFAULT_ZONE_3")


def tables(order: Order, dates: list[dt.date]) -> Iterator[Member]:
    """Write the heartbeats of each date of UTC."""
    late, end = order.planted.late_s("heart_rate_"), order.end
    for date in dates:
        around = [day for day in (date - DAY, date, date + DAY) if order.first <= day <= end]
        told, start = heart(order.view, around), (date - EPOCH).days * DAY_S
        within = (told.at + late >= start) & (told.at + late < start + DAY_S)
        part = Heart(at=told.at[within] + late, bpm=told.bpm[within])
        if len(part.at):
            yield telemetry(order, "heart_rate", f"heart_rate_{date}.csv", _table(order, part))


def twins(order: Order, day: dt.date) -> Iterator[Member]:
    """Write the heartbeats of one of the person's dates as the old site does."""
    told = heart(order.view, [day])
    shown = on_clock(told.at, order.person.tz) if Trap.LOCAL_HEART in order.traps else told.at
    if len(told.at):
        at = naive(shown + order.planted.late_s("heart_rate-"))
        sure = numbers(np.where(told.at // 7 % LESS_SURE_EVERY == 0, LESS_SURE, SURE), str)
        rows = json_list([_AT, at, _BEATS, numbers(told.bpm, str), _SURENESS, sure, _END])
        yield old_data(order, f"heart_rate-{day}.json", rows)


def zones(order: Order, day: dt.date) -> Iterator[Member]:
    """Write how long the heart was in which zone on a date."""
    zone = minutes(order.view, [day]).zone
    if (zone >= 0).any():
        counted = {name: float((zone == number).sum()) for number, name in enumerate(ZONE_NAMES)}
        in_order = {name: counted[name] for name in (*ZONE_NAMES[1:], ZONE_NAMES[0])}
        record = {"dateTime": f"{day:%m/%d/%y} 00:00:00", "value": {"valuesInZones": in_order}}
        yield old_data(order, f"time_in_heart_rate_zones-{day}.json", pretty([record]))


def _table(order: Order, told: Heart) -> bytes:
    bpm = numbers(told.bpm, (lambda value: f"{value}.0") if order.of_fitbit else str)
    rows = Told.by(order.person.device, told.at, [bpm])
    if Trap.EMPTY_CELLS in order.traps:
        gaps = told.at[:-1][(told.at[:-1] % EMPTY_EVERY == 0) & (np.diff(told.at) > 1)] + 1
        rows = together([rows, Told.by(order.person.device, gaps, [repeated("", len(gaps))])])
    if Trap.RECORDERS in order.traps:
        again = told.at[::ANOTHER_APP_EVERY]
        rows = together([rows, Told.by(ANOTHER_APP, again, [repeated(ANOTHER_APPS_BPM, len(again))])])
    return csv(HEADER, stamps(rows.at), *rows.cells, rows.recorder)
