"""Sleeps: the old site's logs on the person's clock, and the relational tables with their offsets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cromwelld.simulator.person import Sleep, Stage
from cromwelld.simulator.person.asleep import LEVELS, minutes_awake, minutes_by_level, minutes_in_bed
from cromwelld.simulator.person.civil import seconds_of
from tests.support.takeout.member import Member, fitness, old_data, pretty, table
from tests.support.takeout.order import Layout, Order

LOG_ID_BASE = 40_000_000_000
SLEEP_ID_BASE = 1_000_000_000_000_000_000
THIRTY_DAY_MINUTES = {"deep": 78, "light": 236, "rem": 92, "wake": 49}
INFO_CODE = {"stages": 0, "classic": 2}
WORDS = {"deep": "DEEP", "light": "LIGHT", "rem": "REM", "wake": "AWAKE", "asleep": "ASLEEP", "restless": "RESTLESS"}
SLEEPS = (
    "sleep_id,sleep_type,minutes_in_sleep_period,minutes_after_wake_up,minutes_to_fall_asleep,minutes_asleep,"
    "minutes_awake,minutes_longest_awakening,minutes_to_persistent_sleep,start_utc_offset,sleep_start,end_utc_offset,"
    "sleep_end,data_source"
)
STAGES = "sleep_id,sleep_stage_id,sleep_stage_type,start_utc_offset,sleep_stage_start,end_utc_offset,sleep_stage_end"


@dataclass(frozen=True, slots=True)
class Slept:
    """Hold a sleep with the date on which it ended."""

    day: dt.date
    sleep: Sleep


def slept(order: Order, days: Sequence[dt.date]) -> list[Slept]:
    """List the sleeps that were known of some dates."""
    return [Slept(day, sleep) for day in days for sleep in order.view.sleeps(day)]


def log_id(sleep: Sleep) -> int:
    """Give a sleep the number by which the old site knows it."""
    return LOG_ID_BASE + seconds_of(sleep.start)


def sleep_id(sleep: Sleep) -> int:
    """Give a sleep the number of nineteen digits by which the tables know it."""
    return SLEEP_ID_BASE + seconds_of(sleep.start)


def logs(order: Order, days: list[dt.date]) -> Iterator[Member]:
    """Write the logs of thirty dates, the newest first."""
    found = [_log(order, each) for each in reversed(slept(order, days))]
    yield old_data(order, f"sleep-{days[0]}.json", pretty(found))


def tables(order: Order, days: list[dt.date]) -> Iterator[Member]:
    """Write the sleeps and their stages, each with its offsets at both ends."""
    found = slept(order, days)
    brief = order.layout is Layout.GOOGLE_FLAT
    sleeps = [_sleep_row(order, each.sleep, brief=brief) for each in found]
    tail = "" if brief else ",algorithm_version,sleep_created,sleep_last_updated"
    yield fitness(order, f"UserSleeps_{days[0]}.csv", table(SLEEPS + tail, sleeps))
    stages = [row for each in found for row in _stage_rows(order, each.sleep, brief=brief)]
    tail = "" if brief else ",data_source,algorithm_version,sleep_stage_created,sleep_stage_last_updated"
    yield fitness(order, f"UserSleepStages_{days[0]}.csv", table(STAGES + tail, stages))


def _log(order: Order, each: Slept) -> dict[str, object]:
    """Write one log; every stamp keeps the offset that was valid at the sleep's start."""
    sleep = each.sleep
    in_bed, awake = minutes_in_bed(sleep), minutes_awake(sleep)
    return {
        "logId": log_id(sleep),
        "dateOfSleep": str(each.day),
        "startTime": _shown(order, sleep, sleep.start),
        "endTime": _shown(order, sleep, sleep.end),
        "duration": round((sleep.end - sleep.start).total_seconds()) * 1000,
        "minutesToFallAsleep": 0,
        "minutesAsleep": in_bed - awake,
        "minutesAwake": awake,
        "minutesAfterWakeup": 0,
        "timeInBed": in_bed,
        "efficiency": round(100 * (in_bed - awake) / in_bed),
        "type": sleep.kind,
        "infoCode": INFO_CODE[sleep.kind],
        "logType": "auto_detected",
        "mainSleep": sleep.main,
        "levels": _levels(order, sleep),
    }


def _levels(order: Order, sleep: Sleep) -> dict[str, object]:
    minutes, stretches = minutes_by_level(sleep), sleep.stages + sleep.short_wakes
    counts = {level: sum(stage.level == level for stage in stretches) for level in LEVELS[sleep.kind]}
    summary = {level: {"count": counts[level], "minutes": minutes[level]} for level in counts}
    if sleep.kind == "classic":
        return {"summary": summary, "data": _stretches(order, sleep, sleep.stages)}
    for level, usual in THIRTY_DAY_MINUTES.items():
        summary[level]["thirtyDayAvgMinutes"] = usual
    short = _stretches(order, sleep, sleep.short_wakes)
    return {"summary": summary, "data": _stretches(order, sleep, sleep.stages), "shortData": short}


def _stretches(order: Order, sleep: Sleep, stages: Sequence[Stage]) -> list[dict[str, object]]:
    return [
        {"dateTime": _shown(order, sleep, stage.start), "level": stage.level, "seconds": stage.seconds}
        for stage in stages
    ]


def _shown(order: Order, sleep: Sleep, moment: dt.datetime) -> str:
    """Write an instant on a clock that does not change in the night."""
    late = dt.timedelta(seconds=order.planted.late_s("sleep-"))
    offset = sleep.start.astimezone(order.person.tz).utcoffset() or dt.timedelta()
    return (moment + offset + late).replace(tzinfo=None).isoformat(timespec="milliseconds")


def _sleep_row(order: Order, sleep: Sleep, *, brief: bool) -> str:
    in_bed, awake = minutes_in_bed(sleep), minutes_awake(sleep)
    longest = max((stage.seconds for stage in sleep.stages if stage.level in {"wake", "awake"}), default=0) // 60
    counted = f"{in_bed},0,0,{in_bed - awake},{awake},{longest},0"
    ends = _ends(order, sleep.start, sleep.end, brief=brief)
    seen = _stamp(sleep.end + dt.timedelta(minutes=5), brief=brief)
    return f"{sleep_id(sleep)},{sleep.kind.upper()},{counted},{ends}," + (
        "PASSIVELY_MEASURED" if brief else f"{_measured_by(order)},3,{seen},{seen}"
    )


def _stage_rows(order: Order, sleep: Sleep, *, brief: bool) -> Iterator[str]:
    for number, stage in enumerate(sleep.stages):
        word = WORDS.get(stage.level, "AWAKE")
        row = f"{sleep_id(sleep)},{number},{word},{_ends(order, stage.start, stage.end, brief=brief)}"
        yield row if brief else f"{row},{_measured_by(order)},3,,"


def _measured_by(order: Order) -> str:
    return order.person.device.upper().replace(" ", "_")


def _ends(order: Order, start: dt.datetime, end: dt.datetime, *, brief: bool) -> str:
    both = (f"{_offset(order, each)},{_stamp(each, brief=brief)}" for each in (start, end))
    return ",".join(both)


def _offset(order: Order, moment: dt.datetime) -> str:
    text = f"{moment.astimezone(order.person.tz):%z}"
    return f"{text[:3]}:{text[3:]}"


def _stamp(moment: dt.datetime, *, brief: bool) -> str:
    form = "%Y-%m-%d %H:%M:%S+0000" if brief else "%Y-%m-%dT%H:%M:%SZ"
    return moment.astimezone(dt.UTC).strftime(form)
