"""GPS tracks and the activities that they belong to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

_UNKNOWN_LENGTH_MS = 3_600_000.0
_LONGEST_MS = 172_800_000.0
_LAST_PART = 0.1


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when to when an activity or a track lasts."""

    start: dt.datetime
    end: dt.datetime

    def overlaps(self, other: Stretch) -> bool:
        """Tell whether the two have an instant in common."""
        return self.start <= other.end and other.start <= self.end


def activity_id(start: dt.datetime, name: str) -> str:
    """Name an activity by its UTC start and its name, as tracks refer to it."""
    return f"{start.astimezone(dt.UTC).isoformat()}-{name}"


def listed(activities: pa.Table) -> dict[str, Stretch]:
    """Give the stretch of each activity of an ActivityRecords table by its id."""
    columns = ["time", "tag_ActivityName", "field_duration", "field_activeDuration"]
    stretches = {}
    for row in activities.select(columns).to_pylist():
        length_ms = row["field_duration"] or row["field_activeDuration"] or _UNKNOWN_LENGTH_MS
        length = dt.timedelta(milliseconds=min(max(length_ms, 0.0), _LONGEST_MS))
        start = row["time"].astimezone(dt.UTC)
        stretches[activity_id(start, row["tag_ActivityName"] or "")] = Stretch(start, start + length)
    return stretches


def split(points: pa.Table) -> dict[str, pa.Table]:
    """Cut a GPS table into tracks by activity id."""
    ids = pc.unique(points["tag_ActivityID"]).to_pylist()
    return {name: points.filter(pc.equal(points["tag_ActivityID"], name)) for name in ids if name is not None}


def follow(tracks: Mapping[str, pa.Table], activities: Mapping[str, Stretch]) -> dict[str, pa.Table]:
    """Give old tracks the ids that their activities have now; a track whose activity is gone goes with it.

    A renamed activity is known by its time: it overlaps the track and no other track bears its id.
    """
    kept: dict[str, pa.Table] = {}
    for name, points in tracks.items():
        heir = name if name in activities else _heir(_stretch(points), activities, set(tracks) | set(kept))
        if heir is not None:
            kept[heir] = _relabel(points, heir)
    return kept


def _heir(stretch: Stretch, activities: Mapping[str, Stretch], taken: set[str]) -> str | None:
    return next((name for name, other in activities.items() if name not in taken and stretch.overlaps(other)), None)


def _stretch(points: pa.Table) -> Stretch:
    ends = pc.min_max(points["time"]).as_py()
    return Stretch(ends["min"], ends["max"])


def _relabel(points: pa.Table, name: str) -> pa.Table:
    position = points.schema.get_field_index("tag_ActivityID")
    return points.set_column(position, points.schema.field(position), pa.repeat(name, points.num_rows))


def unfinished(points: pa.Table, activities: pa.Table) -> list[str]:
    """Name the activities whose track is to be longer than it is: phones upload routes late, and in parts.

    A track is whole if its positions reach into the last tenth of the activity. One that has none at all is awaited
    only where the vendor says that there is a route.
    """
    found = split(points.filter(pc.is_valid(points["field_lat"])))
    routed = pc.equal(activities["field_hasGps"], 1.0) if "field_hasGps" in activities.column_names else None
    awaited = listed(activities if routed is None else activities.filter(pc.fill_null(routed, fill_value=False)))
    short = []
    for name, stretch in listed(activities).items():
        if name in found:
            whole = _stretch(found[name]).end >= stretch.end - (stretch.end - stretch.start) * _LAST_PART
            short += [] if whole else [name]
        elif routed is not None and name in awaited:
            short.append(name)
    return short


def rivals(name: str, points: pa.Table, tracks: Mapping[str, pa.Table]) -> list[str]:
    """Name the versions of a track: the one with its id, and those that have a stretch of time in common with it."""
    stretch = _stretch(points)
    return [other for other, rows in tracks.items() if other == name or _stretch(rows).overlaps(stretch)]
