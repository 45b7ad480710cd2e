"""What is known of every account, date and stream, and of every run: one SQLite file, one importer."""

from __future__ import annotations

from cromwelld.state.alerts import Alerts, Phase, Raised
from cromwelld.state.budgets import Left
from cromwelld.state.entries import Entry, Fetched, Outlook
from cromwelld.state.ledger import Kept, Ledger
from cromwelld.state.marks import Mark, Marked
from cromwelld.state.open_work import Stretch, Synced, Wanted
from cromwelld.state.runs import Counts, Run, RunEnd, Runs, RunState, RunWish, WishedBy
from cromwelld.state.standings import Obstacle, Standing

__all__ = [
    "Alerts",
    "Counts",
    "Entry",
    "Fetched",
    "Kept",
    "Ledger",
    "Left",
    "Mark",
    "Marked",
    "Obstacle",
    "Outlook",
    "Phase",
    "Raised",
    "Run",
    "RunEnd",
    "RunState",
    "RunWish",
    "Runs",
    "Standing",
    "Stretch",
    "Synced",
    "Wanted",
    "WishedBy",
]
