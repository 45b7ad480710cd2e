"""Points as they stand in answers: the raw form of `list`, and the merged form of `reconcile`."""

from __future__ import annotations

from typing import Any

from cromwelld.simulator.google_health.datatypes import DataType
from cromwelld.simulator.google_health.points import Point
from cromwelld.simulator.google_health.times import civil_body, date_body, duration_text, instant_text

Body = dict[str, Any]


def listed(point: Point, kind: DataType, *, user: str) -> Body:
    """Write a point as `list` and `get` do: with its source, and its name where the type has names."""
    body = {"name": _name(point, kind, user)} if point.id is not None else {}
    return {**body, "dataSource": dict(point.source), kind.key: payload(point, kind)}


def reconciled(point: Point, kind: DataType, *, user: str) -> Body:
    """Write a point as `reconcile` does: without its source, its name under another key."""
    body = {"dataPointName": _name(point, kind, user)} if point.id is not None else {}
    return {**body, kind.key: payload(point, kind)}


def payload(point: Point, kind: DataType) -> Body:
    """Write what stands under the type's key: the time container and then what the point says."""
    return {**CONTAINERS[kind.record](point, kind), **point.payload}


def _name(point: Point, kind: DataType, user: str) -> str:
    return f"users/{user}/dataTypes/{kind.path}/dataPoints/{point.id}"


def _interval(point: Point, kind: DataType) -> Body:
    """Write an interval; one that has not ended has no end."""
    ended = point.end >= point.start
    body: Body = {"startTime": instant_text(point.start), "startUtcOffset": duration_text(point.offset_s)}
    if ended:
        body |= {"endTime": instant_text(point.end), "endUtcOffset": duration_text(point.end_offset_s)}
    if kind.civil_times:
        body["civilStartTime"] = civil_body(point.start + point.offset_s)
    if kind.civil_times and ended:
        body["civilEndTime"] = civil_body(point.end + point.end_offset_s)
    return {"interval": body}


def _sample(point: Point, _: DataType) -> Body:
    at: Body = {"physicalTime": instant_text(point.start), "utcOffset": duration_text(point.offset_s)}
    return {"sampleTime": {**at, "civilTime": civil_body(point.start + point.offset_s)}}


def _daily(point: Point, _: DataType) -> Body:
    return {} if point.day is None else {"date": date_body(point.day)}


CONTAINERS = {
    "interval": _interval,
    "session": _interval,
    "sample": _sample,
    "daily": _daily,
    "food": lambda *_: {},
}
