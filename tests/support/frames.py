"""Frames as the reader gives them, made by hand: a day in London, a range of dates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from cromwelld.plots.canvas import Figure

LONDON = "Europe/London"
DATE = "2025-10-08"
NOT_TOLD = math.nan


def at(*texts: str, zone: str = LONDON) -> pd.DatetimeIndex:
    """Read UTC instants and show them in a zone."""
    return pd.DatetimeIndex([pd.Timestamp(text, tz="UTC") for text in texts]).as_unit("us").tz_convert(zone)


def days(
    *states: str,
    first: str = DATE,
    zone: str | None = LONDON,
    said: Mapping[str, Sequence[str | None]] | None = None,
) -> pd.DataFrame:
    """Build the rows of `load_days`: one for each state, from `first` on; `said` are the outcomes by measurement."""
    dates = pd.date_range(first, periods=len(states)).strftime("%Y-%m-%d")
    columns = {f"outcome_{name}": words for name, words in (said or {}).items()}
    worn = [0.0 if state in ("not worn", "never asked") else 1400.0 for state in states]
    return pd.DataFrame({"date": dates, "state": states, "zone": zone, "wear_minutes": worn, **columns})


def one(state: str = "complete", date: str = DATE, zone: str | None = LONDON, **outcomes: str) -> pd.DataFrame:
    """Build the row of one date."""
    return days(state, first=date, zone=zone, said={name: [word] for name, word in outcomes.items()})


def minutes(first: str, values: Sequence[float], *, date: str = DATE, zone: str = LONDON) -> pd.DataFrame:
    """Build one record a minute."""
    times = pd.date_range(pd.Timestamp(first, tz="UTC"), periods=len(values), freq="min", unit="us").tz_convert(zone)
    return pd.DataFrame({"time": times, "date": date, "value": values})


def daily(values: Mapping[str, float], column: str = "value") -> pd.DataFrame:
    """Build daily values by date, stamped at noon of London."""
    noons = pd.DatetimeIndex([pd.Timestamp(f"{date} 12:00", tz=LONDON) for date in values])
    return pd.DataFrame({"time": noons, "date": list(values), column: list(values.values())})


_SUMMARY = ("efficiency", "efficiencyDerived", "minutesAsleep", "minutesInBed", "minutesAwake")
_PARTS = ("minutesLight", "minutesREM", "minutesDeep", "minutesRestless")


def summary(start: str, end: str, told: Mapping[str, float], *, main: bool = True) -> pd.DataFrame:
    """Build the summary of one sleep, with numbers in the catalogue's names; the kind follows from them."""
    numbers = {name: [told.get(name, NOT_TOLD)] for name in (*_SUMMARY, *_PARTS)}
    kind = "stages" if "minutesDeep" in told else "classic"
    tags = {"date": [DATE], "isMainSleep": [str(main)], "SleepType": [kind]}
    return pd.DataFrame({"time": at(start), **tags, **numbers, "endTime": at(end)})


def levels(start: str, *stretches: tuple[float, int], date: str = DATE, kind: str = "stages") -> pd.DataFrame:
    """Build stages that follow each other, each a level and its minutes."""
    begin, rows = at(start)[0], []
    for level, lasted in stretches:
        rows.append({"time": begin, "level": level, "duration_seconds": lasted * 60.0})
        begin += pd.Timedelta(minutes=lasted)
    return pd.DataFrame(rows).assign(date=date, isMainSleep="True", SleepType=kind)


def walk(start: str, lasted_min: float, *, km: float = NOT_TOLD, name: str = "Walk", date: str = DATE) -> pd.DataFrame:
    """Build one activity."""
    told = {"activeDuration": lasted_min * 60_000, "duration": lasted_min * 60_000, "distance": km}
    return pd.DataFrame(
        {"time": at(start), "date": date, "ActivityName": name, **told, "averageHeartRate": 110.0, "calories": 150.0}
    )


def track(start: str, seconds: int, speed_m_s: float, *, name: str = "Walk") -> pd.DataFrame:
    """Build a point a second, northward at an even speed, from 56 degrees north."""
    times = pd.date_range(pd.Timestamp(start, tz="UTC"), periods=seconds + 1, freq="s", unit="us").tz_convert(LONDON)
    way = [speed_m_s * second for second in range(seconds + 1)]
    degrees = [56 + metres / 111_194.927 for metres in way]  # a degree is pi / 180 of 6,371 km
    told = {"lat": degrees, "lon": 3.0, "altitude": 10.0, "distance": way, "heart_rate": NOT_TOLD}
    return pd.DataFrame({"time": times, "date": DATE, "ActivityID": f"{start}-{name}", **told})


def words(figure: Figure) -> str:
    """Give everything that is written in a figure but its ticks."""
    parts = [figure.get_suptitle()]
    for axes in figure.axes:
        parts += [axes.get_title("left"), axes.get_xlabel(), axes.get_ylabel(), *(t.get_text() for t in axes.texts)]
    parts += [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    return "\n".join(parts)


def says_only(figure: Figure, why: str) -> bool:
    """Tell whether a figure has no data and says why."""
    return why in words(figure) and not any(axes.has_data() for axes in figure.axes)
