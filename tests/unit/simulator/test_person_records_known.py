"""What the second vendor knows of the synthetic person at which moment, and of the account."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from cromwelld.simulator.google_health.person_records import TELLINGS, PersonRecords, records_of
from cromwelld.simulator.google_health.points import Point
from cromwelld.simulator.person import Person

PERSON = Person()
LATER = datetime(2025, 12, 20, 12, tzinfo=UTC)
RECORDS = PersonRecords(PERSON, LATER)
PLAIN = date(2025, 10, 8)
NOONISH = datetime(2025, 10, 8, 10, 7, 30, tzinfo=UTC)
DAILY = [path for path in TELLINGS if path.startswith("daily-")]


def points(path: str, day: date, records: PersonRecords = RECORDS) -> list[Point]:
    """Give the points of a type that begin on a date, oldest first."""
    found = [each for each in records.points(path, day, day) if (each.day or each.civil_start.date()) == day]
    return sorted(found, key=lambda each: (each.start, not each.wearable))


def charging_minutes(day: date) -> int:
    charging = PERSON.diary(day).charging
    return charging.minutes if charging else 0


def at(moment: datetime) -> PersonRecords:
    return PersonRecords(PERSON, moment)


@pytest.mark.parametrize("path", TELLINGS)
def test_what_has_not_been_synced_is_not_known(path: str) -> None:
    told = at(NOONISH).points(path, date(2025, 10, 6), date(2025, 10, 12))
    synced, now = datetime(2025, 10, 8, 10, 0, tzinfo=UTC).timestamp(), NOONISH.timestamp()
    assert all(each.end <= (synced if each.wearable else now) for each in told)
    assert all(each.day <= date(2025, 10, 8) for each in told if each.day)


def test_a_day_grows_and_keeps_what_it_had() -> None:
    early, late = (
        [each for each in points("steps", PLAIN, records) if each.wearable] for records in (at(NOONISH), RECORDS)
    )
    assert len(early) == 660 - charging_minutes(PLAIN)  # eleven hours since midnight on the clock
    assert late[: len(early)] == early


def test_a_nights_values_are_there_at_noon_and_the_days_when_it_is_over() -> None:
    noon, evening, next_day = (
        {path for path in DAILY if points(path, PLAIN, at(moment))}
        for moment in (NOONISH, datetime(2025, 10, 8, 22, 50, tzinfo=UTC), datetime(2025, 10, 8, 23, 0, tzinfo=UTC))
    )
    after_the_day = {"daily-resting-heart-rate", "daily-heart-rate-zones", "daily-vo2-max"}
    assert noon == evening == set(DAILY) - after_the_day
    assert next_day == set(DAILY)
    before_rising = at(datetime(2025, 10, 8, 3, 0, tzinfo=UTC))
    assert not any(points(path, PLAIN, before_rising) for path in DAILY)


def test_nothing_is_known_before_the_account_began() -> None:
    before = PERSON.member_since - timedelta(days=1)
    assert not any(RECORDS.points(path, before - timedelta(days=30), before) for path in TELLINGS)
    assert RECORDS.span() == (date(2019, 1, 6), date(2025, 12, 20))


def test_types_that_nobody_measured_and_dates_in_reverse_have_no_points() -> None:
    assert not RECORDS.points("blood-glucose", PLAIN, PLAIN)
    assert not RECORDS.points("steps", PLAIN, PLAIN - timedelta(days=1))


@pytest.mark.parametrize("path", TELLINGS)
def test_old_dates_are_told_alike_at_any_moment(path: str) -> None:
    assert points(path, PLAIN, at(datetime(2025, 10, 15, tzinfo=UTC))) == points(path, PLAIN)


def test_each_call_sees_the_moment_of_the_clock() -> None:
    moments = iter([NOONISH, LATER])
    records = records_of(PERSON, lambda: next(moments))
    early, late = records(), records()
    assert [each.span()[1] for each in (early, late)] == [PLAIN, date(2025, 12, 20)]


# the account


def test_the_offset_of_the_settings_is_that_of_now() -> None:
    assert at(NOONISH).settings()["utcOffset"] == "3600s"
    assert RECORDS.settings()["utcOffset"] == "0s"
    assert RECORDS.settings()["timeZone"] == "Europe/London"


def test_watch_and_scale_are_paired_and_the_phone_is_not() -> None:
    watch, scale = at(NOONISH).paired_devices()
    assert [(each["deviceType"], each["deviceVersion"]) for each in (watch, scale)] == [
        ("TRACKER", "PixelWatch3"),
        ("SCALE", "Aria Air"),
    ]
    assert watch["lastSyncTime"] == "2025-10-08T10:00:00Z"
    truth = next(each for each in PERSON.devices(NOONISH) if each.kind == "watch")
    assert watch["batteryLevel"] == truth.battery_percent


def test_the_profile_has_neither_name_nor_zone() -> None:
    profile: dict[str, Any] = dict(RECORDS.profile())
    assert profile["membershipStartDate"] == {"year": 2019, "month": 1, "day": 6}
    assert set(RECORDS.identity()) == {"name", "legacyUserId", "healthUserId"}
    assert "timeZone" not in profile
