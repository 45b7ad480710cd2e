"""Figures of the heart rate: a day at full resolution, a window of it, zones, and the resting trend."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from cromwelld import localtime
from cromwelld.plots import clock, dates, rolling
from cromwelld.plots.canvas import Axes, Figure, legend, nothing, sheet
from cromwelld.plots.colours import BLUE, GREEN, INK, ORANGE, PURPLE, RED, SKY
from cromwelld.plots.reasons import Frames, why_nothing

SAMPLES = "HeartRate_Intraday"
_LONGEST_GAP_S = 300  # a line over more than this would invent a pulse
_ZONES = {  # the vendors' zones from the lowest: what one calls otherwise than the other has other borders
    "Out of Range": (SKY, "//"),
    "Light": (SKY, ""),
    "Fat Burn": (GREEN, "//"),
    "MODERATE": (GREEN, ""),
    "Cardio": (ORANGE, "//"),
    "VIGOROUS": (ORANGE, ""),
    "Peak": (RED, "//"),
    "PEAK": (RED, ""),
}
_LOWEST = ("Out of Range", "Light")
_VENDOR_OF = {"//": "Fitbit", "": "Google"}
_EARNED = {"FAT_BURN": (GREEN, "fat burn"), "CARDIO": (ORANGE, "cardio"), "PEAK": (RED, "peak")}
_BAND_COLOURS = (GREEN, ORANGE, RED, PURPLE)


def day(frames: Frames, days: pd.DataFrame, *, borders: Mapping[str, float] | None = None) -> Figure:
    """Draw every sample of one date, and the minutes that earned zone points where the vendor tells them.

    `borders` are zones of your own, each with its lowest bpm: they are shaded behind the line.
    """
    samples = frames.get(SAMPLES)
    if samples is None:
        return nothing("Heart rate", why_nothing(days, SAMPLES))
    zone = clock.zone_of(samples["time"])
    earned = frames.get("ActiveZoneMinutes_Intraday")
    note = f"{len(samples):,} samples, {_spread(samples)}; a gap is time without a sample"
    heights = (12,) if earned is None else (12, 1)
    figure, every = sheet(f"Heart rate of {days['date'].iloc[0]}", note, height_in=4.2, heights=heights)
    _line(every[0], samples, linewidth=0.7)
    if borders:
        _shade_zones(every[0], samples, borders)
    every[0].set_ylabel("heart rate (bpm)")
    if earned is not None:
        _strip(every[1], earned)
    clock.dress(every, *clock.bounds(days, zone), zone)
    legend(figure, every[-1])
    return figure


def window(frames: Frames, days: pd.DataFrame, first: str = "18:00", last: str = "20:00") -> Figure:
    """Draw the samples of one date between two local clock times, each as a dot.

    `last` may lie beyond midnight of the clock, not of the date: the records end there.
    """
    samples = frames.get(SAMPLES)
    if samples is None:
        return nothing("Heart rate", why_nothing(days, SAMPLES))
    zone = clock.zone_of(samples["time"])
    start, end = (_instant(days, text, zone) for text in (first, last))
    if end <= start:
        end += dt.timedelta(days=1)
    title = f"Heart rate of {days['date'].iloc[0]}, {first} to {last}"
    inside = samples[samples["time"].between(start, end)]
    if inside.empty:
        return nothing(title, f"no sample between {first} and {last}")
    figure, (axes,) = sheet(title, f"{len(inside):,} samples, {_spread(inside)}")
    _line(axes, inside, linewidth=1)
    axes.plot(clock.numbers(inside["time"]), inside["value"], ".", markersize=3, color=INK)
    axes.set_ylabel("heart rate (bpm)")
    clock.dress([axes], start, end, zone)
    return figure


def _instant(days: pd.DataFrame, text: str, zone: str) -> dt.datetime:
    date = dt.date.fromisoformat(str(days["date"].iloc[0]))
    wall = dt.datetime.combine(date, dt.time.fromisoformat(text))
    return localtime.to_utc(wall, zone).astimezone(ZoneInfo(zone))


def _spread(samples: pd.DataFrame) -> str:
    values = samples["value"]
    return f"{values.min():.0f} to {values.max():.0f} bpm, mean {values.mean():.0f}"


def _line(axes: Axes, samples: pd.DataFrame, *, linewidth: float) -> None:
    where, values = clock.numbers(samples["time"]), samples["value"].to_numpy()
    broken = np.flatnonzero(np.diff(where) * 86_400 > _LONGEST_GAP_S) + 1
    axes.plot(np.insert(where, broken, np.nan), np.insert(values, broken, np.nan), color=BLUE, linewidth=linewidth)


def _shade_zones(axes: Axes, samples: pd.DataFrame, borders: Mapping[str, float]) -> None:
    """Shade a person's own zones as far as they were reached; each is named with its minutes by the minute's mean."""
    rising = sorted(borders.items(), key=lambda zone: zone[1])
    minutes = samples.groupby(samples["time"].dt.floor("min"))["value"].mean()
    tops, highest = [least for _, least in rising[1:]] + [np.inf], samples["value"].max()
    for number, ((name, least), top) in enumerate(zip(rising, tops, strict=True)):
        if least > highest:
            return
        colour = _BAND_COLOURS[number % len(_BAND_COLOURS)]
        axes.axhspan(least, min(top, highest + 5), color=colour, alpha=0.15, linewidth=0)
        said = f"{name}: {int(minutes.between(least, top, inclusive='left').sum())} min"
        axes.text(0.995, least, said, transform=axes.get_yaxis_transform(), ha="right", va="bottom", fontsize=9)


def _strip(axes: Axes, earned: pd.DataFrame) -> None:
    for zone, (colour, name) in _EARNED.items():
        minutes = earned[earned["HeartRateZone"] == zone]
        if len(minutes):
            label = f"zone minutes of the vendor: {name} ({len(minutes)} min)"
            axes.bar(clock.numbers(minutes["time"]), 1, width=1 / 1440, align="edge", color=colour, label=label)
    axes.set_yticks([])
    axes.set_ylim(0, 1)
    axes.grid(visible=False)
    axes.spines["left"].set_visible(False)


def zones_of_day(frames: Frames, days: pd.DataFrame) -> Figure:
    """Draw the minutes in each zone of one date, as the vendor counted them."""
    rows = frames.get("HR_Zones")
    told = {} if rows is None else {name: dates.by_date(rows, name, days).iloc[-1] for name in _ZONES}
    minutes = {name: value for name, value in told.items() if not np.isnan(value)}
    if not minutes:
        return nothing("Heart-rate zones of the day", why_nothing(days, "HR_Zones"))
    note = "as the vendor counted them; a zone without minutes may be left out by it"
    figure, (axes,) = sheet("Heart-rate zones of the day", note, height_in=1.5 + 0.4 * len(minutes))
    for row, (name, value) in enumerate(minutes.items()):
        axes.barh(row, value, height=0.7, color=_ZONES[name][0])
        axes.text(value, row, f" {value:.0f} min", va="center", fontsize=10)
    axes.set_yticks(range(len(minutes)), list(minutes))
    axes.set_xlim(0, max(*minutes.values(), 10) * 1.12)
    axes.set_xlabel("minutes (min)")
    axes.set_ylabel("zone")
    return figure


def zones(frames: Frames, days: pd.DataFrame) -> Figure:
    """Draw the minutes in each zone above the lowest, by date, as the vendors counted them.

    The zones of the two vendors have other borders: Fitbit's are hatched.
    """
    rows = frames.get("HR_Zones")
    if rows is None:
        return nothing("Minutes in heart-rate zones", why_nothing(days, "HR_Zones"))
    figure, (axes,) = sheet("Minutes in heart-rate zones", _lowest(rows, days))
    shades = dates.dress(axes, days, "HR_Zones")
    where, width, top = dates.positions(days["date"]), dates.bar_width(days), np.zeros(len(days))
    for name, (colour, hatch) in _ZONES.items():
        minutes = dates.by_date(rows, name, days).to_numpy()
        if name not in _LOWEST and np.nan_to_num(minutes).any():
            said = f"{name} ({_VENDOR_OF[hatch]})"
            bars = axes.bar(where, np.nan_to_num(minutes), width, bottom=top, color=colour, label=said)
            for bar in bars:
                bar.set(hatch=hatch, edgecolor="white", linewidth=0)
            top = top + np.nan_to_num(minutes)
    if not top.any():
        axes.text(0.5, 0.5, "no minute above the lowest zone", transform=axes.transAxes, ha="center")
    axes.set_ylim(bottom=0, top=max(top.max() * 1.05, 10))
    axes.set_ylabel("minutes (min)")
    legend(figure, axes, *shades)
    return figure


def _lowest(rows: pd.DataFrame, days: pd.DataFrame) -> str:
    names = [name for name in _LOWEST if dates.by_date(rows, name, days).notna().any()]
    return f"without the lowest zone ({', '.join(names)}), which fills the rest of the day" if names else ""


def resting(frames: Frames, days: pd.DataFrame) -> Figure:
    """Draw the resting heart rate of each date, with what was usual in 7 and in 30 dates."""
    rows = frames.get("RestingHR")
    if rows is None:
        return nothing("Resting heart rate", why_nothing(days, "RestingHR"))
    figure, (axes,) = sheet("Resting heart rate", "each dot is a date")
    shades = dates.dress(axes, days, "RestingHR")
    values, where = dates.by_date(rows, "value", days), dates.positions(days["date"])
    rolling.draw(axes, where, values, colour=BLUE)
    axes.plot(where, values, "o", markersize=dates.dot_size(days), color=INK, label="a date")
    axes.set_ylabel("resting heart rate (bpm)")
    legend(figure, axes, *shades)
    return figure
