"""The runs: what was wished, by whom, and what became of it; a wish is on the disk before anybody hears that it is."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass, field
from enum import Enum

from cromwelld.state.database import Database

KEPT_RUNS = 2000
KEPT_REPORTS = 100  # a report has a line for every stream of every date


class RunState(Enum):
    """How far a run is; the last four are ends."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    ABANDONED = "abandoned"

    @property
    def ended(self) -> bool:
        """Tell whether nothing more becomes of a run in this state."""
        return self not in {RunState.WAITING, RunState.RUNNING}


class WishedBy(Enum):
    """Who wished a run."""

    SCHEDULE = "schedule"
    HTTP = "http"
    SIGNAL = "signal"
    COMMAND = "command"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWish:
    """Dates of an account to be fetched; `force` names streams whose new answer replaces whatever is stored."""

    account: str
    dates: frozenset[dt.date]
    force: frozenset[str] = frozenset()
    wished_by: WishedBy


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a run did: streams of dates that were asked, answered and not to be had; dates stored and changed."""

    asked: int = 0
    answered: int = 0
    failed: int = 0
    stored: int = 0
    changed: int = 0
    records: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run; `dates` and `force` are sorted, `reason` says why it ended as it did, times are UTC."""

    id: int
    account: str
    dates: tuple[dt.date, ...]
    force: tuple[str, ...]
    wished_by: WishedBy
    state: RunState
    reason: str
    counts: Counts
    asked_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """How a run ended; `report` is everything that a person is told of it, as a JSON text."""

    state: RunState
    reason: str = ""
    counts: Counts = field(default_factory=Counts)
    report: str = ""


class Runs:
    """Know every run, in the order in which they were wished."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, wish: RunWish, now: dt.datetime) -> Run:
        """Enter a wish; one that a waiting run fulfils anyway becomes that run. It is durable when this returns.

        Raises: NotWritable; DamagedFile.
        """
        with self._database.change() as connection:
            for row in connection.execute(_OF_ACCOUNT, [wish.account]).fetchall():
                if _fulfils(run := _run(row), wish):
                    return run
            entered = connection.execute(_ASKED, _entered(wish, now)).lastrowid
            return _run(connection.execute(f"{_SELECT} WHERE id = ?", [entered]).fetchone())

    def begin(self, run: int, now: dt.datetime) -> None:
        """Enter that a waiting run is being worked on."""
        with self._database.change() as connection:
            query = "UPDATE runs SET state = 'running', started_at = ? WHERE id = ? AND state = 'waiting'"
            connection.execute(query, [now.isoformat(), run])

    def again(self, run: int) -> None:
        """Let a run that could not be finished wait for its turn again."""
        with self._database.change() as connection:
            connection.execute(f"{_WAITS_AGAIN} AND id = ?", [run])

    def end(self, run: int, end: RunEnd, now: dt.datetime) -> None:
        """Enter how a run ended.

        Old runs are forgotten, but the last that was done; and the reports of those that are not quite as old.
        """
        values = [end.state.value, end.reason, json.dumps(asdict(end.counts)), end.report, now.isoformat(), run]
        with self._database.change() as connection:
            connection.execute(_ENDED, values)
            connection.execute("UPDATE runs SET report = '' WHERE id <= ? AND report <> ''", [run - KEPT_REPORTS])
            connection.execute(_FORGOTTEN, [run - KEPT_RUNS])

    def recover(self) -> list[Run]:
        """Let runs wait again that were being worked on when the process died; give all that wait, oldest first."""
        with self._database.change() as connection:
            connection.execute(_WAITS_AGAIN)
        return self.waiting()

    def waiting(self) -> list[Run]:
        """Give the runs that wait, oldest first."""
        return self._found("WHERE state = 'waiting' ORDER BY id")

    def newest(self, most: int, *, account: str | None = None) -> list[Run]:
        """Give the newest runs, newest first; those of one account if it is named."""
        if account is None:
            return self._found("ORDER BY id DESC LIMIT ?", most)
        return self._found("WHERE account = ? ORDER BY id DESC LIMIT ?", account, most)

    def first_asked(self, account: str) -> dt.datetime | None:
        """Give when the oldest run of an account that is remembered was wished; None if there is none."""
        ((found,),) = self._database.rows("SELECT MIN(asked_at) FROM runs WHERE account = ?", (account,))
        return _time(found)

    def last_done(self, account: str) -> dt.datetime | None:
        """Give when a run of an account last brought everything; None if none did."""
        query = "SELECT MAX(ended_at) FROM runs WHERE account = ? AND state = 'done'"
        ((found,),) = self._database.rows(query, (account,))
        return _time(found)

    def find(self, run: int) -> Run | None:
        """Give a run; None if there is none of that number."""
        found = self._found("WHERE id = ?", run)
        return found[0] if found else None

    def report(self, run: int) -> str:
        """Give what a person is told of a run, as a JSON text; empty as long as it has not ended, or if forgotten."""
        rows = self._database.rows("SELECT report FROM runs WHERE id = ?", (run,))
        return str(rows[0][0]) if rows else ""

    def _found(self, where: str, *values: str | int) -> list[Run]:
        return [_run(row) for row in self._database.rows(f"{_SELECT} {where}", values)]


_SELECT = """
SELECT id, account, dates, force, wished_by, state, reason, counts, asked_at, started_at, ended_at FROM runs
"""
_OF_ACCOUNT = f"{_SELECT} WHERE state = 'waiting' AND account = ? ORDER BY id"
_ASKED = "INSERT INTO runs (account, dates, force, wished_by, state, asked_at) VALUES (?, ?, ?, ?, 'waiting', ?)"
_WAITS_AGAIN = "UPDATE runs SET state = 'waiting', started_at = NULL WHERE state = 'running'"
_FORGOTTEN = """
DELETE FROM runs WHERE id <= ? AND ended_at IS NOT NULL
AND id NOT IN (SELECT MAX(id) FROM runs WHERE state = 'done' GROUP BY account)
"""
_ENDED = """
UPDATE runs SET state = ?, reason = ?, counts = ?, report = ?, ended_at = ? WHERE id = ? AND ended_at IS NULL
"""


def _fulfils(run: Run, wish: RunWish) -> bool:
    """Tell whether everything that is wished is done when a waiting run is."""
    return wish.dates <= set(run.dates) and wish.force <= set(run.force)


def _entered(wish: RunWish, now: dt.datetime) -> list[str]:
    dates = json.dumps(sorted(date.isoformat() for date in wish.dates))
    return [wish.account, dates, json.dumps(sorted(wish.force)), wish.wished_by.value, now.isoformat()]


def _run(row: tuple[str | int | float | None, ...]) -> Run:
    number, account, dates, force, wished_by, state, reason, counts, asked_at, started_at, ended_at = row
    return Run(
        id=int(number or 0),
        account=str(account),
        dates=tuple(dt.date.fromisoformat(date) for date in json.loads(str(dates))),
        force=tuple(json.loads(str(force))),
        wished_by=WishedBy(wished_by),
        state=RunState(state),
        reason=str(reason),
        counts=Counts(**json.loads(str(counts))),
        asked_at=dt.datetime.fromisoformat(str(asked_at)),
        started_at=_time(started_at),
        ended_at=_time(ended_at),
    )


def _time(text: str | float | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(str(text)) if text else None
