"""Dates of which something could not be had for so long that a person should know."""

from __future__ import annotations

import datetime as dt

from cromwelld.planner.settling import failed_for_good
from cromwelld.planner.states import ACCEPTED
from cromwelld.state import Entry, Ledger

_LATELY = dt.timedelta(days=60)  # what was lost before is history: the page of dates has it


def lost(ledger: Ledger, account: str, now: dt.datetime) -> dict[dt.date, str]:
    """Give the dates that are lost, each with its streams and why, unless a person has settled them. Blocks.

    Raises: DamagedFile.
    """
    found: dict[dt.date, list[str]] = {}
    for entry in ledger.failing(account, now.date() - _LATELY):
        if _is_lost(entry):
            found.setdefault(entry.date, []).append(f"{entry.stream}: {entry.reason}")
    return {date: "; ".join(reasons) for date, reasons in found.items()}


def _is_lost(entry: Entry) -> bool:
    return entry.outlook.settled != ACCEPTED and failed_for_good(entry.asked_at, entry.changed_at)
