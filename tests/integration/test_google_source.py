"""Whole days of the synthetic person through Google, as an account asks for them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from cromwelld.events import Kind
from cromwelld.pieces import Answer, Outcome
from cromwelld.simulator.google_health import Options, Paging
from cromwelld.simulator.google_health.person_records import PersonRecords
from cromwelld.simulator.person import Person
from cromwelld.sources.client import Retries
from cromwelld.sources.google_health.streams import STREAMS
from cromwelld.wiring.vendors import VENDORS
from tests.support.google import TYPES, Cloud, Fetching, Setup, fetching, no_wait, pieces, times, values

DATE = "2025-10-08"
NOW = dt.datetime(2025, 10, 20, 9, tzinfo=dt.UTC)
ZONE = "Europe/London"
PERSON = Person()
WORN = {
    *("heart_rate", "steps", "sleep", "spo2_intraday", "hrv_intraday", "breathing_stages", "resting_heart_rate"),
    *("hrv", "spo2", "breathing_rate", "skin_temperature", "zone_minutes_intraday", "activity_levels", "vo2_max"),
    *("total_steps", "total_calories", "total_distance", "total_floors", "minutes_sedentary", "heart_rate_zones"),
    "zone_minutes",
}


def records(person: Person = PERSON) -> PersonRecords:
    return PersonRecords(person, NOW)


def setup(options: Options | None = None, steps_from: str = "watch") -> Setup:
    return Setup(options=options or Options(quota=None), zone=ZONE, steps_from=steps_from, clock=lambda: NOW)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def iso(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def total(answer: Answer, measurement: str) -> float:
    (row,) = answer.tables[measurement].to_pylist()
    return float(row["field_value"])


def asked_of(one: Fetching) -> Mapping[str, int]:
    return Counter(seen.kind for seen in one.seen)


async def test_a_full_day_costs_at_most_sixty_requests() -> None:
    person = Person(gap_s=(2, 4))
    google = VENDORS["google_health"]
    full = Setup(
        options=Options(quota=150),
        zone=None,
        clock=lambda: NOW,
        limits=google.limits,
        retries=Retries(sleep=no_wait, attempts=google.retries.attempts),
    )
    async with fetching(records(person), full) as one:
        answers = await one.all(pieces(DATE))
        assert len(one.seen) <= 60
        assert {seen.status for seen in one.seen} == {200}
        assert asked_of(one)["heart-rate"] == 6  # 5,000 a page
    truth = person.heart_rate(day(DATE))
    assert 25_000 <= len(truth.instants) <= 35_000
    assert times(answers["heart_rate", DATE], "HeartRate_Intraday") == [iso(at) for at in truth.instants]
    found = answers["heart_rate", DATE].tables["HeartRate_Intraday"]
    assert sorted(found["field_value"].to_pylist()) == sorted(float(bpm) for bpm in truth.bpm)
    assert {stream for (stream, date), answer in answers.items() if answer.outcome is Outcome.OK} >= WORN
    assert {answer.outcome for answer in answers.values()} <= {Outcome.OK, Outcome.EMPTY}
    assert not [event for event in one.events if event.kind is Kind.RECORDS_REJECTED]


async def test_thirty_dates_of_ranges_cost_little() -> None:
    """What is asked by range is asked in few requests, however many dates there are."""
    ranges = [name for name, stream in STREAMS.items() if stream.longest_range > 1]
    async with fetching(Cloud(first=day("2025-09-01"), last=day("2025-10-19")), setup()) as one:
        answers = await one.all(pieces("2025-09-10", "2025-10-09", streams=ranges))
        # 14 dates at most of levels, calories and oxygen: three requests each; height and the devices beside the rest
        assert len(one.seen) == len(ranges) + 3 * 2 + 1
    assert len([date for stream, date in answers if stream != "devices"]) == 30 * (len(ranges) - 1)


@pytest.mark.parametrize(
    ("zone", "date", "minutes"),
    [
        ("Europe/London", "2025-03-30", 1380),
        ("Europe/London", "2024-10-27", 1500),
        ("America/New_York", "2024-11-03", 1500),
        ("Australia/Lord_Howe", "2025-04-06", 1470),
        ("Asia/Kathmandu", "2025-10-08", 1440),
    ],
)
async def test_days_on_which_clocks_change_are_whole(zone: str, date: str, minutes: int) -> None:
    person = Person(zone=zone)
    neighbours = [str(day(date) + number * dt.timedelta(days=1)) for number in (-1, 0, 1)]
    async with fetching(records(person), setup()) as one:
        answers = await one.all(pieces(neighbours[0], neighbours[-1], streams=["heart_rate", "steps"]))
    for neighbour in neighbours:
        moved, pulse = person.movement(day(neighbour)), person.heart_rate(day(neighbour))
        found = times(answers["heart_rate", neighbour], "HeartRate_Intraday")
        assert found == [iso(at) for at in pulse.instants]
        walked = answers["steps", neighbour].tables["Steps_Intraday"]
        minutes_of_date = {iso(moved.first + 60 * number) for number in range(len(moved.steps))}
        assert minutes_of_date >= set(walked["time"].to_pylist())
        assert walked.num_rows == len(set(walked["time"].to_pylist()))
        assert sum(walked["field_value"].to_pylist()) == sum(moved.steps)
        assert (walked.num_rows > 1000) is person.worn(day(neighbour))
    assert len(person.movement(day(date)).steps) == minutes


@pytest.mark.parametrize(
    "odd",
    [
        {"most_points": 2500, "last_page": "empty_token", "reconcile_order": "shuffled"},
        {"end_day": "inclusive", "no_data": "absent"},
        {"paging": {TYPES: Paging(empty=frozenset({1, 3}), short=frozenset({2}))}},
        {
            "refused_filters": frozenset(
                {
                    "heart_rate.sample_time.civil_time",
                    "steps.interval.civil_start_time",
                    "activity_level.interval.civil_start_time",
                    "weight.sample_time.civil_time",
                    "sleep.interval.civil_end_time",
                    "exercise.interval.civil_start_time",
                }
            )
        },
    ],
    ids=["shuffled small pages", "inclusive end", "empty pages", "refused filters"],
)
async def test_the_vendors_oddities_change_no_record(odd: dict[str, Any]) -> None:
    wanted = USUAL or await of_two_dates(Options(quota=None))
    USUAL.update(wanted)
    found = await of_two_dates(Options(quota=None, **odd))
    for place, answer in wanted.items():
        other = found[place]
        assert other.outcome is answer.outcome, place
        for name, table in answer.tables.items():
            held, order = other.tables[name], [("time", "ascending"), (table.column_names[-1], "ascending")]
            assert held.sort_by(order).to_pylist() == table.sort_by(order).to_pylist(), (place, name)


async def of_two_dates(options: Options) -> dict[tuple[str, str], Answer]:
    async with fetching(Known(), setup(options)) as one:
        wanted = pieces("2025-10-06", "2025-10-07", streams=[name for name in STREAMS if name != "devices"])
        return await one.all(wanted)


USUAL: dict[tuple[str, str], Answer] = {}  # what a vendor without oddities said, asked once


class Known(PersonRecords):
    """Keep a person's account young, so that an unfiltered walk is short."""

    def __init__(self) -> None:
        super().__init__(Person(member_since=day("2025-10-04")), NOW)


@pytest.mark.parametrize("steps_from", ["watch", "all"])
async def test_the_minutes_of_a_day_sum_to_its_total(steps_from: str) -> None:
    dates = [f"2025-10-{number:02}" for number in range(4, 12)]
    async with fetching(records(), setup(steps_from=steps_from)) as one:
        answers = await one.all(pieces(dates[0], dates[-1], streams=["steps", "total_steps"]))
    grids = one.asked("steps", "rollUp")
    assert bool(grids) is (steps_from == "all")
    for date in dates:
        steps = values(answers["steps", date], "Steps_Intraday")
        if answers["total_steps", date].outcome is Outcome.OK:
            assert sum(count for _, count in steps) == total(answers["total_steps", date], "Activity-steps"), date
        else:
            assert steps == []


async def test_all_sources_count_no_less_than_the_watch() -> None:
    found: list[float] = []
    for steps_from in ("watch", "all"):
        async with fetching(records(), setup(steps_from=steps_from)) as one:
            answers = await one.all(pieces("2025-10-01", "2025-10-12", streams=["total_steps"]))
        found.append(
            sum(total(answer, "Activity-steps") for answer in answers.values() if answer.outcome is Outcome.OK)
        )
    assert found[0] < found[1]
