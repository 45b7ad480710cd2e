"""The track of one activity, out of a TCX file."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import ParseError

import pyarrow as pa
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from cromwelld.day import table
from cromwelld.errors import BadAnswer
from cromwelld.measurements import MEASUREMENTS
from cromwelld.sources.parsed import Asked, Parsed
from cromwelld.sources.trackpoints import COLUMNS, cut
from cromwelld.sources.values import instant

_MOST_POINTS = 200_000
_MOST_IN_POINT = 200
_DEEPEST = 32
_MOST_BYTES = 64 * 1024 * 1024
_CHUNK_BYTES = 65_536
_ROOT, _POINT = "TrainingCenterDatabase", "Trackpoint"
_LATITUDE, _LONGITUDE = "Position/LatitudeDegrees", "Position/LongitudeDegrees"
_UNREADABLE = (ParseError, DefusedXmlException, LookupError, ValueError)

Point = tuple[dt.datetime, float, float, float | None, float | None, float | None]


def track(body: bytes, asked: Asked) -> Parsed:
    """Read the points that have a position, distances as sent; a file without lap or track has none.

    The points belong to the activity's date, `asked.first`, whatever their own.

    Raises: BadAnswer if it is not TCX, has a DTD, or is too large.
    Source: https://dev.fitbit.com/build/reference/web-api/activity/get-activity-tcx/
    """
    if len(body) > _MOST_BYTES:
        raise BadAnswer("the track is too large")
    quick = cut(body, _MOST_POINTS)
    if quick is not None and _sound(quick.rest):
        return _parsed(quick.columns, asked, {})
    found = _Points()
    try:
        _read(body, found)
    except _UNREADABLE as err:
        raise BadAnswer(f"the track cannot be read ({type(err).__name__})") from err
    listed = {name: [point[place] for point in found.points] for place, name in enumerate(COLUMNS)}
    return _parsed(listed, asked, found.rejected)


def _sound(rest: bytes) -> bool:
    """Tell whether the file around the points is one; a file that is not is read as a whole, which says why."""
    try:
        _read(rest, _Points())
    except (BadAnswer, *_UNREADABLE):
        return False
    return True


def _parsed(
    columns: Mapping[str, pa.ChunkedArray | Sequence[object]], asked: Asked, rejected: Mapping[str, int]
) -> Parsed:
    points = len(columns.get("time", ()))
    if not points:
        return Parsed(tables={}, rejected=rejected)
    rows = table(MEASUREMENTS["GPS"], {**columns, "tag_ActivityID": [asked.activity_id] * points})
    return Parsed(tables={(asked.first, "GPS"): rows}, rejected=rejected)


def _read(body: bytes, found: _Points) -> None:
    """Feed the file to the parser piece by piece: no tree is built, so memory grows with the points only."""
    parser = XMLParser(target=found, forbid_dtd=True)
    # The safe parser's own layer builds names and attributes that nobody reads: its handlers for elements are passed by
    # (half the time of a track), those that refuse a DTD and entities stay.
    parser.parser.StartElementHandler = found.start
    parser.parser.EndElementHandler = found.end
    parser.parser.CharacterDataHandler = found.data
    for start in range(0, len(body), _CHUNK_BYTES):
        parser.feed(body[start : start + _CHUNK_BYTES])
    parser.close()


class _Points:
    """Receive the elements of a file and keep the points."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.rejected: Counter[str] = Counter()
        self._depth = 0
        self._count = 0
        self._seen = 0
        self._values: dict[str, str] | None = None
        self._path: list[str] = []
        self._text: list[str] = []

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        """Note that an element begins."""
        name = tag.rpartition("}")[2]
        if not self._depth and name != _ROOT:
            raise BadAnswer("the answer is not a track")
        self._depth += 1
        if self._values is not None:
            self._path.append(name)
            self._text.clear()
            self._seen += 1
        elif name == _POINT:
            self._values, self._seen = {}, 0
            self._count += 1
        if self._depth > _DEEPEST or self._seen > _MOST_IN_POINT or self._count > _MOST_POINTS:
            raise BadAnswer("the track is larger than tracks are")

    def data(self, text: str) -> None:
        """Take text; it may come in pieces."""
        if self._values is not None:
            self._text.append(text)

    def end(self, _tag: str) -> None:
        """Note that an element ends: a value of a point, or the point."""
        self._depth -= 1
        if self._values is None:
            return
        if not self._path:
            self._keep(self._values)
            self._values = None
            return
        if text := "".join(self._text).strip():
            self._values["/".join(self._path)] = text
        self._path.pop()
        self._text.clear()

    def close(self) -> None:
        """End the file."""

    def _keep(self, values: Mapping[str, str]) -> None:
        try:
            point = _point(values)
        except ValueError as err:
            self.rejected[str(err)] += 1
            return
        if point is not None:
            self.points.append(point)


def _point(values: Mapping[str, str]) -> Point | None:
    """Read one point; None if it has no position."""
    if _LATITUDE not in values or _LONGITUDE not in values:
        return None
    latitude, longitude = _degrees(values[_LATITUDE], 90.0), _degrees(values[_LONGITUDE], 180.0)
    beats = _number(values.get("HeartRateBpm/Value"))
    return (
        _time(values.get("Time", "")),
        latitude,
        longitude,
        _number(values.get("AltitudeMeters")),
        _number(values.get("DistanceMeters")),
        beats if beats is not None and beats > 0 else None,
    )


def _time(text: str) -> dt.datetime:
    try:
        when = dt.datetime.fromisoformat(text)
    except ValueError as err:
        raise ValueError("a point without a time") from err
    if when.tzinfo is None:
        raise ValueError("a point's time without an offset")
    return instant(when, "")


def _number(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError as err:
        raise ValueError("a point's value is not a number") from err
    if not math.isfinite(value):
        raise ValueError("a point's value is not a number")
    return value


def _degrees(text: str, largest: float) -> float:
    value = _number(text)
    if value is None or abs(value) > largest:
        raise ValueError("a position that is not on Earth")
    return value
