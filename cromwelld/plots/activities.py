"""Figures of activities: heart rate and pace along one, its route, and the load of weeks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from cromwelld.plots import clock, dates, tracks
from cromwelld.plots.canvas import (
    Axes,
    Figure,
    LineCollection,
    Normalize,
    Patch,
    ScalarMappable,
    legend,
    nothing,
    sheet,
)
from cromwelld.plots.clock import Numbers
from cromwelld.plots.colours import BLUE, GREEN, GREY, INK, MANY, RED, SCALE
from cromwelld.plots.reasons import Frames, why_nothing
from cromwelld.plots.tracks import Activity

RECORDS = "ActivityRecords"
_WEEK, _MOST_WEEKS = 7, 14


def along(frames: Frames, days: pd.DataFrame, number: int | None = None) -> Figure:
    """Draw heart rate and pace along an activity of one date, by default the longest with a track."""
    activity = tracks.choose(tracks.activities(frames), number)
    if activity is None:
        return nothing("Heart rate and pace", why_nothing(days, RECORDS))
    zone = clock.zone_of(frames[RECORDS]["time"])
    beats, points = tracks.samples(frames, activity), tracks.track(frames, activity.start, activity.end)
    figure, (upper, lower) = sheet(_title(activity), _in_words(activity), height_in=4.8, heights=(1, 1))
    if len(beats):
        upper.plot(clock.numbers(beats["time"]), beats["value"], color=RED, linewidth=1.2)
    else:
        _missing(upper, "no heart-rate sample in this activity")
    upper.set_ylabel("heart rate (bpm)")
    if len(points) > 1:
        lower.plot(clock.numbers(points["time"]), tracks.pace(points), color=BLUE, linewidth=1.2)
        lower.invert_yaxis()
    else:
        _missing(lower, "no GPS track: no pace along the way")
    lower.set_ylabel("pace (min/km)\nfaster is up")
    shortest = activity.start + pd.Timedelta(minutes=1)
    clock.dress([upper, lower], activity.start, max(activity.end, shortest), zone)
    return figure


def _title(activity: Activity) -> str:
    return f"{activity.name}, {activity.start:%H:%M} to {activity.end:%H:%M}"


def _in_words(activity: Activity) -> str:
    told = asdict(activity)
    parts = (("minutes", "{:.0f} min"), ("km", "{:.2f} km"), ("pace", "{:.1f} min/km"), ("bpm", "mean {:.0f} bpm"))
    return ", ".join(form.format(told[name]) for name, form in parts if pd.notna(told[name]))


def _missing(axes: Axes, words: str) -> None:
    axes.set_yticks([])
    axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center", color=GREY, fontsize=11)


def route(frames: Frames, days: pd.DataFrame, number: int | None = None) -> Figure:
    """Draw the route of an activity of one date, coloured by heart rate, in kilometres from its start."""
    activity = tracks.choose(tracks.activities(frames), number)
    if activity is None:
        return nothing("Route", why_nothing(days, RECORDS))
    points = tracks.track(frames, activity.start, activity.end)
    if len(points) < 2:  # noqa: PLR2004 - a line has two ends
        return nothing(f"Route of {_title(activity)}", "no GPS track was recorded for this activity")
    figure, (axes,) = sheet(
        f"Route of {_title(activity)}", "colour is heart rate; grey where there is no sample near", height_in=5.6
    )
    east, north = (way / 1000 for way in tracks.metres(points))
    _coloured(figure, axes, np.column_stack([east, north]), tracks.pulse(points, tracks.samples(frames, activity)))
    axes.plot(east[0], north[0], "o", markersize=11, color=GREEN, markeredgecolor=INK, label="start")
    axes.plot(east[-1], north[-1], "s", markersize=9, color=RED, markeredgecolor=INK, label="finish")
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xlabel("east of the start (km)")
    axes.set_ylabel("north of the start (km)")
    legend(figure, axes)
    return figure


def _coloured(
    figure: Figure, axes: Axes, way: np.ndarray[tuple[int, int], np.dtype[np.float64]], beats: Numbers
) -> None:
    segments = np.stack([way[:-1], way[1:]], axis=1)
    axes.plot(way[:, 0], way[:, 1], color="#BBBBBB", linewidth=2)
    if np.isnan(beats).all():
        return
    scale = Normalize(np.nanmin(beats), max(np.nanmax(beats), np.nanmin(beats) + 1))
    told = ~np.isnan(beats[:-1])
    line = LineCollection(list(segments[told]), cmap=SCALE, norm=scale, linewidth=4, capstyle="round")
    line.set_array(beats[:-1][told])
    axes.add_collection(line)
    figure.colorbar(ScalarMappable(norm=scale, cmap=SCALE), ax=axes, label="heart rate (bpm)", shrink=0.8)


# --- weeks


def weekly(frames: Frames, days: pd.DataFrame) -> Figure:
    """Draw the minutes of activity of each week, by kind, and the zone points that the vendor counted.

    Weeks begin on Monday. A week that is not whole, or was not worn on all dates, says so below; of many
    weeks it is hatched.
    """
    every = tracks.activities({RECORDS: frames[RECORDS]} if RECORDS in frames else {})
    if every.empty:
        return nothing("Load by week", why_nothing(days, RECORDS))
    points = frames.get("ActiveZoneMinutes")
    title, note = "Load by week", "minutes in activities; a week that lacks dates says so"
    heights = (2,) if points is None else (2, 1)
    figure, panels = sheet(title, note, height_in=3.0 + len(heights), heights=heights)
    weeks = _weeks(days)
    _stack(panels[0], frames[RECORDS], every, weeks)
    if points is not None:
        _points(panels[1], points, weeks)
    _week_axis(panels[-1], weeks, dates.zone_of(days))
    for axes, measurement in zip(panels, (RECORDS, "ActiveZoneMinutes"), strict=False):
        _mark(axes, dates.vendor_changes(days, measurement), weeks)
    legend(figure, panels[0], *_shade(panels, weeks))
    return figure


def _weeks(days: pd.DataFrame) -> pd.DataFrame:
    """Give the weeks that `days` touch, by their Mondays: how many dates, how many of them with a heart rate."""
    monday = days["date"].map(_monday)
    worn = days["wear_minutes"].fillna(0) > 0
    return pd.DataFrame({"dates": monday.value_counts(), "worn": worn.groupby(monday).sum()}).sort_index()


def _monday(date: str) -> str:
    day = dt.date.fromisoformat(date)
    return (day - dt.timedelta(days=day.weekday())).isoformat()


def _stack(axes: Axes, rows: pd.DataFrame, every: pd.DataFrame, weeks: pd.DataFrame) -> None:
    dated = rows.sort_values("time", ignore_index=True)["date"].map(_monday)
    minutes = every["minutes"].groupby([dated, every["name"]]).sum().unstack()  # noqa: PD010 - a series has no pivot_table
    order = minutes.sum().sort_values(ascending=False).index
    where, top = np.arange(len(weeks)), np.zeros(len(weeks))
    for number, name in enumerate(order):
        height = minutes[name].reindex(weeks.index).fillna(0).to_numpy()
        colour = MANY[number] if number < len(MANY) else GREY
        axes.bar(where, height, bottom=top, width=0.7, color=colour, label=str(name))
        top = top + height
    axes.set_ylabel("activity (min)")


def _points(axes: Axes, rows: pd.DataFrame, weeks: pd.DataFrame) -> None:
    total = rows[["inFatBurn", "inCardio", "inPeak"]].sum(axis=1, min_count=1)
    by_week = total.groupby(rows["date"].map(_monday)).sum(min_count=1).reindex(weeks.index)
    axes.bar(np.arange(len(weeks)), by_week, width=0.7, color="#9AA5B1")
    axes.set_ylabel("zone points")


def _week_axis(axes: Axes, weeks: pd.DataFrame, zone: str) -> None:
    step = 1 + len(weeks) // _MOST_WEEKS
    chosen = range(0, len(weeks), step)
    labels = [_week_label(str(weeks.index[n]), weeks.iloc[n], short=step > 1) for n in chosen]
    axes.set_xticks(list(chosen), labels)
    axes.set_xlim(-0.6, len(weeks) - 0.4)
    axes.set_xlabel(f"week from Monday ({zone})")


def _shade(panels: Sequence[Axes], weeks: pd.DataFrame) -> list[Patch]:
    """Hatch the weeks that lack dates where there are too many for words; give what the hatching means."""
    lacking = np.flatnonzero(weeks["worn"].to_numpy() < _WEEK)
    if len(weeks) < _MOST_WEEKS or not len(lacking):
        return []
    look = {"facecolor": "#F4F4F4", "edgecolor": "#B8B8B8", "hatch": "///", "linewidth": 0}
    for axes in panels:
        for week in lacking:
            axes.axvspan(week - 0.5, week + 0.5, zorder=0, **look)  # type: ignore[arg-type]
    return [Patch(label="not all dates shown, or not worn", **look)]  # type: ignore[arg-type]


def _mark(axes: Axes, changes: list[dates.Change], weeks: pd.DataFrame) -> None:
    for change in changes:
        day = dt.date.fromisoformat(change.date)
        where = list(weeks.index).index(_monday(change.date)) + 0.8 * (day.weekday() / _WEEK - 0.5)
        dates.mark(axes, where, change, late=where > len(weeks) * 0.8)


def _week_label(monday: str, week: pd.Series[int], *, short: bool) -> str:
    date = dt.date.fromisoformat(monday)
    whole = "" if week["dates"] == _WEEK else f"\n{week['dates']} of {_WEEK} shown"
    worn = "" if week["worn"] == week["dates"] else f"\n{week['worn']} of {week['dates']} worn"
    return f"{date.day} {date:%b}{'' if short else whole + worn}"
