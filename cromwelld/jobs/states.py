"""One word for how a date stands."""

from __future__ import annotations

from cromwelld.day import Day
from cromwelld.day.model import wear_minutes

PROVISIONAL, INCOMPLETE, COMPLETE, NOT_WORN, UNKNOWN = "provisional", "incomplete", "complete", "not worn", "unknown"


def state_of(day: Day, *, ended: bool) -> str:
    """Tell how a date stands: not over, something could not be had, not worn, complete, or unknown if never asked."""
    if not ended:
        return PROVISIONAL
    if not day.asked:
        return UNKNOWN
    if any(not word.endswith((" ok", " empty", " not_offered", " unsupported")) for word in day.asked.values()):
        return INCOMPLETE
    return NOT_WORN if wear_minutes(day) == 0 else COMPLETE
