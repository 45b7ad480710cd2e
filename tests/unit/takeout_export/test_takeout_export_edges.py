"""Exports of few or strange dates are whole."""

from __future__ import annotations

import datetime as dt

import pytest

from cromwelld.simulator.person import Person
from tests.support.takeout import Layout, Order
from tests.unit.takeout_export.takeout_exported import files, instant, rows

UNWORN = dt.date(2025, 10, 30)


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Pacific/Auckland", "America/St_Johns"])
@pytest.mark.parametrize("day", [dt.date(2026, 3, 1), dt.date(2025, 12, 31)])
def test_the_first_date_of_a_month_anywhere(zone: str, day: dt.date) -> None:
    person = Person(zone=zone)
    found = files(Order(person=person, first=day, last=day, layout=Layout.GOOGLE_FLAT))
    stretches = rows(found, "sedentary_period")
    assert all(instant(start) < instant(end) for start, end, _ in stretches)
    assert sum(instant(end) - instant(start) for start, end, _ in stretches) // 60 == still_minutes(person, day)


def still_minutes(person: Person, day: dt.date) -> int:
    """Count the minutes awake without a step in which the watch was worn."""
    moved, off = person.movement(day), person.diary(day).charging
    starts = range(moved.first, moved.first + 60 * len(moved.steps), 60)
    return sum(
        not (asleep or level or (off and off.start <= at < off.end))
        for at, asleep, level in zip(starts, moved.asleep, moved.level, strict=True)
    )


@pytest.mark.parametrize("layout", Layout)
def test_a_date_on_which_nothing_was_worn(layout: Layout) -> None:
    found = files(Order(person=Person(), first=UNWORN, last=UNWORN, layout=layout))
    assert rows(found, "heart_rate") == rows(found, "steps") == []
    assert any("calories-" in name for name in found)
