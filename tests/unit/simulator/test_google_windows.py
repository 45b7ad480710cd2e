"""Windows of roll-ups: where they lie and what counts in them."""

from __future__ import annotations

import datetime as dt

from cromwelld.simulator.google_health.aggregates import AGGREGATES
from cromwelld.simulator.google_health.points import Point
from cromwelld.simulator.google_health.windows import Windows
from tests.support.google_points import interval, sample, utc

DAY_S = 86_400


def seconds(windows: Windows, kind: str, *points: Point) -> dict[int, list[int]]:
    shares = windows.shares(points, AGGREGATES[kind])
    return {number: [share.seconds for share in shares[number]] for number in sorted(shares)}


def physical(start: str, end: str, size: int) -> Windows:
    return Windows(start=utc(start), end=utc(end), size=size, civil=False)


def civil(start: str, end: str) -> Windows:
    return Windows(start=utc(start), end=utc(end), size=DAY_S, civil=True)


def test_the_last_window_may_be_cut() -> None:
    windows = physical("10 12:00", "10 12:50", 1200)
    assert windows.count == 3
    assert windows.edges(2) == (utc("10 12:40"), utc("10 12:50"))


def test_some_windows_are_windows_again() -> None:
    windows = physical("10 12:00", "10 12:50", 1200)
    assert windows.some(1, 3) == physical("10 12:20", "10 12:50", 1200)
    nothing = windows.some(3, 3)
    assert nothing.end <= nothing.start


def test_an_interval_counts_where_it_starts() -> None:
    windows = physical("10 12:00", "10 13:00", 1800)
    points = [interval(start, end) for start, end in (("10 11:59", "10 12:01"), ("10 12:29", "10 12:31"))]
    assert list(seconds(windows, "steps", *points)) == [0]


def test_a_sample_counts_at_the_start_of_a_window_and_not_at_its_end() -> None:
    windows = physical("10 12:00", "10 13:00", 1800)
    points = [sample(at) for at in ("10 12:00", "10 12:30", "10 13:00")]
    assert {number: len(found) for number, found in seconds(windows, "heart-rate", *points).items()} == {0: 1, 1: 1}


def test_time_is_cut_at_the_borders() -> None:
    windows = physical("10 12:00", "10 13:00", 1800)
    sitting = interval("10 11:50", "10 12:40")
    assert seconds(windows, "sedentary-period", sitting) == {0: [1800], 1: [600]}


def test_days_go_by_the_clock_of_the_point() -> None:
    windows = civil("10 00:00", "12 00:00")
    # 23:30 on the clock, which is an hour ahead, to 00:30
    assert seconds(windows, "time-in-heart-rate-zone", interval("10 22:30", "10 23:30")) == {0: [1800], 1: [1800]}
    assert list(seconds(windows, "steps", interval("9 23:00", "9 23:01"), interval("10 22:59", "10 23:01"))) == [0]
    assert windows.days() == (dt.date(2026, 3, 9), dt.date(2026, 3, 12))


def test_physical_windows_ask_for_every_date_that_somebody_may_have_had() -> None:
    assert physical("10 00:00", "11 00:00", 60).days() == (dt.date(2026, 3, 8), dt.date(2026, 3, 12))
