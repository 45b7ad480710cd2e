"""Nights and naps: the JSON log joined with the offsets of `UserSleeps`, else that table and its stages alone."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from cromwelld.errors import CromwelldError
from cromwelld.sources.fitbit_web.sleep import sleep as read_log
from cromwelld.sources.parsed import Asked, Rows
from cromwelld.sources.takeout import times
from cromwelld.sources.takeout.calendar import Night, offset_min
from cromwelld.sources.takeout.recorders import device
from cromwelld.sources.takeout.samples import Tables
from cromwelld.sources.takeout.window import Window
from cromwelld.sources.values import Object

_LEVELS = {"DEEP": 0.0, "LIGHT": 1.0, "REM": 2.0, "AWAKE": 3.0, "ASLEEP": 1.0, "RESTLESS": 2.0}
_MINUTES = {
    "stages": {"minutesLight": "LIGHT", "minutesREM": "REM", "minutesDeep": "DEEP"},
    "classic": {"minutesRestless": "RESTLESS"},
}
_SAME = dt.timedelta(seconds=90)
_LONGEST = dt.timedelta(hours=48)
_MADE = ("PASSIVELY_MEASURED", "MANUAL", "DERIVED", "UNKNOWN")
_ZONELESS = "a sleep on a date whose zone is not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slept:
    """One row of `UserSleeps`, times in UTC."""

    id: str
    on: dt.date
    start: dt.datetime
    end: dt.datetime
    start_ahead: dt.timedelta
    kind: str
    device: str | None
    numbers: Mapping[str, float | None]


def nights(rows: pa.Table) -> list[Night]:
    """Give the offset that each sleep of `UserSleeps` bore where it ended."""
    found = []
    for row in rows.to_pylist():
        ahead, before = offset_min(row["end_offset"]), offset_min(row["start_offset"])
        if ahead is not None and row["until"] is not None:
            found.append(Night(row["until"].replace(tzinfo=dt.UTC), ahead, ahead if before is None else before))
    return found


def sleeps(window: Window) -> Tables:
    """Give summary and levels of every sleep that ended on the dates; a date's log wins over the tables."""
    slept = list(_slept(window))
    tables = _logged(window, slept)
    logged = {date for date, _ in tables}
    return tables | _tabled(window, [one for one in slept if one.on not in logged])


def _slept(window: Window) -> Iterator[_Slept]:
    rows = window.rows("user_sleeps")
    once = {} if rows is None else {(row["when"], row["until"]): row for row in rows.to_pylist()}
    for row in once.values():
        end_ahead = offset_min(row["end_offset"])
        start_ahead = offset_min(row["start_offset"])
        if row["until"] is None or end_ahead is None or not dt.timedelta() <= row["until"] - row["when"] <= _LONGEST:
            window.left_out["a sleep without an end or an offset"] += 1
            continue
        end = row["until"].replace(tzinfo=dt.UTC)
        name = row["recorder"] or ""
        yield _Slept(
            id=row["sleep"] or "",
            on=(end + dt.timedelta(minutes=end_ahead)).date(),
            start=row["when"].replace(tzinfo=dt.UTC),
            end=end,
            start_ahead=dt.timedelta(minutes=end_ahead if start_ahead is None else start_ahead),
            kind=str(row["kind"]).lower(),
            device=None if name in _MADE else device(name),
            numbers={name: row[name] for name in ("minutesAsleep", "minutesInBed", "minutesAwake")},
        )


# --- the log


def _logged(window: Window, slept: Sequence[_Slept]) -> Tables:
    """Read the log as the vendor's API sends it, each start with the offset that its row in `UserSleeps` bears."""
    logs: dict[dt.date, dict[str, Object]] = {}
    for date, row in window.daily("sleep"):
        log = json.loads(str(row["record"]))
        zone = window.facts.calendar.cutting(date)
        offset = _offset(log, slept)
        if zone is None and offset is None:
            window.left_out[_ZONELESS] += 1
            continue
        log["isMainSleep"] = log.pop("mainSleep", None)
        log["startTime"] = f"{log.get('startTime')}{offset or ''}"
        logs.setdefault(date, {})[str(log.get("logId"))] = log
    tables: Tables = {}
    for date, found in logs.items():
        zone = window.facts.calendar.zone(date)
        if zone is not None:
            tables |= _read(window, date, list(found.values()))
    return tables


def _read(window: Window, date: dt.date, logs: Sequence[Object]) -> Tables:
    zone = window.facts.calendar.cutting(date)
    asked = Asked(first=date, last=date, zone=lambda _: zone)
    try:
        parsed = read_log(json.dumps({"sleep": logs}).encode(), asked)
    except CromwelldError as err:
        window.left_out[err.message] += len(logs)
        return {}
    window.left_out.update(parsed.rejected)
    return dict(parsed.tables)


def _offset(log: Object, slept: Sequence[_Slept]) -> str | None:
    """Find the offset of a log's start in the row that began at the same clock time; None if there is none."""
    start = times.one(str(log.get("startTime")))
    for one in slept if start is not None else []:
        if start is not None and abs(one.start.replace(tzinfo=None) + one.start_ahead - start) <= _SAME:
            minutes = round(one.start_ahead.total_seconds() / 60)
            return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    return None


# --- the tables


def _tabled(window: Window, slept: Sequence[_Slept]) -> Tables:
    stages = _stages(window)
    rows = Rows()
    for one in slept:
        if not window.first <= one.on <= window.last or window.facts.calendar.zone(one.on) is None:
            continue
        main = max((other for other in slept if other.on == one.on), key=lambda other: other.end - other.start)
        tags = {"tag_Device": one.device, "tag_isMainSleep": str(one is main), "tag_SleepType": one.kind}
        own = stages.get(one.id, [])
        rows.add(one.on, "SleepSummary", {"time": one.start, **tags, **_summary(one, own)})
        for start, end, stage in own:
            level = {"field_level": _LEVELS.get(stage), "field_stage": stage}
            seconds = (end - start).total_seconds()
            rows.add(one.on, "SleepLevels", {"time": start, **tags, **level, "field_duration_seconds": seconds})
    return dict(rows.parsed().tables)


def _stages(window: Window) -> dict[str, list[tuple[dt.datetime, dt.datetime, str]]]:
    """Give the stages of each sleep in their order."""
    rows = window.rows("user_sleep_stages")
    found: dict[str, dict[dt.datetime, tuple[dt.datetime, dt.datetime, str]]] = {}
    for row in [] if rows is None else rows.to_pylist():
        if row["until"] is not None and dt.timedelta() <= row["until"] - row["when"] <= _LONGEST:
            start, end = row["when"].replace(tzinfo=dt.UTC), row["until"].replace(tzinfo=dt.UTC)
            found.setdefault(row["sleep"] or "", {})[start] = (start, end, row["stage"] or "")
    return {sleep: [of_one[start] for start in sorted(of_one)] for sleep, of_one in found.items()}


def _summary(one: _Slept, stages: Sequence[tuple[dt.datetime, dt.datetime, str]]) -> dict[str, object]:
    asleep, in_bed = one.numbers["minutesAsleep"], one.numbers["minutesInBed"]
    minutes = {name: _minutes(stages, stage) for name, stage in _MINUTES.get(one.kind, {}).items()} if stages else {}
    fields = {
        **one.numbers,
        **minutes,
        "efficiencyDerived": round(100 * asleep / in_bed) if asleep and in_bed and in_bed >= 1 else None,
        "endTime": one.end.isoformat(),
    }
    return {f"field_{name}": value for name, value in fields.items()}


def _minutes(stages: Sequence[tuple[dt.datetime, dt.datetime, str]], stage: str) -> float:
    return sum((end - start).total_seconds() for start, end, said in stages if said == stage) / 60


# --- the scores


def scores(window: Window) -> Tables:
    """Give the score of each sleep on the date on which it ended."""
    rows, found = window.utc("sleep_score"), Rows()
    for date, part in [] if rows is None else window.cut(rows):
        for row in part.to_pylist():
            names = (name for name in row if name not in {"when", "time", "log"})
            fields = {f"field_{name}": row[name] for name in names if row[name] is not None and row[name] >= 0}
            if "field_overall" in fields:
                when = dt.datetime.fromtimestamp(row["time"] / 1e6, dt.UTC).replace(microsecond=0)
                found.add(date, "SleepScore", {"time": when, **fields})
    return dict(found.parsed().tables)
