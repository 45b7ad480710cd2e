"""One person, two vendors: the same records, but for the differences in the table."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from dataclasses import replace

import pytest

from cromwelld.cli.compare import fetched
from cromwelld.jobs.changeover import Comparison, Days, compare
from cromwelld.measurements.changeover import DIFFERENCES, Change
from cromwelld.simulator.person import Person
from tests.support.cli import call

FIRST, LAST = dt.date(2025, 10, 25), dt.date(2025, 10, 26)  # the second has 25 hours


async def _both() -> tuple[Days, Days]:
    return await fetched("fitbit_web", Person(), FIRST, LAST), await fetched("google_health", Person(), FIRST, LAST)


@pytest.fixture(scope="module")
def two() -> tuple[Days, Days]:
    return asyncio.run(_both())


@pytest.fixture(scope="module")
def before(two: tuple[Days, Days]) -> Comparison:
    return compare(*two)


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_two_weeks_differ_in_what_the_table_says_and_in_nothing_else() -> None:
    ran = call("simulate", "--compare")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith("Everything that differs is in the table, and everything that it says is shown differs.\n")
    assert ran.out.count("│ not shown │") == sum(not one.shown for one in DIFFERENCES)
    equal = {name: int(count.replace(",", "")) for name, count in re.findall(r"│ (\S+) .* same .* ([0-9,]+) ", ran.out)}
    assert equal["HeartRate_Intraday"] > 100_000
    assert equal["GPS"] > 10_000
    assert all(one.why.split()[0] in ran.out for one in DIFFERENCES)


def test_a_place_is_in_the_table_once() -> None:
    places = [(one.measurement, one.column) for one in DIFFERENCES]
    assert len(places) == len(set(places))


@pytest.mark.parametrize(
    ("measurement", "column", "change"),
    [
        ("HeartRate_Intraday", "value", Change.CLOSE),
        ("Steps_Intraday", "value", Change.CLOSE),
        ("SleepLevels", "level", Change.CLOSE),
        ("SleepSummary", "endTime", Change.CLOSE),
        ("RestingHR", "Device", Change.CLOSE),
    ],
)
def test_a_value_that_should_be_the_same_is_noticed(
    two: tuple[Days, Days], before: Comparison, measurement: str, column: str, change: Change
) -> None:
    fitbit, google = two
    day = google[LAST]
    rows = day.tables[measurement].to_pylist()
    name = f"tag_{column}" if column == "Device" else f"field_{column}"
    rows[0][name] = rows[0][name] + (1.0 if isinstance(rows[0][name], float) else "?")
    table = type(day.tables[measurement]).from_pylist(rows, schema=day.tables[measurement].schema)
    changed = {**google, LAST: replace(day, tables={**day.tables, measurement: table})}
    after = compare(fitbit, changed)
    assert after.unlisted == {**before.unlisted, ((measurement, column), change): 1}


def test_a_record_that_is_lost_is_noticed(two: tuple[Days, Days]) -> None:
    fitbit, google = two
    day = google[LAST]
    shorter = day.tables["HeartRate_Intraday"].slice(1)
    changed = {**google, LAST: replace(day, tables={**day.tables, "HeartRate_Intraday": shorter})}
    assert compare(fitbit, changed).unlisted[("HeartRate_Intraday", ""), Change.GONE] == 1
    assert compare(changed, fitbit).unlisted[("HeartRate_Intraday", ""), Change.NEW] == 1
