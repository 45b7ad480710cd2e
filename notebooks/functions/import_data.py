"""The names that notebooks load data by; all of them call cromwelld's reader.

Where the data lie: what is named, else $CROMWELLD_DATA_DIR and $CROMWELLD_ARCHIVE, which `cromwelld notebook` sets.
"""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass

import pandas as pd

from cromwelld import available_dates, load_date, load_days

_RANGE_DAYS = 90


def load_single_date_from_parquet(date: str | dt.date, path: str | None = None) -> dict[str, pd.DataFrame]:
    """Load everything of one date from the Parquet tables: a frame for each measurement that has records."""
    return load_date(date, path or data_dir())


def get_fitbit_data_for_date(date: str | dt.date, archive: str | None = None) -> dict[str, pd.DataFrame]:
    """Load everything of one date from its object in the archive: a folder, or `s3://bucket/prefix`.

    A date without an object gives an empty dictionary.
    """
    from cromwelld.wiring.peek import load_archived  # what it takes to reach a bucket is slow to import

    day = dt.date.fromisoformat(date) if isinstance(date, str) else date
    return load_archived(day, archive or _archive())


def data_dir() -> str:
    """Name the folder of the tables."""
    return os.environ.get("CROMWELLD_DATA_DIR", "data")


def _archive() -> str:
    place = os.environ.get("CROMWELLD_ARCHIVE")
    if not place:
        message = "where is the archive? Name a folder or s3://bucket/prefix, or set CROMWELLD_ARCHIVE"
        raise ValueError(message)
    return place


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a notebook looks at: one date, and a range that ends with it unless it is told otherwise."""

    data: str
    date: str
    first: str
    last: str


def choose(
    date: str | None = None, first: str | None = None, last: str | None = None, data: str | None = None
) -> Choice:
    """Fill in what was left open: the newest date that is over, and the 90 dates up to it, as far as there are any."""
    folder = data or data_dir()
    there = available_dates(folder)
    chosen = date or _newest(there, folder)
    end = last or chosen
    start = (dt.date.fromisoformat(end) - dt.timedelta(days=_RANGE_DAYS - 1)).isoformat()
    begins = min(max(start, there[0]), end) if there else start
    return Choice(data=folder, date=chosen, first=first or begins, last=end)


def _newest(dates: list[str], folder: str) -> str:
    """Name the newest date with records: one that is over if there is any, today if there is no date at all."""
    if not dates:
        return dt.datetime.now().astimezone().date().isoformat()
    states = load_days(dates[0], dates[-1], folder).set_index("date")["state"]
    over = [one for one in dates if states.get(one) != "provisional"]
    return (over or dates)[-1]
