"""The budgets of requests, kept across restarts."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from cromwelld.state.database import Database


class Left(NamedTuple):
    """How many requests are left until `resets_at`, and until when nothing is to be sent (UTC).

    `late` of the window's requests may count in the next one.
    """

    left: int
    resets_at: dt.datetime
    silent_until: dt.datetime | None = None
    late: int = 0


class Budgets:
    """Know for each account and origin how many requests were left, and when the vendor counts anew."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, account: str, origin: str) -> Left | None:
        """Give what was left; None if nothing was kept. Raises: DamagedFile."""
        query = "SELECT left, resets_at, silent_until, late FROM budgets WHERE account = ? AND origin = ?"
        for left, resets_at, silent, late in self._database.rows(query, (account, origin)):
            until = None if silent is None else dt.datetime.fromisoformat(str(silent))
            return Left(int(left or 0), dt.datetime.fromisoformat(str(resets_at)), until, int(late or 0))
        return None

    def save(self, account: str, origin: str, left: Left) -> None:
        """Keep what is left. Raises: NotWritable; DamagedFile."""
        silent = None if left.silent_until is None else _text(left.silent_until)
        with self._database.change() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO budgets (account, origin, left, resets_at, silent_until, late)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (account, origin, left.left, _text(left.resets_at), silent, left.late),
            )


def _text(when: dt.datetime) -> str:
    return when.astimezone(dt.UTC).isoformat()
