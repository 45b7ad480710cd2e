"""Data points as Google writes them, for tests that change one thing at a time."""

from __future__ import annotations

import json

Json = dict[str, object]
HALF = "half \ud83d"  # what JSON can hold and nobody can store


def answer(*points: object, token: str = "") -> bytes:
    """Write one page."""
    return json.dumps({"dataPoints": list(points), "nextPageToken": token}).encode()


def reconciled(key: str, value: object, number: str | None = None) -> Json:
    """Write a point as `reconcile` does: without a source."""
    name = {} if number is None else {"dataPointName": f"users/me/dataTypes/{key}/dataPoints/{number}"}
    return {**name, key: value}


def listed(key: str, value: object, *, device: str = "Charge 6", number: str | None = None) -> Json:
    """Write a point as `list` does: with its source."""
    name = {} if number is None else {"name": f"users/me/dataTypes/{key}/dataPoints/{number}"}
    source = {"recordingMethod": "DERIVED", "device": {"displayName": device}, "platform": "FITBIT"}
    return {**name, "dataSource": source, key: value}


def date(text: str) -> Json:
    year, month, day = map(int, text.split("-"))
    return {"year": year, "month": month, "day": day}


def interval(start: str, end: str, *, offset: str = "3600s", end_offset: str | None = None) -> Json:
    return {
        "startTime": start,
        "startUtcOffset": offset,
        "endTime": end,
        "endUtcOffset": end_offset or offset,
    }


def sample_time(time: str, *, offset: str = "3600s") -> Json:
    return {"physicalTime": time, "utcOffset": offset}
