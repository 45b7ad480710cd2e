"""Weighings: the old site's in pounds on the person's clock, the tables' in grams and UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from cromwelld.simulator.person import Weighing
from cromwelld.simulator.person.civil import at_clock, seconds_of
from tests.support.takeout.member import Member, fitness, old_data, pretty, table, telemetry
from tests.support.takeout.order import Layout, Order, Trap
from tests.support.takeout.recorders import MIRROR

POUNDS_PER_KG = 2.2046226218
NOON_MINUTE = 12 * 60


def old_logs(order: Order, days: list[dt.date]) -> Iterator[Member]:
    """Write the weighings of a month."""
    found = [_log(order, each) for each in _weighings(order, days)]
    if found:
        yield old_data(order, f"weight-{days[0]}.json", pretty(found))


def fat_tables(order: Order, month: dt.date, days: list[dt.date]) -> Iterator[Member]:
    """Write the fat that was measured in a month of UTC."""
    rows = [
        f"{each.at:%Y-%m-%dT%H:%M:%SZ},{each.fat_percent},{order.person.scale}"
        for each in _weighings(order, days)
        if each.fat_percent is not None and each.at.date().replace(day=1) == month
    ]
    if rows:
        content = table("timestamp,body fat percentage,data source", rows)
        yield telemetry(order, "body_fat", f"body_fat_{month}.csv", content)


def tables(order: Order, days: list[dt.date]) -> Iterator[Member]:
    """Write all weighings, the height, and the unit that the person sees."""
    tail = ".000000Z" if order.layout is Layout.GOOGLE_FOLDERS else "Z"
    sources = [order.person.scale, MIRROR] if Trap.RECORDERS in order.traps else [order.person.scale]
    rows = [
        f"{each.at:%Y-%m-%dT%H:%M:%S}{tail},{round(each.weight_kg * 1000)},{source}"
        for each in _weighings(order, days)
        for source in sources
    ]
    yield telemetry(order, "weight", "weight.csv", table("timestamp,weight grams,data source", rows))
    person = order.person
    measured = at_clock(person.member_since, NOON_MINUTE, person.tz)
    height = f"{measured:%Y-%m-%dT%H:%M:%SZ},{round(person.height_m * 1000)},{order.app}"
    yield telemetry(order, "height", "height.csv", table("timestamp,height millimeters,data source", [height]))
    setting = f"{measured:%Y-%m-%dT%H:%M:%SZ},weight system,metric"
    yield fitness(order, "UserAppSettingData.csv", table("value_time,setting_name,setting_value", [setting]))


def _weighings(order: Order, days: list[dt.date]) -> Iterator[Weighing]:
    for day in days:
        yield from order.view.weighings(day)


def _log(order: Order, each: Weighing) -> dict[str, object]:
    shown = each.at.astimezone(order.person.tz) + dt.timedelta(seconds=order.planted.late_s("weight-"))
    factor = 1.0 if Trap.ACCOUNT_UNIT in order.traps else POUNDS_PER_KG
    return {
        "logId": seconds_of(each.at) * 1000,
        "weight": round(each.weight_kg * factor, 8),
        "bmi": each.bmi,
        **({} if each.fat_percent is None else {"fat": each.fat_percent}),
        "date": f"{shown:%m/%d/%y}",
        "time": f"{shown:%H:%M:%S}",
        "source": order.person.scale.replace(" ", ""),
    }
