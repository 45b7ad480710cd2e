"""The exercises: the JSON log with the starts that `UserExercises` tells, else that table; and their tracks."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.day import table
from cromwelld.errors import BadAnswer
from cromwelld.measurements import MEASUREMENTS, TIME
from cromwelld.sources.fitbit_web import activities
from cromwelld.sources.parsed import Rows
from cromwelld.sources.takeout import times
from cromwelld.sources.takeout.calendar import offset_min
from cromwelld.sources.takeout.samples import Tables
from cromwelld.sources.takeout.window import Window
from cromwelld.sources.values import Object

_SAME = dt.timedelta(seconds=90)
_MS = dt.timedelta(milliseconds=1)
_UNNAMED = "Activity"
_ZONELESS = "an exercise on a date whose zone is not known"
_GPS = ("lat", "lon", "altitude", "distance", "heart_rate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One exercise: start in UTC, the civil date of it, its numbers."""

    name: str
    start: dt.datetime
    date: dt.date
    fields: Mapping[str, float]

    @property
    def id(self) -> str:
        """Name it for its track: <UTC start>-<ActivityName>."""
        return f"{self.start.isoformat()}-{self.name}"

    @property
    def end(self) -> dt.datetime:
        """Give the instant at which it ended, as far as it says."""
        return self.start + self.fields.get("duration", 0.0) * _MS


def exercises(window: Window) -> list[Exercise]:
    """Give the exercises that began on the dates, each once, by start and name."""
    tabled = list(_tabled(window))
    found = {one.id: one for one in _logged(window, tabled)}
    for one in tabled:
        if not any(abs(one.start - other.start) <= _SAME for other in found.values()):
            found[one.id] = one
    kept = [one for one in found.values() if window.first <= one.date <= window.last]
    return sorted(kept, key=lambda one: (one.start, one.name))


def records(found: Sequence[Exercise]) -> Tables:
    """Give the numbers of each exercise."""
    rows = Rows()
    for one in found:
        fields = {f"field_{name}": value for name, value in one.fields.items()}
        rows.add(one.date, "ActivityRecords", {"time": one.start, "tag_ActivityName": one.name, **fields})
    return dict(rows.parsed().tables)


# --- the log


def _logged(window: Window, tabled: Sequence[Exercise]) -> Iterator[Exercise]:
    """Read the log as the vendor's API sends it; its clock times are the person's unless the table says otherwise."""
    rows = window.rows("exercise")
    for row in [] if rows is None else rows.to_pylist():
        log, clock = json.loads(row["record"]), row["when"]
        start = _start(window, clock, tabled)
        if start is None:
            window.left_out[_ZONELESS] += 1
            continue
        activity = _activity(window, {**log, "startTime": start.isoformat()})
        if activity is not None:
            date = window.facts.calendar.date_of(start) or clock.date()
            yield Exercise(name=activity.name, start=start, date=date, fields=activity.fields)


def _start(window: Window, clock: dt.datetime, tabled: Sequence[Exercise]) -> dt.datetime | None:
    """Turn a clock time into UTC: by the exercise of the table that began then, else by the date's zone."""
    for one in tabled:
        date = window.facts.calendar.date_of(one.start)
        utc = one.start.replace(tzinfo=None)
        ahead = dt.timedelta() if date is None else _ahead(window, date, utc)
        if abs(utc + ahead - clock) <= _SAME:
            return clock.replace(tzinfo=dt.UTC) - ahead
    utc_us = window.facts.calendar.to_utc(pa.array([clock], times.NAIVE))[0].as_py()
    return None if utc_us is None else dt.datetime.fromtimestamp(utc_us / 1e6, dt.UTC)


def _ahead(window: Window, date: dt.date, utc: dt.datetime) -> dt.timedelta:
    zone = window.facts.calendar.cutting(date)
    local: dt.datetime = pc.local_timestamp(pa.scalar(utc, pa.timestamp("us", zone or "UTC"))).as_py()
    return local - utc


def _activity(window: Window, log: Object) -> activities.Activity | None:
    try:
        page = activities.page(json.dumps({"activities": [log]}).encode())
    except BadAnswer as err:
        window.left_out[err.message] += 1
        return None
    window.left_out.update(page.rejected)
    return next(iter(page.activities), None)


# --- the table


def _tabled(window: Window) -> Iterator[Exercise]:
    rows = window.rows("user_exercises")
    for row in [] if rows is None else rows.to_pylist():
        start, ahead = row["when"].replace(tzinfo=dt.UTC), offset_min(row["offset"])
        date = window.facts.calendar.date_of(start) if ahead is None else (row["when"] + _minutes(ahead)).date()
        if date is None:
            window.left_out[_ZONELESS] += 1
            continue
        yield Exercise(name=row["activity"] or _UNNAMED, start=start, date=date, fields=_fields(row))


def _minutes(ahead: int) -> dt.timedelta:
    return dt.timedelta(minutes=ahead)


def _fields(row: Mapping[str, object]) -> dict[str, float]:
    scaled = {"distance": ("distance_mm", 1e-6), "elevationGain": ("altitude_mm", 1e-3)}
    plain = {name: (name, 1.0) for name in ("calories", "steps", "averageHeartRate")}
    numbers = {ours: (row.get(theirs), scale) for ours, (theirs, scale) in (plain | scaled).items()}
    fields = {
        name: value * scale for name, (value, scale) in numbers.items() if isinstance(value, float) and value >= 0
    }
    end, start = row["until"], row["when"]
    if isinstance(end, dt.datetime) and isinstance(start, dt.datetime) and end >= start:
        fields["duration"] = (end - start) / _MS
    return fields


# --- the tracks


def tracks(window: Window, found: Sequence[Exercise]) -> Tables:
    """Give the points of each TCX file on the date of the exercise that it lies in, else on that of its first point."""
    rows = window.rows("track")
    tables: dict[dt.date, list[pa.Table]] = {}
    for name in [] if rows is None else pc.unique(rows["tag_ActivityID"]).to_pylist():
        points = rows.filter(pc.equal(rows["tag_ActivityID"], name)) if rows is not None else None
        if points is not None:
            date, activity = _belongs(window, points, found)
            if date is not None and window.first <= date <= window.last:
                tables.setdefault(date, []).append(_track(points, activity))
    return {
        (date, "GPS"): table(MEASUREMENTS["GPS"], _columns(pa.concat_tables(parts))) for date, parts in tables.items()
    }


def _belongs(window: Window, points: pa.Table, found: Sequence[Exercise]) -> tuple[dt.date | None, str]:
    first = pc.min(points["when"]).as_py().replace(tzinfo=dt.UTC)
    for one in found:
        if one.start - _SAME <= first <= one.end + _SAME:
            return one.date, one.id
    return window.facts.calendar.date_of(first), f"{first.replace(microsecond=0).isoformat()}-{_UNNAMED}"


def _track(points: pa.Table, activity: str) -> pa.Table:
    place = points.schema.get_field_index("tag_ActivityID")
    return points.set_column(place, "tag_ActivityID", pa.array([activity] * points.num_rows, pa.string()))


def _columns(points: pa.Table) -> dict[str, pa.ChunkedArray]:
    fields = {f"field_{name}": points[f"field_{name}"] for name in _GPS}
    return {"time": points["when"].cast(TIME), "tag_ActivityID": points["tag_ActivityID"], **fields}
