"""What to do next, decided without asking anybody."""

from __future__ import annotations

from cromwelld.planner.cutting import EARLIEST, plan, spans, windows
from cromwelld.planner.duties import Batch, Open, batches, dates_of, joined, lacking, todays, wanted
from cromwelld.planner.settling import Asking, outlook

__all__ = [
    "EARLIEST",
    "Asking",
    "Batch",
    "Open",
    "batches",
    "dates_of",
    "joined",
    "lacking",
    "outlook",
    "plan",
    "spans",
    "todays",
    "wanted",
    "windows",
]
