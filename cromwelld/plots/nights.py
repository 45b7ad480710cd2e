"""The sleeps of dates as one table, from summaries where there are any, else from stages."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cromwelld.plots.colours import BLUE, GREEN, INK, ORANGE, PURPLE, RED, SKY
from cromwelld.plots.reasons import Frames

LEVELS = {0: "deep", 1: "light", 2: "rem", 3: "awake"}
CLASSIC = {1: "asleep", 2: "restless", 3: "awake"}
COLOURS = {"deep": BLUE, "light": SKY, "rem": PURPLE, "asleep": "#9AA5B1", "restless": "#D9C27E", "awake": ORANGE}
NAMES = {
    "deep": "Deep",
    "light": "Light",
    "rem": "REM",
    "asleep": "Asleep (no stages)",
    "restless": "Restless",
    "awake": "Awake",
}
PARTS = ("deep", "light", "rem", "asleep", "restless", "awake")  # from the bottom

_KEY = ["date", "isMainSleep", "time"]
_NAP_FROM_H, _NAP_UNTIL_H, _NAP_MOST_MIN = 9, 21, 180
_ORIGINS = {"efficiencyDerived": "asleep / in bed", "efficiency": "as the vendor gave it"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """How an efficiency is called, from `least` per cent on; `ink` can be read on `colour`."""

    least: float
    word: str
    colour: str
    ink: str = "white"


# Source: Ohayon et al. 2017, National Sleep Foundation's sleep quality recommendations: from 85 % on of good quality,
# up to 74 % of poor quality, for adults.
RATINGS = (
    Rating(least=90, word="very good", colour=GREEN),
    Rating(least=85, word="good", colour=BLUE),
    Rating(least=75, word="fair", colour=ORANGE, ink=INK),
    Rating(least=0, word="low", colour=RED),
)


def rating(efficiency: float) -> Rating:
    """Rate an efficiency in per cent."""
    return next(one for one in RATINGS if efficiency >= one.least)


def sleeps(frames: Frames) -> pd.DataFrame:
    """Give one row a sleep, by start.

    Columns: date, start, end, main, nap, kind (stages or classic), told (summary or stages), minutes of each of `PARTS`
    (missing where the kind has no such part), all_asleep, in_bed, efficiency (%) and efficiency_from.

    `nap` is a sleep of at most three hours that is not the main one and begins between 9:00 and 21:00. `awake` is what
    the other parts leave of the time in bed: where a vendor counts short awakenings as light sleep, they are in light
    and not in awake.
    """
    summaries, levels = frames.get("SleepSummary"), frames.get("SleepLevels")
    parts = [_from_summaries(summaries)] if summaries is not None else []
    if levels is not None:
        rest = _without(levels, summaries)
        parts += [_from_levels(rest)] if len(rest) else []
    if not parts:
        return pd.DataFrame(
            columns=["date", "start", "end", "main", "nap", "kind", *PARTS, "all_asleep", "in_bed", "efficiency"]
        )
    every = pd.concat(parts, ignore_index=True).sort_values("start", ignore_index=True)
    length = (every["end"] - every["start"]).dt.total_seconds() / 60
    begins = every["start"].dt.hour.between(_NAP_FROM_H, _NAP_UNTIL_H - 1)
    every["nap"] = ~every["main"] & (length <= _NAP_MOST_MIN) & begins
    return every


def _from_summaries(rows: pd.DataFrame) -> pd.DataFrame:
    stages = rows["minutesDeep"].notna()
    length = (rows["endTime"] - rows["time"]).dt.total_seconds() / 60
    in_bed = rows["minutesInBed"].fillna(length)
    others = rows[["minutesDeep", "minutesLight", "minutesREM"]].sum(axis=1)
    others = others.where(stages, rows["minutesAsleep"] + rows["minutesRestless"].fillna(0.0))
    end = rows["endTime"].fillna(rows["time"] + pd.to_timedelta(rows["minutesInBed"], unit="min"))
    origin = [name for name in _ORIGINS if rows[name].notna().any()]
    efficiency = rows["efficiencyDerived"].fillna(rows["efficiency"])
    said = rows["efficiencyDerived"].notna().map({True: "efficiencyDerived", False: "efficiency"})
    return pd.DataFrame(
        {
            "date": rows["date"],
            "start": rows["time"],
            "end": end,
            "main": rows["isMainSleep"].eq("True"),
            "kind": rows["SleepType"],
            "told": "summary",
            "deep": rows["minutesDeep"],
            "light": rows["minutesLight"],
            "rem": rows["minutesREM"],
            "asleep": rows["minutesAsleep"].where(~stages),
            "restless": rows["minutesRestless"],
            "awake": (in_bed - others).clip(lower=0),
            "all_asleep": rows["minutesAsleep"],
            "in_bed": in_bed,
            "efficiency": efficiency,
            "efficiency_from": said.map(_ORIGINS).where(efficiency.notna()) if origin else None,
        }
    )


def _without(levels: pd.DataFrame, summaries: pd.DataFrame | None) -> pd.DataFrame:
    """Give the stages of sleeps that have no summary: those that begin in no sleep that has one."""
    if summaries is None:
        return levels
    known = pd.Series(data=False, index=levels.index)
    for start, end in zip(summaries["time"], summaries["endTime"], strict=True):
        known |= levels["time"].between(start, end if pd.notna(end) else start)
    return levels[~known]


def _from_levels(levels: pd.DataFrame) -> pd.DataFrame:
    """Put stages that follow each other together, and add up their minutes."""
    rows = levels.sort_values(_KEY, ignore_index=True)
    ends = rows["time"] + pd.to_timedelta(rows["duration_seconds"], unit="s")
    new = (rows["date"] != rows["date"].shift()) | (rows["isMainSleep"] != rows["isMainSleep"].shift())
    new |= (rows["time"] - ends.shift()).dt.total_seconds().fillna(0) > 3600  # noqa: PLR2004 - an hour is a new sleep
    return pd.DataFrame([_added_up(part) for _, part in rows.assign(end=ends).groupby(new.cumsum())])


def _added_up(stages: pd.DataFrame) -> dict[str, object]:
    kind = str(stages["SleepType"].iloc[0])
    names = stages["level"].map(CLASSIC if kind == "classic" else LEVELS)
    minutes = (stages["duration_seconds"] / 60).groupby(names).sum()
    in_bed = float(stages["duration_seconds"].sum() / 60)
    awake = float(minutes.get("awake", 0.0)) + float(minutes.get("restless", 0.0))
    told = names.notna().any()
    return {
        "date": stages["date"].iloc[0],
        "start": stages["time"].iloc[0],
        "end": stages["end"].max(),
        "main": stages["isMainSleep"].iloc[0] == "True",
        "kind": kind,
        "told": "stages",
        **{part: float(minutes[part]) if part in minutes else None for part in PARTS},
        "all_asleep": in_bed - awake if told else None,
        "in_bed": in_bed,
        "efficiency": 100 * (in_bed - awake) / in_bed if told and in_bed else None,
        "efficiency_from": "from the stages, short awakenings not counted",
    }


def by_date(every: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """Add up the minutes of each of `PARTS` for every date of `days`; a date without sleep is missing, not zero."""
    minutes = every.groupby("date")[list(PARTS)].sum(min_count=1) if len(every) else pd.DataFrame(columns=list(PARTS))
    return minutes.reindex(days["date"]).astype("float64")


def naps(frames: Frames) -> pd.DataFrame:
    """Give the naps as a table for people: date, from, to, minutes in bed and asleep."""
    every = sleeps(frames)
    found = every[every["nap"].astype(bool)]
    spans = {name: [f"{time:%H:%M}" for time in found[column]] for name, column in (("from", "start"), ("to", "end"))}
    told = {"minutes in bed": found["in_bed"], "minutes asleep": found["all_asleep"]}
    return pd.DataFrame({"date": found["date"], **spans, **told}).set_index("date")
