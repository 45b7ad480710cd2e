"""The devices of a synthetic person and what the scale has seen."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from functools import lru_cache

from cromwelld.simulator.person.civil import at_clock, civil_date, seconds_of, utc
from cromwelld.simulator.person.traits import Traits
from cromwelld.simulator.person.values import Device, Weighing

SYNC_EVERY_S = 15 * 60
CHARGED_AT_MINUTE = 8 * 60 + 35
PERCENT_PER_HOUR = 2.6
SCALE_REMEMBERS_DAYS = 60
WEIGHED_DAYS_IN_TEN = 0.85


def last_sync(now: datetime) -> datetime:
    """Tell when the watch last synced: every quarter of an hour; what is later is not known to anybody yet."""
    return utc(seconds_of(now) // SYNC_EVERY_S * SYNC_EVERY_S)


@lru_cache(maxsize=1024)
def weighings(traits: Traits, day: date) -> tuple[Weighing, ...]:
    """Tell the weighings of a date: one on most mornings, whether the watch is worn or not."""
    dice = traits.dice(day, "weighing")
    if day < traits.member_since or dice.random() > WEIGHED_DAYS_IN_TEN:
        return ()
    at = at_clock(day, 7 * 60 + 46 + dice.randint(0, 13 * 60) / 60, traits.tz)
    weight = round(traits.weight_kg + 1.2 * math.sin(day.toordinal() / 40.0) + dice.uniform(-0.4, 0.4), 1)
    fat = round(dice.uniform(17.5, 19.0), 1) if dice.random() < 2 / 3 else None
    return (Weighing(at=at, weight_kg=weight, bmi=round(weight / traits.height_m**2, 2), fat_percent=fat),)


def devices(traits: Traits, now: datetime) -> tuple[Device, ...]:
    """Tell the devices as they are at an instant: the phone comes first, as it does in the field."""
    watch_sync = last_sync(now)
    phone = Device(kind="phone", name="MobileTrack", last_sync=utc(seconds_of(now)), battery_percent=0)
    watch = Device(kind="watch", name=traits.device, last_sync=watch_sync, battery_percent=_battery(traits, watch_sync))
    weighed = _last_weighing(traits, now)
    scale = _scale(traits, weighed) if weighed else None
    return (phone, watch, scale) if scale else (phone, watch)


def _scale(traits: Traits, weighed: Weighing) -> Device:
    """Let the scale's batteries last for years: a reading belongs to the date of the weighing."""
    percent = 100 - (weighed.at.date() - traits.member_since).days // 60 % 90
    return Device(kind="scale", name=traits.scale, last_sync=weighed.at, battery_percent=percent)


def _battery(traits: Traits, at: datetime) -> int:
    """Let the charge fall from one morning's charging to the next."""
    day = civil_date(seconds_of(at), traits.tz)
    charged = at_clock(day, CHARGED_AT_MINUTE, traits.tz)
    if charged > at:
        charged = at_clock(day - timedelta(days=1), CHARGED_AT_MINUTE, traits.tz)
    return 100 - round((at - charged).total_seconds() / 3600 * PERCENT_PER_HOUR)


def _last_weighing(traits: Traits, now: datetime) -> Weighing | None:
    today = civil_date(seconds_of(now), traits.tz)
    for age in range(SCALE_REMEMBERS_DAYS):
        for weighing in reversed(weighings(traits, today - timedelta(days=age))):
            if weighing.at <= now:
                return weighing
    return None
