"""Scores, which only an export has: of sleep, readiness and stress. The person's truth knows none: they are made up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from cromwelld.simulator.person import Person
from cromwelld.simulator.person.asleep import minutes_awake, minutes_by_level, minutes_in_bed
from tests.support.takeout.member import Member, fitness, table, telemetry, topic
from tests.support.takeout.nights import Night, nights
from tests.support.takeout.order import Order, Trap
from tests.support.takeout.sleeps import log_id, sleep_id

SLEEP = (
    "sleep_log_entry_id,timestamp,overall_score,composition_score,revitalization_score,duration_score,"
    "deep_sleep_in_minutes,resting_heart_rate,restlessness"
)
SLEEP_TABLE = (
    "sleep_id,sleep_score_id,data_source,score_utc_offset,score_time,overall_score,duration_score,composition_score,"
    "revitalization_score,sleep_time_minutes,deep_sleep_minutes,rem_sleep_percent,resting_heart_rate,"
    "sleep_goal_minutes,waso_count_long_wakes,waso_count_all_wake_time,restlessness_normalized,hr_below_resting_hr,"
    "sleep_score_created,sleep_score_last_updated"
)
READINESS = (
    "date,readiness_score_value,readiness_state,activity_subcomponent,sleep_subcomponent,hrv_subcomponent,"
    "activity_state,sleep_state,hrv_state"
)
READINESS_TABLE = (
    "timestamp,score,type,readiness level,sleep readiness,heart rate variability readiness,"
    "resting heart rate readiness,data source"
)
STRESS = (
    "DATE,UPDATED_AT,STRESS_SCORE,SLEEP_POINTS,MAX_SLEEP_POINTS,RESPONSIVENESS_POINTS,MAX_RESPONSIVENESS_POINTS,"
    "EXERTION_POINTS,MAX_EXERTION_POINTS,STATUS,CALCULATION_FAILED"
)
LONG_WAKE_S = 210


@dataclass(frozen=True, slots=True, kw_only=True)
class SleepScore:
    """Score a night: the whole is the sum of three parts."""

    composition: int
    revitalization: int
    duration: int
    restlessness: float

    @property
    def overall(self) -> int:
        """Add the parts up."""
        return self.composition + self.revitalization + self.duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Score how ready a date finds the person; each part is of 100."""

    score: int
    activity: int
    sleep: int
    variability: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stress:
    """Score how well a date was borne: the whole is the sum of three parts."""

    sleep: int
    responsiveness: int
    exertion: int

    @property
    def score(self) -> int:
        """Add the parts up."""
        return self.sleep + self.responsiveness + self.exertion


def sleep_score(person: Person, day: dt.date) -> SleepScore:
    """Make up the score of the main sleep that ended on a date."""
    dice = _dice(person, day, "sleep-score")
    return SleepScore(
        composition=dice.randint(15, 24),
        revitalization=dice.randint(15, 24),
        duration=dice.randint(30, 48),
        restlessness=round(dice.uniform(0.04, 0.12), 4),
    )


def readiness(person: Person, day: dt.date) -> Readiness:
    """Make up the readiness of a date that began with a night."""
    activity, sleep, variability = (_dice(person, day, f"readiness:{part}").randint(30, 95) for part in range(3))
    score = round((activity + sleep + variability) / 3)
    return Readiness(score=score, activity=activity, sleep=sleep, variability=variability)


def stress(person: Person, day: dt.date) -> Stress:
    """Make up the stress of a date that began with a night."""
    dice = _dice(person, day, "stress")
    return Stress(sleep=dice.randint(15, 30), responsiveness=dice.randint(12, 30), exertion=dice.randint(20, 40))


def of_all_years(order: Order, days: list[dt.date]) -> Iterator[Member]:
    """Write the scores of sleep, readiness and stress; with nothing but headers, as many exports have them."""
    found = [] if Trap.HEADER_ONLY in order.traps else list(nights(order, days))
    yield topic(order, "Sleep Score", "sleep_score.csv", table(SLEEP, [_sleep(order, night) for night in found]))
    yield topic(order, "Stress Score", "Stress Score.csv", table(STRESS, [_stress(order, night) for night in found]))
    ready = table(READINESS_TABLE, [_ready(order, night) for night in found])
    yield telemetry(order, "daily_readiness", "daily_readiness.csv", ready)


def of_a_year(order: Order, days: list[dt.date]) -> Iterator[Member]:
    """Write the scores of sleep with the numbers by which the tables know them."""
    rows = [_sleep_row(order, night) for night in nights(order, days)]
    yield fitness(order, f"UserSleepScores_{days[0]}.csv", table(SLEEP_TABLE, rows))


def of_a_month(order: Order, month: dt.date, days: list[dt.date]) -> Iterator[Member]:
    """Write the readiness of a month."""
    rows = [_readiness(order, night) for night in nights(order, days)]
    if rows:
        yield topic(order, "Daily Readiness", f"Daily Readiness Score - {month}.csv", table(READINESS, rows))


def state(points: int) -> str:
    """Name how high a part of the readiness is."""
    return "HIGH" if points >= 70 else "MED" if points >= 45 else "LOW"


def _dice(person: Person, day: dt.date, topic: str) -> Random:
    return person.dice(day, f"takeout:{topic}")


def _sleep(order: Order, night: Night) -> str:
    """Write a score; the new brand no longer tells two of its parts."""
    score, vitals = sleep_score(order.person, night.day), night.vitals
    deep = minutes_by_level(night.main)["deep"]
    parts = (score.composition, score.revitalization, score.duration) if order.of_fitbit else ("", score.overall, "")
    composition, revitalization, duration = parts
    return (
        f"{log_id(night.main)},{night.main.end:%Y-%m-%dT%H:%M:%SZ},{score.overall},{composition},{revitalization},"
        f"{duration},{deep},{vitals.resting_bpm},{score.restlessness}"
    )


def _sleep_row(order: Order, night: Night) -> str:
    score, main = sleep_score(order.person, night.day), night.main
    asleep, minutes = minutes_in_bed(main) - minutes_awake(main), minutes_by_level(main)
    parts = f"{score.duration},{score.composition},{score.revitalization}" if order.of_fitbit else "-1,-1,-1"
    wakes = sum(stage.level == "wake" and stage.seconds >= LONG_WAKE_S for stage in main.stages)
    offset, end = f"{main.end.astimezone(order.person.tz):%z}", f"{main.end:%Y-%m-%dT%H:%M:%SZ}"
    return (
        f"{sleep_id(main)},{sleep_id(main) + 1},{order.person.device.upper()},{offset[:3]}:{offset[3:]},{end},"
        f"{score.overall},{parts},{asleep},{minutes['deep']},{round(100 * minutes['rem'] / asleep)},"
        f"{night.vitals.resting_bpm},480,{wakes},{minutes['wake']},{score.restlessness},0.61,{end},{end}"
    )


def _readiness(order: Order, night: Night) -> str:
    told = readiness(order.person, night.day)
    parts = (told.activity, told.sleep, told.variability)
    cells = (night.day, told.score, state(told.score), *parts, *(state(part) for part in parts))
    return ",".join(str(cell) for cell in cells)


def _ready(order: Order, night: Night) -> str:
    """Write the readiness with a bare date for a stamp."""
    told = readiness(order.person, night.day)
    parts = (told.sleep, told.variability, told.activity)
    cells = (night.day, told.score, state(told.score), "TYPE_UNSPECIFIED", *(state(part) for part in parts), order.app)
    return ",".join(str(cell) for cell in cells)


def _stress(order: Order, night: Night) -> str:
    told = stress(order.person, night.day)
    points = f"{told.score},{told.sleep},30,{told.responsiveness},30,{told.exertion},40"
    return f"{night.day}T00:00:00,{night.day}T12:00:00.000,{points},READY,false"
