"""Dates as people type them."""

from __future__ import annotations

import datetime as dt
import re

from cromwelld.errors import UsageError
from cromwelld.planner import EARLIEST

_FORMS = "use 2025-10-08, 2025-10-06..2025-10-12, today, yesterday or 7d"
_LAST_DAYS = re.compile(r"([0-9]{1,4})d")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_dates(text: str, today: dt.date) -> tuple[dt.date, dt.date]:
    """Read a date or a range, both ends included; `7d` is the seven dates up to yesterday.

    Raises: UsageError if it cannot be read, is reversed, before 2009, or after `today`.
    """
    first, last = _ends(text.strip(), today)
    if first > last:
        raise UsageError(f"{text}: the first date is after the last", hint=_FORMS)
    if last > today:
        raise UsageError(f"{text}: {last} has not begun yet (today is {today})", hint=_FORMS)
    if first < EARLIEST:
        raise UsageError(f"{text}: there are no data before {EARLIEST}", hint=_FORMS)
    return first, last


def _ends(text: str, today: dt.date) -> tuple[dt.date, dt.date]:
    days = _LAST_DAYS.fullmatch(text)
    if days and int(days[1]):
        return today - dt.timedelta(days=int(days[1])), today - dt.timedelta(days=1)
    first, separator, last = text.partition("..")
    start = parse_date(first, today)
    return start, parse_date(last, today) if separator else start


def parse_date(text: str, today: dt.date) -> dt.date:
    """Read one date.

    Raises: UsageError.
    """
    words = {"today": today, "yesterday": today - dt.timedelta(days=1)}
    if text in words:
        return words[text]
    try:
        if _DATE.fullmatch(text):
            return dt.date.fromisoformat(text)
    except ValueError as err:
        raise UsageError(f"{text!r} is not a date: {err}", hint=_FORMS) from err
    raise UsageError(f"{text!r} is not a date", hint=_FORMS)
