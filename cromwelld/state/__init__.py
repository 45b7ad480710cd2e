"""What is known of every account, date and stream, and of every run: one SQLite file, one importer."""

from __future__ import annotations

from cromwelld.state.budgets import Left
from cromwelld.state.ledger import Entry, Kept, Ledger
from cromwelld.state.marks import Mark, Marked
from cromwelld.state.runs import Counts, Run, RunEnd, Runs, RunState, RunWish, WishedBy
from cromwelld.state.standings import Obstacle, Standing

__all__ = [
    "Counts",
    "Entry",
    "Kept",
    "Ledger",
    "Left",
    "Mark",
    "Marked",
    "Obstacle",
    "Run",
    "RunEnd",
    "RunState",
    "RunWish",
    "Runs",
    "Standing",
    "WishedBy",
]
