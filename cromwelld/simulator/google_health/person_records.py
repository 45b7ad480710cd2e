"""The synthetic person as the vendor's cloud knows it at one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from cromwelld.simulator.google_health import (
    truth_account,
    truth_body,
    truth_exercise,
    truth_heart,
    truth_movement,
    truth_night,
    truth_route,
    truth_sleep,
    truth_spans,
)
from cromwelld.simulator.google_health.points import Point, Records
from cromwelld.simulator.google_health.truth_known import Known
from cromwelld.simulator.person import Person
from cromwelld.simulator.person.civil import civil_date


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Say how a type is told: `tell` gives the points of a date.

    A date's points may begin on the date `before` (a night) or end on the date `after` (a stretch past midnight).
    """

    tell: Callable[[Known, date], Sequence[Point]]
    before: bool = False
    after: bool = False


TELLINGS: Mapping[str, Telling] = {
    "active-energy-burned": Telling(tell=truth_movement.active_energy, after=True),
    "active-zone-minutes": Telling(tell=truth_heart.active_zone_minutes, after=True),
    "activity-level": Telling(tell=truth_spans.activity_level, after=True),
    "body-fat": Telling(tell=truth_body.body_fat),
    "calories-in-heart-rate-zone": Telling(tell=truth_heart.calories_in_zone, after=True),
    "daily-heart-rate-variability": Telling(tell=truth_night.daily_variability),
    "daily-heart-rate-zones": Telling(tell=truth_heart.zone_limits),
    "daily-oxygen-saturation": Telling(tell=truth_night.daily_oxygen),
    "daily-respiratory-rate": Telling(tell=truth_night.daily_breathing),
    "daily-resting-heart-rate": Telling(tell=truth_heart.resting_rate),
    "daily-sleep-temperature-derivations": Telling(tell=truth_night.daily_temperature),
    "daily-vo2-max": Telling(tell=truth_night.daily_fitness),
    "distance": Telling(tell=truth_movement.distance, after=True),
    "exercise": Telling(tell=truth_exercise.exercise, after=True),
    "floors": Telling(tell=truth_movement.floors, after=True),
    "heart-rate": Telling(tell=truth_heart.heart_rate),
    "heart-rate-variability": Telling(tell=truth_night.heart_rate_variability, before=True),
    "height": Telling(tell=truth_body.height),
    "oxygen-saturation": Telling(tell=truth_night.oxygen_saturation, before=True),
    "respiratory-rate-sleep-summary": Telling(tell=truth_night.respiratory_summary),
    "sedentary-period": Telling(tell=truth_spans.sedentary_period, after=True),
    "sleep": Telling(tell=truth_sleep.sleep, before=True),
    "steps": Telling(tell=truth_movement.steps, after=True),
    "time-in-heart-rate-zone": Telling(tell=truth_spans.time_in_zone, after=True),
    "total-calories": Telling(tell=truth_movement.total_calories, after=True),
    "weight": Telling(tell=truth_body.weight),
}


@dataclass(frozen=True, slots=True)
class PersonRecords:
    """Tell of a person what the cloud knows at a moment; a type that the person has nothing of has no points."""

    person: Person
    now: datetime

    def points(self, path: str, first: date, last: date) -> Sequence[Point]:
        """Give the points of a type whose civil start, end or day lies within the dates, both included."""
        telling, (since, today) = TELLINGS.get(path), self.span()
        first, last = max(first, since), min(last, today)
        if telling is None or first > last:
            return ()
        known, earliest, latest = self._known, self.person.civil(first).start, self.person.civil(last).end
        days = _days(first - timedelta(days=telling.after), last + timedelta(days=telling.before))
        told = (point for day in days for point in telling.tell(known.for_day(day), day))
        return [point for point in told if point.day or (point.start < latest and earliest <= point.end)]

    def span(self) -> tuple[date, date]:
        """Give the date on which the account began and today."""
        today = civil_date(self._known.now, self.person.tz)
        return min(self.person.member_since, today), today

    def settings(self) -> Mapping[str, Any]:
        """Give the settings."""
        return truth_account.settings(self._known)

    def profile(self) -> Mapping[str, Any]:
        """Give the profile."""
        return truth_account.profile(self._known)

    def identity(self) -> Mapping[str, Any]:
        """Give who the person is to the vendor."""
        return truth_account.identity()

    def paired_devices(self) -> Sequence[Mapping[str, Any]]:
        """Give the watch and the scale."""
        return truth_account.paired_devices(self._known)

    def tcx(self, exercise: str) -> str | None:
        """Give the route of an exercise by its id, None where there is none."""
        found = truth_exercise.find(self._known, exercise)
        return truth_route.file_of(found) if found else None

    @property
    def _known(self) -> Known:
        return Known.at(self.person, self.now)


def records_of(person: Person, clock: Callable[[], datetime]) -> Callable[[], Records]:
    """Tell of a person anew at every call, as it is known at the clock's moment."""
    return lambda: PersonRecords(person, clock())


def _days(first: date, last: date) -> Iterator[date]:
    """List the dates from one to another, both included."""
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
