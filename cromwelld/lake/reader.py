"""What notebooks call: the records of a date or a range, and what is known of each date.

Nothing here needs a lock, a configuration or the network; files that another process replaces meanwhile are read as
they were or as they are. Dates are text ("2025-12-02") or `datetime.date`.
"""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld import localtime
from cromwelld.errors import StoreError, UsageError
from cromwelld.lake import scan
from cromwelld.lake.columns import align
from cromwelld.lake.files import Files
from cromwelld.lake.frames import frames
from cromwelld.lake.layout import DAYS

__all__ = ["DamagedTable", "available_dates", "load_date", "load_days", "load_range"]

NEVER_ASKED = "never asked"
UNKNOWN = "unknown"
PROVISIONAL = "provisional"

_UTC = "UTC"
_FIRST, _LAST = "0001-01-01", "9999-12-31"

Date = str | dt.date
Folder = str | Path


class DamagedTable(UserWarning):
    """A file of the tables cannot be read; the others are served."""


def load_date(date: Date, data_dir: Folder, timezone: str | None = None) -> dict[str, pd.DataFrame]:
    """Load everything of one date: a frame for each measurement, a missing measurement is a missing key.

    `time` and `endTime` are in the zone stored with the date, or in `timezone`; in UTC if neither is known. A frame has
    the columns of its measurement (see the catalogue) and `date`; an unfinished date is loaded as far as it is known.

    Raises: UsageError for a date, a zone or a folder that is none. Warns: DamagedTable.
    """
    return load_range(date, date, data_dir, timezone, provisional=True)


def load_range(  # noqa: PLR0913 - the signature that notebooks are promised
    first: Date,
    last: Date,
    data_dir: Folder,
    timezone: str | None = None,
    *,
    provisional: bool = False,
    measurements: Iterable[str] | None = None,
) -> dict[str, pd.DataFrame]:
    """Load a range of dates, both ends included: a frame for each measurement, by date and time.

    Dates that are not finished (state "provisional": today) are left out unless `provisional`. All times are in
    `timezone`, else in the one zone that the newest date of the range was lived in, else in UTC. `measurements` names
    those to load; nothing else is read.

    Raises: UsageError for a date, a zone or a folder that is none. Warns: DamagedTable.
    """
    wanted = _wanted(first, last, measurements)
    files = _files(data_dir)
    known = _known(files, wanted)
    zone = _zone(timezone) or known.zone
    tables = scan.read(files, replace(wanted, listed=known.dates), _warn)
    if not provisional:
        tables = {name: known.finished(rows) for name, rows in tables.items()}
    return frames({name: rows for name, rows in tables.items() if rows.num_rows}, zone)


def load_days(first: Date, last: Date, data_dir: Folder) -> pd.DataFrame:
    """Load what is known of each date from `first` to `last`: one row a date, every date present.

    A date that was never asked for has the state "never asked"; in a folder of other programs, which do not tell, a
    date with records is "unknown". `time` is local noon, in the zone of the newest date.

    Raises: UsageError for a date or a folder that is none. Warns: DamagedTable.
    """
    wanted = _wanted(first, last)
    files = _files(data_dir)
    rows = _days(files, wanted)
    if rows is None:
        there = [date for date in _dates_lying(files) if wanted.first <= date <= wanted.last]
        rows = align(pa.table({"date": there, "state": pa.repeat(UNKNOWN, len(there))}), DAYS.schema)
    zone = _newest_zone(rows)
    every = pd.date_range(wanted.first, wanted.last).strftime("%Y-%m-%d")
    days = frames({"days": rows}, zone)["days"].set_index("date").reindex(every).rename_axis("date").reset_index()
    days["state"] = days["state"].fillna(NEVER_ASKED)
    days["sealed"] = days["sealed"].eq(other=True)
    result: pd.DataFrame = days[DAYS.schema.names]
    return result


def available_dates(data_dir: Folder) -> list[str]:
    """List the dates that have records, as text, oldest first.

    Raises: UsageError for a folder that is none. Warns: DamagedTable.
    """
    files = _files(data_dir)
    rows = _days(files, scan.Wanted(first=_FIRST, last=_LAST), ["date", "records"])
    if rows is None:
        return _dates_lying(files)
    dates: list[str] = rows.filter(pc.greater(rows["records"], 0))["date"].to_pylist()
    return dates


# --- what the folder says of its dates


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """The dates of a range that the folder lists (None if it lists none), their newest zone, the unfinished ones."""

    dates: tuple[str, ...] | None
    zone: str
    unfinished: tuple[str, ...] = ()

    def finished(self, rows: pa.Table) -> pa.Table:
        """Leave out the rows of unfinished dates."""
        if not self.unfinished:
            return rows
        return rows.filter(pc.invert(pc.is_in(rows["date"], pa.array(self.unfinished, pa.string()))))


def _known(files: Files, wanted: scan.Wanted) -> _Known:
    rows = _days(files, wanted, ["date", "zone", "state"])
    if rows is None:
        return _Known(dates=None, zone=_UTC)
    unfinished = rows.filter(pc.equal(rows["state"], PROVISIONAL))["date"].to_pylist()
    return _Known(dates=tuple(rows["date"].to_pylist()), zone=_newest_zone(rows), unfinished=tuple(unfinished))


def _days(files: Files, wanted: scan.Wanted, columns: list[str] | None = None) -> pa.Table | None:
    try:
        return scan.days(files, wanted.first, wanted.last, columns)
    except StoreError as err:
        _warn(err)
        return None


def _newest_zone(rows: pa.Table) -> str:
    """Name the zone of the last row that has one which this machine knows; UTC if there is none."""
    zones = [zone for zone in rows["zone"].to_pylist() if zone and localtime.known_zone(zone)]
    return zones[-1] if zones else _UTC


def _dates_lying(files: Files) -> list[str]:
    return scan.dates_lying(files, _warn)


# --- what the caller said


def _wanted(first: Date, last: Date, measurements: Iterable[str] | None = None) -> scan.Wanted:
    names = None if measurements is None else frozenset(measurements)
    return scan.Wanted(first=_text(first), last=_text(last), measurements=names)


def _text(date: Date) -> str:
    try:
        day = dt.date.fromisoformat(date) if isinstance(date, str) else date
    except ValueError as err:
        raise UsageError(f"{date!r} is not a date", hint="write it as 2025-12-02") from err
    return (day.date() if isinstance(day, dt.datetime) else day).isoformat()


def _zone(name: str | None) -> str | None:
    if name is not None and not localtime.known_zone(name):
        raise UsageError(f"{name!r} is not a time zone", hint="name one as Europe/London")
    return name


def _files(data_dir: Folder) -> Files:
    if not Path(data_dir).is_dir():
        raise UsageError(
            f"there is no folder {data_dir}", hint="name the data folder, in which daily_summaries.parquet lies"
        )
    return Files(Path(data_dir))


def _warn(err: StoreError) -> None:
    warnings.warn(f"{err.message}; {err.hint}", DamagedTable, stacklevel=2)
