"""How objects of the archive are named."""

from __future__ import annotations

import datetime as dt
import re

_OBJECT = re.compile(r"fitbit_backup_(\d{4}-\d{2}-\d{2})\.json\.gz")
_REPLACED = re.compile(r"replaced/(\d{4}-\d{2}-\d{2})/[0-9a-f]{8}\.json\.gz")
_SHORT = 8
REPLACED = "replaced/"


def object_name(date: dt.date) -> str:
    """Name the object of a date, below the prefix."""
    return f"fitbit_backup_{date.isoformat()}.json.gz"


def replaced_name(date: dt.date, digest: str, *, foreign: bool = False) -> str:
    """Name the place of a version that held records which its successor lacks, below the prefix.

    A foreign one may hold records of other dates that nothing else has: its name is none that is forgotten in time.
    """
    return f"{REPLACED}{date.isoformat()}/{digest[:_SHORT]}{'.foreign' if foreign else ''}.json.gz"


def date_of(name: str) -> dt.date | None:
    """Read the date of an object's name; None for anything that is not exactly such a name."""
    return _date(_OBJECT.fullmatch(name))


def replaced_at(name: str) -> dt.date | None:
    """Read the date of which a replaced version is; None for anything that is not exactly such a name."""
    return _date(_REPLACED.fullmatch(name))


def _date(match: re.Match[str] | None) -> dt.date | None:
    if match is None:
        return None
    try:
        return dt.date.fromisoformat(match[1])
    except ValueError:
        return None
