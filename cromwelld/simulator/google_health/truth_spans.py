"""Stretches of minutes that are alike: how active, how fast the heart.

Source: https://developers.google.com/health/data-types
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby

from cromwelld.simulator.google_health.points import Point
from cromwelld.simulator.google_health.truth_known import Known
from cromwelld.simulator.google_health.truth_points import interval, watch
from cromwelld.simulator.person.civil import MINUTE_S
from cromwelld.simulator.person.zones import minute_zones, personal_floors

LEVELS = ("SEDENTARY", "LIGHTLY_ACTIVE", "MODERATELY_ACTIVE", "VERY_ACTIVE")
ZONES = ("LIGHT", "MODERATE", "VIGOROUS", "PEAK")
DAY = timedelta(days=1)
Told = tuple[Point, ...]
Label = str | None
Labels = Callable[[Known, date], Sequence[Label]]


@lru_cache(maxsize=2048)
def activity_level(known: Known, day: date) -> Told:
    """Tell the stretches that began on a date, by how active their minutes were; none asleep or unworn."""
    return _points(known, day, labels=levels, key="activityLevelType")


@lru_cache(maxsize=2048)
def sedentary_period(known: Known, day: date) -> Told:
    """Tell the stretches of sitting about that began on a date."""
    clock, origin = known.person.tz, watch(known.person)
    spans = [span for span, label in _spans(known, day, levels) if label == LEVELS[0]]
    return tuple(interval(clock, span, {}, origin) for span in spans)


@lru_cache(maxsize=2048)
def time_in_zone(known: Known, day: date) -> Told:
    """Tell the stretches that began on a date, by how fast the heart beat."""
    return _points(known, day, labels=zones, key="heartRateZoneType")


def levels(known: Known, day: date) -> Sequence[Label]:
    """Label the synced minutes of a date by how active they were."""
    moved = known.person.movement(day)
    labels: list[Label] = [None] * known.minutes(day)
    for minute in known.worn_minutes(day):
        labels[minute] = None if moved.asleep[minute] else LEVELS[moved.level[minute]]
    return labels


def zones(known: Known, day: date) -> Sequence[Label]:
    """Label the synced minutes of a date by the person's own zones of the heart."""
    minutes = known.minutes(day)
    if not minutes:
        return ()
    found = minute_zones(known.person, day, personal_floors(known.person, day))
    return [None if zone is None else ZONES[zone] for zone in found[:minutes]]


def _points(known: Known, day: date, *, labels: Labels, key: str) -> Told:
    clock, origin = known.person.tz, watch(known.person)
    return tuple(interval(clock, span, {key: label}, origin) for span, label in _spans(known, day, labels))


def _spans(known: Known, day: date, labels: Labels) -> Iterator[tuple[tuple[int, int], str]]:
    """Join like minutes; a stretch that runs past midnight is told whole, on the date on which it began.

    No stretch covers a whole date: every date on which the watch is worn has a charging.
    """
    today, civil = labels(known, day), known.person.civil(day)
    before = labels(known, day - DAY)
    minute = 0
    for label, group in groupby(today):
        first, minute = minute, minute + sum(1 for _ in group)
        continued = first == 0 and before and before[-1] == label
        if label is not None and not continued:
            runs_on = _first_run(labels(known, day + DAY), label) if minute == civil.minutes else 0
            yield (civil.start + first * MINUTE_S, civil.start + (minute + runs_on) * MINUTE_S), label


def _first_run(labels: Sequence[Label], label: str) -> int:
    """Count how many minutes a date begins with that bear a label."""
    return next((minute for minute, each in enumerate(labels) if each != label), len(labels))
