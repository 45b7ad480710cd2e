"""One file of an export as Arrow tables: its times as they are written, its numbers, who recorded them.

Nothing is decided here about zones, copies or recorders: that takes the whole export.
"""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.errors import BadAnswer
from cromwelld.sources import tcx
from cromwelld.sources.parsed import Asked
from cromwelld.sources.takeout import csvfiles, jsonfiles
from cromwelld.sources.takeout.family import Family, Shape
from cromwelld.sources.takeout.members import Member, Unreadable, opened
from cromwelld.sources.values import FIRST_YEAR, LAST_YEAR

_FIRST = pa.scalar(dt.datetime(FIRST_YEAR, 1, 1), pa.timestamp("us"))  # noqa: DTZ001 - as it is written
_LAST = pa.scalar(dt.datetime(LAST_YEAR, 12, 31), pa.timestamp("us"))  # noqa: DTZ001 - as it is written
_LARGEST_WHOLE = 256 * 1024 * 1024
_OUTSIDE = "a time outside the years that can be"


@dataclass(slots=True)
class Notes:
    """What is worth saying about a file: records left out by reason, columns that are not known."""

    rejected: Counter[str] = field(default_factory=Counter)
    unknown: set[str] = field(default_factory=set)


def read(member: Member, family: Family, notes: Notes) -> Iterator[pa.Table]:
    """Give the rows of a file, piece by piece: `when` without a zone as it is written, then numbers and texts.

    Raises: Unreadable; then nothing of the file may be used.
    """
    with opened(member) as stream:
        for rows in _WAYS[family.shape](stream, member, family, notes):
            sound = _within_years(rows, notes)
            if sound.num_rows:
                yield sound


def _within_years(rows: pa.Table, notes: Notes) -> pa.Table:
    when = rows["when"]
    good = pc.fill_null(pc.and_(pc.greater_equal(when, _FIRST), pc.less(when, _LAST)), fill_value=False)
    if pc.all(good).as_py():
        return rows
    kept = rows.filter(good)
    outside = pc.sum(pc.is_valid(when)).as_py() or 0
    notes.rejected[_OUTSIDE] += outside - kept.num_rows
    return kept


def _csv(stream: io.BufferedReader, member: Member, family: Family, notes: Notes) -> Iterator[pa.Table]:
    del member
    return csvfiles.read(stream, family, csvfiles.Noted(notes.rejected, notes.unknown))


def _series(stream: io.BufferedReader, member: Member, family: Family, notes: Notes) -> Iterator[pa.Table]:
    yield jsonfiles.series(_whole(stream, member), family, notes.rejected)


def _records(stream: io.BufferedReader, member: Member, family: Family, notes: Notes) -> Iterator[pa.Table]:
    yield jsonfiles.records(_whole(stream, member), family, notes.rejected)


def _track(stream: io.BufferedReader, member: Member, family: Family, notes: Notes) -> Iterator[pa.Table]:
    del family
    asked = Asked(first=dt.date.min, last=dt.date.max, zone=lambda _: None, activity_id=member.name)
    try:
        parsed = tcx.track(_whole(stream, member), asked)
    except BadAnswer as err:
        raise Unreadable(err.message) from err
    notes.rejected.update(parsed.rejected)
    for rows in parsed.tables.values():
        times = pc.cast(pc.local_timestamp(rows["time"]), pa.timestamp("us"))
        yield rows.drop_columns(["time"]).add_column(0, "when", times)


def _whole(stream: io.BufferedReader, member: Member) -> bytes:
    if member.size_bytes > _LARGEST_WHOLE:
        raise Unreadable("it is larger than a file of its kind can be")
    return stream.read(member.size_bytes + 1)  # without a size it would be read in small steps


_Way = Callable[[io.BufferedReader, Member, Family, Notes], Iterator[pa.Table]]
_WAYS: Mapping[Shape, _Way] = {
    Shape.CSV: _csv,
    Shape.SERIES: _series,
    Shape.RECORDS: _records,
    Shape.TRACK: _track,
}
