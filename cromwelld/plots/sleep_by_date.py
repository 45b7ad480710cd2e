"""Figures of the sleep of a range: what it consisted of, how good it was, and when it was, date by date."""

from __future__ import annotations

import pandas as pd

from cromwelld.plots import dates
from cromwelld.plots.canvas import Figure, legend, nothing, sheet
from cromwelld.plots.colours import BLUE, GREY, ORANGE, PALE
from cromwelld.plots.nights import COLOURS, NAMES, PARTS, RATINGS, by_date, rating, sleeps
from cromwelld.plots.reasons import Frames, why_nothing
from cromwelld.plots.sleep import rating_patches


def composition(frames: Frames, days: pd.DataFrame) -> Figure:
    """Draw what the sleep of each date consists of, stacked, in hours; naps are added to their date."""
    minutes = by_date(sleeps(frames), days)
    if minutes.isna().to_numpy().all():
        return nothing("Sleep by date", why_nothing(days, "SleepSummary"))
    figure, (axes,) = sheet("Sleep by date", "all sleeps that end on the date, naps among them")
    shades = dates.dress(axes, days, "SleepSummary", "SleepLevels")
    where, top = dates.positions(days["date"]), pd.Series(0.0, index=minutes.index)
    for part in PARTS:
        hours = minutes[part] / 60
        if hours.notna().any():
            axes.bar(
                where, hours.fillna(0), bottom=top, width=dates.bar_width(days), color=COLOURS[part], label=NAMES[part]
            )
            top = top + hours.fillna(0)
    axes.set_ylabel("time in bed (h)")
    legend(figure, axes, *shades)
    return figure


def efficiency(frames: Frames, days: pd.DataFrame) -> Figure:
    """Draw the efficiency of the main sleep of each date, coloured by its rating."""
    every = sleeps(frames)
    main = every[every["main"].astype(bool)].dropna(subset=["efficiency"])
    if main.empty:
        return nothing("Sleep efficiency by date", why_nothing(days, "SleepSummary"))
    figure, (axes,) = sheet("Sleep efficiency by date", "main sleep of each date")
    shades = dates.dress(axes, days, "SleepSummary", "SleepLevels")
    values = main["efficiency"].astype("float64")
    axes.plot(dates.positions(days["date"]), dates.by_date(main, "efficiency", days), color=PALE, zorder=1)
    axes.scatter(dates.positions(main["date"]), values, s=36, zorder=2, color=[rating(v).colour for v in values])
    axes.set_ylim(min(70, values.min() - 2), 100)
    axes.set_ylabel("efficiency (%)")
    for one in RATINGS[:-1]:
        axes.axhline(one.least, color=GREY, linestyle=":", linewidth=1)
    legend(figure, axes, *rating_patches(), *shades)
    return figure


def rhythm(frames: Frames, days: pd.DataFrame) -> Figure:
    """Draw when each date's sleeps began and ended, by the clock of the person on that date; evenings are on top."""
    every = sleeps(frames)
    if every.empty:
        return nothing("Bedtimes", why_nothing(days, "SleepSummary"))
    figure, (axes,) = sheet("Bedtimes", "when each sleep began and ended, by the clock on the wall", height_in=4.2)
    shades = dates.dress(axes, days, "SleepSummary", "SleepLevels")
    midnight = pd.to_datetime(every["date"])
    begin, end = (_hours_after(every[name], midnight, every["date"], days) for name in ("start", "end"))
    for name, chosen, colour in (("Main sleep", every["main"].astype(bool), BLUE), ("Nap", every["nap"], ORANGE)):
        where = dates.positions(every["date"][chosen])
        if len(where):
            axes.bar(
                where,
                (end - begin)[chosen],
                bottom=begin[chosen],
                width=dates.bar_width(days),
                color=colour,
                label=name,
            )
    low, high = min(-6.0, begin.min()), max(12.0, end.max() + 0.5)
    ticks = [hour for hour in range(-24, 49, 3) if low <= hour <= high]
    axes.set_yticks(ticks, [f"{hour % 24:02d}:00" for hour in ticks])
    axes.set_ylim(high, low)
    axes.set_ylabel("local time")
    legend(figure, axes, *shades)
    return figure


def _hours_after(
    times: pd.Series[pd.Timestamp], midnight: pd.Series[pd.Timestamp], dated: pd.Series[str], days: pd.DataFrame
) -> pd.Series[float]:
    return (dates.in_own_zone(times, dated, days) - midnight).dt.total_seconds() / 3600
