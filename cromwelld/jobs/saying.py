"""The one line that says what a collection did."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from cromwelld.errors import CromwelldError
from cromwelld.events import Event, Kind
from cromwelld.jobs.fetching import Asked
from cromwelld.jobs.stages import Stages
from cromwelld.jobs.store import Stored
from cromwelld.pieces import Outcome

MISSING = frozenset({Outcome.FAILED, Outcome.REFUSED})


def collected(
    about: Mapping[str, str],
    asked: Collection[Asked],
    stored: Iterable[Stored],
    *,
    ended_by: CromwelldError | None,
    stages: Stages,
) -> Event:
    """Sum a collection up: what came, what could not be had, what is stored or waits, and how long it took.

    `about` says of which account, and perhaps which dates, it was.
    """
    errors = [one.error for one in stored]
    counts = {
        "answered": sum(item.outcome.answered for item in asked),
        "failed": sum(item.outcome in MISSING for item in asked),
        "stored": errors.count(None),
        "waiting": len(errors) - errors.count(None),
    }
    end = "" if ended_by is None else ended_by.message
    return Event(Kind.DATES_COLLECTED, {**about, **counts, "ended_by": end, **stages.fields()})
