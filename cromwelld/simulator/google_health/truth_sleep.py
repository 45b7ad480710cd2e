"""Sleeps with their stages and what these add up to.

Source: https://developers.google.com/health/data-types/sleep
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache, partial

from cromwelld.simulator.google_health.points import Point
from cromwelld.simulator.google_health.truth_known import Known, first_synced, sleep_at
from cromwelld.simulator.google_health.truth_points import Deferred, Payload, interval, stamp, stretch, watch
from cromwelld.simulator.person import Person, Sleep, Stage
from cromwelld.simulator.person.asleep import minutes_awake, minutes_by_level, minutes_in_bed
from cromwelld.simulator.person.civil import MINUTE_S, seconds_of

ID_BASE = 20_000_000_000
WORDS = {
    "deep": "DEEP",
    "light": "LIGHT",
    "rem": "REM",
    "wake": "AWAKE",
    "asleep": "ASLEEP",
    "restless": "RESTLESS",
    "awake": "AWAKE",
}
STATUS = {"stages": "SUCCEEDED", "classic": "REJECTED_NAP"}
Told = tuple[Point, ...]


def sleep(known: Known, day: date) -> Told:
    """Tell the sleeps that ended on a date."""
    person = known.person
    return tuple(
        interval(
            person.tz,
            (span.start, span.end),
            Deferred(partial(_payload, person, day, span.start)),
            watch(person, "DERIVED"),
            name=str(ID_BASE + span.start),
        )
        for span in known.sleep_spans(day)
    )


@lru_cache(maxsize=1024)
def _payload(person: Person, day: date, start: int) -> Payload:
    told = sleep_at(person, day, start)
    short = {"shortAwakenings": _stages(person, told.short_wakes)} if told.short_wakes else {}
    created = stamp(first_synced(seconds_of(told.end)))
    return {
        "type": told.kind.upper(),
        "stages": _stages(person, told.stages),
        **short,
        "metadata": {
            "stagesStatus": STATUS[told.kind],
            "processed": True,
            **({"mainSleep": True} if told.main else {"nap": True}),
        },
        "summary": summary_of(told),
        "createTime": created,
        "updateTime": created,
    }


def _stages(person: Person, stages: Sequence[Stage]) -> list[dict[str, str]]:
    return [
        {**stretch(person.tz, seconds_of(stage.start), seconds_of(stage.end)), "type": WORDS[stage.level]}
        for stage in stages
    ]


def summary_of(told: Sleep) -> dict[str, object]:
    """Sum up a sleep: times asleep and awake count every wake, the stages do not see the short ones."""
    in_bed, awake = minutes_in_bed(told), minutes_awake(told)
    counts = {level: sum(stage.level == level for stage in told.stages) for level in WORDS}
    return {
        "minutesInSleepPeriod": str(in_bed),
        "minutesAfterWakeUp": "0",
        "minutesToFallAsleep": "0",
        "minutesAsleep": str(in_bed - awake),
        "minutesAwake": str(awake),
        "stagesSummary": [
            {"type": WORDS[level], "minutes": str(minutes), "count": str(counts[level])}
            for level, minutes in _by_stage(told).items()
            if counts[level]
        ],
    }


def _by_stage(told: Sleep) -> dict[str, int]:
    """Sum up the stages: short awakenings count as light sleep, whatever they lie upon."""
    minutes = minutes_by_level(told)
    if told.kind == "stages":
        long_wakes = sum(stage.seconds for stage in told.stages if stage.level == "wake") // MINUTE_S
        minutes["light"] += minutes["wake"] - long_wakes
        minutes["wake"] = long_wakes
    return minutes
