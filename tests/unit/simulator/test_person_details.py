"""What is known of the synthetic person beyond what the first vendor tells: phone, zones, nights, sums of sleep."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from cromwelld.simulator.person import Person, Sleep, Stage
from cromwelld.simulator.person.asleep import minutes_awake, minutes_by_level, minutes_in_bed
from cromwelld.simulator.person.details import oxygen, variability
from cromwelld.simulator.person.zones import minute_zones, personal_floors, zone_of

PERSON = Person()
PLAIN, UNWORN = date(2025, 10, 8), date(2025, 9, 6)
AUTUMN = [date(2025, 9, 1) + timedelta(days=number) for number in range(90)]
BED = datetime(2025, 10, 7, 22, 0, tzinfo=UTC)


def stage(after_min: float, level: str, seconds: int) -> Stage:
    return Stage(start=BED + timedelta(minutes=after_min), level=level, seconds=seconds)


NIGHT = Sleep(
    start=BED,
    end=BED + timedelta(minutes=100),
    kind="stages",
    main=True,
    stages=(
        stage(0, "wake", 600),
        stage(10, "light", 1800),
        stage(40, "deep", 1830),
        stage(70.5, "rem", 1770),
    ),
    short_wakes=(stage(45, "wake", 120), stage(80, "wake", 90)),
)
NAP = Sleep(
    start=BED,
    end=BED + timedelta(minutes=30),
    kind="classic",
    main=False,
    stages=(stage(0, "awake", 120), stage(2, "asleep", 1500), stage(27, "restless", 180)),
)


def test_short_wakes_are_taken_from_what_they_lie_upon() -> None:
    # deep 30:30 - 2:00 = 28:30, rem 29:30 - 1:30 = 28:00; wake gets the rest of 100 minutes: 100 - 30 - 28 - 28 = 14
    assert minutes_by_level(NIGHT) == {"deep": 28, "light": 30, "rem": 28, "wake": 14}
    assert minutes_awake(NIGHT) == 14
    assert minutes_in_bed(NIGHT) == 100


def test_restlessness_is_no_sleep() -> None:
    assert minutes_by_level(NAP) == {"asleep": 25, "restless": 3, "awake": 2}
    assert minutes_awake(NAP) == 5


def test_the_sum_of_a_nights_levels_is_the_time_in_bed() -> None:
    for day in AUTUMN:
        for sleep in PERSON.sleeps(day):
            assert sum(minutes_by_level(sleep).values()) == minutes_in_bed(sleep)


@pytest.mark.parametrize(("bpm", "zone"), [(60.0, 0), (105.9, 0), (106, 1), (130, 2), (161.9, 2), (162, 3), (200, 3)])
def test_a_zone_begins_at_its_floor(bpm: float, zone: int) -> None:
    assert zone_of(bpm, (106, 130, 162)) == zone


def test_the_persons_zones_follow_from_resting_rate_and_age() -> None:
    vitals = PERSON.vitals(PLAIN)
    assert vitals is not None
    assert vitals.resting_bpm == 57
    # 180 - 57 = 123 in reserve: 57 + 49.2, 57 + 73.8, 57 + 104.55
    assert personal_floors(PERSON, PLAIN) == (106, 131, 162)


def test_a_minute_without_the_watch_is_in_no_zone() -> None:
    charging = PERSON.diary(PLAIN).charging
    assert charging is not None
    zones = minute_zones(PERSON, PLAIN, (110, 136, 169))
    off = [zones[minute] for minute in PERSON.civil(PLAIN).minutes_inside(charging)]
    assert off
    assert set(off) == {None}
    assert set(minute_zones(PERSON, UNWORN, (110, 136, 169))) == {None}


def test_the_phone_counts_alone_while_the_watch_lies_about() -> None:
    counted = PERSON.phone_steps(UNWORN)
    assert not any(PERSON.movement(UNWORN).steps)
    assert len(counted) > 5
    assert all(each.steps > 0 and each.end - each.start >= 120 for each in counted)
    assert all(earlier.end <= later.start for earlier, later in pairwise(counted))


def test_the_phone_counts_some_of_the_watchs_minutes_and_fewer_steps() -> None:
    moved = PERSON.movement(PLAIN)
    minutes = [each for each in PERSON.phone_steps(PLAIN) if each.end - each.start == 60]
    assert 20 < len(minutes) < sum(count > 0 for count in moved.steps)
    for each in minutes:
        assert 1 <= each.steps <= moved.steps[(each.start - moved.first) // 60]


def test_nobody_has_a_phone_before_the_account_began() -> None:
    assert PERSON.phone_steps(PERSON.member_since - timedelta(days=1)) == ()


@pytest.mark.parametrize("day", AUTUMN)
def test_the_skin_is_as_far_from_its_baseline_as_the_vitals_say(day: date) -> None:
    vitals, details = PERSON.vitals(day), PERSON.night_details(day)
    assert (vitals is None) == (details is None)
    if vitals and details:
        assert details.baseline_c is not None
        assert round(details.temperature_c - details.baseline_c, 1) == vitals.skin_relative_c
        assert vitals.oxygen_min < details.oxygen_lower < vitals.oxygen_avg < details.oxygen_upper < vitals.oxygen_max


def test_the_first_nights_have_no_baseline() -> None:
    young = Person(member_since=date(2025, 9, 1))
    found = [young.night_details(day) for day in AUTUMN[:6]]
    assert [each.baseline_c is None for each in found if each] == [True, True, True, True, True]
    later = young.night_details(AUTUMN[7])
    assert later is not None
    assert later.baseline_c is not None


def test_now_and_then_breathing_could_not_be_worked_out() -> None:
    nights = [details for details in map(PERSON.night_details, AUTUMN) if details]
    stages = [(each.breaths_deep, each.breaths_light, each.breaths_rem) for each in nights]
    assert 1 <= sum(None in each for each in stages) <= len(stages) // 4


def test_the_grid_of_a_night_lies_inside_it() -> None:
    main = PERSON.sleeps(PLAIN)[0]
    start, end = main.start.timestamp(), main.end.timestamp()
    by_five, by_one = dict(variability(PERSON, PLAIN)), dict(oxygen(PERSON, PLAIN))
    assert {at % 300 for at in by_five} == {0}
    assert {at % 60 for at in by_one} == {38}
    assert start < min(by_five) <= start + 300
    assert end - 300 <= max(by_five) < end
    assert len(by_one) >= (end - start) // 60 - 1
    assert max(by_one.values()) <= 100.0


def test_a_night_without_the_watch_has_no_grid() -> None:
    assert list(variability(PERSON, UNWORN)) == list(oxygen(PERSON, UNWORN)) == []
