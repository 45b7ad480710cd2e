"""What the vendor's cloud knows of the person at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cromwelld.simulator.fitbit_web.options import Options
from cromwelld.simulator.person import Activity, Person, Sleep, Totals, Vitals, Weighing
from cromwelld.simulator.person.civil import MINUTE_S, civil_date, seconds_of


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """See a person as the cloud does: what the watch has not synced by `now` does not exist yet."""

    person: Person
    options: Options
    now: datetime

    @property
    def today(self) -> date:
        """Give the person's civil date."""
        return civil_date(seconds_of(self.now), self.person.tz)

    @property
    def synced(self) -> datetime:
        """Give the watch's last sync."""
        return self.person.last_sync(self.now)

    def known(self, day: date) -> bool:
        """Tell whether any minute of a date has been synced."""
        return self.person.member_since <= day and self.person.civil(day).start < self.synced.timestamp()

    def minutes_known(self, day: date) -> int:
        """Count the minutes of a date that have been synced."""
        civil = self.person.civil(day)
        return max(0, min(civil.minutes, (seconds_of(self.synced) - civil.start) // MINUTE_S))

    def totals(self, day: date) -> Totals | None:
        """Add up what is known of a date."""
        return self.person.totals(day, self.minutes_known(day)) if self.known(day) else None

    def minute_means(self, day: date) -> tuple[float | None, ...]:
        """Give the mean heart rate of the minutes known of a date."""
        return self.person.minute_means(day)[: self.minutes_known(day)] if self.known(day) else ()

    def sleeps(self, day: date) -> tuple[Sleep, ...]:
        """Give the finished sleeps of a date, as they are after any edit."""
        found = self.options.edits[day] if day in self.options.edits else self.person.sleeps(day)
        return tuple(sleep for sleep in found if sleep.end <= self.synced)

    def vitals(self, day: date) -> Vitals | None:
        """Give the vitals of a date once its night is over."""
        return self.person.vitals(day) if any(sleep.end <= self.synced for sleep in self.person.sleeps(day)) else None

    def activities(self, day: date) -> tuple[Activity, ...]:
        """Give the activities of a date that are over."""
        return tuple(each for each in self.person.activities(day) if each.end <= self.synced)

    def weighings(self, day: date) -> tuple[Weighing, ...]:
        """Give the weighings of a date; the scale needs no phone."""
        return tuple(each for each in self.person.weighings(day) if each.at <= self.now)

    def days_from(self, first: date) -> list[date]:
        """List the dates from one (not before the account began) to today."""
        first = max(first, self.person.member_since)
        return [first + timedelta(days=number) for number in range((self.today - first).days + 1)]
