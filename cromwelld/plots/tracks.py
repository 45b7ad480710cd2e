"""Activities and their tracks, as numbers: which points belong to which, how fast, with which heart rate."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from cromwelld.plots import clock
from cromwelld.plots.clock import Numbers
from cromwelld.plots.reasons import Frames

_EARTH_M = 6_371_000.0
_SMOOTHING_S = 30.0
_STANDING_M_S = 0.5
_NEAR = pd.Timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One activity: `end` counts breaks in, `minutes` and `pace` (min/km) do not; what was not told is not a number."""

    name: str
    start: pd.Timestamp
    end: pd.Timestamp
    minutes: float
    km: float
    pace: float
    bpm: float
    kcal: float
    has_track: bool


_NAMES = [field.name for field in fields(Activity)]


def activities(frames: Frames) -> pd.DataFrame:
    """Give one row an activity, by start, with the columns of `Activity`."""
    rows = frames.get("ActivityRecords")
    if rows is None:
        return pd.DataFrame(columns=_NAMES)
    lasted = rows["duration"].fillna(rows["activeDuration"]).fillna(0.0)
    moving = rows["activeDuration"].fillna(rows["duration"]) / 60_000
    made = pd.DataFrame(
        {
            "name": rows["ActivityName"],
            "start": rows["time"],
            "end": rows["time"] + pd.to_timedelta(lasted, unit="ms"),
            "minutes": moving,
            "km": rows["distance"],
            "pace": moving / rows["distance"].where(rows["distance"] > 0),
            "bpm": rows["averageHeartRate"],
            "kcal": rows["calories"],
        }
    ).sort_values("start", ignore_index=True)
    spans = zip(made["start"], made["end"], strict=True)
    made["has_track"] = [not track(frames, start, end).empty for start, end in spans]
    return made[_NAMES]


def choose(every: pd.DataFrame, number: int | None = None) -> Activity | None:
    """Choose an activity by its number; by itself the longest, one with a track before one without."""
    if every.empty:
        return None
    ranked = every if number is not None else every.sort_values(["has_track", "minutes"])
    told = ranked.iloc[-1 if number is None else number]
    return Activity(**{name: told[name] for name in _NAMES})


def track(frames: Frames, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Give the points of an activity, by time: of the tracks that lie in it the one with most points."""
    points = frames.get("GPS")
    if points is None:
        return pd.DataFrame(columns=["time", "lat", "lon", "distance", "heart_rate"])
    inside = points[points["time"].between(start, end)]
    most = inside["ActivityID"].value_counts().idxmax() if len(inside) else ""
    return inside[inside["ActivityID"] == most].sort_values("time", ignore_index=True)


def samples(frames: Frames, activity: Activity) -> pd.DataFrame:
    """Give the heart-rate samples of an activity: time and value."""
    every = frames.get("HeartRate_Intraday")
    if every is None:
        return pd.DataFrame(columns=["time", "value"])
    return every[every["time"].between(activity.start, activity.end)]


def metres(points: pd.DataFrame) -> tuple[Numbers, Numbers]:
    """Give the way east and north of the first point, in metres, so that no coordinate need be shown."""
    lat, lon = np.radians(points["lat"].to_numpy()), np.radians(points["lon"].to_numpy())
    return _EARTH_M * np.cos(lat[0]) * (lon - lon[0]), _EARTH_M * (lat - lat[0])


def covered(points: pd.DataFrame) -> Numbers:
    """Give the metres covered up to each point: as recorded, else from the positions."""
    told: Numbers = points["distance"].to_numpy(dtype="float64")
    if not np.isnan(told).any():
        return told
    east, north = metres(points)
    way: Numbers = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(east), np.diff(north)))])
    return way


def pace(points: pd.DataFrame) -> Numbers:
    """Give the pace at each point in min/km, over 30 seconds around it; missing where the person stood."""
    seconds, way, half = clock.numbers(points["time"]) * 86_400, covered(points), _SMOOTHING_S / 2
    before, after = np.clip(seconds - half, seconds[0], None), np.clip(seconds + half, None, seconds[-1])
    with np.errstate(invalid="ignore", divide="ignore"):
        speed = (np.interp(after, seconds, way) - np.interp(before, seconds, way)) / (after - before)
        found: Numbers = np.where(speed > _STANDING_M_S, 1000 / 60 / speed, np.nan)
    return found


def pulse(points: pd.DataFrame, beats: pd.DataFrame) -> Numbers:
    """Give the heart rate at each point: the track's own, else the nearest sample of at most 30 seconds away."""
    own: Numbers = points["heart_rate"].to_numpy(dtype="float64")
    if not np.isnan(own).all() or beats.empty:
        return own
    near = pd.merge_asof(
        points[["time"]], beats[["time", "value"]].sort_values("time"), on="time", direction="nearest", tolerance=_NEAR
    )
    found: Numbers = near["value"].to_numpy(dtype="float64")
    return found
