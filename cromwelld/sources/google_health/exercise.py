"""The exercises: each one's numbers, and its track."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cromwelld.errors import BadAnswer
from cromwelld.sources import tcx
from cromwelld.sources.google_health import metrics
from cromwelld.sources.google_health.datatypes import EXERCISE
from cromwelld.sources.google_health.origin import point_id
from cromwelld.sources.google_health.page import payload, records
from cromwelld.sources.google_health.values import moment, started_on
from cromwelld.sources.google_health.words import word
from cromwelld.sources.parsed import Asked, Parsed, Rows
from cromwelld.sources.values import Object, decode, flag, member, obj, text

_NOUGHT, _MILLISECOND = dt.timedelta(), dt.timedelta(milliseconds=1)
_UNNAMED = "Activity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One exercise: its start in UTC, the civil date of it, and whether there is a route that can be asked for.

    `id` is None where it has none that is a number; there is no route to be had then.
    """

    id: str | None
    name: str
    start: dt.datetime
    date: dt.date
    has_gps: bool

    @property
    def activity_id(self) -> str:
        """Name the activity for its track: <UTC start>-<ActivityName>."""
        return f"{self.start.isoformat()}-{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Logged:
    """An exercise as it was sent: `hollow` if nothing was measured, as in copies from other sources."""

    exercise: Exercise
    end: dt.datetime
    fields: Mapping[str, float]
    hollow: bool

    @property
    def fullness(self) -> tuple[bool, int, str]:
        """Order copies: those that were measured, then by how much is said, then by what, in whatever order sent."""
        return not self.hollow, len(self.fields), repr((sorted(self.fields.items()), self.exercise.id))

    def lies_in(self, other: _Logged) -> bool:
        """Tell whether more than half of this exercise passed during another."""
        length = self.end - self.exercise.start
        overlap = min(self.end, other.end) - max(self.exercise.start, other.exercise.start)
        return 2 * overlap > length or overlap == length == _NOUGHT


def parse(pages: Sequence[bytes], asked: Asked) -> Parsed:
    """Read all pages into records on the civil dates on which the exercises began.

    Raises: BadAnswer if a page is of another shape.
    Source: https://developers.google.com/health/data-types/workouts
    """
    rows = Rows()
    for one in _measured(_logged(pages, rows)):
        exercise = one.exercise
        if asked.zone_of(exercise.date) is not None:
            fields = {f"field_{name}": value for name, value in one.fields.items()}
            row = {"time": exercise.start, "tag_ActivityName": exercise.name, **fields}
            rows.add(exercise.date, "ActivityRecords", row)
    return rows.parsed()


def exercises(pages: Sequence[bytes]) -> list[Exercise]:
    """List the exercises by start, each once; of two that share start and name the one with a route.

    Raises: BadAnswer if a page is of another shape.
    """
    found = [one.exercise for one in _measured(_logged(pages, Rows()))]  # `parse` counts the bad ones
    once = {one.activity_id: one for one in sorted(found, key=lambda one: one.has_gps)}
    return sorted(once.values(), key=lambda one: (one.start, one.name))


def track(body: bytes, asked: Asked) -> Parsed:
    """Read a route: a TCX file, or one as text in JSON; an empty answer has no points.

    Raises: BadAnswer if it is neither, or the file is not TCX.
    Source: https://developers.google.com/health/reference/rest/v4/users.dataTypes.dataPoints/exportExerciseTcx
    """
    file = _file(body)
    return tcx.track(file, asked) if file.strip() else Parsed(tables={})


def _file(body: bytes) -> bytes:
    if not body.lstrip().startswith(b"{"):
        return body
    held = obj(decode(body)).get("tcxData") or ""
    if not isinstance(held, str):
        raise BadAnswer("the answer's tcxData is not a text")
    try:
        return held.encode()
    except UnicodeEncodeError as err:
        raise BadAnswer("the answer's tcxData is not a text") from err


def _logged(pages: Sequence[bytes], rows: Rows) -> list[_Logged]:
    found: list[_Logged] = []

    def read(record: Object) -> tuple[()]:
        found.append(_one(record))
        return ()

    rows.each(records(pages), read)
    return found


def _one(record: Object) -> _Logged:
    value = payload(record, EXERCISE.key)
    interval = member(value, "interval")
    start = moment(interval, "startTime")
    end = None if text(interval, "endTime") is None else moment(interval, "endTime")
    if end is not None and end < start:
        raise ValueError("an exercise that ends before it begins")
    number = point_id(record)
    exercise = Exercise(
        id=number,
        name=text(value, "displayName") or word(value, "exerciseType") or _UNNAMED,
        start=start,
        date=started_on(interval),
        has_gps=number is not None and flag(member(value, "exerciseMetadata"), "hasGps") == "True",
    )
    measured = metrics.measured(value)
    return _Logged(
        exercise=exercise,
        end=end or start,
        fields=measured | metrics.told(value) | _duration(start, end),
        hollow=not measured or measured.get("calories") == 0,
    )


def _duration(start: dt.datetime, end: dt.datetime | None) -> dict[str, float]:
    return {} if end is None else {"duration": (end - start) / _MILLISECOND}


def _measured(found: Sequence[_Logged]) -> list[_Logged]:
    """Leave out hollow copies of fuller exercises; the rest by start, the fuller of two of one start last."""
    kept: list[_Logged] = []
    for one in sorted(found, key=lambda one: one.fullness, reverse=True):
        if not (one.hollow and any(one.lies_in(other) for other in kept)):
            kept.append(one)
    return sorted(kept, key=lambda one: (one.exercise.start, one.fullness))
