"""Everything that a person is told of a collection, as a document for JSON."""

from __future__ import annotations

from collections.abc import Mapping

from cromwelld.errors import ConfigurationError, CromwelldError
from cromwelld.jobs.collect import Collected
from cromwelld.jobs.fetching import Asked
from cromwelld.jobs.states import state_of
from cromwelld.jobs.store import Stored
from cromwelld.measurements import DAY_RECORD
from cromwelld.outbox import Held

Document = dict[str, object]


def document(collected: Collected, places: Mapping[str, str]) -> Document:
    """Write down what became of every date and stream; `places` says where things lie."""
    return {
        "complete": collected.complete,
        "dates": {item.date.isoformat(): _date(item) for item in collected.stored},
        "streams": [_asked(item) for item in collected.asked],
        "places": dict(places),
        "waiting": None if collected.held is None else _held(collected.held),
        "ended_by": _error(collected.ended_by),
    }


def counts(item: Stored) -> dict[str, int]:
    """Count the records of a date by measurement, the one on the day itself included once it is archived."""
    if item.day is None:
        return {}
    found = {name: rows.num_rows for name, rows in item.day.tables.items()}
    return found | ({DAY_RECORD: 1} if item.archived else {})


def _held(held: Held) -> Document:
    return {"answers": held.pieces, "bytes": held.size_bytes, "oldest": held.oldest.isoformat(timespec="seconds")}


def _date(item: Stored) -> Document:
    return {
        "state": None if item.day is None else state_of(item.day, ended=item.archived),
        "archived": item.archived,
        "changed": item.changed,
        "records": counts(item),
        "error": _error(item.error),
    }


def _asked(item: Asked) -> Document:
    return {
        "date": item.date.isoformat(),
        "stream": item.stream,
        "outcome": item.outcome.value,
        "reason": item.reason,
        "records": item.records,
    }


def _error(err: CromwelldError | None) -> Document | None:
    if err is None:
        return None
    problems = list(err.problems) if isinstance(err, ConfigurationError) else []
    return {"message": err.message, "hint": err.hint, "problems": problems}
