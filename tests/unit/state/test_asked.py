"""What was asked is known by its stretches, whatever was entered, changed, restored or forgotten, in whatever order."""

from __future__ import annotations

import datetime as dt
import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import hypothesis
from hypothesis import settings
from hypothesis import strategies as st

from cromwelld.pieces import Answer, Outcome
from cromwelld.state import Entry, Fetched, Kept, Ledger
from cromwelld.state.steps import EXTENTS, STEPS

FIRST = dt.date(2025, 10, 1)
NOW = dt.datetime(2025, 11, 1, 3, 0, tzinfo=dt.UTC)
STREAMS, SOURCES = ("heart_rate", "sleep"), ("fitbit_web", "google_health")
OUTCOMES = (Outcome.OK, Outcome.FAILED, Outcome.NOT_OFFERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One entry of an account; with `restored` it is an archive's word, which replaces nothing."""

    account: str
    stream: str
    day: int
    outcome: Outcome
    source: str
    restored: bool

    @property
    def date(self) -> dt.date:
        return FIRST + dt.timedelta(days=self.day)


ENTRIES = st.builds(
    Told,
    account=st.sampled_from(["me", "partner"]),
    stream=st.sampled_from(STREAMS),
    day=st.integers(0, 5),
    outcome=st.sampled_from(OUTCOMES),
    source=st.sampled_from(SOURCES),
    restored=st.booleans(),
)


def enter(ledger: Ledger, one: Told) -> None:
    if one.restored:
        entry = Entry(
            date=one.date, stream=one.stream, outcome=one.outcome, reason="", records=1, digest="",
            source=one.source, asked_at=NOW, stored=True, empty_since=None, verdict="",
        )  # fmt: skip
        ledger.restore(one.account, one.date, Kept(zone="Europe/London", digest="d"), [entry])
    else:
        answer = Answer(stream=one.stream, date=one.date, outcome=one.outcome, source=one.source)
        ledger.fetched(one.account, [Fetched(answer=answer, digest="d")], NOW)


def days_asked(ledger: Ledger, account: str, source: str = "") -> dict[str, list[int]]:
    """Give the days of all stretches, each as a number."""
    found = {}
    for stream, stretches in ledger.open_work.asked(account, STREAMS, source).items():
        ends = [((one.first - FIRST).days, (one.last - FIRST).days) for one in stretches]
        assert all(last + 1 < first for (_, last), (first, _) in pairwise(ends))
        found[stream] = [day for first, last in ends for day in range(first, last + 1)]
    return {stream: days for stream, days in found.items() if days}


def days_known(known: Iterable[Told], account: str, source: str = "") -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for one in sorted(known, key=lambda told: told.day):
        if one.account == account and one.outcome is not Outcome.NOT_OFFERED and source in {"", one.source}:
            found.setdefault(one.stream, []).append(one.day)
    return found


@settings(max_examples=150, deadline=None)
@hypothesis.given(steps=st.lists(st.one_of(ENTRIES, st.sampled_from(["me", "partner"])), max_size=30))
def test_stretches_are_those_of_the_entries(steps: list[Told | str]) -> None:
    known: dict[tuple[str, str, int], Told] = {}
    with tempfile.TemporaryDirectory() as folder, closing(Ledger(Path(folder) / "ledger.sqlite")) as ledger:
        for step in steps:
            if isinstance(step, str):
                ledger.forget(step)
                known = {place: told for place, told in known.items() if told.account != step}
                continue
            enter(ledger, step)
            place = (step.account, step.stream, step.day)
            known[place] = known.get(place, step) if step.restored else step
        for account in ("me", "partner"):
            for source in ("", *SOURCES):
                assert days_asked(ledger, account, source) == days_known(known.values(), account, source)


def test_a_ledger_of_before_knows_what_it_asked(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    version = STEPS.index(EXTENTS)
    rows = [f"('me', '2025-10-0{day}', 'sleep', 'ok', '', 7, '', 'fitbit_web', '')" for day in (1, 2, 4)]
    columns = "account, date, stream, outcome, reason, records, digest, source, asked_at"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("".join(STEPS[:version]) + f"PRAGMA user_version = {version};")
        connection.executescript(f"INSERT INTO entries ({columns}) VALUES {', '.join(rows)};")  # noqa: S608 - ours
    with closing(Ledger(path)) as ledger:
        assert days_asked(ledger, "me") == {"sleep": [0, 1, 3]}


def test_only_the_streams_named_are_told(tmp_path: Path) -> None:
    with closing(Ledger(tmp_path / "ledger.sqlite")) as ledger:
        for stream in STREAMS:
            answer = Answer(stream=stream, date=FIRST, outcome=Outcome.OK, source="fitbit_web")
            ledger.fetched("me", [Fetched(answer=answer, digest="d")], NOW)
        assert ledger.open_work.asked("me", ["sleep"]).keys() == {"sleep"}
