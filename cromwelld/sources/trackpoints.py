"""The points of a TCX file cut out at once, where every one is written exactly as the vendors write them.

A track has thousands of points, and a parser calls back for each of their elements. What remains of the file without
them is short: the parser reads it all the same, and refuses what it would refuse in the whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.measurements import TIME

COLUMNS = ("time", "field_lat", "field_lon", "field_altitude", "field_distance", "field_heart_rate")
_START = re.compile(rb'<\?xml version="1\.0" encoding="UTF-8"(?: standalone="yes")?\?>\s*+<')
_NUMBER = r"-?\d{1,15}(?:\.\d{1,20})?"
_TIME = r"20[1-9]\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?(?:Z|[+-][01]\d:[0-5]\d)"
# As deep as what is cut out.
_INSTEAD = b"<cut><cut><cut/></cut></cut>"


def _element(name: str, content: str) -> str:
    return rf"<{name}>{content}</{name}>\s*+"


def _optional(pattern: str) -> str:
    return f"(?:{pattern})?+"


_PLACE = _element("LatitudeDegrees", f"({_NUMBER})") + _element("LongitudeDegrees", f"({_NUMBER})")
_POINT = re.compile(
    _element(
        "Trackpoint",
        r"\s*+"
        + _element("Time", f"({_TIME})")
        + _optional(_element("Position", r"\s*+" + _PLACE))
        + _optional(_element("AltitudeMeters", f"({_NUMBER})"))
        + _optional(_element("DistanceMeters", f"({_NUMBER})"))
        + _optional(_element("HeartRateBpm", r"\s*+" + _element("Value", r"(\d{1,3})"))),
    ).encode()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The columns of the points that have a position, and the file without any points."""

    columns: Mapping[str, pa.ChunkedArray]
    rest: bytes


def cut(body: bytes, most: int) -> Cut | None:
    """Cut the points out of a file; None unless all are as known, and at most `most`.

    Words that look like points need not be some where there is a comment, an instruction or the like: None then, too.
    """
    if _START.match(body) is None or b"<!" in body or body.count(b"<?") != 1 or body.count(b"<Trackpoint>") > most:
        return None
    first, *parts = _POINT.split(body)
    if not parts:
        return None
    between, last = filter(None, parts[6:-1:7]), parts[-1]
    rest = _INSTEAD.join([first, *between, last])
    columns = None if b"Trackpoint" in rest else _columns([parts[place::7] for place in range(6)])
    return None if columns is None else Cut(columns=columns, rest=rest)


def _columns(said: Sequence[Sequence[bytes | None]]) -> Mapping[str, pa.ChunkedArray] | None:
    """Turn texts into values; None if one of them cannot be: who reads them one by one says which."""
    try:
        kinds = (TIME, *[pa.float64()] * 5)
        values = [pc.cast(pa.array(text, pa.string()), kind) for text, kind in zip(said, kinds, strict=True)]
    except pa.ArrowInvalid:
        return None
    rows = pa.table(values, names=list(COLUMNS))
    rows = rows.filter(pc.is_valid(rows["field_lat"]))
    if not _on_earth(rows["field_lat"], 90.0) or not _on_earth(rows["field_lon"], 180.0):
        return None
    beats = rows["field_heart_rate"]
    beats = pc.if_else(pc.greater(beats, 0.0), beats, None)
    return {**dict(zip(COLUMNS[:-1], rows.columns[:-1], strict=True)), COLUMNS[-1]: beats}


def _on_earth(degrees: pa.ChunkedArray, largest: float) -> bool:
    return bool(pc.all(pc.less_equal(pc.abs(degrees), largest)).as_py() is not False)
