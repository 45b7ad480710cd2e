"""What nights tell of the body, in folders of their own topics: a file a night or a month, naive or of UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np

from tests.support.takeout.member import Member, table, topic
from tests.support.takeout.nights import Night, nights, saturated, variable
from tests.support.takeout.order import DAY, Order, Trap
from tests.support.takeout.text import csv, numbers, on_clock, stamps

VARIABILITY = "Heart Rate Variability"
OXYGEN = "Oxygen Saturation (SpO2)"
TEMPERATURE = "Temperature"
SNORING = "Snore and Noise Detect"
FLOOR, FLOOR_LATE_S, FLOOR_EVERY = 50.0, 20, 6
COMPUTED = (
    "type,sleep_start,sleep_end,temperature_samples,nightly_temperature,baseline_relative_sample_sum,"
    "baseline_relative_sample_sum_of_squares,baseline_relative_nightly_standard_deviation,"
    "baseline_relative_sample_standard_deviation"
)
BINS = "[" + ", ".join(["0.0", "0.1", "0.4", "0.3", "0.2", *["0.0"] * 24]) + "]"


def of_nights(order: Order, days: list[dt.date]) -> Iterator[Member]:
    """Write the files that a night has for itself."""
    for night in nights(order, days):
        yield from _heart(order, night)
        yield topic(order, OXYGEN, f"Minute SpO2 - {night.day}.csv", _oxygen(order, night))
        yield topic(order, TEMPERATURE, f"Device Temperature - {night.day}.csv", _device_temperature(order, night))
        yield topic(order, SNORING, f"Snore Details - {night.day}.csv", _snoring(order, night))


def of_a_month(order: Order, month: dt.date, days: list[dt.date]) -> Iterator[Member]:
    """Write the files in which the nights of a month are rows."""
    found = list(nights(order, days))
    if found:
        last = (month + 31 * DAY).replace(day=1) - DAY
        oxygen = [
            f"{night.day}T00:00:00Z,{night.vitals.oxygen_avg},{night.details.oxygen_lower},{night.details.oxygen_upper}"
            for night in found
        ]
        content = table("timestamp,average_value,lower_bound,upper_bound", oxygen)
        yield topic(order, OXYGEN, f"Daily SpO2 - {month}-{last}.csv", content)
        temperatures = [_computed_temperature(order, night) for night in found]
        yield topic(order, TEMPERATURE, f"Computed Temperature - {month}.csv", table(COMPUTED, temperatures))


def _heart(order: Order, night: Night) -> Iterator[Member]:
    vitals, details, midnight = night.vitals, night.details, f"{night.day}T00:00:00"
    daily = f"{midnight},{vitals.daily_rmssd_ms},{details.non_rem_bpm},{details.entropy}"
    odd = f"Daily Heart Rate Variability Summary - {night.day:%Y-%m-(%d)}.csv"
    yield topic(order, VARIABILITY, odd, table("timestamp,rmssd,nremhr,entropy", [daily]))
    breaths = table("timestamp,daily_respiratory_rate", [f"{midnight},{vitals.breaths_per_minute}"])
    yield topic(order, VARIABILITY, f"Daily Respiratory Rate Summary - {night.day}.csv", breaths)
    bins = table("timestamp,bucket_values", [f'{midnight},"{BINS}"'])
    yield topic(order, VARIABILITY, f"Heart Rate Variability Histogram - {night.day}.csv", bins)
    yield topic(order, VARIABILITY, f"Heart Rate Variability Details - {night.day}.csv", _variability(order, night))


def _variability(order: Order, night: Night) -> bytes:
    told = variable(order, night)
    at = stamps(on_clock(told.at, order.person.tz) + order.planted.late_s(VARIABILITY), "")
    bands = [numbers((told.value * share).round(1), str) for share in (14, 9)]
    return csv("timestamp,rmssd,coverage,low_frequency,high_frequency", at, numbers(told.value, str), b"0.98", *bands)


def _oxygen(order: Order, night: Night) -> bytes:
    """Write the oxygen by the minute; bad readings lie between the good ones."""
    told = saturated(order, night)
    at, value = told.at, told.value
    if Trap.OXYGEN_FLOOR in order.traps:
        bad = np.arange(0, len(at), FLOOR_EVERY)
        at, value = np.insert(at, bad + 1, at[bad] + FLOOR_LATE_S), np.insert(value, bad + 1, FLOOR)
    return csv("timestamp,value", stamps(at), numbers(value, str))


def _device_temperature(order: Order, night: Night) -> bytes:
    """Write deviations of the watch itself from its usual, which are no temperature of the skin."""
    told = saturated(order, night)
    at = stamps(on_clock(told.at // 60 * 60, order.person.tz), "")
    return csv("recorded_time,temperature,sensor_type", at, b"-0.53", b"UNKNOWN")


def _computed_temperature(order: Order, night: Night) -> str:
    clock, details = order.person.tz, night.details
    ends = ",".join(f"{each.astimezone(clock):%Y-%m-%dT%H:%M:%S}" for each in (night.main.start, night.main.end))
    samples = round((night.main.end - night.main.start).total_seconds()) // 60
    if details.baseline_c is None:
        return f"IDT,{ends},{samples},{details.temperature_c},NaN,NaN,NaN,NaN"
    relative = round(night.vitals.skin_relative_c * samples, 3)
    return f"IDT,{ends},{samples},{details.temperature_c},{relative},419.6,{details.temperature_deviation_c},0.956"


def _snoring(order: Order, night: Night) -> bytes:
    start = night.main.start.astimezone(order.person.tz)
    rows = [
        f"{start + dt.timedelta(seconds=30 * number):%Y-%m-%dT%H:%M:%S},31.2,44.0,29.8,3,0,0,30" for number in range(4)
    ]
    header = "timestamp,mean_dba,max_dba,min_dba,events_number,snoring_events_number,snore_label,sample_duration"
    return table(header, rows)
