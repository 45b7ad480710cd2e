"""The newest of what is watched, kept across restarts: samples, devices, answers, uploads, readings back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.measurements import Merge, describe
from cromwelld.pieces import Answer
from cromwelld.state.database import Connection, Database

_AHEAD = dt.timedelta(days=1)  # local noon of today may be to come; what lies further ahead is nobody's sample
_LATELY = dt.timedelta(days=2)
_PER_CENT = 100.0


class Mark(Enum):
    """What is marked, and what `about` names."""

    SAMPLE = "sample"  # the newest record; a measurement
    DEVICE = "device"  # the last sync; a device. The value is the battery's level then, from 0 to 1
    ANSWERED = "answered"  # the vendor said what there is of one of the last days; a stream
    UPLOADED = "uploaded"  # an object was written to the archive
    VERIFIED = "verified"  # dates were read back, and everything fitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """One mark of an account (UTC); `value` only where the mark has one."""

    mark: Mark
    about: str = ""
    at: dt.datetime
    value: float | None = None


class Marks:
    """Know for each account the newest of each mark; an older one never replaces it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, account: str) -> list[Marked]:
        """Give the marks of an account, by mark and what they are about. Raises: DamagedFile."""
        query = "SELECT mark, about, at, value FROM marks WHERE account = ? ORDER BY mark, about"
        return [
            Marked(
                mark=Mark(mark),
                about=str(about),
                at=dt.datetime.fromisoformat(str(at)),
                value=None if value is None else float(value),
            )
            for mark, about, at, value in self._database.rows(query, (account,))
        ]

    def note(self, account: str, marks: Iterable[Marked]) -> None:
        """Keep marks that are newer. Raises: NotWritable; DamagedFile."""
        with self._database.change() as connection:
            note(connection, account, marks)


def note(connection: Connection, account: str, marks: Iterable[Marked]) -> None:
    """Keep marks that are newer, within a change that is under way."""
    rows = [(account, one.mark.value, one.about, _text(one.at), one.value) for one in marks]
    connection.executemany(_NEWER, rows)


_NEWER = """
INSERT INTO marks (account, mark, about, at, value) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET at = excluded.at, value = COALESCE(excluded.value, value) WHERE excluded.at >= at
"""


def _text(at: dt.datetime) -> str:
    """Write an instant so that texts are in the order of time."""
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")


def marks_of(answer: Answer, now: dt.datetime, *, news: bool = True) -> Iterator[Marked]:
    """Find what an answer marks; one that is no news has marked its records before."""
    if not answer.outcome.answered:
        return
    if answer.date >= now.date() - _LATELY:
        yield Marked(mark=Mark.ANSWERED, about=answer.stream, at=now)
    if not news:
        return
    for name, rows in answer.tables.items():
        if describe(name).merge is Merge.READINGS:
            yield from _readings(rows, now)
        newest = pc.max(rows["time"]).as_py()
        if newest is not None and newest <= now + _AHEAD:
            yield Marked(mark=Mark.SAMPLE, about=name, at=newest)


def _readings(rows: pa.Table, now: dt.datetime) -> Iterator[Marked]:
    """Read the devices: their last sync, and how full their battery was."""
    for row in rows.to_pylist():
        if row["tag_Device"] and row["time"] <= now + _AHEAD:
            level = row["field_value"]
            ratio = None if level is None else level / _PER_CENT
            yield Marked(mark=Mark.DEVICE, about=row["tag_Device"], at=row["time"], value=ratio)
