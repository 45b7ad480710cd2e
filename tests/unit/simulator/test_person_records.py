"""The minutes, stretches and heartbeats of the synthetic person as the second vendor knows them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from cromwelld.simulator.google_health.person_records import TELLINGS, PersonRecords
from cromwelld.simulator.google_health.points import Point
from cromwelld.simulator.person import Person

PERSON = Person()
LATER = datetime(2025, 12, 20, 12, tzinfo=UTC)
RECORDS = PersonRecords(PERSON, LATER)
PLAIN, UNWORN, FALL_BACK, SPRING_FORWARD = (
    date(2025, 10, 8),
    date(2025, 9, 6),
    date(2025, 10, 26),
    date(2025, 3, 30),
)
WITH_INDOOR = date(2025, 9, 24)
AUTUMN = [date(2025, 9, 1) + timedelta(days=number) for number in range(60)]
BY_MINUTE = ("distance", "floors", "total-calories", "calories-in-heart-rate-zone")


def points(path: str, day: date) -> list[Point]:
    """Give the points of a type that begin on a date, oldest first."""
    found = [each for each in RECORDS.points(path, day, day) if (each.day or each.civil_start.date()) == day]
    return sorted(found, key=lambda each: (each.start, not each.wearable))


def total(path: str, key: str, day: date) -> float:
    return sum(float(each.payload.get(key, 0)) for each in points(path, day) if each.wearable)


def charging_minutes(day: date) -> int:
    charging = PERSON.diary(day).charging
    return charging.minutes if charging else 0


def minutes_of(day: date, path: str, key: str) -> Counter[str]:
    """Count the minutes of a date by label, whatever date their stretches began on."""
    civil, counted = PERSON.civil(day), Counter[str]()
    for each in RECORDS.points(path, day, day):
        counted[each.payload[key]] += max(0, min(each.end, civil.end) - max(each.start, civil.start)) // 60
    return counted


# minutes


@pytest.mark.parametrize("day", [*AUTUMN[:10], PLAIN, FALL_BACK, SPRING_FORWARD])
def test_minutes_add_up_to_the_totals_of_the_truth(day: date) -> None:
    truth = PERSON.totals(day)
    assert total("steps", "count", day) == truth.steps
    assert total("distance", "millimeters", day) == truth.steps * 750
    assert total("floors", "count", day) == truth.floors


@pytest.mark.parametrize(("day", "minutes"), [(PLAIN, 1440), (FALL_BACK, 1500), (SPRING_FORWARD, 1380)])
def test_every_worn_minute_is_there_and_no_other(day: date, minutes: int) -> None:
    for path in ("steps", *BY_MINUTE):
        told = [each for each in points(path, day) if each.wearable]
        assert len(told) == minutes - charging_minutes(day)
        assert {each.end - each.start for each in told} == {60}


def test_a_minute_without_steps_is_a_true_zero() -> None:
    told = [each for each in points("steps", PLAIN) if each.wearable]
    still = [each for each in told if not each.payload]
    assert len(still) + sum(count > 0 for count in PERSON.movement(PLAIN).steps) == len(told)
    assert all(each.payload["count"].isdecimal() and each.payload["count"] != "0" for each in told if each.payload)


def test_the_doubled_hour_is_told_twice_with_two_offsets() -> None:
    told = [each for each in points("steps", FALL_BACK) if each.wearable]
    doubled = [each for each in told if each.civil_start.hour == 1]
    assert [each.offset_s for each in doubled] == [3600] * 60 + [0] * 60
    assert [each.civil_start for each in doubled[:60]] == [each.civil_start for each in doubled[60:]]
    assert (doubled[59].offset_s, doubled[59].end_offset_s) == (3600, 0)


def test_energy_of_moving_is_what_lies_above_rest() -> None:
    told = points("active-energy-burned", PLAIN)
    moved = PERSON.movement(PLAIN)
    # sitting burns 1.2 and strolling 2.2 times what resting does, 1.15 kcal a minute
    assert {each.payload["kcal"] for each in told} <= {0.23, 1.38, 2.875, 4.37}
    assert len(told) == moved.asleep.count(False) - charging_minutes(PLAIN)


def test_a_day_without_the_watch_has_steps_of_the_phone_only() -> None:
    for path in TELLINGS:
        if path not in {"steps", "weight", "body-fat"}:
            assert points(path, UNWORN) == [], path
    told = points("steps", UNWORN)
    assert told
    assert not any(each.wearable for each in told)
    assert all(each.end - each.start > 60 for each in told)
    assert {each.source["device"]["formFactor"] for each in told} == {"PHONE"}


def test_the_phone_overlaps_the_watch() -> None:
    told = points("steps", PLAIN)
    watched = {each.start for each in told if each.wearable}
    phoned = {each.start for each in told if not each.wearable and each.end - each.start == 60}
    assert len(phoned) > 20
    assert phoned <= watched


# stretches


@pytest.mark.parametrize("day", [*AUTUMN[:8], FALL_BACK])
def test_levels_add_up_to_the_minutes_of_the_truth(day: date) -> None:
    truth, counted = PERSON.totals(day), minutes_of(day, "activity-level", "activityLevelType")
    worn = PERSON.worn(day)
    assert counted["LIGHTLY_ACTIVE"] == truth.minutes_lightly_active
    assert counted["MODERATELY_ACTIVE"] == truth.minutes_fairly_active
    assert counted["VERY_ACTIVE"] == truth.minutes_very_active
    assert counted["SEDENTARY"] == (truth.minutes_sedentary - charging_minutes(day) if worn else 0)


def test_sitting_is_told_twice_alike() -> None:
    levels = [each for each in points("activity-level", PLAIN) if each.payload["activityLevelType"] == "SEDENTARY"]
    sitting = points("sedentary-period", PLAIN)
    assert [(each.start, each.end) for each in sitting] == [(each.start, each.end) for each in levels]
    assert {len(each.payload) for each in sitting} == {0}


@pytest.mark.parametrize("path", ["activity-level", "sedentary-period", "time-in-heart-rate-zone"])
def test_stretches_follow_each_other(path: str) -> None:
    told = RECORDS.points(path, AUTUMN[0], AUTUMN[20])
    assert len({each.start for each in told}) == len(told)
    assert all(earlier.end <= later.start for earlier, later in pairwise(told))


def test_a_stretch_past_midnight_is_whole_and_told_for_both_dates() -> None:
    evening, morning = date(2025, 9, 2), date(2025, 9, 3)
    across = [each for each in points("activity-level", evening) if each.civil_end.date() == morning]
    assert len(across) == 1
    assert across[0] in RECORDS.points("activity-level", morning, morning)
    assert across[0] not in points("activity-level", morning)
    midnight = PERSON.civil(evening).end
    assert across[0].start < midnight < across[0].end


def test_the_zones_hold_every_minute_with_a_sample() -> None:
    means = [mean for mean in PERSON.minute_means(PLAIN) if mean is not None]
    counted = minutes_of(PLAIN, "time-in-heart-rate-zone", "heartRateZoneType")
    # resting at 57: moderate from 106, vigorous from 131, peak from 162
    assert counted["LIGHT"] == sum(mean < 106 for mean in means)
    assert counted["MODERATE"] == sum(106 <= mean < 131 for mean in means)
    assert counted["VIGOROUS"] == sum(131 <= mean < 162 for mean in means)
    assert counted["PEAK"] == sum(mean >= 162 for mean in means)
    assert counted["MODERATE"] > 20
    kcal = sum(each.payload["kcal"] for each in points("calories-in-heart-rate-zone", PLAIN))
    assert kcal == pytest.approx(total("total-calories", "kcal", PLAIN))


# heart


@pytest.mark.parametrize("day", [PLAIN, FALL_BACK])
def test_every_sample_of_the_heart_is_told_at_its_second(day: date) -> None:
    truth, told = PERSON.heart_rate(day), points("heart-rate", day)
    assert tuple(each.start for each in told) == tuple(each.end for each in told) == truth.instants
    assert tuple(int(each.payload["beatsPerMinute"]) for each in told) == truth.bpm


def test_active_minutes_go_by_fixed_limits_and_count_double_above() -> None:
    means = [mean for mean in PERSON.minute_means(WITH_INDOOR) if mean is not None]
    told = points("active-zone-minutes", WITH_INDOOR)
    worth = Counter(dict.fromkeys(("FAT_BURN", "CARDIO", "PEAK"), 0))
    for each in told:
        worth[each.payload["heartRateZone"]] += int(each.payload["activeZoneMinutes"])
    assert worth["FAT_BURN"] == sum(110 <= mean < 136 for mean in means)
    assert worth["CARDIO"] == 2 * sum(136 <= mean < 169 for mean in means)
    assert worth["CARDIO"] > 0


def test_the_limits_of_the_zones_leave_no_gap() -> None:
    (told,) = points("daily-heart-rate-zones", PLAIN)
    limits = [
        (each["heartRateZoneType"], each["minBeatsPerMinute"], each["maxBeatsPerMinute"])
        for each in told.payload["heartRateZones"]
    ]
    assert limits == [
        ("LIGHT", "30", "105"),
        ("MODERATE", "106", "130"),
        ("VIGOROUS", "131", "161"),
        ("PEAK", "162", "220"),
    ]
