"""The alerts that were raised, and what was told of them over which channel: kept, so that each is told once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from cromwelld.state.database import Database


class Phase(Enum):
    """What a letter says of an alert."""

    RAISED = "raised"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An alert as it was raised (UTC); `gone_at` is since when its cause has been gone, None while it lasts.

    `told` are the phases that were told, each with the channel.
    """

    key: str
    kind: str
    account: str
    what: str
    fault: str
    remedy: str
    raised_at: dt.datetime
    gone_at: dt.datetime | None = None
    told: frozenset[tuple[Phase, str]] = frozenset()


class Alerts:
    """Know what was raised and told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self) -> list[Raised]:
        """Give the alerts, oldest first. Raises: DamagedFile."""
        told: dict[str, set[tuple[Phase, str]]] = {}
        for key, phase, channel in self._database.rows("SELECT alert, phase, channel FROM letters", ()):
            told.setdefault(str(key), set()).add((Phase(phase), str(channel)))
        query = "SELECT key, kind, account, what, fault, remedy, raised_at, gone_at FROM alerts ORDER BY raised_at, key"
        return [_raised(row, told.get(str(row[0]), set())) for row in self._database.rows(query, ())]

    def save(self, alerts: Iterable[Raised]) -> None:
        """Keep these alerts and no others. Raises: NotWritable."""
        rows, letters = [], []
        for one in alerts:
            gone_at = None if one.gone_at is None else one.gone_at.isoformat()
            raised_at = one.raised_at.isoformat()
            rows.append((one.key, one.kind, one.account, one.what, one.fault, one.remedy, raised_at, gone_at))
            letters += [(one.key, phase.value, channel) for phase, channel in one.told]
        with self._database.change() as connection:
            connection.execute("DELETE FROM letters")
            connection.execute("DELETE FROM alerts")
            connection.executemany(_ALERT, rows)
            connection.executemany("INSERT INTO letters (alert, phase, channel) VALUES (?, ?, ?)", letters)


_ALERT = """
INSERT INTO alerts (key, kind, account, what, fault, remedy, raised_at, gone_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""


def _raised(row: tuple[str | int | float | None, ...], told: set[tuple[Phase, str]]) -> Raised:
    key, kind, account, what, fault, remedy, raised_at, gone_at = row
    return Raised(
        key=str(key),
        kind=str(kind),
        account=str(account),
        what=str(what),
        fault=str(fault),
        remedy=str(remedy),
        raised_at=dt.datetime.fromisoformat(str(raised_at)),
        gone_at=dt.datetime.fromisoformat(str(gone_at)) if gone_at else None,
        told=frozenset(told),
    )
