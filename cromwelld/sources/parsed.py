"""What a parser is told and what it gives back."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from cromwelld import localtime
from cromwelld.day import concat, table
from cromwelld.events import Event
from cromwelld.measurements import MEASUREMENTS
from cromwelld.sources.values import FIRST_YEAR, LAST_YEAR, Object, obj

Row = Mapping[str, object]
Tables = Mapping[tuple[dt.date, str], pa.Table]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked, and what is needed to read the answer.

    `zone` gives the zone of a date, None where none is known: such records are left for later. `last_sync` is the
    tracker's, if known. `activity_id` names the activity of a track.
    """

    first: dt.date
    last: dt.date
    zone: Callable[[dt.date], str | None]
    last_sync: dt.datetime | None = None
    activity_id: str = ""

    def zone_of(self, date: dt.date) -> str | None:
        """Give the zone of a date that was asked; None if it was not asked or has no zone."""
        return self.zone(date) if self.first <= date <= self.last else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The tables of an answer by date and measurement, what was left out and why, and what else is worth saying.

    `unready` dates cannot be answered yet, for the reason given: what there is of them is not whole.
    """

    tables: Tables
    unready: Mapping[dt.date, str] = field(default_factory=dict)
    rejected: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[Event, ...] = ()


Parser = Callable[[bytes, Asked], Parsed]


def merged(parts: Sequence[Parsed]) -> Parsed:
    """Put the parts of one answer together: pages of a list, tracks of a day."""
    if len(parts) == 1:
        return parts[0]
    tables: dict[tuple[dt.date, str], list[pa.Table]] = {}
    rejected: Counter[str] = Counter()
    for part in parts:
        rejected.update(part.rejected)
        for place, rows in part.tables.items():
            tables.setdefault(place, []).append(rows)
    whole = {place: concat(MEASUREMENTS[place[1]], found) for place, found in tables.items()}
    return Parsed(
        tables=whole,
        unready={date: reason for part in parts for date, reason in part.unready.items()},
        rejected=rejected,
        notes=tuple(note for part in parts for note in part.notes),
    )


class Rows:
    """Collect the few records of a low-rate answer; a bad one is counted and left out."""

    def __init__(self) -> None:
        self._rows: dict[tuple[dt.date, str], list[Row]] = {}
        self._rejected: Counter[str] = Counter()

    def add(self, date: dt.date, measurement: str, row: Row) -> None:
        """Add one record; `row` maps columns ("time", "tag_...", "field_...") to values."""
        self._rows.setdefault((date, measurement), []).append(row)

    def reject(self, reason: object, records: int = 1) -> None:
        """Count records that were left out."""
        if records:
            self._rejected[str(reason)] += records

    def each(self, records: Iterable[object], read: Callable[[Object], Iterable[tuple[dt.date, str, Row]]]) -> None:
        """Read every record; whatever `read` gives is added, its ValueError counts the record as bad."""
        for record in records:
            try:
                for date, measurement, row in list(read(obj(record))):
                    self.add(date, measurement, row)
            except ValueError as err:
                self.reject(err)

    def parsed(self) -> Parsed:
        """Build the tables."""
        tables = {place: _table(place[1], rows) for place, rows in self._rows.items()}
        return Parsed(tables=tables, rejected=dict(self._rejected))


def _table(measurement: str, rows: list[Row]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [row.get(name) for row in rows] for name in names}
    return table(MEASUREMENTS[measurement], columns)


def daily(
    asked: Asked, date: dt.date, measurement: str, fields: Mapping[str, float | None]
) -> Iterator[tuple[dt.date, str, Row]]:
    """Give the record of a daily value, stamped at local noon; none if the date is not asked or all is absent."""
    zone = asked.zone_of(date)
    if zone is None or not FIRST_YEAR <= date.year <= LAST_YEAR or all(value is None for value in fields.values()):
        return
    columns = {f"field_{name}": value for name, value in fields.items()}
    yield date, measurement, {"time": localtime.noon(date, zone), **columns}
