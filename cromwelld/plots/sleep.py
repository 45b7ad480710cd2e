"""Figures of the sleep of one date: the night as it went, how good it was, and what it consisted of."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from cromwelld.plots import clock
from cromwelld.plots.canvas import Axes, Figure, Patch, legend, nothing, sheet
from cromwelld.plots.colours import GREY, INK
from cromwelld.plots.nights import CLASSIC, COLOURS, LEVELS, NAMES, PARTS, RATINGS, rating, sleeps
from cromwelld.plots.reasons import Frames, why_nothing

_EVENING, _HOURS = dt.timedelta(hours=6), dt.timedelta(hours=24)


def timeline(frames: Frames, days: pd.DataFrame) -> Figure:
    """Draw the sleeps of one date over 24 hours, from 18:00 of the evening before; each stage in a lane of its own."""
    every = sleeps(frames)
    if every.empty:
        return nothing("Sleep", why_nothing(days, "SleepSummary"))
    zone = clock.zone_of(every["start"])
    stages = _stages(frames, every)
    lanes = [lane for lane in PARTS if lane in set(stages["part"])]
    figure, (axes,) = sheet(f"Sleep of {days['date'].iloc[0]}", _in_words(every), height_in=3.6)
    left, width = clock.numbers(stages["time"]), stages["duration_seconds"] / 86_400
    for lane, part in enumerate(lanes):
        here = (stages["part"] == part).to_numpy()
        axes.barh(lane, width[here], left=left[here], height=0.72, color=COLOURS[part], label=NAMES[part])
    axes.set_yticks(range(len(lanes)), [NAMES[lane] for lane in lanes])
    axes.set_ylim(-0.6, len(lanes) - 0.1)
    _name_naps(axes, every, len(lanes) - 0.5)
    clock.dress([axes], *_window(days, every, zone), zone)
    axes.set_ylabel("stage")
    return figure


def _stages(frames: Frames, every: pd.DataFrame) -> pd.DataFrame:
    """Give the stretches to be drawn: time, duration_seconds, part; a sleep without stages is one stretch."""
    levels = frames.get("SleepLevels")
    parts = []
    if levels is not None:
        classic = levels["SleepType"].eq("classic")
        part = levels["level"].map(LEVELS).where(~classic, levels["level"].map(CLASSIC))
        parts = [levels.assign(part=part.fillna("asleep"))[["time", "duration_seconds", "part"]]]
    for start, end in zip(every["start"], every["end"], strict=True):
        if levels is None or not levels["time"].between(start, end).any():
            lasted = {"time": [start], "duration_seconds": [(end - start).total_seconds()], "part": ["asleep"]}
            parts.append(pd.DataFrame(lasted))
    return pd.concat(parts, ignore_index=True)


def _window(days: pd.DataFrame, every: pd.DataFrame, zone: str) -> tuple[dt.datetime, dt.datetime]:
    """Choose 24 hours from 18:00 of the evening before, moved and widened where a sleep lies outside."""
    start = min(clock.bounds(days, zone)[0] - _EVENING, every["start"].min().to_pydatetime())
    return start, max(start + _HOURS, every["end"].max().to_pydatetime())


def _in_words(every: pd.DataFrame) -> str:
    return " · ".join(_sentence(sleep) for _, sleep in every.sort_values("main", ascending=False).iterrows())


def _sentence(sleep: pd.Series[float]) -> str:
    kind = "night" if sleep["main"] else "nap" if sleep["nap"] else "another sleep"
    in_bed, asleep = _hours(sleep["in_bed"]), sleep["all_asleep"]
    lasted = f"{_hours(asleep)} asleep of {in_bed}" if pd.notna(asleep) else in_bed
    return f"{kind} {sleep['start']:%H:%M} to {sleep['end']:%H:%M}, {lasted} in bed"


def _hours(minutes: float) -> str:
    hours, rest = divmod(round(minutes), 60)
    return f"{hours} h {rest:02d} min" if hours else f"{rest} min"


def _name_naps(axes: Axes, every: pd.DataFrame, height: float) -> None:
    for nap in every[every["nap"]]["start"]:
        axes.text(clock.number(nap), height, "nap", fontsize=10, color=INK, va="bottom")


# --- how good it was


def efficiency(frames: Frames, days: pd.DataFrame) -> Figure:
    """Draw how much of the time in bed was sleep, for each sleep of one date, coloured by its rating."""
    every = sleeps(frames).dropna(subset=["efficiency"])
    if every.empty:
        return nothing("Sleep efficiency", why_nothing(days, "SleepSummary"))
    figure, (axes,) = sheet(
        "Sleep efficiency", "the part of the time in bed that was sleep", height_in=1.7 + 0.4 * len(every)
    )
    for row, (_, sleep) in enumerate(every.iterrows()):
        value, rated = float(sleep["efficiency"]), rating(float(sleep["efficiency"]))
        axes.barh(row, value, height=0.6, color=rated.colour)
        said = f"{value:.0f} %: {rated.word} ({sleep['efficiency_from']})"
        fits = value > 50  # noqa: PLR2004 - the words must fit
        colour = rated.ink if fits else INK
        axes.text(1 if fits else value + 1, row, said, color=colour, va="center", fontsize=10, fontweight="bold")
    starts = [
        f"{'night' if s['main'] else 'nap' if s['nap'] else 'sleep'} {s['start']:%H:%M}" for _, s in every.iterrows()
    ]
    axes.set_yticks(range(len(every)), starts)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("efficiency (%)")
    for one in RATINGS[:-1]:
        axes.axvline(one.least, color=GREY, linestyle=":", linewidth=1)
    legend(figure, axes, *rating_patches())
    return figure


def rating_patches() -> list[Patch]:
    """Give the legend of the ratings."""
    tops = (100.0, *(one.least for one in RATINGS))
    return [
        Patch(color=one.colour, label=f"{one.word}: {one.least:g} to {top:g} %")
        for one, top in zip(RATINGS, tops, strict=False)
    ]


def shares(frames: Frames, days: pd.DataFrame) -> Figure:
    """Draw what the time in bed of each sleep of one date consists of, in minutes and per cent."""
    every = sleeps(frames)
    drawn = every.dropna(subset=list(PARTS), how="all") if len(every) else every
    if drawn.empty:
        return nothing("Stages", why_nothing(days, "SleepSummary"))
    figure, (axes,) = sheet("What the time in bed consists of", _where_from(drawn), height_in=1.7 + 0.5 * len(drawn))
    labels = []
    for row, (_, sleep) in enumerate(drawn.iterrows()):
        _share(axes, row, sleep)
        labels.append(f"{'night' if sleep['main'] else 'nap' if sleep['nap'] else 'sleep'} {sleep['start']:%H:%M}")
    axes.set_yticks(range(len(drawn)), labels)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("share of the time in bed (%)")
    legend(figure, axes)
    return figure


def _where_from(every: pd.DataFrame) -> str:
    stages = "; no summary: short awakenings are not counted" if every["told"].eq("stages").any() else ""
    classic = "; a classic sleep has no stages" if every["kind"].eq("classic").any() else ""
    return f"minutes and share; Google counts short awakenings as light sleep{stages}{classic}"


def _share(axes: Axes, row: int, sleep: pd.Series[float]) -> None:
    minutes = sleep[list(PARTS)].astype("float64").dropna()
    left = 0.0
    for part, value in minutes.items():
        share = 100 * value / minutes.sum()
        axes.barh(row, share, left=left, height=0.7, color=COLOURS[str(part)], label=NAMES[str(part)])
        if share > 7:  # noqa: PLR2004 - the words must fit
            words = f"{value:.0f} min\n{share:.0f} %"
            axes.text(left + share / 2, row, words, ha="center", va="center", fontsize=9, color=_ink(str(part)))
        left += share


def _ink(part: str) -> str:
    return "white" if part == "deep" else INK
