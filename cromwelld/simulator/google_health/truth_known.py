"""What the vendor's cloud knows of the person at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from cromwelld.simulator.person import Activity, Person, Sleep, Vitals
from cromwelld.simulator.person.civil import MINUTE_S, Span, seconds_of
from cromwelld.simulator.person.devices import SYNC_EVERY_S
from cromwelld.simulator.person.diary import Outing

MARGIN_S = 2 * 86_400


@dataclass(frozen=True, slots=True)
class Known:
    """See a person as the cloud does: what has not been synced does not exist yet.

    `synced` is the watch's last sync, `now` the moment up to which scale and phone are known; UTC seconds since 1970.
    """

    person: Person
    synced: int
    now: int

    @classmethod
    def at(cls, person: Person, now: datetime) -> Known:
        """See a person at a moment."""
        return cls(person, seconds_of(person.last_sync(now)), seconds_of(now))

    def for_day(self, day: date) -> Known:
        """Forget what is long past a date, so that what is told of old dates stays equal and is remembered."""
        latest = self.person.civil(day).end + MARGIN_S
        return Known(self.person, min(self.synced, latest), min(self.now, latest))

    def over(self, day: date) -> bool:
        """Tell whether the watch has synced past the end of a date."""
        return self.person.member_since <= day and self.person.civil(day).end <= self.synced

    def minutes(self, day: date) -> int:
        """Count the minutes of a date that have been synced, whether the watch was worn or not."""
        if day < self.person.member_since:
            return 0
        civil = self.person.civil(day)
        return max(0, min(civil.minutes, (self.synced - civil.start) // MINUTE_S))

    def worn_minutes(self, day: date) -> list[int]:
        """List the numbers of a date's synced minutes in which the watch was worn."""
        plan = self.person.diary(day)
        if not plan.worn:
            return []
        civil = self.person.civil(day)
        off = civil.minutes_inside(plan.charging or Span(civil.start, civil.start))
        return [minute for minute in range(self.minutes(day)) if minute not in off]

    def sleep_spans(self, day: date) -> list[Span]:
        """List where the finished sleeps lie that ended on a date, without their stages."""
        plan = self.person.diary(day)
        return [span for span in (plan.night, plan.nap) if span and span.end <= self.synced]

    def outings(self, day: date) -> list[Outing]:
        """List the activities that began on a date and are over, without what was measured in them."""
        return [outing for outing in self.person.diary(day).outings if outing.span.end <= self.synced]

    def night(self, day: date) -> Vitals | None:
        """Give the vitals of a date once its night is over."""
        plan = self.person.diary(day)
        return self.person.vitals(day) if plan.night and plan.night.end <= self.synced else None


def sleep_at(person: Person, day: date, start: int) -> Sleep:
    """Find the sleep that ended on a date by its start."""
    return next(each for each in person.sleeps(day) if seconds_of(each.start) == start)


@lru_cache(maxsize=512)
def activity_at(person: Person, day: date, start: int) -> Activity:
    """Find the activity of a date by its start."""
    return next(each for each in person.activities(day) if seconds_of(each.start) == start)


def first_synced(end: int) -> int:
    """Tell at which sync something that ended at an instant came to be known."""
    return -(-end // SYNC_EVERY_S) * SYNC_EVERY_S
