"""Which of two copies need not be read: the old JSON of heart rate, where Google's table of the same days is there."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from cromwelld.errors import DamagedFile
from cromwelld.sources.takeout.members import names

_TABLE = re.compile(r"heart_rate_(\d{4}-\d{2}-\d{2})\.csv", re.IGNORECASE)
_TWIN = re.compile(r"heart_rate-(\d{4}-\d{2}-\d{2})\.json", re.IGNORECASE)
_DAY = dt.timedelta(days=1)
_EVERY = 50  # some are read all the same: they show how the others are to be read
COVERED = "a better copy of it is read"


def tabled(parts: Iterable[Path]) -> frozenset[dt.date]:
    """Give the dates (UTC) of which there is a table of heart rate, as far as the names tell."""
    found: set[dt.date] = set()
    for part in parts:
        try:
            found.update(_dates(names(part)))
        except DamagedFile:
            continue  # it is named when it is read
    return frozenset(found)


def _dates(found: Iterable[str]) -> Iterable[dt.date]:
    for name in found:
        date = _date(_TABLE, name)
        if date is not None:
            yield date


def covered(name: str, tables: frozenset[dt.date]) -> bool:
    """Tell whether a file is a twin of which all is in tables: a local day reaches into the dates beside it."""
    date = _date(_TWIN, name)
    if date is None or date.toordinal() % _EVERY == 0:
        return False
    return {date - _DAY, date, date + _DAY} <= tables


def _date(pattern: re.Pattern[str], name: str) -> dt.date | None:
    match = pattern.fullmatch(PurePosixPath(name).name)
    try:
        return None if match is None else dt.date.fromisoformat(match[1])
    except ValueError:
        return None
