"""The ledger against what was entered."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from cromwelld.errors import DamagedFile, NotWritable, StoreError
from cromwelld.pieces import Answer, Outcome
from cromwelld.state import Entry, Fetched, Ledger, Outlook
from tests.support.days import DATE, answer, heart, minutes

NOW = dt.datetime(2025, 10, 9, 3, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DIGEST = "0123456789abcdef"


def told(ledger: Ledger, account: str, answers: Iterable[Answer], now: dt.datetime) -> None:
    ledger.fetched(account, (Fetched(answer=one, digest=DIGEST) for one in answers), now)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with closing(Ledger(path)) as opened:
        yield opened


def plain(outcome: Outcome, stream: str = "sleep", date: dt.date = DATE, reason: str = "") -> Answer:
    return Answer(stream=stream, date=date, outcome=outcome, reason=reason, source="fitbit_web")


def only(ledger: Ledger) -> Entry:
    (entry,) = ledger.entries("me", DATE, DATE)
    return entry


def test_an_answer_is_entered_with_what_is_known_of_it(ledger: Ledger) -> None:
    told(ledger, "me", [answer("heart_rate", {"HeartRate_Intraday": heart(minutes(0, 7))})], NOW)
    assert only(ledger) == Entry(
        date=DATE,
        stream="heart_rate",
        outcome=Outcome.OK,
        reason="",
        records=7,
        digest=DIGEST,
        source="fitbit_web",
        asked_at=NOW,
        stored=False,
        empty_since=None,
        verdict="",
        changed_at=NOW,
    )


def test_a_reason_is_kept_and_the_newest_answer_counts(ledger: Ledger) -> None:
    told(ledger, "me", [plain(Outcome.REFUSED, reason="scope weight is missing")], NOW)
    assert (only(ledger).outcome, only(ledger).reason) == (Outcome.REFUSED, "scope weight is missing")
    told(ledger, "me", [plain(Outcome.OK)], NOW + HOUR)
    assert (only(ledger).outcome, only(ledger).reason, only(ledger).asked_at) == (Outcome.OK, "", NOW + HOUR)


def test_an_entry_is_stored_until_it_is_fetched_again(ledger: Ledger) -> None:
    told(ledger, "me", [plain(Outcome.OK), plain(Outcome.OK, "hrv")], NOW)
    ledger.stored("me", DATE, [("sleep", "taken"), ("unheard_of", "taken")], NOW)
    assert [(entry.stream, entry.stored, entry.verdict) for entry in ledger.entries("me", DATE, DATE)] == [
        ("hrv", False, ""),
        ("sleep", True, "taken"),
    ]
    told(ledger, "me", [plain(Outcome.OK)], NOW + HOUR)
    assert [entry.stored for entry in ledger.entries("me", DATE, DATE)] == [False, False]


@pytest.mark.parametrize(
    ("outcomes", "since"),
    [
        ([Outcome.OK], None),
        ([Outcome.EMPTY], 0),
        ([Outcome.EMPTY, Outcome.EMPTY], 0),
        ([Outcome.EMPTY, Outcome.FAILED], 0),
        ([Outcome.EMPTY, Outcome.REFUSED, Outcome.EMPTY], 0),
        ([Outcome.EMPTY, Outcome.OK], None),
        ([Outcome.EMPTY, Outcome.OK, Outcome.EMPTY], 2),
        ([Outcome.FAILED], None),
        ([Outcome.FAILED, Outcome.EMPTY, Outcome.EMPTY], 1),
        ([Outcome.OK, Outcome.EMPTY], 1),
    ],
)
def test_emptiness_counts_from_the_first_of_an_unbroken_row(
    ledger: Ledger, outcomes: list[Outcome], since: int | None
) -> None:
    for hour, outcome in enumerate(outcomes):
        told(ledger, "me", [plain(outcome)], NOW + hour * HOUR)
    assert only(ledger).empty_since == (None if since is None else NOW + since * HOUR)


def test_entries_are_by_date_and_stream_and_both_ends_are_in(ledger: Ledger) -> None:
    dates = [DATE + dt.timedelta(days=number) for number in (-1, 0, 1, 2, 90)]
    told(ledger, "me", [plain(Outcome.OK, stream, date) for date in reversed(dates) for stream in "ba"], NOW)
    found = [(entry.date, entry.stream) for entry in ledger.entries("me", dates[1], dates[3])]
    assert found == [(date, stream) for date in dates[1:4] for stream in "ab"]


def test_accounts_do_not_see_each_other(ledger: Ledger) -> None:
    told(ledger, "me", [plain(Outcome.OK)], NOW)
    told(ledger, "partner", [plain(Outcome.EMPTY)], NOW)
    ledger.keep_date("partner", DATE, zone="Asia/Kathmandu", digest="")
    ledger.stored("partner", DATE, [("sleep", "taken")], NOW)
    assert (only(ledger).outcome, only(ledger).stored) == (Outcome.OK, False)
    assert ledger.zone("me", DATE) is None
    assert ledger.last_zone("me") is None


def test_a_date_is_accepted_when_all_that_it_lacks_is(ledger: Ledger) -> None:
    answers = [plain(Outcome.FAILED), plain(Outcome.REFUSED, "gps"), plain(Outcome.OK, "hrv")]
    open_until = Outlook(due_at=NOW)
    ledger.fetched("me", (Fetched(answer=one, digest=DIGEST, outlook=open_until) for one in answers), NOW)
    assert ledger.open_work.accepted("me") == frozenset()
    ledger.open_work.accept("me", DATE, ["sleep"])
    assert ledger.open_work.accepted("me") == frozenset()
    ledger.open_work.accept("me", DATE, ["gps"])
    assert ledger.open_work.accepted("me") == {DATE}
    assert ledger.open_work.accepted("partner") == frozenset()


def test_a_date_keeps_its_zone_and_the_newest_date_says_the_last(ledger: Ledger) -> None:
    assert (ledger.zone("me", DATE), ledger.last_zone("me")) == (None, None)
    ledger.keep_date("me", DATE, zone="Europe/Berlin", digest="a" * 64)
    ledger.keep_date("me", DATE - dt.timedelta(days=1), zone="Europe/London", digest="")
    assert ledger.zone("me", DATE) == "Europe/Berlin"
    assert ledger.zone("me", DATE - dt.timedelta(days=1)) == "Europe/London"
    assert ledger.last_zone("me") == "Europe/Berlin"
    ledger.keep_date("me", DATE, zone="Asia/Kathmandu", digest="b" * 64)
    assert (ledger.zone("me", DATE), ledger.last_zone("me")) == ("Asia/Kathmandu",) * 2


def test_a_file_opened_again_says_the_same(path: Path) -> None:
    with closing(Ledger(path)) as ledger:
        told(ledger, "me", [plain(Outcome.OK), plain(Outcome.EMPTY, "hrv", reason="é \" '")], NOW)
        ledger.stored("me", DATE, [("sleep", "shrunk")], NOW)
        ledger.keep_date("me", DATE, zone="Europe/Berlin", digest="")
        before = ledger.entries("me", DATE, DATE)
    with closing(Ledger(path)) as ledger:
        assert ledger.entries("me", DATE, DATE) == before
        assert ledger.zone("me", DATE) == "Europe/Berlin"


def test_answers_are_entered_all_or_none(ledger: Ledger) -> None:
    def answers() -> Iterator[Answer]:
        yield plain(Outcome.OK)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        told(ledger, "me", answers(), NOW)
    assert ledger.entries("me", DATE, DATE) == []
    told(ledger, "me", [plain(Outcome.OK)], NOW)
    assert only(ledger).outcome is Outcome.OK


@pytest.mark.parametrize("junk", [b"this is no ledger, it is a letter" * 100, b"SQLite format 3\0" + b"\xff" * 4000])
def test_a_damaged_file_is_named_with_its_remedy(path: Path, junk: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(junk)
    with pytest.raises(DamagedFile) as caught:
        Ledger(path)
    assert str(path) in caught.value.message
    assert "move the file aside" in caught.value.hint
    assert path.read_bytes() == junk


def test_a_file_that_is_damaged_within_is_named_when_it_is_read(path: Path) -> None:
    with closing(Ledger(path)) as ledger:
        told(ledger, "me", [plain(Outcome.OK, f"stream{number}") for number in range(500)], NOW)
    content, half = path.read_bytes(), path.stat().st_size // 2  # the schema lies in the first
    path.write_bytes(content[:half] + b"\xff" * (len(content) - half))
    with closing(Ledger(path)) as ledger, pytest.raises(DamagedFile, match=r"ledger\.sqlite"):
        ledger.entries("me", DATE, DATE)


def test_a_file_that_many_open_at_once_is_made_once(path: Path) -> None:
    together = threading.Barrier(8)

    def opened(_: int) -> None:
        together.wait()
        with closing(Ledger(path)) as ledger:
            assert ledger.entries("me", DATE, DATE) == []

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(opened, range(8))) == [None] * 8


def test_a_newer_file_is_refused_and_left_alone(path: Path) -> None:
    Ledger(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="newer version") as caught:
        Ledger(path)
    assert "install that version" in caught.value.hint
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (99,)


def test_a_place_where_no_file_can_be_is_named(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(NotWritable, match=r"ledger\.sqlite"):
        Ledger(path)
    (path.parent / "taken").write_bytes(b"")
    with pytest.raises(NotWritable, match="taken"):
        Ledger(path.parent / "taken" / "ledger.sqlite")
