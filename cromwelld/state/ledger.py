"""The ledger: what became of every stream of every date of every account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cromwelld.state.alerts import Alerts
from cromwelld.state.budgets import Budgets
from cromwelld.state.database import Database
from cromwelld.state.entries import COLUMNS, Entry, Fetched, Row, entry_of, fetched_row, restored_row
from cromwelld.state.marks import Marked, Marks, marks_of, note
from cromwelld.state.open_work import OpenWork
from cromwelld.state.runs import Runs
from cromwelld.state.standings import Standings


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A date's zone, the digest of its object ("" if it has none), and when that was last read back."""

    zone: str
    digest: str
    verified_at: dt.datetime | None = None


class Ledger:
    """Know every account, date and stream: outcome, reason, count, source, when, and each date's zone and digest."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path)

    @property
    def budgets(self) -> Budgets:
        """Give the budgets, which lie in the same file."""
        return Budgets(self._database)

    @property
    def runs(self) -> Runs:
        """Give the runs, which lie in the same file."""
        return Runs(self._database)

    @property
    def standings(self) -> Standings:
        """Give the obstacles, which lie in the same file."""
        return Standings(self._database)

    @property
    def alerts(self) -> Alerts:
        """Give the alerts, which lie in the same file."""
        return Alerts(self._database)

    @property
    def marks(self) -> Marks:
        """Give the newest of what is watched, which lies in the same file."""
        return Marks(self._database)

    def forget(self, account: str) -> None:
        """Forget everything that is known of an account. Raises: NotWritable."""
        tables = self._database.rows("SELECT name FROM sqlite_master WHERE type = 'table'", ())
        with self._database.change() as connection:
            for (table,) in tables:
                columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
                if "account" in columns:
                    connection.execute(f"DELETE FROM {table} WHERE account = ?", (account,))  # noqa: S608 - our names

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    @property
    def open_work(self) -> OpenWork:
        """Give what is still to be asked."""
        return OpenWork(self._database)

    def fetched(self, account: str, answers: Iterable[Fetched], now: dt.datetime) -> None:
        """Enter answers that are durable in the outbox, or that changed nothing, and what they mark."""
        with self._database.change() as connection:
            marks: list[Marked] = []
            for one in answers:
                connection.execute(_FETCHED, fetched_row(account, one, now))
                marks += marks_of(one.answer, now, news=one.waits)
            note(connection, account, marks)

    def failing(self, account: str, first: dt.date) -> list[Entry]:
        """Give the streams of dates from `first` on that could not be had when last asked, by date and stream."""
        return [entry_of(row) for row in self._database.rows(_FAILING, (account, first.isoformat()))]

    def stored(self, account: str, date: dt.date, verdicts: Sequence[tuple[str, str]], now: dt.datetime) -> None:
        """Mark streams of a date as stored; `verdicts` pairs each with what storing made of it."""
        rows = [(now.isoformat(), verdict, account, date.isoformat(), stream) for stream, verdict in verdicts]
        with self._database.change() as connection:
            connection.executemany(
                "UPDATE entries SET stored_at = ?, verdict = ? WHERE account = ? AND date = ? AND stream = ?", rows
            )

    def keep_date(self, account: str, date: dt.date, *, zone: str, digest: str) -> None:
        """Keep the zone of a date, and the digest of its object; "", where it has none yet, keeps what is known."""
        with self._database.change() as connection:
            connection.execute(_KEPT, (account, date.isoformat(), zone, digest))

    def dates(self, account: str) -> dict[dt.date, Kept]:
        """Give the dates that have a zone, oldest first, with what is kept of each."""
        query = "SELECT date, zone, digest, verified_at FROM dates WHERE account = ? ORDER BY date"
        return {dt.date.fromisoformat(str(row[0])): _kept(row) for row in self._database.rows(query, (account,))}

    def verified(self, account: str, dates: Iterable[dt.date], now: dt.datetime) -> None:
        """Note that the objects of dates were read back."""
        rows = [(now.isoformat(), account, date.isoformat()) for date in dates]
        with self._database.change() as connection:
            connection.executemany("UPDATE dates SET verified_at = ? WHERE account = ? AND date = ?", rows)

    def restore(self, account: str, date: dt.date, kept: Kept, entries: Iterable[Entry]) -> int:
        """Enter what the archive tells of a date: its zone and digest, and streams that are not known; count those."""
        with self._database.change() as connection:
            connection.execute(_KEPT, (account, date.isoformat(), kept.zone, kept.digest))
            return connection.executemany(_RESTORED, [restored_row(account, entry) for entry in entries]).rowcount

    def zone(self, account: str, date: dt.date) -> str | None:
        """Give the zone that is stored with a date."""
        query = "SELECT zone FROM dates WHERE account = ? AND date = ?"
        rows = self._database.rows(query, (account, date.isoformat()))
        return str(rows[0][0]) if rows else None

    def last_zone(self, account: str) -> str | None:
        """Give the zone of the newest date that has one."""
        query = "SELECT zone FROM dates WHERE account = ? ORDER BY date DESC LIMIT 1"
        rows = self._database.rows(query, (account,))
        return str(rows[0][0]) if rows else None

    def entries(self, account: str, first: dt.date, last: dt.date) -> list[Entry]:
        """Give the entries of dates from `first` to `last`, both included, by date and stream."""
        values = (account, first.isoformat(), last.isoformat())
        return [entry_of(row) for row in self._database.rows(_ENTRIES, values)]


_FAILING = f"""
SELECT {COLUMNS} FROM entries WHERE account = ? AND date >= ? AND outcome = 'failed' ORDER BY date, stream
"""  # noqa: S608
_ENTRIES = f"SELECT {COLUMNS} FROM entries WHERE account = ? AND date BETWEEN ? AND ? ORDER BY date, stream"  # noqa: S608

# The first of an unbroken row of empty answers is kept: only emptiness that is repeated later may erase records.
# An answer that is the same as the one before, and is stored, waits for nothing.
_FETCHED = """
INSERT INTO entries (account, date, stream, outcome, reason, records, digest, source, asked_at, stored_at,
    empty_since, changed_at, passed_at, due_at, settled)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET
    outcome = excluded.outcome, reason = excluded.reason, records = excluded.records,
    source = excluded.source, asked_at = excluded.asked_at,
    stored_at = CASE WHEN excluded.stored_at IS NULL THEN NULL ELSE entries.stored_at END,
    empty_since = CASE
        WHEN excluded.outcome = 'empty' THEN COALESCE(entries.empty_since, excluded.empty_since)
        WHEN excluded.outcome IN ('ok', 'partial') THEN NULL
        ELSE entries.empty_since END,
    changed_at = CASE WHEN excluded.digest = entries.digest THEN entries.changed_at ELSE excluded.changed_at END,
    digest = excluded.digest, passed_at = excluded.passed_at, due_at = excluded.due_at, settled = excluded.settled
"""

_KEPT = """
INSERT INTO dates (account, date, zone, digest) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET zone = excluded.zone, digest = COALESCE(NULLIF(excluded.digest, ''), digest)
"""

_RESTORED = """
INSERT INTO entries
    (account, date, stream, outcome, reason, records, digest, source, asked_at, stored_at, empty_since, verdict,
    changed_at, passed_at, due_at, settled)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
"""


def _kept(row: Row) -> Kept:
    _, zone, digest, verified_at = row
    at = dt.datetime.fromisoformat(str(verified_at)) if verified_at else None
    return Kept(zone=str(zone), digest=str(digest), verified_at=at)
