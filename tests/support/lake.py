"""Dates made by hand, to be put into tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa

from cromwelld.day import Day, table
from cromwelld.events import ignore
from cromwelld.lake.files import Files
from cromwelld.lake.writer import Lake, LakeDay
from cromwelld.measurements import describe

WATCH = "PixelWatch3"
NOW = dt.datetime(2025, 11, 1, 6, tzinfo=dt.UTC)


def at(text: str) -> dt.datetime:
    """Read an instant as people write it: "2025-10-08 23:10", UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def rows(measurement: str, *records: Mapping[str, object]) -> pa.Table:
    """Build a table from records with the columns "time", "tag_..." and "field_..."; the device is the watch."""
    described = describe(measurement)
    device = {"tag_Device": WATCH} if "Device" in described.tags else {}
    filled = [device | dict(record) for record in records]
    names = dict.fromkeys(name for record in filled for name in record)
    return table(described, {name: [record.get(name) for record in filled] for name in names})


def minutes(measurement: str, start: dt.datetime, values: Iterable[float]) -> pa.Table:
    """Build one record a minute."""
    step = dt.timedelta(minutes=1)
    return rows(measurement, *({"time": start + n * step, "field_value": v} for n, v in enumerate(values)))


def night(start: str, end: str, *, main: str = "True", asleep: float = 400.0) -> dict[str, pa.Table]:
    """Build a sleep of two stages."""
    tags = {"tag_isMainSleep": main, "tag_SleepType": "stages"}
    summary = {"field_minutesAsleep": asleep, "field_endTime": at(end).isoformat()}
    stages = [(at(start), 1.0, "light"), (at(start) + dt.timedelta(minutes=30), 0.0, "deep")]
    levels = [
        {"time": time, **tags, "field_level": level, "field_stage": word, "field_duration_seconds": 1800.0}
        for time, level, word in stages
    ]
    return {
        "SleepSummary": rows("SleepSummary", {"time": at(start), **tags, **summary}),
        "SleepLevels": rows("SleepLevels", *levels),
    }


def together(*parts: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Put sleeps of one date together."""
    names = dict.fromkeys(name for part in parts for name in part)
    return {
        name: pa.concat_tables([part[name] for part in parts if name in part]).sort_by(
            [("tag_isMainSleep", "ascending"), ("time", "ascending")]
        )
        for name in names
    }


def usual(date: str, *, beats: float = 60.0, zone: str = "Europe/London") -> Day:
    """Build a small day that has rows in every table: heart rate, steps, a track, a sleep, daily values."""
    noon, morning = at(f"{date} 12:00"), at(f"{date} 09:00")
    walk = f"{morning.isoformat()}-Walk"
    points = [
        {"time": morning + dt.timedelta(seconds=n), "tag_ActivityID": walk, "field_lat": 51.5, "field_lon": -0.1}
        for n in range(3)
    ]
    tables = {
        "HeartRate_Intraday": minutes("HeartRate_Intraday", morning, [beats, beats + 1, beats + 2]),
        "Steps_Intraday": minutes("Steps_Intraday", morning, [0.0, 12.0]),
        "GPS": rows("GPS", *points),
        **night(f"{date} 01:00", f"{date} 07:00"),
        "RestingHR": rows("RestingHR", {"time": noon, "field_value": beats - 5}),
        "Activity-steps": rows("Activity-steps", {"time": noon, "field_value": 8000.0}),
    }
    return day(date, tables, zone=zone)


def day(date: str, tables: Mapping[str, pa.Table], *, zone: str = "Europe/London") -> Day:
    """Build a day for which all of its measurements were answered by one source."""
    asked = dict.fromkeys(tables, "fitbit_web ok")
    return Day(date=dt.date.fromisoformat(date), zone=zone, tables=tables, asked=asked)


def whole(day: Day, *, state: str = "complete") -> LakeDay:
    """Give a day as all that is known of its date."""
    name = f"fitbit_backup_{day.date}.json.gz"
    return LakeDay(day=day, complete=True, state=state, sealed=False, object_name=name, digest="d1")


def partial(day: Day) -> LakeDay:
    """Give a day as what was answered just now, with no object yet."""
    return LakeDay(day=day, complete=False, state="incomplete", sealed=False, object_name="", digest="")


def lake(root: Path, *, files: Files | None = None) -> Lake:
    """Open tables whose clock stands still."""
    return Lake(root, report=ignore, now=lambda: NOW, files=files)


def contents(root: Path) -> dict[str, bytes]:
    """Give every file of a folder but the lock, by its path."""
    found = {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}
    return {name: content for name, content in found.items() if name != ".tmp/lock"}
