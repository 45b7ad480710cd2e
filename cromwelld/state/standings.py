"""What stands between an account and its vendor, kept across restarts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import Enum

from cromwelld.state.database import Database


class Obstacle(Enum):
    """Why an account is not asked for by itself."""

    PAUSED = "paused"
    LOGIN = "login"  # the vendor wants a login
    PERSON = "person"  # a person must set something else right at the vendor
    RETIRED = "retired"  # the vendor has switched this API off


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One obstacle: why it stands, since when and, for a pause that has an end, until when (UTC).

    `way` says to whom it befell: a configuration that names another source or address is another way.
    """

    obstacle: Obstacle
    reason: str
    way: str
    since: dt.datetime
    until: dt.datetime | None = None


class Standings:
    """Know the obstacles of every account."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, account: str) -> dict[Obstacle, Standing]:
        """Give the obstacles of an account. Raises: DamagedFile."""
        query = "SELECT obstacle, reason, way, since, until FROM standings WHERE account = ?"
        found = [_standing(row) for row in self._database.rows(query, (account,))]
        return {one.obstacle: one for one in found}

    def put(self, account: str, standing: Standing) -> None:
        """Enter an obstacle; one of its kind that stands already is replaced. Raises: NotWritable."""
        until = None if standing.until is None else standing.until.isoformat()
        values = (account, standing.obstacle.value, standing.reason, standing.way, standing.since.isoformat(), until)
        with self._database.change() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO standings (account, obstacle, reason, way, since, until)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                values,
            )

    def clear(self, account: str, *obstacles: Obstacle) -> None:
        """Take obstacles away. Raises: NotWritable."""
        rows = [(account, obstacle.value) for obstacle in obstacles]
        with self._database.change() as connection:
            connection.executemany("DELETE FROM standings WHERE account = ? AND obstacle = ?", rows)


def _standing(row: tuple[str | int | float | None, ...]) -> Standing:
    obstacle, reason, way, since, until = row
    return Standing(
        obstacle=Obstacle(obstacle),
        reason=str(reason),
        way=str(way),
        since=dt.datetime.fromisoformat(str(since)),
        until=dt.datetime.fromisoformat(str(until)) if until else None,
    )
