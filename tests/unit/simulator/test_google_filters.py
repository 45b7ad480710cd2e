"""The filters of the simulated Google Health API: what is understood, what is refused and for which reason."""

from __future__ import annotations

import datetime as dt

import pytest

from cromwelld.simulator.google_health.datatypes import BY_PATH
from cromwelld.simulator.google_health.filters import parse
from cromwelld.simulator.google_health.points import Point
from cromwelld.simulator.google_health.refusals import Refusal
from tests.support.google_points import daily, interval, sample, utc

SPAN = (dt.date(2026, 3, 1), dt.date(2026, 3, 31))
STEPS = "steps.interval.civil_start_time"
PHYSICAL = "heart_rate.sample_time.physical_time"
PREFIX = "INVALID_DATA_POINT_FILTER"


def kept(kind: str, text: str, *points: Point) -> list[bool]:
    wanted = parse(text, BY_PATH[kind])
    return [wanted.keeps(point) for point in points]


def reason(kind: str, text: str, **options: frozenset[str]) -> str:
    with pytest.raises(Refusal) as refused:
        parse(text, BY_PATH[kind], **options)
    assert refused.value.status == 400
    return str(refused.value.details[0]["reason"])


def test_no_filter_keeps_everything() -> None:
    assert kept("steps", "", interval("10 12:00", "10 12:01")) == [True]
    assert parse(None, BY_PATH["steps"]).days(SPAN) == SPAN


def test_physical_bounds_compare_instants_and_are_closed_open() -> None:
    text = f'{PHYSICAL} >= "2026-03-09T23:00:00Z" AND {PHYSICAL} < "2026-03-10T23:00:00+00:00"'
    points = [sample(at) for at in ("9 22:59:59", "9 23:00", "10 22:59:59", "10 23:00")]
    assert kept("heart-rate", text, *points) == [False, True, True, False]


def test_physical_bounds_may_have_offsets_and_fractions() -> None:
    text = f'{PHYSICAL} >= "2026-03-10T01:00:00.5+01:00"'
    assert kept("heart-rate", text, sample("10 00:00:00"), sample("10 00:00:01")) == [False, True]


def test_civil_bounds_compare_the_clock_of_the_point() -> None:
    text = f'{STEPS} >= "2026-03-10" AND {STEPS} < "2026-03-11"'
    here = [interval(at, at) for at in ("9 22:59", "9 23:00", "10 22:59", "10 23:00")]
    assert kept("steps", text, *here) == [False, True, True, False]
    tokyo = Point(start=utc("9 15:00"), end=utc("9 15:01"), offset_s=9 * 3600)
    assert kept("steps", text, tokyo) == [True]


def test_civil_bounds_may_have_a_clock_time() -> None:
    text = f'{STEPS} >= "2026-03-10T13:30:00"'
    assert kept("steps", text, interval("10 12:29", "10 12:30"), interval("10 12:30", "10 12:31")) == [False, True]


def test_daily_bounds_compare_dates() -> None:
    text = 'daily_vo2_max.date >= "2026-03-10" AND daily_vo2_max.date < "2026-03-12"'
    assert kept("daily-vo2-max", text, *map(daily, (9, 10, 11, 12))) == [False, True, True, False]


def test_sleep_goes_by_its_end_on_the_clock_of_its_end() -> None:
    night = Point(start=utc("9 22:00"), end=utc("10 05:30"), offset_s=3600, end_offset_s=-6 * 3600)
    text = 'sleep.interval.civil_end_time >= "2026-03-{0}" AND sleep.interval.civil_end_time < "2026-03-{1}"'
    assert kept("sleep", text.format("09", 10), night) == [True]
    assert kept("sleep", text.format(10, 11), night) == [False]
    assert kept("sleep", 'sleep.interval.end_time < "2026-03-10T05:30:01Z"', night) == [True]


def test_a_sleep_that_goes_on_has_no_end_to_compare() -> None:
    asleep = Point(start=utc("10 22:00"), end=0)
    assert kept("sleep", 'sleep.interval.end_time < "2027-01-01T00:00:00Z"', asleep) == [False]
    assert kept("sleep", 'sleep.interval.civil_end_time >= "2026-01-01"', asleep) == [False]


def test_or_binds_more_closely_than_and_in_sleep() -> None:
    end = "sleep.interval.civil_end_time"
    text = f'{end} >= "2026-03-10" AND {end} < "2026-03-11" OR {end} >= "2026-03-20"'
    nights = [interval(f"{day} 01:00", f"{day} 02:00") for day in (9, 10, 15, 21)]
    assert kept("sleep", text, *nights) == [False, True, False, True]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("heart-rate", 'heart-rate.sample_time.physical_time >= "2026-03-10T00:00:00Z"', ""),
        ("heart-rate", 'heartRate.sample_time.physical_time >= "2026-03-10T00:00:00Z"', ""),
        ("steps", f"{STEPS} >= '2026-03-10'", ""),
        ("steps", f"{STEPS} >= 2026-03-10", ""),
        ("steps", f'{STEPS} >= "2026-03-10" and {STEPS} < "2026-03-11"', ""),
        ("steps", f'{STEPS} >= "2026-03-10" {STEPS} < "2026-03-11"', ""),
        ("steps", f'{STEPS} >= "2026-03-10T00:00:00Z"', ""),
        ("steps", f'{STEPS} >= "2026-02-30"', ""),
        ("steps", f'{STEPS} >= "0001-01-01"', ""),
        ("steps", f'({STEPS} >= "2026-03-10")', ""),
        ("steps", f'{STEPS} >= "2026-03-10" AND', ""),
        ("steps", 'steps.interval.start_time >= "2026-03-10T00:00:00"', ""),
        ("daily-vo2-max", 'daily_vo2_max.date >= "2026-03-10T00:00:00"', ""),
        ("daily-vo2-max", 'daily_vo2_max.civil_date >= "2026-03-10"', "_DATA_TYPE_MEMBER"),
        ("daily-vo2-max", 'daily_vo2_max.interval.start_time >= "2026-03-10T00:00:00Z"', "_DATA_TYPE_MEMBER"),
        ("sleep", 'sleep.interval.start_time >= "2026-03-10T00:00:00Z"', "_DATA_TYPE_MEMBER"),
        ("sleep", 'sleep.interval.civil_start_time >= "2026-03-10"', "_DATA_TYPE_MEMBER"),
        ("exercise", 'exercise.interval.start_time >= "2026-03-10T00:00:00Z"', "_DATA_TYPE_MEMBER"),
        ("steps", 'steps.interval.civil_end_time >= "2026-03-10"', "_DATA_TYPE_MEMBER"),
        ("food", 'food.date >= "2026-03-10"', "_DATA_TYPE_MEMBER"),
        ("steps", f'{STEPS} <= "2026-03-10"', "_RESTRICTION_COMPARATOR"),
        ("steps", f'{STEPS} = "2026-03-10"', "_RESTRICTION_COMPARATOR"),
        ("steps", f'{STEPS} > "2026-03-10"', "_RESTRICTION_COMPARATOR"),
        ("electrocardiogram", 'electrocardiogram.interval.start_time < "2026-03-10T00:00:00Z"',
         "_RESTRICTION_COMPARATOR"),
        ("steps", f'{STEPS} >= "2026-03-10" OR {STEPS} < "2026-03-09"', "_EXPRESSION_STRUCTURE"),
        ("steps", f'{STEPS} >= "2026-03-10" AND steps.interval.start_time < "2026-03-12T00:00:00Z"',
         "_MIXED_TIME_RESTRICTIONS"),
        ("steps", 'distance.interval.civil_start_time >= "2026-03-10"', "_COLLECTION_MISMATCH"),
    ],
)  # fmt: skip
def test_what_is_refused(kind: str, text: str, expected: str) -> None:
    assert reason(kind, text) == PREFIX + expected


@pytest.mark.parametrize("end", ["2026-03-10", "2026-03-09"])
def test_an_end_that_is_not_after_the_start_is_refused(end: str) -> None:
    assert reason("steps", f'{STEPS} >= "2026-03-10" AND {STEPS} < "{end}"') == "INVALID_TIME_RANGE"


def test_a_documented_member_can_be_refused() -> None:
    end = "sleep.interval.civil_end_time"
    assert reason("sleep", f'{end} >= "2026-03-10"', refused=frozenset({end})) == f"{PREFIX}_DATA_TYPE_MEMBER"


def test_the_dates_that_a_filter_means() -> None:
    civil = parse(f'{STEPS} >= "2026-03-10" AND {STEPS} < "2026-03-12"', BY_PATH["steps"])
    assert civil.days(SPAN) == (dt.date(2026, 3, 10), dt.date(2026, 3, 11))
    text = f'{PHYSICAL} >= "2026-03-10T00:00:00Z" AND {PHYSICAL} < "2026-03-11T00:00:00Z"'
    # 12 hours behind and 14 hours ahead of UTC it is still, and already, another date
    assert parse(text, BY_PATH["heart-rate"]).days(SPAN) == (dt.date(2026, 3, 9), dt.date(2026, 3, 11))
    outside = parse(f'{STEPS} >= "2026-05-01"', BY_PATH["steps"]).days(SPAN)
    assert outside[0] > outside[1]
