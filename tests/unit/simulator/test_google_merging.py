"""One stream out of the copies of several sources."""

from __future__ import annotations

from cromwelld.simulator.google_health.datatypes import BY_PATH
from cromwelld.simulator.google_health.merging import merged
from cromwelld.simulator.google_health.points import Point
from tests.support.google_points import daily, interval, sample


def kept(kind: str, *points: Point) -> list[int]:
    """Give the places of the points that are left."""
    left = merged(points, BY_PATH[kind])
    return [number for number, point in enumerate(points) if any(point is one for one in left)]


def test_the_phone_gives_way_where_the_watch_covers_it() -> None:
    phone = [
        interval(start, end, wearable=False) for start, end in (("10 12:00", "10 12:15"), ("10 12:15", "10 12:30"))
    ]
    watch = [interval("10 12:14", "10 12:15"), interval("10 12:40", "10 12:41")]
    assert kept("steps", *phone, *watch) == [1, 2, 3]


def test_the_watch_may_overlap_itself() -> None:
    assert kept("exercise", interval("10 12:00", "10 13:00"), interval("10 12:30", "10 12:40")) == [0, 1]


def test_two_phones_tell_a_stretch_once() -> None:
    one = interval("10 12:00", "10 12:15", wearable=False)
    other = Point(start=one.start + 60, end=one.end + 60, wearable=False, source={"platform": "HEALTH_KIT"})
    assert len(kept("steps", one, other)) == 1


def test_a_second_has_one_sample_and_the_watch_has_the_say() -> None:
    assert kept("heart-rate", sample("10 12:00:01", wearable=False), sample("10 12:00:01"), sample("10 12:00:02")) == [
        1,
        2,
    ]


def test_a_day_has_one_summary() -> None:
    assert kept("daily-vo2-max", daily(10), daily(11), daily(10)) == [0, 1]
