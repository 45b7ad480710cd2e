"""Whose steps count: of the watch or of all sources, minutes and totals alike; uneven records as a grid."""

from __future__ import annotations

import pytest
from aiohttp import web

from cromwelld.events import Kind
from cromwelld.pieces import Answer, Outcome
from cromwelld.simulator.google_health import Options
from tests.support.google import Cloud, Seen, Setup, fetching, pieces, values
from tests.support.google_points import interval

FAMILY = "users/me/dataSourceFamilies/"
MARCH = "2026-03-10"
WATCHED = [interval(f"10 12:{minute:02}", f"10 12:{minute + 1:02}", count="10") for minute in range(20)]
PHONE = [
    interval("10 12:05", "10 12:06", wearable=False, count="7"),  # the watch was there
    interval("10 13:00", "10 13:15", wearable=False, count="130"),
    interval("10 14:00", "10 14:01", wearable=False, count="3"),
]
WALKED = Cloud(
    known={
        "steps": [*WATCHED, *PHONE],
        "distance": [
            interval("10 12:00", "10 12:01", millimeters="8000"),
            interval("10 13:00", "10 13:15", wearable=False, millimeters="90000"),
        ],
        "floors": [
            interval("10 12:00", "10 12:01", count="1"),
            interval("10 13:00", "10 13:01", wearable=False, count="2"),
        ],
        "activity-level": [
            interval("10 12:00", "10 12:20", activityLevelType="VERY_ACTIVE"),
            interval("10 13:00", "10 13:15", wearable=False, activityLevelType="VERY_ACTIVE"),
        ],
    }
)
FAMILY_STREAMS = {
    "steps": "reconcile",
    "activity-level": "reconcile",
    "total-calories": "dailyRollUp",
    "distance": "dailyRollUp",
    "floors": "dailyRollUp",
    "sedentary-period": "dailyRollUp",
}


def total(answer: Answer, measurement: str) -> float:
    (row,) = answer.tables[measurement].to_pylist()
    return float(row["field_value"])


def family_of(seen: Seen) -> str | None:
    held = seen.query if seen.body is None else seen.body
    found: str | None = held.get("dataSourceFamily")
    return None if found is None else found.removeprefix(FAMILY)


@pytest.mark.parametrize(("steps_from", "family"), [("watch", "google-wearables"), ("all", "all-sources")])
async def test_steps_totals_and_levels_are_of_one_family(steps_from: str, family: str) -> None:
    async with fetching(WALKED, Setup(steps_from=steps_from)) as one:
        await one.all(pieces(MARCH))
    for kind, operation in FAMILY_STREAMS.items():
        asked = one.asked(kind, operation)
        assert [family_of(seen) for seen in asked] == [family], kind
    assert {family_of(seen) for seen in one.asked("steps")} == {family}
    others = ("sleep", "heart-rate", "exercise", "active-zone-minutes", "time-in-heart-rate-zone")
    assert {family_of(seen) for kind in others for seen in one.asked(kind)} == {None}


async def test_the_watch_alone_is_minutes_as_they_come() -> None:
    async with fetching(WALKED, Setup(steps_from="watch")) as one:
        answers = await one.all(pieces(MARCH))
        assert one.asked("steps", "rollUp") == []
    steps = values(answers["steps", MARCH], "Steps_Intraday")
    assert steps == [(f"12:{minute:02}:00", 10.0) for minute in range(20)]
    assert total(answers["total_steps", MARCH], "Activity-steps") == 200.0 == sum(count for _, count in steps)
    assert total(answers["total_distance", MARCH], "Activity-distance") == 0.008
    assert total(answers["total_floors", MARCH], "Activity-floors") == 1.0
    assert total(answers["activity_levels", MARCH], "Activity-minutesVeryActive") == 20.0


async def test_a_phones_longer_records_are_asked_again_as_minutes() -> None:
    async with fetching(WALKED, Setup(steps_from="all")) as one:
        answers = await one.all(pieces(MARCH))
        (grid,) = one.asked("steps", "rollUp")
    assert grid.body["range"] == {"startTime": "2026-03-10T12:00:00Z", "endTime": "2026-03-10T14:01:00Z"}
    assert (grid.body["windowSize"], family_of(grid)) == ("60s", "all-sources")
    steps = values(answers["steps", MARCH], "Steps_Intraday")
    by_hand = [*((f"12:{minute:02}:00", 10.0) for minute in range(20)), ("13:00:00", 130.0), ("14:00:00", 3.0)]
    assert [one for one in steps if one[1]] == by_hand
    assert total(answers["total_steps", MARCH], "Activity-steps") == 333.0 == sum(count for _, count in steps)
    assert total(answers["total_distance", MARCH], "Activity-distance") == 0.098
    assert total(answers["activity_levels", MARCH], "Activity-minutesVeryActive") == 35.0
    assert not one.said(Kind.RECORDS_REJECTED)


@pytest.mark.parametrize(
    ("record", "stretch"),
    [
        (("10 12:00:30", "10 12:01:30"), ("12:00:00", "12:02:00")),  # a minute, but across two
        (("10 12:00", "10 12:00:30"), ("12:00:00", "12:01:00")),
        (("9 23:00", "9 23:02"), ("23:00:00", "23:02:00")),  # the first minutes of the date
        (("10 22:58", "10 23:08"), ("22:58:00", "23:00:00")),  # over midnight: to the date's end
    ],
)
async def test_the_stretch_of_a_grid_is_that_of_the_records(record: tuple[str, str], stretch: tuple[str, str]) -> None:
    known = {"steps": [interval(*record, wearable=False, count="40")]}
    async with fetching(Cloud(known=known), Setup(steps_from="all")) as one:
        answers = await one.all(pieces(MARCH, streams=["steps", "total_steps"]))
        (grid,) = one.asked("steps", "rollUp")
    asked = tuple(grid.body["range"][name][11:19] for name in ("startTime", "endTime"))
    assert asked == stretch
    assert sum(count for _, count in values(answers["steps", MARCH], "Steps_Intraday")) == 40.0
    assert total(answers["total_steps", MARCH], "Activity-steps") == 40.0


@pytest.mark.parametrize("civil", [True, False])
async def test_a_longer_record_that_reaches_into_a_date_is_a_grid_from_midnight(*, civil: bool) -> None:
    """What the vendor counts in the date before stays there; what it counts behind midnight is this date's."""
    known = {"steps": [interval("9 22:58", "9 23:08", wearable=False, count="40"), WATCHED[0]]}
    refused = frozenset() if civil else frozenset({"steps.interval.civil_start_time"})
    how = Setup(options=Options(quota=None, refused_filters=refused), steps_from="all")
    async with fetching(Cloud(known=known), how) as one:
        answers = await one.all(pieces(MARCH, streams=["steps", "total_steps"]))
        (grid,) = one.asked("steps", "rollUp")
        assert not one.said(Kind.RECORDS_REJECTED)
    assert grid.body["range"] == {"startTime": "2026-03-09T23:00:00Z", "endTime": "2026-03-10T12:01:00Z"}
    assert values(answers["steps", MARCH], "Steps_Intraday") == [("12:00:00", 10.0)]
    assert total(answers["total_steps", MARCH], "Activity-steps") == 10.0


@pytest.mark.parametrize("civil", [True, False])
async def test_a_neighbours_longer_record_makes_no_grid(*, civil: bool) -> None:
    """A walk in the evening before is no business of this date, and nothing bad."""
    known = {"steps": [interval("9 20:00", "9 20:20", wearable=False, count="40"), WATCHED[0]]}
    refused = frozenset() if civil else frozenset({"steps.interval.civil_start_time"})
    how = Setup(options=Options(quota=None, refused_filters=refused), steps_from="all")
    async with fetching(Cloud(known=known), how) as one:
        answers = await one.all(pieces(MARCH, streams=["steps"]))
        assert one.asked("steps", "rollUp") == []
        assert values(answers["steps", MARCH], "Steps_Intraday") == [("12:00:00", 10.0)]
        assert not one.said(Kind.RECORDS_REJECTED), "what belongs to another date is not bad"


async def test_a_grid_that_fails_fails_the_date() -> None:
    def failing(seen: Seen) -> web.Response | None:
        return web.json_response({"error": {"code": 500}}, status=500) if seen.operation == "rollUp" else None

    async with fetching(WALKED, Setup(steps_from="all", failing=failing)) as one:
        answers = await one.all(pieces(MARCH, streams=["steps", "total_steps"]))
    assert answers["steps", MARCH].outcome is Outcome.FAILED
    assert answers["steps", MARCH].rows == 0
    assert answers["total_steps", MARCH].outcome is Outcome.OK
