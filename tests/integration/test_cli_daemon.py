"""Commands while a daemon keeps the state folder: it does the work, and they say the same as without it."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cromwelld.config import Endpoint, Http, Secret
from cromwelld.errors import ConfigurationError, NotWritable, OutOfBudget, UsageError
from cromwelld.jobs.reporting import document_of
from cromwelld.jobs.summary import DateSummary, StreamSummary, Summary, Trouble
from cromwelld.locks import held
from cromwelld.pieces import Outcome
from cromwelld.state import Run, RunEnd, RunState, WishedBy
from cromwelld.web.finding import ADDRESS_FILE, LOCK, PURPOSE, announced, find
from cromwelld.web.token import TOKEN_FILE
from tests.support.cli import Home, call, home, started
from tests.support.daemon import FakeDaemon, fake_daemon, resident

DATE = "2025-10-08"
GONE = "http://127.0.0.1:9"  # nobody listens there: a command that asked the vendor itself would fail


@pytest.fixture
def mine(tmp_path: Path) -> Home:
    return home(tmp_path / "home", GONE, login=False)


@pytest.fixture
def daemon(mine: Home) -> Iterator[FakeDaemon]:
    mine.state.mkdir(parents=True)
    with fake_daemon(mine.state) as found, resident(mine.state, found):
        found.accounts = {"me": ("sleep", "hrv")}
        yield found


def did(
    *outcomes: tuple[str, Outcome, str], records: int = 7, ended_by: Trouble | None = None
) -> Callable[[Run], RunEnd]:
    """Make the work of a daemon: each date of a run is stored with these streams."""

    def work(run: Run) -> RunEnd:
        stored = DateSummary(state="complete", archived=True, changed=True, records={"HRV": records}, error=None)
        streams = tuple(
            StreamSummary(date=date, stream=name, outcome=outcome, reason=reason, records=records)
            for date in run.dates
            for name, outcome, reason in outcomes
        )
        complete = ended_by is None and all(one.outcome.answered for one in streams)
        dates = dict.fromkeys(run.dates, stored)
        summary = Summary(complete=complete, dates=dates, streams=streams, ended_by=ended_by)
        return RunEnd(state=RunState.DONE, report=json.dumps(document_of(summary, {})))

    return work


FINE = did(("hrv", Outcome.OK, ""))


def test_the_daemon_collects_and_the_command_says_the_same(daemon: FakeDaemon, mine: Home) -> None:
    daemon.works = FINE
    ran = mine.collect(DATE, "--force", "hrv")
    assert (ran.code, ran.err) == (0, "")
    assert [line.split() for line in ran.out.splitlines() if "HRV" in line] == [["HRV", "7"]]
    assert f"tables   {mine.data}" in ran.out
    (wish,) = daemon.wished
    assert (set(wish.dates), set(wish.force)) == ({dt.date(2025, 10, 8)}, {"hrv"})
    assert wish.wished_by is WishedBy.COMMAND
    assert mine.untouched()  # nothing was made by this process


def test_json_is_that_of_a_command_without_a_daemon(daemon: FakeDaemon, mine: Home) -> None:
    daemon.works = FINE
    ran = mine.collect("2025-10-06..2025-10-07", "--json")
    assert (ran.code, ran.json["complete"], list(ran.json["dates"])) == (0, True, ["2025-10-06", "2025-10-07"])
    assert set(ran.json) == {"complete", "dates", "streams", "places", "waiting", "ended_by"}


@pytest.mark.parametrize(
    ("work", "code", "said"),
    [
        (did(("hrv", Outcome.OK, ""), ("sleep", Outcome.REFUSED, "403: no")), 10, "sleep: refused: 403: no"),
        (did(("hrv", Outcome.FAILED, "503: away")), 75, "hrv: failed: 503: away"),
        (did(ended_by=Trouble(message="the quota is spent", hint="wait", problems=(), exit_code=75)), 75, "wait"),
        (did(ended_by=Trouble(message="no login", hint="log in", problems=(), exit_code=77)), 77, "log in"),
    ],
)
def test_the_exit_code_is_that_of_the_work(
    daemon: FakeDaemon, mine: Home, work: Callable[[Run], RunEnd], code: int, said: str
) -> None:
    daemon.works = work
    ran = mine.collect(DATE)
    assert ran.code == code
    assert said in ran.out


def test_a_run_that_left_nothing_is_told_with_its_reason(daemon: FakeDaemon, mine: Home) -> None:
    daemon.works = lambda _: RunEnd(state=RunState.ABANDONED, reason="the account is gone")
    ran = mine.collect(DATE)
    assert (ran.code, ran.out) == (1, "")
    assert "run 1 abandoned: the account is gone" in ran.err


def test_a_long_range_is_asked_in_parts(daemon: FakeDaemon, mine: Home) -> None:
    daemon.works = FINE
    ran = mine.collect("2023-01-01..2024-12-31", "--json")
    assert (ran.code, len(ran.json["dates"])) == (0, 731)
    assert [len(wish.dates) for wish in daemon.wished] == [366, 365]


def test_a_stream_that_is_none_is_a_usage_error(daemon: FakeDaemon, mine: Home) -> None:
    ran = mine.collect(DATE, "--force", "nothing")
    assert ran.code == 2
    assert "no stream nothing" in ran.err
    assert "the streams are: hrv, sleep" in ran.err
    assert daemon.wished == []


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UsageError("it cannot be", hint="do another thing"), 2, "do another thing"),
        (OutOfBudget("the quota is spent", hint="wait"), 75, "the quota is spent"),
        (NotWritable("cannot write ledger.sqlite", hint="see to the disk"), 1, "see to the disk"),
        (ConfigurationError("two mistakes", problems=("one", "two")), 2, "  - two\n"),
        (RuntimeError("secret"), 1, "a fault of cromwelld"),
    ],
)
def test_an_error_of_the_daemon_is_said_as_our_own(
    daemon: FakeDaemon, mine: Home, error: Exception, code: int, said: str
) -> None:
    daemon.fails_with = error
    ran = mine.collect(DATE)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert "secret" not in ran.err


def test_another_token_is_a_mistake_in_the_settings(daemon: FakeDaemon, mine: Home) -> None:
    (mine.state / TOKEN_FILE).write_text("another")
    ran = mine.collect(DATE)
    assert ran.code == 2
    assert "does not take the token" in ran.err
    assert daemon.wished == []


def test_a_name_that_is_not_allowed_leads_to_its_key(daemon: FakeDaemon, mine: Home) -> None:
    mine.config.write_text(f'{mine.config.read_text()}\n[http]\nallowed_hosts = ["keeper.example"]\n')
    ran = mine.collect(DATE)
    assert ran.code == 2
    assert "http.allowed_hosts" in ran.err
    assert daemon.wished == []


def test_a_daemon_that_does_not_answer_is_named(daemon: FakeDaemon, mine: Home) -> None:
    (mine.state / ADDRESS_FILE).write_text("127.0.0.1:9")
    ran = mine.collect(DATE)
    assert ran.code == 1
    assert f"the daemon (process {os.getpid()}) does not answer at http://127.0.0.1:9" in ran.err
    assert daemon.wished == []


def test_another_command_that_holds_the_folder_is_no_daemon(mine: Home) -> None:
    mine.state.mkdir(parents=True)
    (mine.state / "tokens").mkdir()
    (mine.state / "tokens" / "me.json").write_text('{"access_token": "x"}')
    with held(mine.state / LOCK, "cromwelld verify"):
        ran = mine.collect(DATE)
    assert ran.code == 1
    assert "in use by cromwelld verify" in ran.err


def test_a_daemon_that_was_killed_is_not_spoken_to(mine: Home) -> None:
    mine.state.mkdir(parents=True)
    code = f"""
import os
from pathlib import Path
from cromwelld.config import Endpoint
from cromwelld.locks import held
from cromwelld.web.finding import announced
state = Path({str(mine.state)!r})
with held(state / {LOCK!r}, {PURPOSE!r}), announced(state, Endpoint(host="127.0.0.1", port=9), {{}}):
    os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2])
    assert (mine.state / ADDRESS_FILE).exists()
    assert find(mine.state, Http(), {}) is None


def test_who_stops_waiting_is_told_that_the_daemon_goes_on(daemon: FakeDaemon, mine: Home) -> None:
    program = started("collect", DATE, "--config", mine.config)
    try:
        while not daemon.awaited:
            assert program.poll() is None
            time.sleep(0.01)
        program.send_signal(2)
        out, err = program.communicate(timeout=20)
    finally:
        program.kill()
    assert (program.returncode, out) == (130, "")
    assert "the daemon goes on with run 1" in err
    assert daemon.ledger.runs.find(1) is not None


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give a folder away")
@pytest.mark.parametrize(("uid", "name"), [(1, "daemon"), (54_321, "54321")])
def test_a_state_folder_of_another_user_is_refused_with_the_line_that_works(
    mine: Home, monkeypatch: pytest.MonkeyPatch, uid: int, name: str
) -> None:
    mine.state.mkdir(parents=True)
    os.chown(mine.state, uid, uid)
    monkeypatch.setattr(sys, "argv", ["cromwelld", "collect", "yesterday", "--account", "my self"])
    for command in (("collect", DATE), ("status",), ("runs",)):
        ran = call(*command, "--config", mine.config)
        assert ran.code == 2
        assert f"belongs to the user {name}" in ran.err
        run = f"sudo systemd-run --pipe --wait --collect --uid={name} -p UMask=0027"
        line = f"{run} cromwelld collect yesterday --account 'my self'"
        assert line in ran.err
    assert mine.untouched()
    assert list(mine.state.iterdir()) == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may read another user's token")
def test_root_speaks_to_another_users_daemon_and_leaves_no_file_of_its_own(daemon: FakeDaemon, mine: Home) -> None:
    daemon.works = FINE
    os.chown(mine.state, 54_321, 54_321)
    before = sorted(path.name for path in mine.state.iterdir())
    assert mine.collect(DATE).code == 0
    assert call("status", "--config", mine.config).code == 0
    assert sorted(path.name for path in mine.state.iterdir()) == before
    assert mine.untouched()


def test_a_token_that_systemd_handed_to_the_daemon_is_found_where_it_lies(mine: Home, tmp_path: Path) -> None:
    handed = tmp_path / "credentials"
    handed.mkdir()
    (handed / "secret_http_token").write_text("of my own\n")
    told = Http(token=Secret(credential="secret_http_token"))
    here = {"CREDENTIALS_DIRECTORY": str(handed)}
    mine.state.mkdir(parents=True)
    with held(mine.state / LOCK, PURPOSE), announced(mine.state, Endpoint(host="127.0.0.1", port=9), here):
        found = find(mine.state, told, {})
        assert found is not None
        assert (found.url, found.token) == ("http://127.0.0.1:9", "of my own")
        assert all(path.stat().st_mode & 0o077 == 0 for path in mine.state.glob("http_*"))
    assert [path.name for path in mine.state.iterdir()] == [LOCK]


def test_a_token_file_goes_through_the_daemon(mine: Home, daemon: FakeDaemon, tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    file.write_text('{"access_token": "x", "refresh_token": "y"}')
    done = call("login", "--import", file, "--config", mine.config)
    assert done.code == 0
    assert "logged in: me" in done.out
    assert not (mine.state / "tokens").exists()
    assert daemon.done == ["import me, 43 characters, replace False"]


def test_a_date_is_accepted_by_the_daemon(mine: Home, daemon: FakeDaemon) -> None:
    done = call("accept", DATE, "sleep", "--config", mine.config)
    assert (done.code, done.out) == (0, f"{DATE}: sleep accepted\n")
    assert daemon.done == [f"accept me {DATE}"]


def test_a_backfill_is_planned_and_entered_by_the_daemon(mine: Home, daemon: FakeDaemon) -> None:
    plan = call("backfill", "2024-01-01..2024-12-31", "--dry-run", "--json", "--config", mine.config)
    assert (plan.code, plan.json["first"], plan.json["last"]) == (0, "2024-01-01", "2024-12-31")
    done = call("backfill", "2024-01-01..2024-12-31", "--config", mine.config)
    assert done.code == 0
    assert daemon.done == ["backfill me 2024-01-01..2024-12-31"] * 2
