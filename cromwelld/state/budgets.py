"""The budgets of requests, kept across restarts."""

from __future__ import annotations

import datetime as dt

from cromwelld.state.database import Database


class Budgets:
    """Know for each account and origin how many requests were left, and when the vendor counts anew."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, account: str, origin: str) -> tuple[int, dt.datetime, dt.datetime | None] | None:
        """Give requests left, the end of their window and of a silence asked for (UTC); None if nothing was kept.

        Raises: DamagedFile.
        """
        query = "SELECT left, resets_at, silent_until FROM budgets WHERE account = ? AND origin = ?"
        for left, resets_at, silent in self._database.rows(query, (account, origin)):
            until = None if silent is None else dt.datetime.fromisoformat(str(silent))
            return int(left or 0), dt.datetime.fromisoformat(str(resets_at)), until
        return None

    def save(
        self, account: str, origin: str, *, left: int, resets_at: dt.datetime, silent_until: dt.datetime | None
    ) -> None:
        """Keep how many requests are left until `resets_at`, and until when nothing is to be sent.

        Raises: NotWritable; DamagedFile.
        """
        silent = None if silent_until is None else _text(silent_until)
        with self._database.change() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO budgets (account, origin, left, resets_at, silent_until)"
                " VALUES (?, ?, ?, ?, ?)",
                (account, origin, left, _text(resets_at), silent),
            )


def _text(when: dt.datetime) -> str:
    return when.astimezone(dt.UTC).isoformat()
