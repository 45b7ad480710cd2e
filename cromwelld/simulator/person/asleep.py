"""What the stretches of a synthetic person's sleep add up to."""

from __future__ import annotations

from collections import Counter

from cromwelld.simulator.person.civil import MINUTE_S
from cromwelld.simulator.person.values import Sleep, SleepKind

LEVELS: dict[SleepKind, tuple[str, ...]] = {
    "stages": ("deep", "light", "rem", "wake"),
    "classic": ("asleep", "restless", "awake"),
}


def minutes_by_level(sleep: Sleep) -> dict[str, int]:
    """Count the whole minutes of each level, short wakes taken from what they lie upon; the sum is the time in bed.

    What is cut off by whole minutes counts as awake.
    """
    seconds = Counter[str]()
    for stage in sleep.stages:
        seconds[stage.level] += stage.seconds
    for wake in sleep.short_wakes:
        under = next(stage for stage in sleep.stages if stage.start <= wake.start < stage.end)
        seconds[under.level] -= wake.seconds
        seconds["wake"] += wake.seconds
    levels = LEVELS[sleep.kind]
    minutes = {level: seconds[level] // MINUTE_S for level in levels}
    minutes[levels[-1]] += minutes_in_bed(sleep) - sum(minutes.values())
    return minutes


def minutes_in_bed(sleep: Sleep) -> int:
    """Count the whole minutes of a sleep."""
    return round((sleep.end - sleep.start).total_seconds()) // MINUTE_S


def minutes_awake(sleep: Sleep) -> int:
    """Count the minutes that are not sleep: every wake, and restlessness in classic sleep."""
    minutes = minutes_by_level(sleep)
    return sum(minutes.get(level, 0) for level in ("restless", "awake", "wake"))
