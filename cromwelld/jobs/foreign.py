"""Records of archives that we did not write: which date each belongs to, and in which zone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from cromwelld import localtime
from cromwelld.day import Day
from cromwelld.day import tracks as tracks_
from cromwelld.measurements import Merge, Stamp, describe

_DAY_H = 24
_USUAL_WEST_H = -11
_WEST_H, _EAST_H = -12, 14
_GAP = dt.timedelta(hours=1)


def implied_zone(tables: Mapping[str, pa.Table], named: dt.date | None = None) -> str | None:
    """Give the zone of whole hours that noon-stamped records imply; None if they say nothing or disagree.

    `named` is the date that the object bears: it tells New Zealand's noon, on the UTC date before, from Samoa's.
    """
    stamps: set[dt.datetime] = set()
    for name, rows in tables.items():
        if describe(name).stamp is Stamp.NOON and describe(name).merge is Merge.DAILY:
            stamps.update(rows["time"].to_pylist())
    minutes = {time.hour * 60 + time.minute for time in stamps}
    if len(minutes) != 1:
        return None
    hours, rest = divmod(12 * 60 - minutes.pop(), 60)
    return None if rest else _zone_of_hours(_east(hours, stamps, named))


def _east(hours: int, stamps: Iterable[dt.datetime], named: dt.date | None) -> int:
    """Choose, of the offsets a day apart that the clock times allow, the one that puts a noon on the date named."""
    usual = (hours - _USUAL_WEST_H) % _DAY_H + _USUAL_WEST_H
    allowed = [east for east in (usual, usual - _DAY_H, usual + _DAY_H) if _WEST_H <= east <= _EAST_H]
    return next((east for east in allowed if named in {(t + dt.timedelta(hours=east)).date() for t in stamps}), usual)


def _zone_of_hours(east: int) -> str:
    return "Etc/GMT" if east == 0 else f"Etc/GMT{-east:+d}"


def day_of(date: dt.date, tables: Mapping[str, pa.Table], zone: str) -> Day | None:
    """Give the records of `date` in a foreign object as a day; None if no zone is known."""
    zone = implied_zone(tables, date) or zone
    if not zone:
        return None
    return Day(date=date, zone=zone, tables=by_date(tables, zone).get(date, {}), asked={})


def by_date(tables: Mapping[str, pa.Table], zone: str) -> dict[dt.date, dict[str, pa.Table]]:
    """Sort records by the date that they belong to in `zone`: nights by their end, tracks by their activity."""
    sorted_: dict[dt.date, dict[str, pa.Table]] = {}
    for name, rows in tables.items():
        dates = _DATING.get(name, _by_time)(rows, zone)
        for date in pc.unique(dates).to_pylist():
            part = rows.filter(pc.equal(dates, date))
            sorted_.setdefault(date, {})[name] = part
    return sorted_


def _by_time(rows: pa.Table, zone: str) -> pa.Array:
    local = pc.local_timestamp(pc.cast(rows["time"].combine_chunks(), pa.timestamp("us", zone)))
    return pc.cast(local, pa.date32(), safe=False)


def _track_dates(rows: pa.Table, zone: str) -> pa.Array:
    """Date each point by the first point of its track."""
    starts = {
        name: localtime.local_date(pc.min(points["time"]).as_py(), zone) for name, points in tracks_.split(rows).items()
    }
    ids = pc.dictionary_encode(rows["tag_ActivityID"].combine_chunks())
    dates = pa.array([starts.get(name) for name in ids.dictionary.to_pylist()], pa.date32())
    return pc.coalesce(dates.take(ids.indices), _by_time(rows, zone))


def _summary_dates(rows: pa.Table, zone: str) -> pa.Array:
    return pa.array([localtime.local_date(_sleep_end(row), zone) for row in rows.to_pylist()], pa.date32())


def _sleep_end(row: Mapping[str, object]) -> dt.datetime:
    start, said, minutes = row["time"], row.get("field_endTime"), row.get("field_minutesInBed")
    if isinstance(minutes, float) and isinstance(start, dt.datetime):
        return start + dt.timedelta(minutes=minutes)
    try:
        end = dt.datetime.fromisoformat(str(said))
    except ValueError:
        end = start  # type: ignore[assignment]
    return end if end.tzinfo else start  # type: ignore[return-value]


def _level_dates(rows: pa.Table, zone: str) -> pa.Array:
    """Date stages by the end of the night that they make up: an unbroken run of stages."""
    dates: list[dt.date] = []
    night: list[dt.datetime] = []
    end: dt.datetime | None = None
    order = pc.sort_indices(rows, sort_keys=[("time", "ascending")])
    for row in rows.take(order).select(["time", "field_duration_seconds"]).to_pylist():
        if end is not None and row["time"] - end > _GAP:
            dates += [localtime.local_date(end, zone)] * len(night)
            night, end = [], None
        night.append(row["time"])
        until = row["time"] + dt.timedelta(seconds=row["field_duration_seconds"] or 0)
        end = until if end is None else max(end, until)
    if end is not None:
        dates += [localtime.local_date(end, zone)] * len(night)
    return pa.array(dates, pa.date32()).take(pc.sort_indices(order))


_DATING: Mapping[str, Callable[[pa.Table, str], pa.Array]] = {
    "GPS": _track_dates,
    "SleepSummary": _summary_dates,
    "SleepLevels": _level_dates,
}
