"""Why there is nothing to be seen of a date or a range, in words for people."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

Frames = Mapping[str, pd.DataFrame]

_VENDORS = {"fitbit_web": "Fitbit", "google_health": "Google", "takeout": "Takeout"}
_STATES = {
    "not worn": "not worn: there is no minute with a heart-rate sample",
    "never asked": "never asked for: `cromwelld collect {date}` does",
    "provisional": "the day is not over",
}
_OUTCOMES = {
    "partial": "{vendor} ended before it: the next export completes the date",
    "empty": "{vendor} answered: there are none",
    "refused": "{vendor} refused it: a permission is missing",
    "failed": "{vendor} gave no usable answer: `cromwelld collect {date}` asks again",
    "unsupported": "{vendor} has no such data",
    "not_offered": "{vendor} does not offer it",
}


def vendor(source: str) -> str:
    """Name a source as people know it."""
    return _VENDORS.get(source, source)


def answer(days: pd.DataFrame, measurement: str) -> pd.DataFrame:
    """Split what was answered for a measurement: `source` and `outcome` by date, both missing where never asked."""
    column = f"outcome_{measurement}"
    words = (days[column] if column in days else pd.Series(index=days.index)).astype("object").str.split(" ", n=1)
    return pd.DataFrame({"source": words.str[0], "outcome": words.str[1]}, index=days.index)


def why_nothing(days: pd.DataFrame, measurement: str) -> str:
    """Say why a measurement has no records in the dates of `days`: the rows of `load_days`."""
    if len(days) == 1:
        return f"{days['date'].iloc[0]}: {_of_one(days, measurement)}"
    counts = days["state"].value_counts()
    told = ", ".join(f"{count} {state}" for state, count in counts.items())
    return f"no {measurement} from {days['date'].iloc[0]} to {days['date'].iloc[-1]} ({told})"


def _of_one(days: pd.DataFrame, measurement: str) -> str:
    date, state = days["date"].iloc[0], str(days["state"].iloc[0])
    said = answer(days, measurement).iloc[0]
    sentence = _STATES.get(state) or _OUTCOMES.get(str(said["outcome"])) or f"there is no {measurement}"
    return sentence.format(date=date, vendor=vendor(str(said["source"])))
