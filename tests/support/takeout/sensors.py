"""Tables of UTC in which the watch tells the readings of nights."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np

from cromwelld.simulator.person.civil import seconds_of
from tests.support.takeout.member import Member, table, telemetry
from tests.support.takeout.nights import Night, Readings, nights, saturated, variable
from tests.support.takeout.order import Order, Trap
from tests.support.takeout.text import csv, numbers, stamps
from tests.support.takeout.truth import Column

DEVIATION_OF_VARIABILITY = 1.25
STAGES = ("deep", "light", "rem", "full")
BREATHING = ",".join(
    f"{stage} sleep stats - {what}"
    for stage in STAGES
    for what in ("milli breaths per minute", "standard deviation milli breaths per minute", "signal to noise")
)
NO_BREATHS = "-1.0,0.0,2.0"
TEMPERATURE_SWING_C = 0.5


def tables(order: Order, month: dt.date, days: list[dt.date]) -> Iterator[Member]:
    """Write the oxygen, the variability and the breathing of a month of UTC."""
    found = list(nights(order, days))
    watch = order.person.device.encode()
    oxygen = _of_month(month, [saturated(order, night) for night in found])
    if len(oxygen.at):
        header = "timestamp,oxygen saturation percentage,data source"
        content = csv(header, stamps(oxygen.at), numbers(oxygen.value, str), watch)
        yield telemetry(order, "oxygen_saturation", f"oxygen_saturation_{month}.csv", content)
    heart = _of_month(month, [variable(order, night) for night in found])
    if len(heart.at):
        header = (
            "timestamp,root mean square of successive differences milliseconds,standard deviation milliseconds,"
            "data source"
        )
        spread = numbers(heart.value, lambda rmssd: str(round(rmssd * DEVIATION_OF_VARIABILITY, 3)))
        content = csv(header, stamps(heart.at), numbers(heart.value, str), spread, watch)
        yield telemetry(order, "heart_rate_variability", f"heart_rate_variability_{month}.csv", content)
    yield from _breathing(order, month, found)


def temperatures(order: Order, days: list[dt.date]) -> Iterator[Member]:
    """Write two readings of the skin a night, as far above its mean as below."""
    for night in nights(order, days):
        start, mean = seconds_of(night.main.start), night.details.temperature_c
        at = np.array([start + 3600, start + 7200])
        value = np.array([round(mean - TEMPERATURE_SWING_C, 1), round(mean + TEMPERATURE_SWING_C, 1)])
        header = "timestamp,temperature celsius,data source"
        content = csv(header, stamps(at), numbers(value, str), order.person.device.encode())
        yield telemetry(order, "body_temperature", f"body_temperature_{night.day}.csv", content)


def _of_month(month: dt.date, parts: list[Readings]) -> Readings:
    at = np.concatenate([part.at for part in parts]) if parts else np.empty(0, np.int64)
    value: Column = np.concatenate([part.value for part in parts]) if parts else np.empty(0)
    within = at.astype("datetime64[s]").astype("datetime64[M]") == np.datetime64(month, "M")
    return Readings(at=at[within], value=value[within])


def _breathing(order: Order, month: dt.date, found: list[Night]) -> Iterator[Member]:
    rows = [
        f"{night.main.end:%Y-%m-%dT%H:%M:%SZ},{_breaths(order, night)},{order.person.device}"
        for night in found
        if night.main.end.date().replace(day=1) == month
    ]
    if rows:
        name = "respiratory_rate_sleep_summary"
        content = table(f"timestamp,{BREATHING},data source", rows)
        yield telemetry(order, name, f"{name}_{month}.csv", content)


def _breaths(order: Order, night: Night) -> str:
    """Write breaths by stage: plain in spite of their header, unless they are to be thousandths."""
    times = 1000 if Trap.MILLI_BREATHS in order.traps else 1
    details = night.details
    told = (details.breaths_deep, details.breaths_light, details.breaths_rem, night.vitals.breaths_per_minute)
    return ",".join(NO_BREATHS if each is None else f"{round(each * times, 1)},{1.1 * times:g},4.0" for each in told)
