"""The synthetic person, asked date by date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from cromwelld.simulator.person import activities, details, devices, diary, movement, nights, phone, pulse, vitals
from cromwelld.simulator.person.traits import Traits
from cromwelld.simulator.person.values import (
    Activity,
    Device,
    HeartRate,
    Movement,
    NightDetails,
    PhoneSteps,
    Sleep,
    Totals,
    Vitals,
    Weighing,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Traits):
    """Tell what truly happened on a civil date of the person, vendor-neutral, in absolute instants.

    Every answer is pure: it follows from the traits and the date alone, and is cached.
    """

    def worn(self, day: date) -> bool:
        """Tell whether the watch is worn on a date."""
        return diary.worn(self, day)

    def diary(self, day: date) -> diary.Diary:
        """Tell the plan of a date: cheap, without samples."""
        return diary.diary(self, day)

    def heart_rate(self, day: date) -> HeartRate:
        """Tell the heart-rate samples of a date."""
        return pulse.heart_rate(self, day)

    def minute_means(self, day: date) -> tuple[float | None, ...]:
        """Tell the mean heart rate of every real minute of a date, None where the watch is off."""
        return pulse.minute_means(self, day)

    def movement(self, day: date) -> Movement:
        """Tell every real minute of a date: 1380, 1440 or 1500 of them where clocks change by an hour."""
        return movement.movement(self, day)

    def totals(self, day: date, minutes: int | None = None) -> Totals:
        """Add up the first minutes of a date, or all of them."""
        return movement.totals(self, day, minutes)

    def sleeps(self, day: date) -> tuple[Sleep, ...]:
        """Tell the sleeps that end on a date, the main one first."""
        return nights.sleeps(self, day)

    def night(self, start: datetime, end: datetime, *, main: bool = True) -> Sleep:
        """Dream up a sleep with stages between two instants, for a night that is edited after the fact."""
        return nights.night(self, start, end, main=main)

    def vitals(self, day: date) -> Vitals | None:
        """Tell the vitals of the night that ended on a date, None without such a night."""
        return vitals.vitals(self, day)

    def night_details(self, day: date) -> NightDetails | None:
        """Tell what else the night that ended on a date knows of the body, None without such a night."""
        return details.night_details(self, day)

    def phone_steps(self, day: date) -> tuple[PhoneSteps, ...]:
        """Tell what the phone counted on a date, in order, whether the watch was worn or not."""
        return phone.phone_steps(self, day)

    def activities(self, day: date) -> tuple[Activity, ...]:
        """Tell the activities that began on a date, in order."""
        return activities.activities(self, day)

    def weighings(self, day: date) -> tuple[Weighing, ...]:
        """Tell the weighings of a date."""
        return devices.weighings(self, day)

    def devices(self, now: datetime) -> tuple[Device, ...]:
        """Tell the devices as they are at an instant."""
        return devices.devices(self, now)

    def last_sync(self, now: datetime) -> datetime:
        """Tell when the watch last synced before an instant."""
        return devices.last_sync(now)
