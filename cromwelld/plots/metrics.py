"""Figures of what a night or a morning tells: one metric over a range of dates, and the night of one date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from cromwelld.plots import clock, dates, rolling
from cromwelld.plots.canvas import Axes, Figure, legend, nothing, sheet
from cromwelld.plots.colours import BLUE, GREEN, INK, ORANGE, PURPLE, RED
from cromwelld.plots.reasons import Frames, why_nothing

_MARKERS = ("o", "D")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Two columns between which a value lies, in a measurement's own sense."""

    low: str
    high: str
    label: str
    style: Literal["solid", "dotted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric: its columns with what they are called, the bounds drawn around them, and the range of its axis."""

    title: str
    measurement: str
    columns: dict[str, str]
    unit: str
    colour: str = BLUE
    bounds: tuple[Bounds, ...] = ()
    range: tuple[float, float] | None = None


HRV = Metric(
    title="Heart-rate variability of the night",
    measurement="HRV",
    columns={"dailyRmssd": "RMSSD of a night"},
    unit="RMSSD (ms)",
    colour=PURPLE,
)
OXYGEN = Metric(
    title="Oxygen saturation of the night",
    measurement="SPO2_Daily",
    columns={"avg": "mean of a night"},
    unit="SpO2 (%)",
    colour=RED,
    bounds=(
        Bounds(low="min", high="max", label="lowest to highest (Fitbit)", style="solid"),
        Bounds(low="lower", high="upper", label="bounds of confidence (Google)", style="dotted"),
    ),
)
SKIN = Metric(
    title="Skin temperature of the night, against the personal baseline",
    measurement="SkinTemperature",
    columns={"nightlyRelative": "as Fitbit gave it", "nightlyRelativeDerived": "derived from Google's degrees"},
    unit="difference (°C)",
    colour=ORANGE,
)
BREATHING = Metric(
    title="Breathing rate of the night",
    measurement="BreathingRate",
    columns={"value": "mean of a night"},
    unit="breaths/min",
    colour=GREEN,
)
RESTING = Metric(
    title="Resting heart rate", measurement="RestingHR", columns={"value": "a date"}, unit="heart rate (bpm)"
)
WEIGHT = Metric(
    title="Weight", measurement="Weight", columns={"weight_kg": "last weighing of a date"}, unit="weight (kg)"
)
BATTERY = Metric(
    title="Battery of the device",
    measurement="DeviceBatteryLevel",
    columns={"value": "last reading of a date"},
    unit="charge (%)",
    colour=GREEN,
    range=(0, 103),
)


def trend(metric: Metric, frames: Frames, days: pd.DataFrame) -> Figure:
    """Draw a metric of each date, with the bands of 7 and of 30 dates.

    Columns that are different quantities keep their own marks and their own bands.
    """
    rows = frames.get(metric.measurement)
    series = {label: dates.by_date(rows, column, days) for column, label in metric.columns.items()}
    told = {label: values for label, values in series.items() if values.notna().any()}
    if not told:
        return nothing(metric.title, why_nothing(days, metric.measurement))
    figure, (axes,) = sheet(metric.title, _in_words(told))
    shades = dates.dress(axes, days, metric.measurement)
    where = dates.positions(days["date"])
    for number, (label, values) in enumerate(told.items()):
        rolling.draw(axes, where, values, colour=metric.colour, named=number == 0)
        axes.plot(where, values, _MARKERS[number], markersize=dates.dot_size(days), color=INK, label=label)
    for bounds in metric.bounds:
        _draw(axes, bounds, rows, days)
    axes.set_ylabel(metric.unit)
    if metric.range:
        axes.set_ylim(metric.range)
    legend(figure, axes, *shades)
    return figure


def _in_words(told: dict[str, pd.Series[float]]) -> str:
    values = pd.concat(list(told.values())).dropna()
    if len(values) == 1:
        return f"one date with a value: {values.iloc[0]:.3g}"
    return f"{values.index.nunique()} dates with a value, {values.min():.3g} to {values.max():.3g}"


def _draw(axes: Axes, bounds: Bounds, rows: pd.DataFrame | None, days: pd.DataFrame) -> None:
    low, high = (dates.by_date(rows, name, days) for name in (bounds.low, bounds.high))
    if low.notna().any():
        look = {"color": INK, "linewidth": dates.dot_size(days) / 4, "zorder": 1, "label": bounds.label}
        axes.vlines(dates.positions(days["date"]), low, high, linestyles=bounds.style, **look)  # type: ignore[arg-type]


# --- one night

_NIGHT = (
    ("HRV_Intraday", "rmssd", "RMSSD (ms)", PURPLE),
    ("SPO2_Intraday", "value", "SpO2 (%)", RED),
)


def night(frames: Frames, days: pd.DataFrame) -> Figure:
    """Draw heart-rate variability and oxygen of one date: the end of one night and the beginning of the next."""
    told = [one for one in _NIGHT if one[0] in frames]
    if not told:
        return nothing("Readings of the nights", why_nothing(days, _NIGHT[0][0]))
    title = f"Readings of the nights, {days['date'].iloc[0]}"
    note = "the night that ended on the date, and from the evening on the next one"
    figure, panels = sheet(title, note, height_in=1.6 + 1.6 * len(told), heights=(1,) * len(told))
    for axes, (name, column, unit, colour) in zip(panels, told, strict=True):
        axes.plot(clock.numbers(frames[name]["time"]), frames[name][column], ".", markersize=3.5, color=colour)
        axes.set_ylabel(unit)
    zone = clock.zone_of(frames[told[0][0]]["time"])
    clock.dress(panels, *clock.bounds(days, zone), zone)
    return figure
