"""The one place that opens SQLite."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cromwelld.disk import writing
from cromwelld.errors import DamagedFile, NotWritable, StoreError

_LEDGER = """
CREATE TABLE entries (
    account TEXT NOT NULL, date TEXT NOT NULL, stream TEXT NOT NULL,
    outcome TEXT NOT NULL, reason TEXT NOT NULL, records INTEGER NOT NULL, digest TEXT NOT NULL,
    source TEXT NOT NULL,
    asked_at TEXT NOT NULL, stored_at TEXT, empty_since TEXT, verdict TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (account, date, stream)
) WITHOUT ROWID;
CREATE TABLE dates (
    account TEXT NOT NULL, date TEXT NOT NULL, zone TEXT NOT NULL, digest TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (account, date)
) WITHOUT ROWID;
"""
_BUDGETS = """
CREATE TABLE budgets (
    account TEXT NOT NULL, origin TEXT NOT NULL, left INTEGER NOT NULL, resets_at TEXT NOT NULL,
    silent_until TEXT,
    PRIMARY KEY (account, origin)
) WITHOUT ROWID;
"""
_READ_BACK = "ALTER TABLE dates ADD COLUMN verified_at TEXT;"
_LATE = "ALTER TABLE budgets ADD COLUMN late INTEGER NOT NULL DEFAULT 0;"
_RUNS = """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, dates TEXT NOT NULL, force TEXT NOT NULL,
    wished_by TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '',
    counts TEXT NOT NULL DEFAULT '{}', report TEXT NOT NULL DEFAULT '',
    asked_at TEXT NOT NULL, started_at TEXT, ended_at TEXT
);
CREATE INDEX open_runs ON runs (account, id) WHERE ended_at IS NULL;
"""
_STANDINGS = """
CREATE TABLE standings (
    account TEXT NOT NULL, obstacle TEXT NOT NULL, reason TEXT NOT NULL, way TEXT NOT NULL,
    since TEXT NOT NULL, until TEXT,
    PRIMARY KEY (account, obstacle)
) WITHOUT ROWID;
"""
_MARKS = """
CREATE TABLE marks (
    account TEXT NOT NULL, mark TEXT NOT NULL, about TEXT NOT NULL, at TEXT NOT NULL, value REAL,
    PRIMARY KEY (account, mark, about)
) WITHOUT ROWID;
"""
# Dates that were asked lately by an earlier version are looked at again; older ones count as sealed.
_SETTLING = """
ALTER TABLE entries ADD COLUMN changed_at TEXT;
ALTER TABLE entries ADD COLUMN passed_at TEXT;
ALTER TABLE entries ADD COLUMN due_at TEXT;
ALTER TABLE entries ADD COLUMN settled TEXT NOT NULL DEFAULT '';
UPDATE entries SET due_at = asked_at WHERE date >= date(asked_at, '-30 days');
CREATE INDEX due_entries ON entries (account, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX stream_entries ON entries (account, stream, date, outcome, source); -- covers what is asked of it
CREATE TABLE devices (
    account TEXT NOT NULL, device TEXT NOT NULL, synced_at TEXT NOT NULL,
    leapt_from TEXT, leapt_to TEXT, noticed_at TEXT,
    PRIMARY KEY (account, device)
) WITHOUT ROWID;
CREATE TABLE promises (
    account TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL, PRIMARY KEY (account, first, last)
) WITHOUT ROWID;
"""
_ALERTS = """
CREATE TABLE alerts (
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, account TEXT NOT NULL, what TEXT NOT NULL, fault TEXT NOT NULL,
    remedy TEXT NOT NULL, raised_at TEXT NOT NULL, gone_at TEXT
) WITHOUT ROWID;
CREATE TABLE letters (
    alert TEXT NOT NULL, phase TEXT NOT NULL, channel TEXT NOT NULL,
    PRIMARY KEY (alert, phase, channel)
) WITHOUT ROWID;
"""
# They were made in another way: each answer of the trailing dates is stored once more, and none counts as changed.
_DIGESTS = "UPDATE entries SET digest = '';"
_STEPS = (  # what each version added
    _LEDGER,
    _BUDGETS,
    _READ_BACK,
    _LATE,
    _RUNS,
    _STANDINGS,
    _MARKS,
    _SETTLING,
    _ALERTS,
    _DIGESTS,
)
_DURABLE = "FULL"  # what is committed is on the disk
_REMEDY = "move the file aside: it is rebuilt as dates are collected; archive and tables are not touched by this"


Connection = sqlite3.Connection


class Database:
    """Hold one connection to the state file; every change is durable when its block ends.

    Threads share it, one at a time: a block of one must not end the transaction of another.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = threading.RLock()
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        with self._explained():
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self._prepare()
        except StoreError:
            self.close()
            raise

    def _prepare(self) -> None:
        with self._explained():
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute(f"PRAGMA synchronous = {_DURABLE}")
            self._migrate()

    def _migrate(self) -> None:
        """Take the steps that are lacking; whoever opens the same file meanwhile waits, and finds them taken."""
        if self._version() == len(_STEPS):
            return
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            for number, step in enumerate(_STEPS[self._version() :], self._version() + 1):
                for statement in _statements(step):
                    self._connection.execute(statement)
                self._connection.execute(f"PRAGMA user_version = {number}")

    def _version(self) -> int:
        """Give how many steps were taken. Raises: StoreError if there are more than are known."""
        ((version,),) = self._connection.execute("PRAGMA user_version").fetchall()
        if version > len(_STEPS):
            message = f"{self._path} was written by a newer version of cromwelld"
            raise StoreError(message, hint="install that version or a later one")
        return int(version)

    @contextmanager
    def change(self) -> Iterator[Connection]:
        """Run a block of changes: all of them are kept, or none.

        Raises: NotWritable; DamagedFile.
        """
        with self._turn, self._explained(), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            yield self._connection

    def rows(self, query: str, values: tuple[str | int, ...]) -> list[tuple[str | int | float | None, ...]]:
        """Ask for rows.

        Raises: DamagedFile.
        """
        with self._turn, self._explained():
            return self._connection.execute(query, values).fetchall()

    def close(self) -> None:
        """Close the file."""
        with self._turn:
            self._connection.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as err:
            hint = "see to the disk and the rights of the state folder; what was collected waits"
            raise NotWritable(f"cannot use {self._path}: {err}", hint=hint) from err
        except sqlite3.DatabaseError as err:
            raise DamagedFile(f"the ledger {self._path} is damaged: {err}", hint=_REMEDY) from err


def _statements(script: str) -> Iterator[str]:
    """Cut a script into its statements: run as a whole it would end the transaction first."""
    statement = ""
    for part in script.split(";")[:-1]:
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
