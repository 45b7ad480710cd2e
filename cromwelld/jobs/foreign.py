"""Records of archives that we did not write: which date each belongs to, and in which zone."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate

import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.archive.codec import Opened
from cromwelld.day import Day
from cromwelld.day import tracks as tracks_
from cromwelld.jobs.repairs import repair
from cromwelld.jobs.zones import Calendar, Dates, Zones, calendar, implied_zone
from cromwelld.measurements import TIME

__all__ = ["ASTRAY", "NO_ZONE", "Foreign", "Zones", "by_date", "day_of", "implied_zone", "read", "read_dates"]

NO_ZONE = "no time zone is known for its records; say where the person lived: `--timezone Europe/London`"
_GAP = dt.timedelta(hours=1)
ASTRAY = "other-date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """What a foreign object holds, by date, each date in its own zone.

    `repaired` counts by rule what was mended; records of another date than the object's name has count there too.
    `problem` is why nothing of it can be taken.
    """

    days: Mapping[dt.date, Day] = field(default_factory=dict)
    repaired: Mapping[str, int] = field(default_factory=dict)
    problem: str = ""

    def others(self, named: dt.date | None) -> list[Day]:
        """List the days of other dates than the one that the object is named for."""
        return [day for date, day in sorted(self.days.items()) if date != named]


def read(opened: Opened, named: dt.date | None, zones: Zones, *, repairing: bool = True) -> Foreign:
    """Date the records of a foreign object one by one, and mend them unless told not to.

    The date that the object is named for is always there if its zone is known, also without records.
    """
    known = calendar(opened.tables, named, opened.about, zones)
    if known.lacking(_times(opened.tables)):
        return Foreign(problem=NO_ZONE)
    tables, counts = repair(opened.tables) if repairing else (dict(opened.tables), {})
    dated = _dated(tables, known.dates)
    if named is not None and known.zone(named):
        dated.setdefault(named, {})
    days = {date: Day(date=date, zone=known.zone(date), tables=held, asked={}) for date, held in dated.items()}
    found = Foreign(days=days)
    astray = sum(day.records for day in found.others(named)) if named is not None else 0
    return Foreign(days=days, repaired=dict(Counter(counts) + Counter({ASTRAY: astray})))


def read_dates(
    tables: Mapping[str, pa.Table], wanted: Collection[dt.date], zones: Zones, *, repairing: bool
) -> Foreign:
    """Give the wanted dates of records that lie in no object, dated and mended likewise.

    What is mended on other dates, which are there so that nights and tracks are whole, is not counted.
    """
    opened = Opened(day=None, tables=tables, digest="", rejected={})
    found = read(opened, None, zones, repairing=False)
    days = {date: day for date, day in found.days.items() if date in wanted}
    if not repairing:
        return Foreign(days=days, problem=found.problem)
    mended = {date: repair(day.tables) for date, day in days.items()}
    counts = sum((Counter(count) for _, count in mended.values()), Counter[str]())
    whole = {date: replace(day, tables=mended[date][0]) for date, day in days.items()}
    return Foreign(days=whole, repaired=dict(counts), problem=found.problem)


def day_of(date: dt.date, opened: Opened, zones: Zones, *, repairing: bool = True) -> Day | None:
    """Give the records of `date` in a foreign object as a day; None if no zone is known."""
    return read(opened, date, zones, repairing=repairing).days.get(date)


def by_date(tables: Mapping[str, pa.Table], zone: str) -> dict[dt.date, dict[str, pa.Table]]:
    """Sort records by the date that they belong to in `zone`: nights by their end, tracks by their activity."""
    return _dated(tables, Calendar(said=zone, implied={}, zones=Zones()).dates)


def _dated(tables: Mapping[str, pa.Table], dates_of: Dates) -> dict[dt.date, dict[str, pa.Table]]:
    sorted_: dict[dt.date, dict[str, pa.Table]] = {}
    by_time = _by_time({name: rows for name, rows in tables.items() if name not in _DATING}, dates_of)
    for name, rows in tables.items():
        dates = by_time[name] if name in by_time else _DATING[name](rows, dates_of)
        for date, part in _split(rows, dates):
            sorted_.setdefault(date, {})[name] = part
    return sorted_


def _split(rows: pa.Table, dates: pa.Array) -> Iterator[tuple[dt.date, pa.Table]]:
    distinct = pc.unique(dates).to_pylist()
    for date in distinct:
        yield date, rows if len(distinct) == 1 else rows.filter(pc.equal(dates, date))


def _by_time(tables: Mapping[str, pa.Table], dates_of: Dates) -> dict[str, pa.Array]:
    """Date the records of all tables by their times, at once: a date has many tables of one row."""
    dates = dates_of(_times(tables))
    ends = accumulate((rows.num_rows for rows in tables.values()), initial=0)
    return {name: dates.slice(start, rows.num_rows) for (name, rows), start in zip(tables.items(), ends, strict=False)}


def _times(tables: Mapping[str, pa.Table]) -> pa.Array:
    chunks = [chunk for rows in tables.values() for chunk in rows["time"].chunks]
    return pa.chunked_array(chunks, TIME).combine_chunks()


def _of_instants(instants: list[dt.datetime], rows: pa.Table, dates_of: Dates) -> pa.Array:
    return dates_of(pa.array(instants, rows.schema.field("time").type))


def _track_dates(rows: pa.Table, dates_of: Dates) -> pa.Array:
    """Date each point by the first point of its track."""
    starts = {name: pc.min(points["time"]).as_py() for name, points in tracks_.split(rows).items()}
    dated = dict(zip(starts, _of_instants(list(starts.values()), rows, dates_of).to_pylist(), strict=True))
    ids = pc.dictionary_encode(rows["tag_ActivityID"].combine_chunks())
    dates = pa.array([dated.get(name) for name in ids.dictionary.to_pylist()], pa.date32())
    return pc.coalesce(dates.take(ids.indices), dates_of(_times({"GPS": rows})))


def _summary_dates(rows: pa.Table, dates_of: Dates) -> pa.Array:
    return _of_instants([_sleep_end(row) for row in rows.to_pylist()], rows, dates_of)


def _sleep_end(row: Mapping[str, object]) -> dt.datetime:
    start, said, minutes = row["time"], row.get("field_endTime"), row.get("field_minutesInBed")
    if isinstance(minutes, float) and isinstance(start, dt.datetime):
        return start + dt.timedelta(minutes=minutes)
    try:
        end = dt.datetime.fromisoformat(str(said))
    except ValueError:
        end = start  # type: ignore[assignment]
    return end if end.tzinfo else start  # type: ignore[return-value]


def _level_dates(rows: pa.Table, dates_of: Dates) -> pa.Array:
    """Date stages by the end of the night that they make up: an unbroken run of stages."""
    ends: list[dt.datetime] = []
    night = 0
    end: dt.datetime | None = None
    order = pc.sort_indices(rows, sort_keys=[("time", "ascending")])
    for row in rows.take(order).select(["time", "field_duration_seconds"]).to_pylist():
        if end is not None and row["time"] - end > _GAP:
            ends += [end] * night
            night, end = 0, None
        night += 1
        until = row["time"] + dt.timedelta(seconds=row["field_duration_seconds"] or 0)
        end = until if end is None else max(end, until)
    ends += [end] * night if end is not None else []
    return _of_instants(ends, rows, dates_of).take(pc.sort_indices(order))


_DATING: Mapping[str, Callable[[pa.Table, Dates], pa.Array]] = {
    "GPS": _track_dates,
    "SleepSummary": _summary_dates,
    "SleepLevels": _level_dates,
}
