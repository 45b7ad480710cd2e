"""How a stream of a date stands: exactly one word for every entry that there can be."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cromwelld.pieces import Outcome
from cromwelld.planner.settling import NEVER_SYNCED, UNFINISHED
from cromwelld.planner.states import Around, Stands, State, stands
from cromwelld.state import Entry, Outlook

NOW = dt.datetime(2025, 10, 9, 3, 0, tzinfo=dt.UTC)
DUE = dt.datetime(2025, 10, 12, 0, 0, tzinfo=dt.UTC)
OK = Entry(
    date=dt.date(2025, 10, 8),
    stream="sleep",
    outcome=Outcome.OK,
    reason="",
    records=12,
    digest="0" * 16,
    source="fitbit_web",
    asked_at=NOW,
    stored=True,
    empty_since=None,
    verdict="taken",
)
EMPTY = replace(OK, outcome=Outcome.EMPTY, records=0)


@pytest.mark.parametrize(
    ("entry", "around", "state", "reason"),
    [
        (OK, Around(), "complete", ""),
        (replace(OK, outlook=Outlook(settled=NEVER_SYNCED)), Around(), "complete", "never synced past its end"),
        (replace(OK, outlook=Outlook(settled="accepted")), Around(), "complete", "accepted"),
        (replace(OK, outlook=Outlook(due_at=DUE)), Around(), "provisional", "asked again on 2025-10-12"),
        (
            replace(OK, outlook=Outlook(due_at=DUE, settled=UNFINISHED)),
            Around(),
            "provisional",
            "the track is shorter than its activity; asked again on 2025-10-12",
        ),
        (replace(OK, stored=False), Around(), "provisional", "collected; waits to be stored"),
        (EMPTY, Around(), "empty", ""),
        (EMPTY, Around(worn=False), "not worn", ""),
        (replace(EMPTY, outlook=Outlook(due_at=DUE)), Around(worn=False), "provisional", "asked again on 2025-10-12"),
        (replace(OK, outcome=Outcome.REFUSED, reason="scope"), Around(), "refused", "scope"),
        (replace(OK, outcome=Outcome.FAILED, reason="HTTP 503", stored=False), Around(), "failed", "HTTP 503"),
        (
            replace(OK, outcome=Outcome.FAILED, reason="HTTP 503", outlook=Outlook(settled="accepted")),
            Around(),
            "failed",
            "HTTP 503; accepted",
        ),
        (replace(OK, outcome=Outcome.PARTIAL, outlook=Outlook(settled="goes on")), Around(), "partial", "goes on"),
        (replace(OK, outcome=Outcome.UNSUPPORTED), Around(), "unsupported", ""),
        (replace(OK, outcome=Outcome.NOT_OFFERED, reason="left out"), Around(), "not offered", "left out"),
        (
            replace(OK, verdict="shrunk", outlook=Outlook(due_at=DUE)),
            Around(),
            "shrunk",
            "the vendor's newest answer holds less; what was archived before is kept",
        ),
        (None, Around(), "never asked", ""),
        (None, Around(archived=True), "unknown", "the archive has the date, and does not tell of this"),
    ],
)
def test_how_a_stream_of_a_date_stands(entry: Entry | None, around: Around, state: str, reason: str) -> None:
    assert stands(entry, around) == Stands(state=State(state), reason=reason)


@given(
    outcome=st.sampled_from(Outcome),
    stored=st.booleans(),
    verdict=st.sampled_from(["", "taken", "shrunk", "emptiness doubted", "source kept"]),
    due=st.booleans(),
    around=st.builds(Around, archived=st.booleans(), worn=st.booleans()),
)
def test_every_entry_is_in_exactly_one_state(
    outcome: Outcome, verdict: str, around: Around, *, stored: bool, due: bool
) -> None:
    entry = replace(OK, outcome=outcome, stored=stored, verdict=verdict, outlook=Outlook(due_at=DUE if due else None))
    found = stands(entry, around)
    assert (found.state in {State.COMPLETE, State.PARTIAL, State.EMPTY, State.NOT_WORN}) == (
        outcome.answered and stored and verdict != "shrunk" and not due
    )
    assert found.state not in {State.UNKNOWN, State.NEVER_ASKED}
