"""Answers of an invented source, built by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence

import pyarrow as pa

from cromwelld.day import table
from cromwelld.errors import CromwelldError
from cromwelld.measurements import MEASUREMENTS
from cromwelld.pieces import Answer, Outcome, Piece, Stream

ZONE = "Europe/London"
STREAMS = {
    "heart_rate": Stream(name="heart_rate", measurements=("HeartRate_Intraday",), longest_range=1),
    "sleep": Stream(name="sleep", measurements=("SleepLevels", "SleepSummary"), longest_range=100),
    "hrv": Stream(name="hrv", measurements=("HRV",), longest_range=30),
    "activities": Stream(name="activities", measurements=("ActivityRecords",), longest_range=100),
    "gps": Stream(name="gps", measurements=("GPS",), longest_range=100),
}


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def answer(stream: str, date: str, tables: Mapping[str, Mapping[str, Sequence[object]]], **more: str) -> Answer:
    """Build an answer from columns by measurement; empty columns make the answer `empty`."""
    built = {name: table(MEASUREMENTS[name], columns) for name, columns in tables.items()}
    rows = sum(part.num_rows for part in built.values())
    outcome = Outcome(more.get("outcome") or ("ok" if rows else "empty"))
    return Answer(
        stream=stream,
        date=dt.date.fromisoformat(date),
        outcome=outcome,
        reason=more.get("reason", ""),
        tables=built,
        source=more.get("source", "fitbit_web"),
        zone=more.get("zone", ZONE),
        device=more.get("device", "Charge 6"),
        measurements=STREAMS[stream].measurements,
    )


def heart_rate(date: str, seconds: Sequence[int], value: float = 60.0) -> Answer:
    midnight = utc(date)
    times = [midnight + dt.timedelta(seconds=second) for second in seconds]
    return answer("heart_rate", date, {"HeartRate_Intraday": {"time": times, "field_value": [value] * len(times)}})


def night(date: str, spans: Sequence[tuple[str, str]], *, main: Sequence[str] = ("True",)) -> Answer:
    """Build a date's sleeps: one stage each, from and to given as UTC times."""
    starts, ends = [utc(start) for start, _ in spans], [utc(end) for _, end in spans]
    mains = [main[position] if position < len(main) else "False" for position in range(len(spans))]
    minutes = [(end - start).total_seconds() / 60 for start, end in zip(starts, ends, strict=True)]
    tags = {"tag_isMainSleep": mains, "tag_SleepType": ["stages"] * len(spans)}
    levels: dict[str, Sequence[object]] = {
        "time": starts,
        **tags,
        "field_level": [1.0] * len(spans),
        "field_stage": ["light"] * len(spans),
        "field_duration_seconds": [60 * length for length in minutes],
    }
    ends_text = [end.isoformat() for end in ends]
    summary: dict[str, Sequence[object]] = {
        "time": starts,
        **tags,
        "field_minutesAsleep": minutes,
        "field_endTime": ends_text,
    }
    return answer("sleep", date, {"SleepLevels": levels, "SleepSummary": summary})


def hrv(date: str, rmssd: float) -> Answer:
    noon = utc(f"{date}T12:00:00")
    return answer("hrv", date, {"HRV": {"time": [noon], "field_dailyRmssd": [rmssd]}})


def walk(date: str, start: str, name: str, minutes: int) -> Answer:
    begin = utc(start)
    columns: dict[str, Sequence[object]] = {
        "time": [begin],
        "tag_ActivityName": [name],
        "field_duration": [minutes * 60_000.0],
    }
    return answer("activities", date, {"ActivityRecords": columns})


def track(date: str, start: str, name: str, points: int) -> Answer:
    begin = utc(start)
    columns: dict[str, Sequence[object]] = {
        "time": [begin + dt.timedelta(seconds=second) for second in range(points)],
        "tag_ActivityID": [f"{begin.isoformat()}-{name}"] * points,
        "field_lat": [56.0 + second / 1e5 for second in range(points)],
        "field_lon": [3.0] * points,
    }
    return answer("gps", date, {"GPS": columns})


def whole_day(date: str) -> list[Answer]:
    """Build everything of a date: 120 samples, a night, a daily value, a walk and its track."""
    evening = (dt.date.fromisoformat(date) - dt.timedelta(days=1)).isoformat()
    return [
        heart_rate(date, range(0, 600, 5)),
        night(date, [(f"{evening}T22:10:00", f"{date}T05:50:00")]),
        hrv(date, 34.5),
        walk(date, f"{date}T08:00:00", "Walk", 30),
        track(date, f"{date}T08:00:00", "Walk", 50),
    ]


class Told:
    """A source that answers what it was told to, in that order."""

    name = "fitbit_web"
    streams = STREAMS
    ahead_s: float | None = None

    def __init__(self, answers: Sequence[Answer], *, ends_with: CromwelldError | None = None) -> None:
        self._answers = answers
        self._ends_with = ends_with

    async def fetch(self, pieces: Sequence[Piece]) -> AsyncIterator[Answer]:
        wanted = {(piece.stream, piece.first, piece.last) for piece in pieces}
        for one in self._answers:
            if any(stream == one.stream and first <= one.date <= last for stream, first, last in wanted):
                yield one
        if self._ends_with is not None:
            raise self._ends_with


def rows(tables: Mapping[str, pa.Table], name: str) -> list[dict[str, object]]:
    """Give a measurement's rows with their present values only."""
    found = tables[name].to_pylist() if name in tables else []
    return [{key: value for key, value in row.items() if value is not None} for row in found]
