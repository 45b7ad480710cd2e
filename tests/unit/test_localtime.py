"""Civil time against clocks changed by law, worked out by hand."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cromwelld import localtime

HOUR, DAY_S = 3600, 86_400
ZONES = (
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Africa/Casablanca",
    "Atlantic/Azores",
    "Etc/GMT+11",
    "UTC",
)


def seconds(*clock_times: str) -> pa.Array:
    times = (dt.time.fromisoformat(text) for text in clock_times)
    return pa.array([time.hour * HOUR + time.minute * 60 + time.second for time in times], pa.int64())


def converted(date: str, zone: str, *clock_times: str) -> list[str]:
    times = localtime.clock_to_utc(dt.date.fromisoformat(date), seconds(*clock_times), zone)
    return [time.strftime("%d %H:%M:%S") for time in times.to_pylist()]


def bounds(date: str, zone: str) -> tuple[str, str]:
    first, after = localtime.bounds(dt.date.fromisoformat(date), zone)
    return first.strftime("%Y-%m-%dT%H:%M"), after.strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    ("date", "zone", "first", "after", "hours"),
    [
        ("2025-10-26", "Europe/London", "2025-10-25T23:00", "2025-10-27T00:00", 25),
        ("2025-03-30", "Europe/London", "2025-03-30T00:00", "2025-03-30T23:00", 23),
        ("2024-10-27", "Europe/London", "2024-10-26T23:00", "2024-10-28T00:00", 25),
        ("2024-03-31", "Europe/London", "2024-03-31T00:00", "2024-03-31T23:00", 23),
        ("2025-10-26", "Europe/Berlin", "2025-10-25T22:00", "2025-10-26T23:00", 25),
        ("2025-03-30", "Europe/Berlin", "2025-03-29T23:00", "2025-03-30T22:00", 23),
        ("2024-10-27", "Europe/Berlin", "2024-10-26T22:00", "2024-10-27T23:00", 25),
        ("2024-03-31", "Europe/Berlin", "2024-03-30T23:00", "2024-03-31T22:00", 23),
        ("2025-10-08", "Europe/Berlin", "2025-10-07T22:00", "2025-10-08T22:00", 24),
        ("2025-04-06", "Australia/Lord_Howe", "2025-04-05T13:00", "2025-04-06T13:30", 24.5),
        ("2025-10-05", "Australia/Lord_Howe", "2025-10-04T13:30", "2025-10-05T13:00", 23.5),
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00", "2018-11-05T02:00", 23),
        ("2018-02-17", "America/Sao_Paulo", "2018-02-17T02:00", "2018-02-18T03:00", 25),
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00", "2011-12-30T10:00", 0),
        ("2011-12-31", "Pacific/Apia", "2011-12-30T10:00", "2011-12-31T10:00", 24),
        ("2025-06-01", "Asia/Kathmandu", "2025-05-31T18:15", "2025-06-01T18:15", 24),
        ("2010-03-14", "America/St_Johns", "2010-03-14T03:30", "2010-03-15T02:30", 23),
    ],
)
def test_a_date_begins_and_ends_where_the_law_says(date: str, zone: str, first: str, after: str, hours: float) -> None:
    assert bounds(date, zone) == (first, after)
    start, end = localtime.bounds(dt.date.fromisoformat(date), zone)
    assert end - start == dt.timedelta(hours=hours)


def test_a_clock_changed_at_an_odd_minute_is_found_to_the_second() -> None:
    """Newfoundland: at 00:01 on 2010-11-07 the clock went back to 23:01 of the day before."""
    assert bounds("2010-11-06", "America/St_Johns") == ("2010-11-06T02:30", "2010-11-07T03:30")
    assert localtime.doubled_hour(dt.date(2010, 11, 6), "America/St_Johns") == (23 * HOUR + 60, DAY_S)
    assert localtime.doubled_hour(dt.date(2010, 11, 7), "America/St_Johns") == (0, 60)


@pytest.mark.parametrize(
    ("date", "zone", "noon"),
    [
        ("2025-10-08", "Europe/Berlin", "2025-10-08T10:00:00+00:00"),
        ("2025-12-02", "Europe/London", "2025-12-02T12:00:00+00:00"),
        ("2025-10-26", "Europe/London", "2025-10-26T12:00:00+00:00"),
        ("2025-03-30", "Europe/London", "2025-03-30T11:00:00+00:00"),
        ("2025-06-01", "Asia/Kathmandu", "2025-06-01T06:15:00+00:00"),
        ("2025-06-01", "Pacific/Kiritimati", "2025-05-31T22:00:00+00:00"),
        ("2025-06-01", "Pacific/Midway", "2025-06-01T23:00:00+00:00"),
    ],
)
def test_noon_is_twelve_on_the_wall(date: str, zone: str, noon: str) -> None:
    assert localtime.noon(dt.date.fromisoformat(date), zone).isoformat() == noon


def test_an_hour_sent_twice_has_its_second_pass_where_the_clock_steps_back() -> None:
    sent = ("00:59:59", "01:00:00", "01:30:00", "01:59:59", "01:00:00", "01:30:00", "01:59:59", "02:00:00")
    assert converted("2025-10-26", "Europe/London", *sent) == [
        "25 23:59:59",
        "26 00:00:00",
        "26 00:30:00",
        "26 00:59:59",
        "26 01:00:00",
        "26 01:30:00",
        "26 01:59:59",
        "26 02:00:00",
    ]


def test_an_hour_sent_once_is_the_first_pass() -> None:
    sent = ("01:30:00", "02:00:00", "02:30:00", "02:59:00", "03:00:00")
    assert converted("2025-10-26", "Europe/Berlin", *sent) == [
        "25 23:30:00",
        "26 00:00:00",
        "26 00:30:00",
        "26 00:59:00",
        "26 02:00:00",
    ]
    assert localtime.doubled_hour(dt.date(2025, 10, 26), "Europe/Berlin") == (2 * HOUR, 3 * HOUR)
    assert not localtime.sent_twice(seconds(*sent), (2 * HOUR, 3 * HOUR))


def test_the_second_pass_may_begin_anywhere_in_the_hour() -> None:
    sent = ("02:10:00", "02:50:00", "02:20:00", "02:55:00", "03:10:00")
    assert converted("2025-10-26", "Europe/Berlin", *sent) == [
        "26 00:10:00",
        "26 00:50:00",
        "26 01:20:00",
        "26 01:55:00",
        "26 02:10:00",
    ]
    assert localtime.sent_twice(seconds(*sent), (2 * HOUR, 3 * HOUR))


def test_a_step_back_elsewhere_is_no_second_pass() -> None:
    sent = ("05:00:00", "04:00:00", "02:10:00")
    assert converted("2025-10-26", "Europe/Berlin", *sent[:2]) == ["26 04:00:00", "26 03:00:00"]
    assert not localtime.sent_twice(seconds("02:10:00", "02:20:00", "01:00:00"), (2 * HOUR, 3 * HOUR))
    assert not localtime.sent_twice(seconds("05:00:00", "04:00:00"), (2 * HOUR, 3 * HOUR))


def test_a_time_in_a_skipped_hour_is_read_with_the_offset_before_the_skip() -> None:
    sent = ("00:59:59", "01:00:00", "01:30:00", "02:00:00")
    assert converted("2025-03-30", "Europe/London", *sent) == [
        "30 00:59:59",
        "30 01:00:00",
        "30 01:30:00",
        "30 01:00:00",
    ]


def test_a_skipped_midnight_is_no_other() -> None:
    """Brazil: at 00:00 on 2018-11-04 it was 01:00."""
    assert converted("2018-11-04", "America/Sao_Paulo", "00:30:00", "01:00:00", "12:00:00") == [
        "04 03:30:00",
        "04 03:00:00",
        "04 14:00:00",
    ]
    assert localtime.to_utc(dt.datetime(2018, 11, 4, 0, 30), "America/Sao_Paulo") == dt.datetime(  # noqa: DTZ001 - a wall clock
        2018, 11, 4, 3, 30, tzinfo=dt.UTC
    )


def test_half_an_hour_is_doubled_on_lord_howe() -> None:
    """At 02:00 summer time (+11:00) on 2025-04-06 the clock went back to 01:30 (+10:30)."""
    assert localtime.doubled_hour(dt.date(2025, 4, 6), "Australia/Lord_Howe") == (5400, 7200)
    sent = ("01:29:00", "01:30:00", "01:45:00", "01:30:00", "01:45:00", "02:00:00")
    assert converted("2025-04-06", "Australia/Lord_Howe", *sent) == [
        "05 14:29:00",
        "05 14:30:00",
        "05 14:45:00",
        "05 15:00:00",
        "05 15:15:00",
        "05 15:30:00",
    ]


def test_a_date_that_was_skipped_is_read_with_the_offset_before() -> None:
    """Samoa went from 2011-12-29 (-10:00) to 2011-12-31 (+14:00)."""
    assert converted("2011-12-30", "Pacific/Apia", "00:00:00", "12:00:00") == ["30 10:00:00", "30 22:00:00"]
    assert converted("2011-12-31", "Pacific/Apia", "00:00:00", "12:00:00") == ["30 10:00:00", "30 22:00:00"]


def test_absent_clock_times_stay_absent_and_no_times_are_no_times() -> None:
    times = localtime.clock_to_utc(dt.date(2025, 10, 26), pa.array([None, 0], pa.int64()), "Europe/London")
    assert times.to_pylist() == [None, dt.datetime(2025, 10, 25, 23, tzinfo=dt.UTC)]
    assert len(localtime.clock_to_utc(dt.date(2025, 10, 26), pa.array([], pa.int64()), "Europe/London")) == 0


def test_zones_are_known_or_not() -> None:
    assert localtime.known_zone("Europe/Berlin")
    for name in ("", "Mars/Olympus", "../etc/passwd", "Europe", "x\0y", "/etc/localtime"):
        assert not localtime.known_zone(name), name


def test_a_clock_time_outside_the_calendar_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="outside the years"):
        localtime.to_utc(dt.datetime(1, 1, 1, 0, 0), "Europe/Berlin")  # noqa: DTZ001 - a wall clock


def walls(date: dt.date, zone: str) -> list[tuple[int, dt.datetime]]:
    """Read the wall clock every five minutes of real time, as somebody would who sat under it."""
    info = ZoneInfo(zone)
    instant = dt.datetime.combine(date, dt.time(), tzinfo=dt.UTC) - dt.timedelta(hours=30)
    seen = []
    for _ in range(84 * 12):
        local = instant.astimezone(info)
        if local.date() == date:
            seen.append((local.hour * HOUR + local.minute * 60 + local.second, instant))
        instant += dt.timedelta(minutes=5)
    return seen


@given(zone=st.sampled_from(ZONES), date=st.dates(dt.date(2009, 1, 1), dt.date(2030, 12, 31)))
def test_what_the_wall_clock_shows_in_order_comes_back_as_the_instants(zone: str, date: dt.date) -> None:
    check_the_wall(zone, date)


@pytest.mark.parametrize(
    ("zone", "date"),
    [
        ("Europe/London", "2025-10-26"),
        ("Europe/Berlin", "2025-03-30"),
        ("Australia/Lord_Howe", "2025-04-06"),
        ("Australia/Lord_Howe", "2025-10-05"),
        ("America/Sao_Paulo", "2018-11-04"),
        ("America/Sao_Paulo", "2018-02-17"),
        ("America/Havana", "2024-11-03"),
        ("Atlantic/Azores", "2025-10-26"),
        ("Pacific/Apia", "2011-12-31"),
        ("Pacific/Apia", "2011-12-30"),
        ("America/St_Johns", "2010-11-06"),
    ],
)
def test_and_so_on_the_days_on_which_it_is_changed(zone: str, date: str) -> None:
    check_the_wall(zone, dt.date.fromisoformat(date))


def check_the_wall(zone: str, date: dt.date) -> None:
    seen = walls(date, zone)
    first, after = localtime.bounds(date, zone)
    times = localtime.clock_to_utc(date, pa.array([second for second, _ in seen], pa.int64()), zone).to_pylist()
    assert times == [instant for _, instant in seen]
    assert all(first <= time < after for time in times)
    assert all(earlier < later for earlier, later in pairwise(times))
    assert all(localtime.local_date(time, zone) == date for time in times)
