"""The day on which the clock steps back, in both forms in which the vendor may send it."""

from __future__ import annotations

import pytest

from cromwelld.events import Kind
from tests.support.far_side import FarSide
from tests.unit.fitbit_web.days import fetching, heart_rate, pieces, plain

FALL_BACK = "2024-10-27"
DOUBLED = f"/1/user/-/activities/heart/date/{FALL_BACK}/1d/1sec.json"


@pytest.fixture
def far_side() -> FarSide:
    return FarSide()


async def test_a_doubled_hour_sent_twice_is_whole(far_side: FarSide) -> None:
    points = (
        ("01:59:00", 51),
        ("02:30:00", 52),
        ("02:59:00", 53),
        ("02:00:00", 54),
        ("02:30:00", 55),
        ("03:00:00", 56),
    )
    far_side.lay(DOUBLED, heart_rate(FALL_BACK, *points))
    async with fetching(far_side) as one:
        found = await one.all(pieces(FALL_BACK, streams=["heart_rate"]))
    assert [(row["time"], row["value"]) for row in plain(found["heart_rate", FALL_BACK], "HeartRate_Intraday")] == [
        ("2024-10-26T23:59:00Z", 51.0),
        ("2024-10-27T00:30:00Z", 52.0),
        ("2024-10-27T00:59:00Z", 53.0),
        ("2024-10-27T01:00:00Z", 54.0),
        ("2024-10-27T01:30:00Z", 55.0),
        ("2024-10-27T02:00:00Z", 56.0),
    ]
    assert one.events == []


async def test_a_doubled_hour_sent_once_is_the_first_pass_and_reported(far_side: FarSide) -> None:
    far_side.lay(DOUBLED, heart_rate(FALL_BACK, ("01:59:00", 51), ("02:30:00", 52), ("03:00:00", 56)))
    async with fetching(far_side) as one:
        found = await one.all(pieces(FALL_BACK, streams=["heart_rate"]))
    assert [row["time"] for row in plain(found["heart_rate", FALL_BACK], "HeartRate_Intraday")] == [
        "2024-10-26T23:59:00Z",
        "2024-10-27T00:30:00Z",
        "2024-10-27T02:00:00Z",
    ]
    assert [(event.kind, event.fields["date"]) for event in one.events] == [(Kind.HOUR_SENT_ONCE, FALL_BACK)]


async def test_a_doubled_hour_in_which_nothing_was_worn(far_side: FarSide) -> None:
    far_side.lay(DOUBLED, heart_rate(FALL_BACK, ("01:59:00", 51), ("03:00:00", 56)))
    async with fetching(far_side) as one:
        await one.all(pieces(FALL_BACK, streams=["heart_rate"]))
    assert one.events == []
