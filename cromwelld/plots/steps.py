"""Figures of steps: the hours of a day, hours by weekday, the trend, and runs of dates that reached a goal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np
import pandas as pd

from cromwelld.plots import clock, dates, rolling
from cromwelld.plots.canvas import Axes, Figure, Normalize, Patch, legend, nothing, sheet
from cromwelld.plots.colours import BLUE, GREY, INK, PALE, SCALE, SKY
from cromwelld.plots.reasons import Frames, why_nothing

MINUTES, TOTAL = "Steps_Intraday", "Activity-steps"
GOAL = 10_000
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOUR = 1 / 24


def day(frames: Frames, days: pd.DataFrame) -> Figure:
    """Draw the steps of each hour of one date; an hour without a record is hatched, not zero."""
    minutes = frames.get(MINUTES)
    if minutes is None:
        return nothing("Steps", why_nothing(days, MINUTES))
    zone = clock.zone_of(minutes["time"])
    start, end = clock.bounds(days, zone)
    hours = int((end - start).total_seconds() / 3600 + 0.5)
    which = np.floor((clock.numbers(minutes["time"]) - clock.number(start)) * 24 + 1e-6).astype("int64")
    by_hour = minutes["value"].groupby(which).sum().reindex(range(hours))
    note = f"{minutes['value'].sum():,.0f} steps in the minutes recorded{_total(frames)}"
    figure, (axes,) = sheet(f"Steps of {days['date'].iloc[0]}", note)
    left = clock.number(start) + np.arange(hours) * _HOUR
    axes.bar(left, by_hour, width=_HOUR * 0.9, align="edge", color=BLUE, label="steps in an hour")
    _hatch(axes, left[by_hour.isna().to_numpy()])
    axes.set_ylabel("steps in an hour")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    clock.dress([axes], start, end, zone)
    legend(figure, axes)
    return figure


def _total(frames: Frames) -> str:
    rows = frames.get(TOTAL)
    return "" if rows is None else f"; the vendor's total of the day is {rows['value'].iloc[-1]:,.0f}"


def _hatch(axes: Axes, left: Iterable[float]) -> None:
    for number, position in enumerate(left):
        look = {"facecolor": "#EFEFEF", "edgecolor": "#B8B8B8", "hatch": "///", "linewidth": 0}
        axes.axvspan(position, position + _HOUR, label="no record" if number == 0 else "", zorder=0, **look)  # type: ignore[arg-type]


def heat_map(frames: Frames, days: pd.DataFrame) -> Figure:
    """Draw the mean steps of each hour of each weekday, by the clock on the wall of each date.

    What was not recorded counts for nothing: the mean is that of the minutes recorded, times 60.
    """
    minutes = frames.get(MINUTES)
    if minutes is None:
        return nothing("Steps by hour and weekday", why_nothing(days, MINUTES))
    wall = dates.in_own_zone(minutes["time"], minutes["date"], days)
    cells = (60 * minutes["value"].groupby([wall.dt.day_of_week, wall.dt.hour]).mean()).unstack()  # noqa: PD010 - a series has no pivot_table
    table = cells.reindex(index=range(7), columns=range(24)).to_numpy()
    worn = days[days["date"].isin(minutes["date"].unique())]["date"]
    note = f"mean of {len(worn)} dates with records, of {len(days)}; white is no record{dates.in_words(days, MINUTES)}"
    figure, (axes,) = sheet("Steps by hour and weekday", note, height_in=3.8)
    scale = Normalize(0, max(float(np.nanmax(table)), 1))
    image = axes.imshow(table, aspect="auto", cmap=SCALE, norm=scale, extent=(0, 24, 6.5, -0.5))
    axes.grid(visible=False)
    axes.set_yticks(range(7), _WEEKDAYS)
    axes.set_ylabel("weekday")
    axes.set_xticks(range(0, 25, 2), [f"{hour:02d}:00" for hour in range(0, 25, 2)])
    axes.set_xlabel(f"local time ({dates.zone_of(days)})")
    figure.colorbar(image, ax=axes, label="steps in an hour")
    return figure


def trend(frames: Frames, days: pd.DataFrame, goal: float = GOAL) -> Figure:
    """Draw the steps of each date, with the means of 7 and of 30 dates; dates not worn count for nothing."""
    rows = frames.get(TOTAL)
    if rows is None:
        return nothing("Steps by date", why_nothing(days, TOTAL))
    figure, (axes,) = sheet("Steps by date", "the vendor's total of each date")
    shades = dates.dress(axes, days, TOTAL)
    values, where = dates.by_date(rows, "value", days), dates.positions(days["date"])
    axes.bar(where, values, width=dates.bar_width(days), color=SKY, label="steps of a date")
    axes.plot(where, rolling.band(values, 7)["mean"], color=BLUE, linewidth=2, label="7-date mean")
    axes.plot(where, rolling.band(values, 30)["mean"], color=INK, linestyle="--", linewidth=1.4, label="30-date mean")
    axes.axhline(goal, color=GREY, linestyle=":", linewidth=1.2, label=f"goal: {goal:,.0f}")
    axes.set_ylim(bottom=0)
    axes.set_ylabel("steps")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    legend(figure, axes, *shades)
    return figure


# --- runs of dates


def streaks(frames: Frames, days: pd.DataFrame, goal: float = GOAL) -> Figure:
    """Draw a calendar of the dates that reached the goal, and name the longest and the last run of them."""
    rows = frames.get(TOTAL)
    if rows is None:
        return nothing("Dates that reached the goal", why_nothing(days, TOTAL))
    values = dates.by_date(rows, "value", days)
    every = runs(values, goal)
    figure, (axes,) = sheet(
        f"Dates that reached {goal:,.0f} steps", _in_words(every, values) + dates.in_words(days, TOTAL), height_in=3.2
    )
    _calendar(axes, values, goal, dates.zone_of(days))
    legend(figure, axes, *_calendar_patches(goal))
    return figure


def runs(values: pd.Series[float], goal: float) -> pd.DataFrame:
    """Give the runs of dates that reached the goal, oldest first: first, last, dates.

    A date without a value ends a run: nobody knows what was walked on it.
    """
    reached = values.ge(goal).to_numpy()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], reached.astype("int64"), [0]])))
    firsts, ends = edges[::2], edges[1::2]
    index = values.index.to_numpy()
    return pd.DataFrame({"first": index[firsts], "last": index[ends - 1], "dates": ends - firsts})


def _in_words(every: pd.DataFrame, values: pd.Series[float]) -> str:
    if every.empty:
        return f"none of {values.notna().sum()} dates with a value"
    longest, last = every.iloc[int(every["dates"].to_numpy().argmax())], every.iloc[-1]
    now = f"the run that is on: {last['dates']}" if last["last"] == values.index[-1] else "no run is on"
    reached = f"{every['dates'].sum()} of {values.notna().sum()} dates with a value"
    return f"{reached}; longest run: {longest['dates']} dates from {longest['first']}; {now}"


def _calendar(axes: Axes, values: pd.Series[float], goal: float, zone: str) -> None:
    """Draw a column a week and a row a weekday."""
    days = [dt.date.fromisoformat(str(date)) for date in values.index]
    monday = days[0] - dt.timedelta(days=days[0].weekday())
    column = np.array([(day - monday).days // 7 for day in days])
    row = np.array([day.weekday() for day in days])
    looks = (
        (values.ge(goal).to_numpy(), {"color": BLUE}),
        (values.lt(goal).to_numpy(), {"color": PALE}),
        (values.isna().to_numpy(), {"facecolor": "white", "edgecolor": "#B8B8B8", "hatch": "///", "linewidth": 0}),
    )
    for chosen, look in looks:
        axes.bar(column[chosen], 0.86, bottom=row[chosen] - 0.43, width=0.9, **look)
    axes.set_ylim(6.6, -0.6)
    axes.set_yticks(range(7), _WEEKDAYS)
    axes.set_ylabel("weekday")
    axes.grid(visible=False)
    weeks = range(0, int(column[-1]) + 1, 1 + int(column[-1]) // 14)
    firsts = [monday + dt.timedelta(days=7 * week) for week in weeks]
    axes.set_xticks(list(weeks), [f"{first.day} {first:%b}" for first in firsts])
    axes.set_xlim(-0.6, max(int(column[-1]), 4) + 0.6)
    axes.set_xlabel(f"week from Monday ({zone})")


def _calendar_patches(goal: float) -> list[Patch]:
    return [
        Patch(color=BLUE, label=f"{goal:,.0f} or more"),
        Patch(color=PALE, label="fewer"),
        Patch(
            facecolor="white", edgecolor="#B8B8B8", hatch="///", linewidth=0, label="no value: not worn or not asked"
        ),
    ]
