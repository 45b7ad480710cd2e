"""A collection in plain values: nothing is lost on the way through JSON, and the counts are those of its parts."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from cromwelld.errors import ConfigurationError, CromwelldError, FarSideAway, LoginNeeded, StoreError
from cromwelld.jobs.collect import Collected
from cromwelld.jobs.fetching import Asked
from cromwelld.jobs.store import Stored
from cromwelld.jobs.summary import Summary, from_json, run_end, summarize, to_json, together
from cromwelld.outbox import Held
from cromwelld.pieces import Outcome
from cromwelld.state import Counts, RunState
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
    assert json.loads(to_json(summarize(ALL))) == {
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
        summary = summarize(collected)
        assert from_json(to_json(summary)) == summary


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"complete": 1}', '{"complete": true, "dates": {"x": {}}}'])
def test_what_is_no_summary_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_json(text)


@pytest.mark.parametrize(
    ("collected", "state", "reason"),
    [
        (Collected(asked=(asked(),), stored=(stored(),)), RunState.DONE, ""),
        (
            Collected(asked=(asked(), asked("gps", Outcome.REFUSED, "403")), stored=(stored(),)),
            RunState.INCOMPLETE,
            "gps: refused",
        ),
        (Collected(asked=(asked(outcome=Outcome.FAILED),), stored=()), RunState.FAILED, "sleep: failed"),
        (Collected(asked=(), stored=(), ended_by=LoginNeeded("no login")), RunState.FAILED, "no login"),
        (Collected(asked=(asked(),), stored=(stored(error=StoreError("full")),)), RunState.FAILED, "full"),
    ],
)
def test_a_run_ends_as_its_collection_did(collected: Collected, state: RunState, reason: str) -> None:
    end = run_end(summarize(collected))
    assert (end.state, end.reason) == (state, reason)
    assert from_json(end.report) == summarize(collected)


def test_the_counts_are_those_of_the_parts() -> None:
    assert run_end(summarize(ALL)).counts == Counts(asked=3, answered=2, failed=1, stored=0, changed=0, records=7)
    fine = Collected(asked=(asked(), asked("hrv")), stored=(stored(),))
    assert run_end(summarize(fine)).counts == Counts(asked=2, answered=2, failed=0, stored=1, changed=1, records=14)


def test_parts_that_followed_each_other_are_one() -> None:
    first = summarize(Collected(asked=(asked(),), stored=(stored(),)))
    both = together([first, summarize(ALL)])
    assert (both.complete, len(both.streams), both.exit_code) == (False, 4, 2)
    assert (both.waiting, both.ended_by) == (summarize(ALL).waiting, summarize(ALL).ended_by)
    assert together([first]) == first
    assert together([]) == Summary(complete=True)
