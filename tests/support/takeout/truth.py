"""A date of the person as columns: what the watch knew of it when the export was made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from cromwelld.simulator.fitbit_web.view import View
from cromwelld.simulator.person import Person
from cromwelld.simulator.person.civil import MINUTE_S, Span, seconds_of
from cromwelld.simulator.person.movement import STRIDE_M
from cromwelld.simulator.person.zones import ACTIVE_MINUTE_FLOORS, personal_floors
from tests.support.takeout.text import Instants

DAYS_KEPT = 64
Column = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heart:
    """Hold heartbeats by instant (UTC seconds)."""

    at: Instants
    bpm: Column


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """Hold the minutes of some dates that were synced, by their start (UTC seconds).

    `worn` marks those in which the watch was on; `zone` goes by fixed limits and `own` by the person's, both -1
    without a heartbeat.
    """

    at: Instants
    steps: Column
    level: Column
    kcal: Column
    floors: Column
    asleep: Column
    worn: Column
    zone: Column
    own: Column

    def where(self, mask: Column) -> Minutes:
        """Keep the minutes that a mask marks."""
        return Minutes(**{each.name: getattr(self, each.name)[mask] for each in fields(self)})

    @property
    def metres(self) -> Column:
        """Tell how far each minute went."""
        far: Column = self.steps * STRIDE_M
        return far


def heart(view: View, days: Iterable[dt.date]) -> Heart:
    """Tell the heartbeats of some dates in a row."""
    parts = [_heart(view.person, day) for day in days if view.known(day)]
    at = np.concatenate([part.at for part in parts]) if parts else np.empty(0, np.int64)
    bpm = np.concatenate([part.bpm for part in parts]) if parts else np.empty(0, np.int64)
    synced = at < seconds_of(view.synced)
    return Heart(at=at[synced], bpm=bpm[synced])


def minutes(view: View, days: Sequence[dt.date]) -> Minutes:
    """Tell the minutes of some dates in a row, at least one."""
    known = [day for day in days if view.known(day)]
    parts = [_minutes(view.person, day) for day in known or days[:1]]
    names = [each.name for each in fields(Minutes)]
    found = Minutes(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
    return found.where(found.at < (seconds_of(view.synced) if known else 0))


@lru_cache(maxsize=DAYS_KEPT)
def _heart(person: Person, day: dt.date) -> Heart:
    told = person.heart_rate(day)
    return Heart(at=np.array(told.instants, np.int64), bpm=np.array(told.bpm, np.int64))


@lru_cache(maxsize=DAYS_KEPT)
def _minutes(person: Person, day: dt.date) -> Minutes:
    moved, civil = person.movement(day), person.civil(day)
    means = _means(_heart(person, day), civil)
    return Minutes(
        at=np.arange(civil.start, civil.end, MINUTE_S),
        steps=np.array(moved.steps, np.int64),
        level=np.array(moved.level),
        kcal=np.array(moved.calories_kcal),
        floors=np.array(moved.floors),
        asleep=np.array(moved.asleep),
        worn=_worn(person, day, civil),
        zone=_zones(means, ACTIVE_MINUTE_FLOORS),
        own=_zones(means, personal_floors(person, day)),
    )


def _worn(person: Person, day: dt.date, civil: Span) -> Column:
    plan = person.diary(day)
    worn = np.full(civil.minutes, plan.worn)
    if plan.charging:
        worn[civil.minutes_inside(plan.charging)] = False
    return worn


def _means(told: Heart, civil: Span) -> Column:
    """Average the heartbeats of every minute; not a number where there is none."""
    minute = (told.at - civil.start) // MINUTE_S
    counts = np.bincount(minute, minlength=civil.minutes)
    sums = np.bincount(minute, weights=told.bpm, minlength=civil.minutes)
    means: Column = np.divide(sums, counts, out=np.full(civil.minutes, np.nan), where=counts > 0)
    return means


def _zones(means: Column, floors: Sequence[int]) -> Column:
    zones: Column = np.where(np.isnan(means), -1, np.sum([means >= floor for floor in floors], axis=0))
    return zones
