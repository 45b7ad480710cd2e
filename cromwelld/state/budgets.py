"""The budgets of requests, kept across restarts."""

from __future__ import annotations

import datetime as dt

from cromwelld.state.database import Database


class Budgets:
    """Know for each account and origin how many requests were left, and when the vendor counts anew."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, account: str, origin: str) -> tuple[int, dt.datetime] | None:
        """Give requests left and the end of their window (UTC); None if nothing was kept.

        Raises: DamagedFile.
        """
        query = "SELECT left, resets_at FROM budgets WHERE account = ? AND origin = ?"
        for left, resets_at in self._database.rows(query, (account, origin)):
            return int(left or 0), dt.datetime.fromisoformat(str(resets_at))
        return None

    def save(self, account: str, origin: str, *, left: int, resets_at: dt.datetime) -> None:
        """Keep how many requests are left until `resets_at`.

        Raises: NotWritable; DamagedFile.
        """
        with self._database.change() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO budgets (account, origin, left, resets_at) VALUES (?, ?, ?, ?)",
                (account, origin, left, resets_at.astimezone(dt.UTC).isoformat()),
            )
