"""Reading JSON objects in which people and vendors may have put anything.

Nothing here raises: the text of a decoding error, or the error itself, can hold the secret that was being read.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Mapping

_LONGEST_S = 10 * 365 * 86_400
_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")  # what may stand in a header


def opened(content: bytes) -> Mapping[str, object] | None:
    """Read a JSON object; None for anything else."""
    try:
        found = json.loads(content.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def text(value: object) -> str | None:
    """Read a text that is not empty."""
    return value if isinstance(value, str) and value else None


def token(value: object) -> str | None:
    """Read a token: printable, without blanks, as it may stand in a header."""
    return value if isinstance(value, str) and _TOKEN.fullmatch(value) else None


def names(value: object) -> str | None:
    """Read the scopes that were granted, a text or a list of them, as a text with blanks between."""
    if isinstance(value, list):
        value = " ".join(one for one in value if isinstance(one, str))
    return text(value)


def seconds(value: object) -> float | None:
    """Read a life in seconds, a number or its text; nonsense and what is not ahead are None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and 0 < number <= _LONGEST_S else None


def after(now: dt.datetime, value: object) -> dt.datetime | None:
    """Give the instant that lies a life in seconds after `now`, cut to the second."""
    life_s = seconds(value)
    return None if life_s is None else (now + dt.timedelta(seconds=life_s)).replace(microsecond=0)


def instant(value: object) -> dt.datetime | None:
    """Read an instant: ISO 8601 (UTC where it names no zone) or seconds since 1970; nonsense is None."""
    try:
        if isinstance(value, str):
            found = dt.datetime.fromisoformat(value)
            return found.replace(tzinfo=dt.UTC) if found.tzinfo is None else found.astimezone(dt.UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return dt.datetime.fromtimestamp(value, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None
