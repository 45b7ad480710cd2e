"""Runs against what was wished: durable first, equal ones once, and nothing lost in a crash."""

from __future__ import annotations

import datetime as dt
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cromwelld.errors import DamagedFile
from cromwelld.state import Counts, Ledger, RunEnd, Runs, RunState, RunWish, WishedBy
from cromwelld.state.runs import KEPT_REPORTS, KEPT_RUNS
from cromwelld.state.steps import DIGESTS, STEPS

NOW = dt.datetime(2025, 10, 9, 3, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
ROOT = Path(__file__).resolve().parents[3]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def wish(*dates: str, account: str = "me", force: tuple[str, ...] = ()) -> RunWish:
    found = frozenset(day(date) for date in dates or ("2025-10-08",))
    return RunWish(account=account, dates=found, force=frozenset(force), wished_by=WishedBy.HTTP)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def runs(path: Path) -> Iterator[Runs]:
    with closing(Ledger(path)) as ledger:
        yield ledger.runs


def test_a_wish_is_a_waiting_run(runs: Runs) -> None:
    run = runs.ask(wish("2025-10-08", "2025-10-06", force=("sleep", "gps")), NOW)
    assert (run.account, run.state, run.wished_by, run.reason) == ("me", RunState.WAITING, WishedBy.HTTP, "")
    assert run.dates == (day("2025-10-06"), day("2025-10-08"))
    assert run.force == ("gps", "sleep")
    assert (run.asked_at, run.started_at, run.ended_at) == (NOW, None, None)
    assert (runs.find(run.id), runs.waiting(), runs.newest(9)) == (run, [run], [run])


def test_a_wish_is_on_the_disk_when_it_is_told(tmp_path: Path) -> None:
    code = f"""
import datetime as dt, os
from pathlib import Path
from cromwelld.state import Ledger, RunWish, WishedBy
runs = Ledger(Path({str(tmp_path / "ledger.sqlite")!r})).runs
wish = RunWish(account="me", dates=frozenset([dt.date(2025, 10, 8)]), wished_by=WishedBy.COMMAND)
print(runs.ask(wish, dt.datetime.now(dt.UTC)).id, flush=True)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    with closing(Ledger(tmp_path / "ledger.sqlite")) as ledger:
        (run,) = ledger.runs.waiting()
    assert (done.returncode, done.stdout.strip(), run.wished_by) == (-9, str(run.id), WishedBy.COMMAND)


@pytest.mark.parametrize(
    ("second", "same"),
    [
        (wish("2025-10-06", "2025-10-08", force=("sleep",)), True),
        (wish("2025-10-06"), True),  # the waiting run does it anyway
        (wish("2025-10-06", "2025-10-07"), False),
        (wish("2025-10-06", force=("gps",)), False),
        (wish("2025-10-06", "2025-10-08", force=("sleep",), account="partner"), False),
    ],
)
def test_what_a_waiting_run_does_anyway_is_not_entered_again(runs: Runs, second: RunWish, *, same: bool) -> None:
    first = runs.ask(wish("2025-10-06", "2025-10-08", force=("sleep",)), NOW)
    assert (runs.ask(second, NOW + HOUR).id == first.id) is same


def test_a_run_that_has_begun_takes_no_more_wishes(runs: Runs) -> None:
    first = runs.ask(wish(), NOW)
    runs.begin(first.id, NOW)
    assert runs.ask(wish(), NOW).id > first.id


def test_a_run_goes_from_waiting_to_its_end(runs: Runs) -> None:
    run = runs.ask(wish(), NOW)
    runs.begin(run.id, NOW + HOUR)
    begun = runs.find(run.id)
    assert begun is not None
    assert (begun.state, begun.started_at) == (RunState.RUNNING, NOW + HOUR)
    counts = Counts(asked=16, answered=15, failed=1, stored=1, changed=1, records=31_000)
    end = RunEnd(state=RunState.INCOMPLETE, reason="gps was refused", counts=counts, report='{"complete": false}')
    runs.end(run.id, end, NOW + 2 * HOUR)
    ended = runs.find(run.id)
    assert ended is not None
    assert (ended.state, ended.reason, ended.counts) == (RunState.INCOMPLETE, "gps was refused", counts)
    assert (ended.started_at, ended.ended_at) == (NOW + HOUR, NOW + 2 * HOUR)
    assert (runs.report(run.id), runs.waiting()) == ('{"complete": false}', [])


def test_an_end_is_final(runs: Runs) -> None:
    run = runs.ask(wish(), NOW)
    runs.end(run.id, RunEnd(state=RunState.ABANDONED, reason="the account is gone"), NOW)
    runs.end(run.id, RunEnd(state=RunState.DONE), NOW)
    runs.begin(run.id, NOW)
    assert [one.state for one in runs.newest(9)] == [RunState.ABANDONED]
    assert (runs.recover(), runs.find(run.id + 1), runs.report(run.id + 1)) == ([], None, "")


def test_what_a_crash_left_running_waits_again_in_its_old_place(runs: Runs, path: Path) -> None:
    first, second = runs.ask(wish("2025-10-06"), NOW), runs.ask(wish("2025-10-07"), NOW)
    runs.begin(first.id, NOW)
    with closing(Ledger(path)) as ledger:
        recovered = ledger.runs.recover()
    assert [(run.id, run.state, run.started_at) for run in recovered] == [
        (first.id, RunState.WAITING, None),
        (second.id, RunState.WAITING, None),
    ]


def test_a_run_that_could_not_be_finished_waits_again(runs: Runs) -> None:
    first, second = runs.ask(wish("2025-10-06"), NOW), runs.ask(wish("2025-10-07"), NOW)
    for run in (first, second):
        runs.begin(run.id, NOW)
    runs.again(first.id)
    assert [run.id for run in runs.waiting()] == [first.id]


def test_the_newest_of_one_account(runs: Runs) -> None:
    made = [runs.ask(wish(f"2025-10-0{number}", account=("me", "partner")[number % 2]), NOW) for number in range(1, 8)]
    assert [run.id for run in runs.newest(2)] == [made[6].id, made[5].id]
    assert [run.id for run in runs.newest(9, account="me")] == [made[5].id, made[3].id, made[1].id]


def test_old_runs_are_forgotten_but_none_that_waits(runs: Runs, path: Path) -> None:
    waits, old, newer = (runs.ask(wish(f"2025-10-0{number}"), NOW) for number in (1, 2, 3))
    for run in (old, newer):
        runs.end(run.id, RunEnd(state=RunState.DONE, report="{}"), NOW)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE sqlite_sequence SET seq = ?", (newer.id + KEPT_REPORTS - 1,))
    run = runs.ask(wish("2025-10-04"), NOW)
    runs.end(run.id, RunEnd(state=RunState.DONE, report="{}"), NOW)
    assert (runs.report(newer.id), runs.report(run.id)) == ("", "{}")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE sqlite_sequence SET seq = ?", (old.id + KEPT_RUNS - 1,))
    connection.close()
    last = runs.ask(wish("2025-10-05"), NOW)
    runs.end(last.id, RunEnd(state=RunState.DONE), NOW)
    assert [one.id for one in runs.newest(9)] == [last.id, run.id, newer.id, waits.id]


def test_the_last_that_was_done_is_remembered_however_many_failed_since(runs: Runs, path: Path) -> None:
    assert runs.last_done("me") is None
    done, failed, other = (runs.ask(wish(f"2025-10-0{number}"), NOW) for number in (1, 2, 3))
    runs.end(done.id, RunEnd(state=RunState.DONE), NOW)
    runs.end(failed.id, RunEnd(state=RunState.FAILED), NOW + HOUR)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE sqlite_sequence SET seq = ?", (other.id + KEPT_RUNS,))
    connection.close()
    last = runs.ask(wish("2025-10-05"), NOW)
    runs.end(last.id, RunEnd(state=RunState.FAILED), NOW + 2 * HOUR)
    assert [one.id for one in runs.newest(9)] == [last.id, other.id, done.id]
    assert runs.last_done("me") == NOW
    assert runs.last_done("partner") is None


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    with pytest.raises(DamagedFile, match=r"ledger\.sqlite"):
        Ledger(tmp_path / "ledger.sqlite")


@pytest.mark.parametrize("version", range(len(STEPS)))
def test_a_ledger_of_every_version_before_gets_what_it_lacks(path: Path, version: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("".join(STEPS[:version]) + f"PRAGMA user_version = {version};")
    with closing(Ledger(path)) as ledger:
        assert ledger.marks.load("me") == []
        assert ledger.runs.ask(wish(), NOW).id == 1


def test_digests_that_were_made_in_another_way_are_let_go(path: Path) -> None:
    version = STEPS.index(DIGESTS)
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("".join(STEPS[:version]) + f"PRAGMA user_version = {version};" + _ENTRY)
    with closing(Ledger(path)) as ledger:
        (entry,) = ledger.entries("me", dt.date(2025, 10, 8), dt.date(2025, 10, 8))
    assert (entry.digest, entry.records, entry.stored) == ("", 7, True)


_ENTRY = """
INSERT INTO entries (account, date, stream, outcome, reason, records, digest, source, asked_at, stored_at)
VALUES ('me', '2025-10-08', 'sleep', 'ok', '', 7, '0123456789abcdef', 'fitbit_web', '2025-10-09T03:00:00+00:00',
    '2025-10-09T03:00:05+00:00');
"""
