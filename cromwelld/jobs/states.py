"""One word for how a date stands."""

from __future__ import annotations

from cromwelld.day import Day
from cromwelld.day.model import not_worn
from cromwelld.measurements import Merge, describe
from cromwelld.pieces import Outcome

PROVISIONAL, INCOMPLETE, COMPLETE, NOT_WORN, UNKNOWN = "provisional", "incomplete", "complete", "not worn", "unknown"
WAITING = "waiting"  # collected, and not stored yet
ACCEPTED = "accepted"  # incomplete, and a person took it as it is
STATES = (COMPLETE, PROVISIONAL, INCOMPLETE, ACCEPTED, WAITING, NOT_WORN, UNKNOWN)


def state_of(day: Day, *, ended: bool) -> str:
    """Tell how a date stands: not over, something could not be had, not worn, complete, or unknown if never asked.

    A battery reading goes to its own date whatever date was asked, so that it alone says nothing of a date. One that
    rests on an export which ended on it is not over either, until the next export.
    """
    if not ended or _ends_an_export(day):
        return PROVISIONAL
    if all(describe(name).merge is Merge.READINGS for name in day.asked):
        return UNKNOWN
    if any(
        not word.endswith((" ok", " partial", " empty", " not_offered", " unsupported")) for word in day.asked.values()
    ):
        return INCOMPLETE
    return NOT_WORN if not_worn(day) else COMPLETE


def _ends_an_export(day: Day) -> bool:
    words = [word.partition(" ") for word in day.asked.values()]
    exports = {source for source, _, outcome in words if outcome == Outcome.PARTIAL.value}
    return bool(exports) and exports >= {source for source, _, outcome in words if outcome == Outcome.OK.value}
