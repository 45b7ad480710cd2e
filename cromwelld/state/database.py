"""The one place that opens SQLite."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cromwelld.disk import writing
from cromwelld.errors import DamagedFile, NotWritable, StoreError
from cromwelld.state.steps import STEPS

_DURABLE = "FULL"  # what is committed is on the disk
_WHOLE = "NORMAL"  # it may be gone after the power was, but nothing is torn
_REMEDY = "move the file aside: what it knows is found out again; archive and tables are not touched by this"


Connection = sqlite3.Connection


class Database:
    """Hold one connection to a state file, the ledger unless `steps` make another one of it.

    Every change is durable when its block ends; of a file that is `passing` the power may take the last ones. Threads
    share it, one at a time: a block of one must not end the transaction of another.
    """

    def __init__(self, path: Path, steps: Sequence[str] = STEPS, *, passing: bool = False) -> None:
        self._path, self._steps = path, steps
        self._synchronous = _WHOLE if passing else _DURABLE
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
            self._connection.execute(f"PRAGMA synchronous = {self._synchronous}")
            self._migrate()

    def _migrate(self) -> None:
        """Take the steps that are lacking; whoever opens the same file meanwhile waits, and finds them taken."""
        if self._version() == len(self._steps):
            return
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            for number, step in enumerate(self._steps[self._version() :], self._version() + 1):
                for statement in _statements(step):
                    self._connection.execute(statement)
                self._connection.execute(f"PRAGMA user_version = {number}")

    def _version(self) -> int:
        """Give how many steps were taken. Raises: StoreError if there are more than are known."""
        ((version,),) = self._connection.execute("PRAGMA user_version").fetchall()
        if version > len(self._steps):
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

    def each(self, query: str) -> Iterator[tuple[str | int | float | None, ...]]:
        """Ask for rows that are too many to be held at once; nothing changes them meanwhile.

        Raises: DamagedFile.
        """
        with self._explained():
            yield from self._connection.execute(query)

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
            raise DamagedFile(f"{self._path} is damaged: {err}", hint=_REMEDY) from err


def _statements(script: str) -> Iterator[str]:
    """Cut a script into its statements: run as a whole it would end the transaction first."""
    statement = ""
    for part in script.split(";")[:-1]:
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
