"""The axis of one person's day: local clock times, also where the clocks change, with the zone named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from cromwelld import localtime
from cromwelld.plots.canvas import Axes
from cromwelld.plots.colours import GREY

Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]

_QUARTER = dt.timedelta(minutes=15)
_DAY_US, _DAY_S, _HOUR_S = 86_400_000_000, 86_400, 3600
_MOST_TICKS = 13
_STEPS_H = (1, 2, 3, 6, 12)
_STEPS_MIN = (1, 2, 5, 10, 15, 30)


def numbers(times: pd.Series[pd.Timestamp]) -> Numbers:
    """Turn instants into positions on the axis: days since 1970 in UTC."""
    micros: Numbers = times.dt.tz_convert("UTC").dt.as_unit("us").astype("int64").to_numpy() / _DAY_US
    return micros


def number(instant: dt.datetime) -> float:
    """Turn an instant into its position on the axis."""
    return instant.timestamp() / _DAY_S


def zone_of(times: pd.Series[pd.Timestamp]) -> str:
    """Name the zone in which a frame's times are."""
    return str(times.dt.tz)


def bounds(days: pd.DataFrame, zone: str) -> tuple[dt.datetime, dt.datetime]:
    """Give the first instant of the one date in `days` and the first one after it."""
    return localtime.bounds(dt.date.fromisoformat(str(days["date"].iloc[0])), zone)


def dress(panels: Sequence[Axes], start: dt.datetime, end: dt.datetime, zone: str) -> None:
    """Give panels that share their x axis local clock times; name the zone, and mark where the clocks change."""
    axes = panels[-1]
    axes.set_xlim(number(start), number(end))
    ticks = _ticks(start, end, zone)
    axes.set_xticks([number(tick) for tick in ticks], [_label(tick, zone) for tick in ticks])
    axes.set_xlabel(f"local time ({zone})")
    for instant, hours in changes(start, end, zone):
        for panel in panels:
            panel.axvline(number(instant), color=GREY, linestyle=":", linewidth=1.2)
        said, place = (
            f" clocks go {'forward' if hours > 0 else 'back'} {abs(hours):g} h",
            panels[0].get_xaxis_transform(),
        )
        panels[0].text(number(instant), 1.0, said, transform=place, va="top", fontsize=9, color=GREY)


def _ticks(start: dt.datetime, end: dt.datetime, zone: str) -> list[dt.datetime]:
    """Choose round local clock times, at most `_MOST_TICKS`."""
    span_s = (end - start).total_seconds()
    hours = next((step for step in _STEPS_H if span_s / _HOUR_S / step < _MOST_TICKS), _STEPS_H[-1])
    minutes = next((step for step in _STEPS_MIN if span_s / 60 / step < _MOST_TICKS), hours * 60)
    grain = dt.timedelta(minutes=min(minutes, 15))
    first = start.replace(second=0, microsecond=0, minute=start.minute - start.minute % int(grain.total_seconds() / 60))
    count = int((end - first) / grain) + 1
    every = (first + n * grain for n in range(count))
    return [tick for tick in every if start <= tick <= end and _minute(tick, zone) % minutes == 0]


def _minute(instant: dt.datetime, zone: str) -> int:
    local = instant.astimezone(ZoneInfo(zone))
    return local.hour * 60 + local.minute


def _label(instant: dt.datetime, zone: str) -> str:
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local:%H:%M}" if _minute(instant, zone) else f"{local:%H:%M}\n{local:%a} {local.day} {local:%b}"


def changes(start: dt.datetime, end: dt.datetime, zone: str) -> list[tuple[dt.datetime, float]]:
    """Give the instants between `start` and `end` at which the clocks change, to the quarter hour, with the hours."""
    info = ZoneInfo(zone)
    found, at = [], start
    while at + _QUARTER <= end:
        before, after = at.astimezone(info).utcoffset(), (at + _QUARTER).astimezone(info).utcoffset()
        if before is not None and after is not None and before != after:
            found.append((at + _QUARTER, (after - before).total_seconds() / _HOUR_S))
        at += _QUARTER
    return found
