"""How many dates are still to be fetched, by hand-made ledgers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from cromwelld.config import Account
from cromwelld.daemon.pending import Pending
from cromwelld.jobs.places import Places
from cromwelld.pieces import Answer, Outcome
from cromwelld.sources.fitbit_web.endpoints import STREAMS
from cromwelld.state import Fetched, Outlook, Stretch
from tests.support.places import NOW, Clock, places_in

TODAY, DAY = NOW.date(), dt.timedelta(days=1)
KEPT = ("hrv", "sleep")
ACCOUNT = Account(
    name="me",
    source="fitbit_web",
    data_dir=Path("data"),
    prefix="fitbit",
    leave_out=tuple(name for name in STREAMS if name not in KEPT),
)


def answered(places: Places, stream: str, date: dt.date, outcome: Outcome = Outcome.OK) -> None:
    answer = Answer(stream=stream, date=date, outcome=outcome, source="fitbit_web")
    outlook = Outlook(due_at=None if outcome.answered else places.clock() + DAY)
    places.ledger.fetched("me", [Fetched(answer=answer, digest="d", outlook=outlook)], places.clock())


def test_a_date_is_to_be_fetched_until_all_its_streams_were_asked_for(tmp_path: Path) -> None:
    clock = Clock()
    with places_in(tmp_path, clock) as places:
        pending = Pending()
        assert pending.of(ACCOUNT, places, TODAY) == 0
        places.ledger.open_work.promise("me", Stretch(first=TODAY - 3 * DAY, last=TODAY))
        clock.now += dt.timedelta(minutes=4)
        assert pending.of(ACCOUNT, places, TODAY) == 0  # as it was counted before
        clock.now += dt.timedelta(minutes=1)
        assert pending.of(ACCOUNT, places, TODAY) == 3
        for stream in KEPT:
            answered(places, stream, TODAY - DAY, Outcome.EMPTY)
        answered(places, "sleep", TODAY - 2 * DAY)
        assert Pending().of(ACCOUNT, places, TODAY) == 2


def test_what_is_left_out_or_withheld_is_not_awaited(tmp_path: Path) -> None:
    with places_in(tmp_path) as places:
        places.ledger.open_work.promise("me", Stretch(first=TODAY - 3 * DAY, last=TODAY))
        for number in range(1, 4):
            answered(places, "sleep", TODAY - number * DAY)
        assert Pending().of(ACCOUNT, places, TODAY) == 3
        answered(places, "hrv", TODAY - DAY, Outcome.REFUSED)
        assert Pending().of(ACCOUNT, places, TODAY) == 0


def test_a_clock_that_was_set_back_counts_anew(tmp_path: Path) -> None:
    clock = Clock()
    with places_in(tmp_path, clock) as places:
        pending = Pending()
        assert pending.of(ACCOUNT, places, TODAY) == 0
        places.ledger.open_work.promise("me", Stretch(first=TODAY - 3 * DAY, last=TODAY))
        clock.now -= dt.timedelta(hours=1)
        assert pending.of(ACCOUNT, places, TODAY) == 3


def test_nobody_knows_for_an_account_that_collects_nothing(tmp_path: Path) -> None:
    account = Account(name="me", source="import", data_dir=tmp_path, prefix="fitbit")
    with places_in(tmp_path) as places:
        assert Pending().of(account, places, TODAY) is None
