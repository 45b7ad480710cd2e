"""`status` and `runs`: the same from a daemon and from the ledger alone."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cromwelld.jobs.reporting import document_of
from cromwelld.jobs.summary import DateSummary, StreamSummary, Summary
from cromwelld.pieces import Answer, Outcome
from cromwelld.state import Counts, Fetched, Ledger, Obstacle, RunEnd, RunState, RunWish, Standing, WishedBy
from tests.support.cli import Home, Ran, call, home
from tests.support.daemon import fake_daemon, resident
from tests.support.places import files_of

NOW = dt.datetime.now(dt.UTC)
DATE = NOW.date() - dt.timedelta(days=3)
REPORT = Summary(
    complete=False,
    dates={DATE: DateSummary(state="incomplete", archived=True, changed=True, records={"HRV": 7}, error=None)},
    streams=(
        StreamSummary(date=DATE, stream="hrv", outcome=Outcome.OK, reason="", records=7),
        StreamSummary(date=DATE, stream="gps", outcome=Outcome.REFUSED, reason="403: no permission", records=0),
    ),
)


@pytest.fixture
def mine(tmp_path: Path) -> Home:
    return home(tmp_path / "home", "http://127.0.0.1:9")


def live(mine: Home) -> None:
    """Let some things have happened."""
    with closing(Ledger(mine.state / "ledger.sqlite")) as ledger:
        for stream, outcome, reason in (("hrv", Outcome.OK, ""), ("gps", Outcome.REFUSED, "403: no permission")):
            answer = Answer(stream=stream, date=DATE, outcome=outcome, reason=reason, source="fitbit_web")
            ledger.fetched("me", [Fetched(answer=answer, digest="0" * 16)], NOW)
        ledger.stored("me", DATE, [("hrv", ""), ("gps", "")], NOW)
        ledger.keep_date("me", DATE, zone="Europe/London", digest="d" * 64)
        wish = RunWish(account="me", dates=frozenset([DATE]), force=frozenset({"gps"}), wished_by=WishedBy.SIGNAL)
        run = ledger.runs.ask(wish, NOW)
        ledger.runs.begin(run.id, NOW)
        report, counts = json.dumps(document_of(REPORT, {})), Counts(records=7)
        end = RunEnd(state=RunState.INCOMPLETE, reason="gps: refused", counts=counts, report=report)
        ledger.runs.end(run.id, end, NOW)
        other = ledger.runs.ask(RunWish(account="me", dates=frozenset([DATE]), wished_by=WishedBy.HTTP), NOW)
        ledger.runs.end(other.id, RunEnd(state=RunState.ABANDONED, reason="a [bold] reason"), NOW)
        until = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)
        pause = Standing(obstacle=Obstacle.PAUSED, reason="", way="", since=NOW, until=until)
        ledger.standings.put("me", pause)


@pytest.fixture(params=["ledger", "daemon"])
def lived(mine: Home, request: pytest.FixtureRequest) -> Iterator[Home]:
    live(mine)
    if request.param == "ledger":
        yield mine
        return
    with fake_daemon(mine.state) as daemon, resident(mine.state, daemon):
        daemon.accounts = {"me": ("hrv", "gps")}
        daemon.today = NOW.date()
        yield mine


def ask(mine: Home, *arguments: object) -> Ran:
    ran = call(*arguments, "--config", mine.config)
    assert ran.err == ""
    return ran


def test_the_status_says_how_an_account_stands(lived: Home) -> None:
    ran = ask(lived, "status")
    assert ran.code == 0
    assert "\nme: from " in ran.out
    assert ", login kept\n" in ran.out
    assert "  paused    until 2999-01-01 00:00 UTC\n" in ran.out
    assert f"  archive   newest date {DATE}\n" in ran.out
    assert f"{DATE} gps: refused: 403: no permission\n" in ran.out
    assert f"  last run  2: {DATE} abandoned (a [bold] reason), ended {NOW:%Y-%m-%d %H:%M} UTC\n" in ran.out


def test_the_status_for_programs(lived: Home) -> None:
    (account,) = ask(lived, "status", "--json").json["accounts"]
    assert (account["name"], account["newest_stored"], len(account["runs"])) == ("me", DATE.isoformat(), 2)


def test_runs_are_listed_newest_first(lived: Home) -> None:
    ran = ask(lived, "runs")
    title, second, first = ran.out.splitlines()
    assert title.split() == ["run", "account", "dates", "wished", "by", "state", "records", "ended", "reason"]
    assert second.split()[:5] == ["2", "me", str(DATE), "http", "abandoned"]
    assert second.endswith("a [bold] reason")
    assert first.split()[:6] == ["1", "me", str(DATE), "signal", "incomplete", "7"]


def test_runs_for_programs_and_of_one_account(lived: Home) -> None:
    assert [run["id"] for run in ask(lived, "runs", "--json").json["runs"]] == [2, 1]
    assert [run["id"] for run in ask(lived, "runs", "--account", "me", "--limit", "1", "--json").json["runs"]] == [2]


def test_one_run_is_told_with_its_report(lived: Home) -> None:
    ran = ask(lived, "runs", "1")
    assert f"run 1 of me: {DATE}, incomplete\n" in ran.out
    assert "  forced    gps\n" in ran.out
    assert [line.split() for line in ran.out.splitlines() if "HRV" in line] == [["HRV", "7"]]
    assert f"{DATE} gps: refused: 403: no permission\n" in ran.out
    told = ask(lived, "runs", "1", "--json").json
    assert (told["state"], told["report"]["streams"][1]["outcome"]) == ("incomplete", "refused")
    assert ask(lived, "runs", "2", "--json").json["report"] is None


def test_a_run_that_is_none_is_a_usage_error(lived: Home) -> None:
    ran = call("runs", "99", "--config", lived.config)
    assert (ran.code, ran.out) == (2, "")
    assert "there is no run 99" in ran.err


def test_an_account_that_is_none_is_a_usage_error(mine: Home) -> None:
    assert call("runs", "--account", "nobody", "--config", mine.config).code == 2


def test_where_nothing_was_collected_nothing_is_made(tmp_path: Path) -> None:
    mine = home(tmp_path / "new", "http://127.0.0.1:9", login=False)
    assert ask(mine, "runs").out == "no runs yet\n"
    told = ask(mine, "status").out
    assert "no daemon runs" in told
    assert "me: from fitbit_web, login none\n  archive   nothing yet\n" in told
    assert mine.untouched()
    assert not mine.state.exists()
    assert files_of(mine.root) == {}
    assert json.loads(ask(mine, "runs", "--json").out) == {"runs": []}
