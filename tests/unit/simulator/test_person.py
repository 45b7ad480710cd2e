"""The synthetic person's truth."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from cromwelld.errors import UsageError
from cromwelld.simulator.person import Person
from cromwelld.simulator.person.civil import civil_date

PERSON = Person()
LONDON = ZoneInfo("Europe/London")
FALL_BACK, SPRING_FORWARD, PLAIN = date(2025, 10, 26), date(2025, 3, 30), date(2025, 10, 8)
SHOWN = [date(2025, 10, 6) + timedelta(days=number) for number in range(5)]
AUTUMN = [date(2025, 9, 1) + timedelta(days=number) for number in range(90)]

DIGEST = """
import hashlib
from datetime import date
from cromwelld.simulator.person import Person
p, d = Person(seed={seed}), date(2025, 10, 8)
parts = (p.heart_rate(d), p.movement(d), p.sleeps(d), p.vitals(d), p.activities(d), p.weighings(d))
print(hashlib.sha256(repr(parts).encode()).hexdigest())
"""


def digest_elsewhere(seed: int, hash_seed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", DIGEST.format(seed=seed)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout.strip()


def test_a_day_is_the_same_in_every_process() -> None:
    parts = (
        PERSON.heart_rate(PLAIN),
        PERSON.movement(PLAIN),
        PERSON.sleeps(PLAIN),
        PERSON.vitals(PLAIN),
        PERSON.activities(PLAIN),
        PERSON.weighings(PLAIN),
    )
    here = hashlib.sha256(repr(parts).encode()).hexdigest()
    assert digest_elsewhere(7, "1") == digest_elsewhere(7, "2") == here
    assert digest_elsewhere(8, "1") != here


def test_a_day_does_not_depend_on_what_was_asked_before() -> None:
    asked_first = Person(seed=11).heart_rate(PLAIN)
    other = Person(seed=11, device="Other")
    other.heart_rate(PLAIN + timedelta(days=1))
    assert other.heart_rate(PLAIN) == asked_first


@pytest.mark.parametrize(("day", "minutes"), [(PLAIN, 1440), (FALL_BACK, 1500), (SPRING_FORWARD, 1380)])
def test_every_real_minute_of_a_civil_date_is_there(day: date, minutes: int) -> None:
    assert len(PERSON.movement(day).steps) == minutes


@pytest.mark.parametrize("day", [*SHOWN, FALL_BACK, SPRING_FORWARD])
def test_samples_lie_inside_their_civil_date_and_rise(day: date) -> None:
    instants = PERSON.heart_rate(day).instants
    assert {civil_date(at, LONDON) for at in (instants[0], instants[-1])} == {day}
    gaps = {later - earlier for earlier, later in pairwise(instants)}
    assert min(gaps) >= 1
    assert sorted(gaps)[:2] == [1, 2] or min(gaps) == 5


def test_the_doubled_hour_is_sampled_twice() -> None:
    second_pass = [at for at in PERSON.heart_rate(FALL_BACK).instants if datetime.fromtimestamp(at, LONDON).fold == 1]
    assert second_pass[0] >= datetime(2025, 10, 26, 1, 0, tzinfo=UTC).timestamp()
    assert second_pass[-1] < datetime(2025, 10, 26, 2, 0, tzinfo=UTC).timestamp()
    assert 240 <= len(second_pass) <= 720


ODD_CLOCKS = [
    ("America/Santiago", date(2025, 9, 7), 1380),  # midnight does not exist
    ("America/Santiago", date(2025, 4, 5), 1500),  # the last hour comes twice
    ("America/Havana", date(2025, 11, 2), 1500),  # midnight comes twice
    ("Australia/Lord_Howe", date(2025, 4, 6), 1470),  # half an hour comes twice
    ("Asia/Kathmandu", PLAIN, 1440),
]


@pytest.mark.parametrize(("zone", "day", "minutes"), ODD_CLOCKS)
def test_a_date_is_whole_wherever_the_clock_changes(zone: str, day: date, minutes: int) -> None:
    person = Person(zone=zone, seed=1)
    assert person.worn(day)
    assert len(person.movement(day).steps) == minutes
    instants = person.heart_rate(day).instants
    assert {civil_date(at, ZoneInfo(zone)) for at in instants} == {day}
    assert [sleep.end.astimezone(ZoneInfo(zone)).date() for sleep in person.sleeps(day)][:1] == [day]


def test_the_heart_is_low_in_sleep_and_high_in_exercise() -> None:
    means = PERSON.minute_means(date(2025, 10, 9))
    (activity,) = (each for each in PERSON.activities(date(2025, 10, 9)) if each.kind == "indoor")
    asleep = [mean for mean in means[120:240] if mean is not None]
    assert 40 < sum(asleep) / len(asleep) < 62
    assert activity.average_bpm is not None
    assert 120 < activity.average_bpm < 160


@pytest.mark.parametrize("day", AUTUMN)
def test_a_night_belongs_to_the_date_on_which_it_ends(day: date) -> None:
    for sleep in PERSON.sleeps(day):
        assert sleep.end.astimezone(LONDON).date() == day
        assert sleep.start.tzinfo is UTC
        assert sum(stage.seconds for stage in sleep.stages) == (sleep.end - sleep.start).total_seconds()
        assert [stage.end for stage in sleep.stages[:-1]] == [stage.start for stage in sleep.stages[1:]]


def test_stages_lie_on_their_grain_and_short_wakes_on_long_stages() -> None:
    (night, nap) = PERSON.sleeps(date(2025, 10, 7))
    assert night.main
    assert night.start.astimezone(LONDON).date() == date(2025, 10, 6)
    assert {stage.level for stage in night.stages} == {"deep", "light", "rem", "wake"}
    assert all(stage.seconds % 30 == 0 for stage in night.stages)
    assert night.short_wakes
    for wake in night.short_wakes:
        (under,) = (stage for stage in night.stages if stage.start <= wake.start < stage.end)
        assert wake.seconds <= 180
        assert wake.end <= under.end
        assert under.level != "wake"
    assert not nap.main
    assert {stage.level for stage in nap.stages} <= {"asleep", "restless", "awake"}
    assert all(stage.seconds % 60 == 0 for stage in nap.stages)


def test_nights_do_not_overlap_what_is_done_awake() -> None:
    for day in AUTUMN:
        spans = [(sleep.start, sleep.end) for sleep in PERSON.sleeps(day) + PERSON.sleeps(day + timedelta(days=1))]
        spans += [(each.start, each.end) for each in PERSON.activities(day)]
        spans.sort()
        assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans)), day


@pytest.mark.parametrize("day", [*SHOWN, FALL_BACK, SPRING_FORWARD])
def test_totals_are_the_sum_of_the_minutes(day: date) -> None:
    moved, totals = PERSON.movement(day), PERSON.totals(day)
    assert totals.steps == sum(moved.steps)
    assert totals.distance_km == pytest.approx(sum(moved.steps) * 0.00075)
    assert totals.calories_kcal == pytest.approx(sum(moved.calories_kcal))
    by_level = (
        totals.minutes_sedentary
        + totals.minutes_lightly_active
        + totals.minutes_fairly_active
        + totals.minutes_very_active
    )
    assert by_level + sum(moved.asleep) == len(moved.steps)


def test_a_walk_agrees_with_its_minutes() -> None:
    (walk,) = (each for each in PERSON.activities(date(2025, 10, 6)) if each.kind == "walk")
    assert walk.route is not None
    assert walk.steps is not None
    assert len(walk.route.instants) == walk.seconds
    assert 30 * 60 <= walk.seconds <= 45 * 60
    assert walk.route.instants[0] == walk.start.timestamp()
    assert list(walk.route.distance_m) == sorted(walk.route.distance_m)
    assert walk.steps * 0.75 == pytest.approx(walk.route.distance_m[-1], rel=0.06)
    assert all(abs(latitude - 56.0) < 0.05 for latitude in walk.route.latitude)


def test_a_day_without_the_watch_is_empty_but_real() -> None:
    unworn = [day for day in AUTUMN if not PERSON.worn(day)]
    assert 2 <= len(unworn) <= 12
    for day in unworn:
        assert PERSON.heart_rate(day).instants == ()
        assert PERSON.sleeps(day) == ()
        assert PERSON.vitals(day) is None
        assert PERSON.activities(day) == ()
        assert PERSON.totals(day).steps == 0
        assert len(PERSON.movement(day).steps) in (1440, 1500)


def test_a_night_after_a_day_without_the_watch_begins_after_midnight() -> None:
    for day in AUTUMN:
        if not PERSON.worn(day) and PERSON.worn(day + timedelta(days=1)):
            (night, *_) = PERSON.sleeps(day + timedelta(days=1))
            assert night.start.timestamp() >= PERSON.civil(day).end


def test_the_days_that_are_shown_have_one_of_everything() -> None:
    assert all(PERSON.worn(day) for day in SHOWN)
    kinds = [each.kind for day in SHOWN for each in PERSON.activities(day)]
    assert set(kinds) == {"walk", "indoor", "manual"}
    assert any(not sleep.main for day in SHOWN for sleep in PERSON.sleeps(day))
    assert all(PERSON.vitals(day) for day in SHOWN)
    assert any(PERSON.weighings(day) for day in SHOWN)


def test_nothing_is_known_before_the_account_began() -> None:
    before = date(2019, 1, 5)
    assert not PERSON.worn(before)
    assert PERSON.weighings(before) == ()


def test_the_scale_knows_only_weighings_that_have_been() -> None:
    now = datetime(2025, 10, 8, 9, 7, 31, tzinfo=UTC)
    phone, watch, scale = PERSON.devices(now)
    assert (phone.name, phone.battery_percent) == ("MobileTrack", 0)
    assert watch.last_sync == datetime(2025, 10, 8, 9, 0, tzinfo=UTC)
    assert watch.battery_percent is not None
    assert 5 <= watch.battery_percent <= 100
    assert scale.last_sync == PERSON.weighings(date(2025, 10, 8))[0].at
    assert scale.battery_percent == 59  # a percent in 60 days, 41 of them since 2019


def test_an_edited_night_fills_the_time_it_is_given() -> None:
    start, end = datetime(2025, 10, 8, 23, 5, tzinfo=UTC), datetime(2025, 10, 9, 5, 50, tzinfo=UTC)
    night = PERSON.night(start, end, main=False)
    assert (night.start, night.end, night.main) == (start, end, False)
    assert night.stages[-1].end == end


def test_a_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="'Europe/Atlantis' is no time zone"):
        Person(zone="Europe/Atlantis")


def test_a_bench_can_ask_for_many_samples() -> None:
    assert len(Person(gap_s=(2, 4)).heart_rate(PLAIN).bpm) > 25_000


IMPORTED = """
import sys
import cromwelld.simulator.fitbit_web, cromwelld.simulator.replay, cromwelld.simulator.serve
print(*sorted(name for name in sys.modules if name.split(".")[0] in ("cromwelld", "pyarrow", "pandas")))
"""


def test_the_simulator_imports_nothing_of_the_house_but_its_errors() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=True,
        text=True,
    )
    others = {name for name in done.stdout.split() if not name.startswith("cromwelld.simulator")}
    assert others == {"cromwelld", "cromwelld.errors", "cromwelld.redaction"}
