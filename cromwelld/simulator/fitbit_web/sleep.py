"""Sleep logs, version 1.2.

Source: https://dev.fitbit.com/build/reference/web-api/sleep/get-sleep-log-by-date-range/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, tzinfo

from cromwelld.simulator.fitbit_web.asking import Ask
from cromwelld.simulator.fitbit_web.paging import page
from cromwelld.simulator.fitbit_web.view import View
from cromwelld.simulator.fitbit_web.wall import on_clock_of
from cromwelld.simulator.person import Sleep, Stage
from cromwelld.simulator.person.asleep import LEVELS, minutes_by_level
from cromwelld.simulator.person.civil import seconds_of

PENDING = {"meta": {"retryDuration": 3000, "state": "pending"}}
LOG_ID_BASE = 40_000_000_000
THIRTY_DAY_MINUTES = {"deep": 78, "light": 236, "rem": 92, "wake": 49}
AWAKE = {"stages": ("wake",), "classic": ("restless", "awake")}
INFO_CODE = {"stages": 0, "classic": 2}


def by_range(ask: Ask) -> object:
    """Answer the sleeps that ended on some dates, newest first."""
    days = ask.days()
    if ask.view.options.sleep_pending:
        return PENDING
    return {"sleep": list(_logs(ask.view, reversed(days)))}


def by_date(ask: Ask) -> object:
    """Answer the sleeps that ended on a date, with their sum and the averages of a month."""
    day = ask.day()
    if ask.view.options.sleep_pending:
        return PENDING
    sleeps = ask.view.sleeps(day)
    logs = [_log(sleep, day, ask.view.person.tz, averages=THIRTY_DAY_MINUTES) for sleep in sleeps]
    minutes = [minutes_by_level(sleep) for sleep in sleeps]
    in_bed = sum(sum(each.values()) for each in minutes)
    awake = sum(each.get(level, 0) for each in minutes for level in ("restless", "awake", "wake"))
    summary: dict[str, object] = {
        "totalMinutesAsleep": in_bed - awake,
        "totalSleepRecords": len(sleeps),
        "totalTimeInBed": in_bed,
    }
    if logs:
        summary["stages"] = {level: sum(each.get(level, 0) for each in minutes) for level in LEVELS["stages"]}
    return {"sleep": logs, "summary": summary}


def listed(ask: Ask) -> object:
    """Answer a page of all sleeps."""
    found = page(ask, "/1.2/user/-/sleep/list.json")
    starts = [(day, sleep) for day in found.days for sleep in ask.view.sleeps(day)]
    picked, pagination = found.cut(starts, seconds_of=lambda each: seconds_of(each[1].start))
    return {"pagination": pagination, "sleep": [_log(sleep, day, ask.view.person.tz) for day, sleep in picked]}


def _logs(view: View, days: Iterator[date]) -> Iterator[dict[str, object]]:
    for day in days:
        for sleep in view.sleeps(day):
            yield _log(sleep, day, view.person.tz)


def _log(sleep: Sleep, day: date, clock: tzinfo, *, averages: dict[str, int] | None = None) -> dict[str, object]:
    """Write one log; every stamp keeps the offset that was valid at the sleep's start."""
    minutes = minutes_by_level(sleep)
    in_bed = sum(minutes.values())
    awake = sum(minutes[level] for level in AWAKE[sleep.kind])
    return {
        "dateOfSleep": str(day),
        "duration": round((sleep.end - sleep.start).total_seconds()) * 1000,
        "efficiency": round(100 * (in_bed - awake) / in_bed),
        "endTime": on_clock_of(sleep.start, sleep.end, clock),
        "infoCode": INFO_CODE[sleep.kind],
        "isMainSleep": sleep.main,
        "levels": _levels(sleep, clock, minutes=minutes, averages=averages or {}),
        "logId": LOG_ID_BASE + seconds_of(sleep.start),
        "logType": "auto_detected",
        "minutesAfterWakeup": 0,
        "minutesAsleep": in_bed - awake,
        "minutesAwake": awake,
        "minutesToFallAsleep": 0,
        "startTime": on_clock_of(sleep.start, sleep.start, clock),
        "timeInBed": in_bed,
        "type": sleep.kind,
    }


def _levels(sleep: Sleep, clock: tzinfo, *, minutes: dict[str, int], averages: dict[str, int]) -> dict[str, object]:
    data = _stretches(sleep, sleep.stages, clock)
    if sleep.kind == "classic":
        counts = {level: sum(stage.level == level for stage in sleep.stages) for level in LEVELS["classic"]}
        return {
            "data": data,
            "summary": {level: {"count": counts[level], "minutes": minutes[level]} for level in counts},
        }
    stretches = sleep.stages + sleep.short_wakes
    summary = {
        level: {
            "count": sum(stage.level == level for stage in stretches),
            "minutes": minutes[level],
            "thirtyDayAvgMinutes": averages.get(level, 0),
        }
        for level in LEVELS["stages"]
    }
    return {"data": data, "shortData": _stretches(sleep, sleep.short_wakes, clock), "summary": summary}


def _stretches(sleep: Sleep, stages: Sequence[Stage], clock: tzinfo) -> list[dict[str, object]]:
    return [
        {"dateTime": on_clock_of(sleep.start, stage.start, clock), "level": stage.level, "seconds": stage.seconds}
        for stage in stages
    ]
