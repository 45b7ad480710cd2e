"""Minutes by level of activity: spans split at midnights; the person lives in Berlin unless the spans say otherwise."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cromwelld.errors import BadAnswer
from cromwelld.sources.google_health.levels import Stretch, activity_levels, split
from cromwelld.sources.parsed import Parsed
from tests.unit.fitbit_web.reading import asked, assert_in_contract
from tests.unit.google_health.points import Json, answer, interval, reconciled

NAMES = ("Activity-minutesLightlyActive", "Activity-minutesFairlyActive", "Activity-minutesVeryActive")
TENTH = asked("2026-03-10")
LIGHT, FAIR, VERY, STILL = "LIGHTLY_ACTIVE", "MODERATELY_ACTIVE", "VERY_ACTIVE", "SEDENTARY"


def span(start: str, end: str, level: object = LIGHT, *, offsets: tuple[str, str] = ("3600s", "3600s")) -> Json:
    between = interval(f"2026-03-{start}Z", f"2026-03-{end}Z", offset=offsets[0], end_offset=offsets[1])
    return reconciled("activityLevel", {"interval": between, "activityLevelType": level})


def minutes(parsed: Parsed) -> dict[str, tuple[float | None, ...]]:
    """Give the minutes lightly, fairly and very active of each date."""
    found: dict[str, tuple[float | None, ...]] = {}
    for date in {date for date, _ in parsed.tables}:
        tables = [parsed.tables.get((date, name)) for name in NAMES]
        found[str(date)] = tuple(None if one is None else one["field_value"].to_pylist()[0] for one in tables)
    return found


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], {}),
        ([span("10T12:00:00", "10T12:10:00")], {"2026-03-10": (10.0, 0.0, 0.0)}),
        (
            [span("10T12:10:00", "10T12:25:30", FAIR), span("10T12:00:00", "10T12:10:00", VERY)],
            {"2026-03-10": (0.0, 15.5, 10.0)},
        ),
        ([span("10T12:00:00", "10T12:10:00", STILL)], {"2026-03-10": (0.0, 0.0, 0.0)}),
        # midnights are at 23:00 UTC
        ([span("09T22:50:00", "09T23:20:00")], {"2026-03-10": (20.0, 0.0, 0.0)}),
        ([span("10T22:50:00", "10T23:20:00")], {"2026-03-10": (10.0, 0.0, 0.0)}),
        ([span("09T12:00:00", "11T12:00:00")], {"2026-03-10": (1440.0, 0.0, 0.0)}),
        ([span("09T22:00:00", "09T23:00:00")], {}),
        ([span("10T23:00:00", "10T23:30:00")], {}),
        # by the span's own offset, wherever the person lives
        ([span("10T03:30:00", "10T05:00:00", offsets=("-14400s", "-14400s"))], {"2026-03-10": (60.0, 0.0, 0.0)}),
        # a span that came twice, as pages overlap
        ([span("10T12:00:00", "10T12:10:00"), span("10T12:00:00", "10T12:10:00")], {"2026-03-10": (10.0, 0.0, 0.0)}),
    ],
)
def test_minutes_of_a_date_are_summed_from_its_spans(spans: list[Json], expected: dict[str, object]) -> None:
    parsed = activity_levels([answer(*spans)], TENTH)
    assert_in_contract(parsed, TENTH)
    assert minutes(parsed) == expected
    assert parsed.rejected == {}


@pytest.mark.parametrize("level", ["FLOATING", None])
def test_a_level_that_is_not_known_is_counted_and_left_out(level: str | None) -> None:
    parsed = activity_levels([answer(span("10T12:00:00", "10T12:10:00", level))], TENTH)
    assert minutes(parsed) == {}
    assert parsed.rejected == {"a level of activity that is not known": 1}


def test_the_record_is_stamped_at_local_noon() -> None:
    parsed = activity_levels([answer(span("10T12:00:00", "10T12:10:00"))], TENTH)
    times = {table["time"].to_pylist()[0].isoformat() for table in parsed.tables.values()}
    assert times == {"2026-03-10T11:00:00+00:00"}


def test_real_time_counts_on_the_day_the_clock_is_put_forward() -> None:
    # 29 March 2026 in Berlin: from 23:00 to 22:00 UTC, 23 hours, with the change at 01:00 UTC.
    night = span("28T22:30:00", "29T02:00:00", offsets=("3600s", "7200s"))
    rest = span("29T02:00:00", "29T22:30:00", FAIR, offsets=("7200s", "7200s"))
    found = minutes(activity_levels([answer(rest), answer(night)], asked("2026-03-28", "2026-03-30")))
    assert found == {
        "2026-03-28": (30.0, 0.0, 0.0),
        "2026-03-29": (180.0, 1200.0, 0.0),
        "2026-03-30": (0.0, 30.0, 0.0),
    }


def test_real_time_counts_on_the_day_the_clock_is_put_back() -> None:
    # 25 October 2026 in Berlin: from 22:00 to 23:00 UTC, 25 hours.
    whole = {
        "interval": interval("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", offset="7200s", end_offset="3600s"),
        "activityLevelType": VERY,
    }
    found = minutes(activity_levels([answer(reconciled("activityLevel", whole))], asked("2026-10-24", "2026-10-26")))
    assert found == {"2026-10-25": (0.0, 0.0, 1500.0)}


def test_a_midnight_after_the_change_has_the_later_offset() -> None:
    # In Beirut the clock goes from midnight to one: 28 March ends at 22:00 UTC, and 29 March with +3 hours at 21:00.
    late = Stretch(
        start=dt.datetime(2026, 3, 28, 21, tzinfo=dt.UTC),
        end=dt.datetime(2026, 3, 29, 21, 30, tzinfo=dt.UTC),
        start_offset=dt.timedelta(hours=2),
        end_offset=dt.timedelta(hours=3),
    )
    hours = {str(date): elapsed / dt.timedelta(hours=1) for date, elapsed in split(late)}
    assert hours == {"2026-03-28": 1.0, "2026-03-29": 23.0, "2026-03-30": 0.5}


@pytest.mark.parametrize(
    "bad",
    [
        None,
        "x",
        {"activityLevel": None},
        {"activityLevel": 7},
        {"activityLevel": {"activityLevelType": VERY}},
        span("10T12:10:00", "10T12:00:00"),
        span("10T12:00:00", "10T12:00:00"),
        span("10T12:00:00", "10T12:10:00", 7),
        span("10T12:00:00", "10T12:10:00", ["VERY_ACTIVE"]),
        span("10T12:00:00", "10T12:10:00", offsets=("+01:00", "3600s")),
        span("10T12:00:00", "10T12:10:00", offsets=("3600s", "99999999s")),
        span("99T12:00:00", "10T12:10:00"),
        reconciled("activityLevel", {"interval": interval("2026-03-10T12:00:00Z", "9999-12-31T23:59:59Z")}),
        reconciled("activityLevel", {"interval": interval("2026-03-10T12:00:00", "2026-03-10T13:00:00")}),
    ],
)
def test_a_bad_span_costs_only_itself(bad: object) -> None:
    parsed = activity_levels([answer(span("10T11:00:00", "10T11:10:00"), bad)], TENTH)
    assert minutes(parsed) == {"2026-03-10": (10.0, 0.0, 0.0)}
    assert sum(parsed.rejected.values()) == 1


def test_a_date_without_a_zone_waits() -> None:
    assert activity_levels([answer(span("10T11:00:00", "10T11:10:00"))], asked("2026-03-10", zone=None)).tables == {}


def test_what_is_no_page_is_a_bad_answer() -> None:
    for body in (b"", b"[]", b'{"dataPoints":{}}'):
        with pytest.raises(BadAnswer):
            activity_levels([body], TENTH)


OFFSETS = st.integers(-12 * 4, 14 * 4).map(lambda quarters: dt.timedelta(minutes=15 * quarters))
STRETCHES = st.builds(
    lambda start, seconds, before, after: Stretch(
        start=dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=start),
        end=dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=start + seconds),
        start_offset=before,
        end_offset=after,
    ),
    st.integers(0, 10**7),
    st.integers(1, 10**6),
    OFFSETS,
    OFFSETS,
)


@given(stretch=STRETCHES)
def test_the_parts_of_a_span_add_up_to_it_on_dates_that_follow_one_another(stretch: Stretch) -> None:
    parts = list(split(stretch))
    assert sum((elapsed for _, elapsed in parts), dt.timedelta()) == stretch.end - stretch.start
    assert all(elapsed > dt.timedelta() for _, elapsed in parts)
    assert all(before < after for (before, _), (after, _) in pairwise(parts))


@given(stretch=STRETCHES)
def test_with_one_offset_every_date_within_has_all_of_its_day(stretch: Stretch) -> None:
    settled = Stretch(
        start=stretch.start,
        end=stretch.end,
        start_offset=stretch.start_offset,
        end_offset=stretch.start_offset,
    )
    parts = list(split(settled))
    assert all(elapsed == dt.timedelta(days=1) for _, elapsed in parts[1:-1])
    assert parts[0][0] == (settled.start + settled.start_offset).date()
