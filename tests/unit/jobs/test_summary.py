"""A collection in plain values: nothing is lost on the way through JSON, and the counts are those of its parts."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from cromwelld.errors import ConfigurationError, CromwelldError, FarSideAway, StoreError
from cromwelld.jobs.collect import Collected
from cromwelld.jobs.fetching import Asked
from cromwelld.jobs.reporting import document
from cromwelld.jobs.store import Stored
from cromwelld.jobs.summary import Summary, from_json, summarize, together
from cromwelld.outbox import Held
from cromwelld.pieces import Outcome
from tests.support.days import DATE, day, heart, minutes

OLDEST = dt.datetime(2025, 10, 9, 3, 0, 1, 999, tzinfo=dt.UTC)


def asked(stream: str = "sleep", outcome: Outcome = Outcome.OK, reason: str = "", records: int = 7) -> Asked:
    return Asked(date=DATE, stream=stream, outcome=outcome, reason=reason, records=records)


def stored(*, archived: bool = True, error: CromwelldError | None = None, held: bool = True) -> Stored:
    found = day({"HeartRate_Intraday": heart(minutes(0, 7))}) if held else None
    return Stored(date=DATE, day=found, archived=archived, changed=True, error=error)


ALL = Collected(
    asked=(asked(), asked("hrv", Outcome.EMPTY, records=0), asked("gps", Outcome.REFUSED, "403: no", records=0)),
    stored=(stored(archived=False, error=FarSideAway("the archive is away", hint="wait")),),
    ended_by=ConfigurationError("two mistakes", problems=("one", "two")),
    held=Held(pieces=3, size_bytes=2048, oldest=OLDEST),
)


def test_what_is_told_is_what_was_done() -> None:
    assert json.loads(json.dumps(document(ALL, {"tables": "/srv/data"}))) == {
        "places": {"tables": "/srv/data"},
        "complete": False,
        "dates": {
            "2025-10-08": {
                "state": "provisional",
                "archived": False,
                "changed": True,
                "records": {"HeartRate_Intraday": 7},
                "error": {"message": "the archive is away", "hint": "wait", "problems": [], "exit_code": 75},
            }
        },
        "streams": [
            {"date": "2025-10-08", "stream": "sleep", "outcome": "ok", "reason": "", "records": 7},
            {"date": "2025-10-08", "stream": "hrv", "outcome": "empty", "reason": "", "records": 0},
            {"date": "2025-10-08", "stream": "gps", "outcome": "refused", "reason": "403: no", "records": 0},
        ],
        "waiting": {"answers": 3, "bytes": 2048, "oldest": "2025-10-09T03:00:01Z"},
        "ended_by": {"message": "two mistakes", "hint": "", "problems": ["one", "two"], "exit_code": 2},
    }


def test_nothing_is_lost_through_json() -> None:
    for collected in (ALL, Collected(asked=(), stored=(stored(), stored(held=False, error=StoreError("full"))))):
        assert from_json(json.dumps(document(collected, {"tables": "/srv/data"}))) == summarize(collected)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"complete": 1}', '{"complete": true, "dates": {"x": {}}}'])
def test_what_is_no_summary_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_json(text)


def test_parts_that_followed_each_other_are_one() -> None:
    first = summarize(Collected(asked=(asked(),), stored=(stored(),)))
    both = together([first, summarize(ALL)])
    assert (both.complete, len(both.streams), both.exit_code) == (False, 4, 2)
    assert (both.waiting, both.ended_by) == (summarize(ALL).waiting, summarize(ALL).ended_by)
    assert together([first]) == first
    assert together([]) == Summary(complete=True)
