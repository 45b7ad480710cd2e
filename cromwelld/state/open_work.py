"""What the ledger leaves to be asked: what is due, what was never asked, and how far the devices have synced."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from cromwelld import localtime
from cromwelld.pieces import Outcome
from cromwelld.state.database import Database
from cromwelld.state.entries import COLUMNS, Entry, Row, entry_of, instant, text

_LEAP = dt.timedelta(days=1)  # a device that was silent for longer brings dates that were long over


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One stream on one date that is to be asked."""

    stream: str
    date: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Dates that follow one another, both ends included."""

    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """How far a device has synced; dates within its last leap were brought when that was `noticed_at`."""

    synced_at: dt.datetime
    leapt_from: dt.datetime | None = None
    leapt_to: dt.datetime | None = None
    noticed_at: dt.datetime | None = None

    def brought_at(self, date: dt.date, zone: str) -> dt.datetime | None:
        """Give when a date's data came in a leap; None if they did not."""
        if self.leapt_from is None or self.leapt_to is None:
            return None
        leapt = localtime.local_date(self.leapt_from, zone) <= date <= localtime.local_date(self.leapt_to, zone)
        return self.noticed_at if leapt else None


class OpenWork:
    """Know what is open; every question is answered without reading what is sealed, however long the ledger is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, account: str, now: dt.datetime) -> list[Wanted]:
        """Give what is due, by date and stream."""
        query = "SELECT stream, date FROM entries WHERE account = ? AND due_at <= ? ORDER BY date, stream"
        found = self._database.rows(query, (account, str(text(now))))
        return [Wanted(stream=str(stream), date=dt.date.fromisoformat(str(date))) for stream, date in found]

    def next_due(self, account: str) -> dt.datetime | None:
        """Give the instant at which something is due next; None if everything is sealed."""
        query = "SELECT MIN(due_at) FROM entries WHERE account = ? AND due_at IS NOT NULL"
        ((found,),) = self._database.rows(query, (account,))
        return instant(found)

    def asked(self, account: str, streams: Collection[str], source: str = "") -> dict[str, list[Stretch]]:
        """Give, by stream, the stretches for which it was asked at all (of `source`, if one is named), oldest first.

        What was not offered at the time was not asked.
        """
        stretches: dict[str, list[Stretch]] = {}
        for name, count, start, end in self._database.rows(_EXTENTS, (account, source, source)):
            stream, whole = str(name), Stretch(first=_date(start), last=_date(end))
            if stream in streams:
                full = (whole.last - whole.first).days + 1 == count
                stretches[stream] = [whole] if full else self._islands(account, source, stream)
        return stretches

    def _islands(self, account: str, source: str, stream: str) -> list[Stretch]:
        found = self._database.rows(_ISLANDS, (account, source, source, stream))
        return [Stretch(first=_date(start), last=_date(end)) for start, end in found]

    def withheld(self, account: str) -> frozenset[str]:
        """Give the streams that were refused, or not supported, when they were asked last."""
        names = [str(stream) for (stream,) in self._database.rows(_WITHHELD, (account,))]
        last = {name: self._database.rows(_LAST, (account, name))[0][0] for name in names}
        return frozenset(name for name, outcome in last.items() if Outcome(outcome).withheld)

    def entries(self, account: str, keys: Mapping[str, Collection[dt.date]]) -> dict[tuple[str, dt.date], Entry]:
        """Give the entries of streams on dates, as far as there are any."""
        found: dict[tuple[str, dt.date], Entry] = {}
        for stream, dates in keys.items():
            values = (account, stream, min(dates).isoformat(), max(dates).isoformat())
            for entry in map(entry_of, self._database.rows(_OF_STREAM, values)):
                found[entry.stream, entry.date] = entry
        return found

    def silent(self, account: str, since: dt.date) -> dict[str, tuple[int, dt.datetime]]:
        """Give the streams of which no answer since a date had records: how many answers, and when the last came."""
        found = self._database.rows(_SILENT, (account, since.isoformat()))
        return {str(stream): (int(count or 0), _instant(asked_at)) for stream, count, asked_at in found}

    def dates(self, account: str) -> list[dt.date]:
        """Give the dates of which anything was asked."""
        query = "SELECT DISTINCT date FROM entries WHERE account = ? AND settled != 'undated'"
        return [_date(date) for (date,) in self._database.rows(query, (account,))]

    def open_dates(self, account: str) -> list[dt.date]:
        """Give the dates of which some stream is not sealed."""
        query = "SELECT DISTINCT date FROM entries WHERE account = ? AND due_at > ''"
        return [_date(date) for (date,) in self._database.rows(query, (account,))]

    def devices(self, account: str) -> dict[str, Synced]:
        """Give how far each device has synced."""
        query = "SELECT device, synced_at, leapt_from, leapt_to, noticed_at FROM devices WHERE account = ?"
        return {str(row[0]): _synced(row[1:]) for row in self._database.rows(query, (account,))}

    def synced(self, account: str, device: str, at: dt.datetime, *, zone: str, now: dt.datetime) -> bool:
        """Note how far a device has synced; what it may have brought is due again. Tell whether it moved."""
        before = self.devices(account).get(device)
        if before is not None and at <= before.synced_at:
            return False
        values: tuple[str | None, ...] = (account, device, text(at), None, None, None)
        if before is not None and at - before.synced_at > _LEAP:
            values = (account, device, text(at), text(before.synced_at), text(at), text(now))
        with self._database.change() as connection:
            connection.execute(_SYNCED, values)
            if before is not None:
                dates = (localtime.local_date(one, zone).isoformat() for one in (before.synced_at, at))
                connection.execute(_REOPENED, (text(now), account, *dates))
        return True

    def hasten(self, account: str, wanted: Sequence[Wanted], *, until: dt.datetime, why: str = "") -> None:
        """Let what is due later than `until`, or is sealed, be due then, and keep the reason."""
        rows = [(text(until), why, account, one.date.isoformat(), one.stream, text(until)) for one in wanted]
        with self._database.change() as connection:
            connection.executemany(_HASTENED, rows)

    def accept(self, account: str, date: dt.date, streams: Collection[str]) -> list[str]:
        """Seal what is open of a date, or shrunk, because a person says so; give the streams that were."""
        rows = self._database.rows(_OPEN_STREAMS, (account, date.isoformat()))
        chosen = [str(stream) for (stream,) in rows if not streams or stream in streams]
        with self._database.change() as connection:
            connection.executemany(
                "UPDATE entries SET due_at = NULL, settled = 'accepted' WHERE account = ? AND date = ? AND stream = ?",
                [(account, date.isoformat(), stream) for stream in chosen],
            )
        return chosen

    def accepted(self, account: str) -> frozenset[dt.date]:
        """Give the dates that lack something, all of which a person took as it is."""
        return frozenset(_date(date) for (date,) in self._database.rows(_ACCEPTED, (account,)))

    def promise(self, account: str, stretch: Stretch) -> None:
        """Note that every date of a stretch is to be had, sooner or later."""
        with self._database.change() as connection:
            values = (account, stretch.first.isoformat(), stretch.last.isoformat())
            connection.execute("INSERT OR IGNORE INTO promises (account, first, last) VALUES (?, ?, ?)", values)

    def promised(self, account: str) -> list[Stretch]:
        """Give the stretches that are to be had, oldest first."""
        query = "SELECT first, last FROM promises WHERE account = ? ORDER BY first, last"
        return [Stretch(first=_date(first), last=_date(last)) for first, last in self._database.rows(query, (account,))]


_EXTENTS = """
SELECT stream, SUM(dates), MIN(first), MAX(last) FROM extents
WHERE account = ? AND (source = ? OR ? = '') AND dates > 0 GROUP BY stream
"""
_ASKED = "account = ? AND (source = ? OR ? = '') AND outcome != 'not_offered'"
_ISLANDS = f"""
SELECT MIN(date), MAX(date) FROM (
    SELECT date, julianday(date) - ROW_NUMBER() OVER (ORDER BY date) AS island
    FROM entries WHERE {_ASKED} AND stream = ?
) GROUP BY island ORDER BY 1
"""  # noqa: S608
_ACCEPTED = """
SELECT date FROM entries WHERE account = ? AND outcome IN ('failed', 'refused')
GROUP BY date HAVING MIN(settled = 'accepted') = 1
"""
_WITHHELD = """
SELECT DISTINCT stream FROM entries
WHERE account = ? AND due_at > '' AND outcome IN ('refused', 'unsupported')
"""
_LAST = "SELECT outcome FROM entries WHERE account = ? AND stream = ? ORDER BY asked_at DESC, date DESC LIMIT 1"
_OF_STREAM = f"SELECT {COLUMNS} FROM entries WHERE account = ? AND stream = ? AND date BETWEEN ? AND ?"  # noqa: S608
_SILENT = """
SELECT stream, COUNT(*), MAX(asked_at) FROM entries WHERE account = ? AND date >= ?
GROUP BY stream HAVING SUM(outcome IN ('empty', 'unsupported')) = COUNT(*)
"""
_OPEN_STREAMS = """
SELECT stream FROM entries WHERE account = ? AND date = ? AND (due_at IS NOT NULL OR verdict = 'shrunk')
ORDER BY stream
"""
_SYNCED = """
INSERT INTO devices (account, device, synced_at, leapt_from, leapt_to, noticed_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET synced_at = excluded.synced_at,
    leapt_from = COALESCE(excluded.leapt_from, leapt_from), leapt_to = COALESCE(excluded.leapt_to, leapt_to),
    noticed_at = COALESCE(excluded.noticed_at, noticed_at)
"""
_REOPENED = """
UPDATE entries SET due_at = ?, passed_at = NULL, settled = ''
WHERE account = ? AND date BETWEEN ? AND ? AND settled != 'undated'
"""
_HASTENED = """
UPDATE entries SET due_at = ?, settled = ?
WHERE account = ? AND date = ? AND stream = ? AND (due_at IS NULL OR due_at > ?)
"""


def _date(value: str | float | None) -> dt.date:
    return dt.date.fromisoformat(str(value))


def _instant(value: str | float | None) -> dt.datetime:
    return dt.datetime.fromisoformat(str(value))


def _synced(row: Row) -> Synced:
    synced_at, leapt_from, leapt_to, noticed_at = row
    return Synced(
        synced_at=_instant(synced_at),
        leapt_from=instant(leapt_from),
        leapt_to=instant(leapt_to),
        noticed_at=instant(noticed_at),
    )
