"""The heart of a synthetic person, sampled as a watch does."""

from __future__ import annotations

import math
from datetime import date, timedelta
from functools import lru_cache
from typing import TypeVar

from cromwelld.simulator.person.civil import MINUTE_S, Span, seconds_of
from cromwelld.simulator.person.diary import diary
from cromwelld.simulator.person.movement import movement
from cromwelld.simulator.person.nights import sleeps
from cromwelld.simulator.person.traits import Traits
from cromwelld.simulator.person.values import HeartRate

INDOOR_BPM = 84.0
BPM_ABOVE_RESTING = {
    "deep": -5.0,
    "light": -1.0,
    "rem": 4.0,
    "wake": 9.0,
    "asleep": 1.0,
    "restless": 5.0,
    "awake": 9.0,
}
Value = TypeVar("Value")


def resting_bpm(traits: Traits, day: date) -> int:
    """Tell the resting heart rate of a date, which drifts over weeks."""
    drift = 2.0 * math.sin(day.toordinal() / 9.0) + traits.dice(day, "resting").uniform(-1.0, 1.0)
    return round(traits.resting_bpm + drift)


@lru_cache(maxsize=16)
def heart_rate(traits: Traits, day: date) -> HeartRate:
    """Sample the heart on a civil date: 5 to 15 s apart, 1 to 2 s in exercise, nothing while the watch is off."""
    plan, civil = diary(traits, day), traits.civil(day)
    if not plan.worn:
        return HeartRate(instants=(), bpm=())
    targets, gaps = _targets(traits, day), _gaps(traits, day)
    off = plan.charging or Span(civil.start, civil.start)
    rolled = traits.dice(day, "pulse").random
    instants: list[int] = []
    beats: list[int] = []
    at, value = civil.start + int(rolled() * traits.gap_s[0]), targets[0]
    while at < civil.end:
        minute = (at - civil.start) // MINUTE_S
        value += (targets[minute] - value) * 0.2 + (rolled() - 0.5) * 3.0
        if not off.start <= at < off.end:
            instants.append(at)
            beats.append(int(value))
        least, width = gaps[minute]
        at += least + int(rolled() * width)
    return HeartRate(instants=tuple(instants), bpm=tuple(beats))


@lru_cache(maxsize=32)
def minute_means(traits: Traits, day: date) -> tuple[float | None, ...]:
    """Average the samples of every real minute of a date; None where there is none."""
    civil, samples = traits.civil(day), heart_rate(traits, day)
    sums, counts = [0] * civil.minutes, [0] * civil.minutes
    for at, bpm in zip(samples.instants, samples.bpm, strict=True):
        minute = (at - civil.start) // MINUTE_S
        sums[minute] += bpm
        counts[minute] += 1
    return tuple(total / count if count else None for total, count in zip(sums, counts, strict=True))


def between(samples: HeartRate, span: Span) -> HeartRate:
    """Keep the samples inside a stretch of UTC."""
    kept = [(at, bpm) for at, bpm in zip(samples.instants, samples.bpm, strict=True) if span.holds(at)]
    return HeartRate(instants=tuple(at for at, _ in kept), bpm=tuple(bpm for _, bpm in kept))


def _targets(traits: Traits, day: date) -> list[float]:
    """Tell for every minute where the heart tends: by hour, by steps, by stage of sleep, by exercise."""
    civil, moved, rest = traits.civil(day), movement(traits, day), resting_bpm(traits, day)
    targets = [
        rest + 12.0 + 5.0 * math.sin((index - 660) / 1440 * math.tau) + min(46.0, 0.42 * steps)
        for index, steps in enumerate(moved.steps)
    ]
    for sleep in sleeps(traits, day) + sleeps(traits, day + timedelta(days=1)):
        for stage in sleep.stages:
            _set(
                targets,
                civil,
                Span(seconds_of(stage.start), seconds_of(stage.end)),
                rest + BPM_ABOVE_RESTING[stage.level],
            )
    for outing in diary(traits, day).outings:
        if outing.kind == "indoor":
            _set(targets, civil, outing.span, rest + INDOOR_BPM)
    return targets


def _gaps(traits: Traits, day: date) -> list[tuple[int, int]]:
    """Tell for every minute the least gap between samples, and by how many seconds it varies."""
    civil = traits.civil(day)
    gaps = [_varied(traits.gap_s)] * civil.minutes
    for outing in diary(traits, day).outings:
        if outing.kind != "manual":
            _set(gaps, civil, outing.span, _varied(traits.exercise_gap_s))
    return gaps


def _varied(bounds: tuple[int, int]) -> tuple[int, int]:
    least, most = bounds
    return least, most - least + 1


def _set(values: list[Value], civil: Span, span: Span, value: Value) -> None:
    """Give every minute of a date that begins inside a stretch the same value."""
    for minute in civil.minutes_inside(span):
        values[minute] = value
