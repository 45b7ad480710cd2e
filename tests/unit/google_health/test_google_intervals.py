"""Minutes of steps, the grid that is asked where they are uneven, and zone minutes; the person lives in Berlin."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from cromwelld.errors import BadAnswer
from cromwelld.sources.google_health.intervals import grid, steps, uneven, zone_minutes
from tests.unit.fitbit_web.reading import Plain, asked, assert_in_contract, rows
from tests.unit.google_health.points import Json, answer, date, interval, reconciled

STEPS, ZONES = "Steps_Intraday", "ActiveZoneMinutes_Intraday"
DATE = "2026-03-10"
TENTH = asked(DATE)
GOOD = {"time": "2026-03-10T12:00:00Z", "value": 37.0}


def clock(text: str) -> str:
    return f"{DATE}T{text}Z"


def walked(start: str, end: str, count: object = "37", *, offset: str = "3600s", on: str | None = None) -> Json:
    between = interval(start, end, offset=offset)
    civil = {} if on is None else {"civilStartTime": {"date": date(on), "time": {}}}
    counted = {} if count is None else {"count": count}
    return reconciled("steps", {"interval": {**between, **civil}, **counted})


def minute(text: str = "12:00", count: object = "37") -> Json:
    hours, minutes = map(int, text.split(":"))
    return walked(clock(f"{text}:00"), clock(f"{hours:02}:{minutes + 1:02}:00"), count)


def read(*points: object) -> tuple[list[Plain], int]:
    parsed = steps([answer(*points)], TENTH)
    assert_in_contract(parsed, TENTH)
    return rows(parsed, DATE, STEPS), sum(parsed.rejected.values())


@pytest.mark.parametrize(
    ("point", "value"),
    [
        (minute(), 37.0),
        (minute(count=37), 37.0),
        (minute(count=None), 0.0),  # worn and still
        (minute(count="0"), 0.0),
        (minute(count="NaN"), None),
        (walked(clock("12:00:00"), clock("12:01:00"), on=DATE), 37.0),
        (walked(clock("12:00:20"), clock("12:00:50")), 37.0),
        (walked(clock("12:00:00"), clock("12:01:00"), on="2026-03-09"), None),
    ],
)
def test_a_minute_has_its_count_and_nought_where_none_was_sent(point: Json, value: float | None) -> None:
    assert read(point) == ([] if value is None else [{"time": clock("12:00:00"), "value": value}], 0)


@pytest.mark.parametrize(
    "bad",
    [
        None,
        "x",
        {"steps": 1},
        {"steps": {"count": "1"}},
        {"steps": {"interval": [], "count": "1"}},
        minute("12:05", count="-1"),
        minute("12:05", count=True),
        minute("12:05", count="9" * 30),
        minute("12:05", count="1000000"),
        walked(clock("12:05:00"), clock("12:06:01")),
        walked(clock("12:05:00"), clock("12:05:00")),
        walked(clock("12:05:00"), clock("12:04:00")),
        walked(clock("12:05:00"), "9999-12-31T23:59:59Z"),
        walked("9999-12-31T23:58:59Z", "9999-12-31T23:59:59Z"),
        walked(clock("12:05:00"), "soon"),
        walked(clock("12:05:00"), clock("12:06:00"), offset="-07:00"),
        walked(clock("12:05:00"), clock("12:06:00"), on="2026-02-31"),
    ],
)
def test_a_bad_interval_costs_only_itself(bad: object) -> None:
    assert read(minute(), bad, minute("12:06", "5")) == ([GOOD, {"time": clock("12:06:00"), "value": 5.0}], 1)


def test_steps_before_the_first_midnight_belong_to_the_day_before() -> None:
    evening = walked("2026-03-09T22:59:00Z", "2026-03-09T23:00:00Z", "1")
    midnight = walked("2026-03-09T23:00:00Z", "2026-03-09T23:01:00Z", "2")
    last = walked("2026-03-10T22:59:00Z", "2026-03-10T23:00:00Z", "3")
    behind = walked("2026-03-10T23:00:00Z", "2026-03-10T23:01:00Z", "4")
    assert [row["value"] for row in read(behind, last, midnight, evening)[0]] == [2.0, 3.0]


@pytest.mark.parametrize(
    ("points", "stretch"),
    [
        ([], None),
        ([minute("12:06"), minute("12:00", None)], None),
        ([minute(), None, {"steps": {"count": "7"}}], None),
        ([minute("12:06"), walked(clock("11:58:20"), clock("12:03:10"))], ("11:58:00", "12:07:00")),
        ([walked(clock("12:00:00"), clock("12:00:30")), minute("12:30")], ("12:00:00", "12:31:00")),
        ([walked(clock("12:00:10"), clock("12:01:10"))], ("12:00:00", "12:02:00")),
        ([walked(clock("12:00:00.5"), clock("12:01:00.5"), None)], ("12:00:00", "12:02:00")),
        # still, without a count, but longer than a minute
        ([walked(clock("12:00:00"), clock("13:00:00"), None), minute("12:06")], ("12:00:00", "13:00:00")),
        # past midnight, which is at 23:00 UTC
        ([walked(clock("22:50:00"), clock("23:20:00"))], ("22:50:00", "23:00:00")),
        # what belongs to another date does not matter
        ([minute(), walked(clock("23:10:00"), clock("23:20:00"))], None),
    ],
)
def test_uneven_intervals_are_asked_as_a_grid(points: list[object], stretch: tuple[str, str] | None) -> None:
    expected = stretch and tuple(dt.datetime.fromisoformat(clock(end)) for end in stretch)
    assert uneven([answer(*points)], TENTH) == expected


def test_the_stretch_ends_at_the_midnight_of_the_offset_that_is_valid_there() -> None:
    # On 29 March 2026 Berlin goes from +1 to +2 hours at 01:00 UTC: the date lasts from 23:00 to 22:00 UTC.
    early = walked("2026-03-28T23:00:00Z", "2026-03-28T23:01:00Z", on="2026-03-29")
    late = walked("2026-03-29T21:30:00Z", "2026-03-29T22:40:00Z", offset="7200s", on="2026-03-29")
    expected = dt.datetime(2026, 3, 28, 23, tzinfo=dt.UTC), dt.datetime(2026, 3, 29, 22, tzinfo=dt.UTC)
    assert uneven([answer(late), answer(early)], asked("2026-03-29")) == expected


RECORD = answer(walked(clock("12:00:00"), clock("12:30:00")))


def windows(*points: object) -> bytes:
    return json.dumps({"rollupDataPoints": list(points), "nextPageToken": ""}).encode()


def window(text: str, counted: object) -> Json:
    hours, minutes = map(int, text.split(":"))
    ends: Json = {"startTime": clock(f"{text}:00"), "endTime": clock(f"{hours:02}:{minutes + 1:02}:00")}
    return ends if counted is None else {**ends, "steps": counted}


@pytest.mark.parametrize(
    ("counted", "value", "rejected"),
    [
        ({"countSum": "37"}, 37.0, 0),
        ({"countSum": 37}, 37.0, 0),
        ({"countSum": "0"}, 0.0, 0),
        ({}, 0.0, 0),  # worn and still
        (None, None, 0),  # not worn
        ({"countSum": "-3"}, None, 1),
        ({"countSum": True}, None, 1),
        (7, None, 1),
    ],
)
def test_a_window_of_the_grid_is_a_minute_if_it_was_worn(counted: object, value: float | None, rejected: int) -> None:
    pages = [windows(window("12:01", {"countSum": "5"})), windows(window("12:00", counted))]
    parsed = grid([RECORD, *pages], TENTH)
    assert_in_contract(parsed, TENTH)
    first = [] if value is None else [{"time": clock("12:00:00"), "value": value}]
    assert rows(parsed, DATE, STEPS) == [*first, {"time": clock("12:01:00"), "value": 5.0}]
    assert sum(parsed.rejected.values()) == rejected


@pytest.mark.parametrize("start", ["9999-12-31T23:59:00Z", "2026-03-13T12:00:00Z", "now", None])
def test_a_window_of_no_time_of_the_date_is_left_out(start: str | None) -> None:
    bad = {"startTime": start, "steps": {"countSum": "5"}}
    parsed = grid([RECORD, windows(bad, window("12:00", {"countSum": "37"}))], TENTH)
    assert rows(parsed, DATE, STEPS) == [GOOD]
    assert parsed.rejected == {"no time": 1}


def test_a_grid_without_windows_or_zone_has_no_rows() -> None:
    assert grid([RECORD, b"{}"], TENTH).tables == {}
    assert grid([RECORD, windows(window("12:00", {}))], asked(DATE, zone=None)).tables == {}


def test_a_window_is_of_the_date_only_where_a_record_of_the_date_is() -> None:
    """Where the date line is crossed backwards a date comes twice, and another one in between."""
    told = windows(*(window(text, {"countSum": "5"}) for text in ("11:58", "11:59", "12:29", "12:30", "13:00")))
    record = answer(walked(clock("11:59:30"), clock("12:30:00")), walked(clock("13:00:10"), clock("13:00:20")))
    found = [row["time"] for row in rows(grid([record, told], TENTH), DATE, STEPS)]
    assert found == [clock(f"{text}:00") for text in ("11:59", "12:29", "13:00")]


def earned(zone: object, points: object = "2", start: str = "12:00") -> Json:
    hours, minutes = map(int, start.split(":"))
    between = interval(clock(f"{start}:00"), clock(f"{hours:02}:{minutes + 1:02}:00"))
    value = {"interval": between, "heartRateZone": zone, "activeZoneMinutes": points}
    return reconciled("activeZoneMinutes", {name: found for name, found in value.items() if found is not None})


def test_zone_minutes_keep_the_vendors_word_also_one_that_is_new() -> None:
    parsed = zone_minutes([answer(earned("CARDIO"), earned("FAT_BURN", 1, "11:58"), earned("ZONE_5"))], TENTH)
    assert_in_contract(parsed, TENTH)
    assert rows(parsed, DATE, ZONES) == [
        {"time": clock("11:58:00"), "HeartRateZone": "FAT_BURN", "value": 1.0},
        {"time": clock("12:00:00"), "HeartRateZone": "CARDIO", "value": 2.0},
        {"time": clock("12:00:00"), "HeartRateZone": "ZONE_5", "value": 2.0},
    ]
    assert parsed.rejected == {}


@pytest.mark.parametrize(
    ("bad", "rejected"),
    [
        (earned("CARDIO", None), 0),
        (earned("CARDIO", "NaN"), 0),
        (earned(None), 1),
        (earned(""), 1),
        (earned(7), 1),
        (earned("Z" * 300), 1),
        (earned("CARDIO", "-2"), 1),
        (earned("CARDIO", [2]), 1),
        (None, 1),
    ],
)
def test_bad_zone_minutes_cost_only_themselves(bad: object, rejected: int) -> None:
    parsed = zone_minutes([answer(bad, earned("PEAK", start="12:06"))], TENTH)
    assert rows(parsed, DATE, ZONES) == [{"time": clock("12:06:00"), "HeartRateZone": "PEAK", "value": 2.0}]
    assert sum(parsed.rejected.values()) == rejected


@pytest.mark.parametrize("body", [b"", b"[]", b'{"dataPoints":7,"rollupDataPoints":7}', b"<html>"])
def test_what_is_no_page_is_a_bad_answer(body: bytes) -> None:
    for parse in (steps, zone_minutes, grid, uneven):
        with pytest.raises(BadAnswer):
            parse([body], TENTH)
