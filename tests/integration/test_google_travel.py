"""A week of travel through Google: London, Tokyo, over the date line and back, New York on its fall-back night."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from cromwelld.lake.reader import load_date
from cromwelld.pieces import Answer, Outcome
from cromwelld.simulator.google_health import Options
from cromwelld.simulator.google_health.points import Point
from tests.support.collecting import Household
from tests.support.google import Cloud, Setup, fetching, pieces, times
from tests.support.google_points import PHONE, WATCH

HOUR, MINUTE = 3600, 60
DAY = dt.timedelta(days=1)
# from which instant (UTC) the wrist showed which clock (hours from UTC)
ITINERARY = (
    ("2025-10-26T12:00", 0),  # London
    ("2025-10-28T02:00", 9),  # Tokyo
    ("2025-10-30T16:00", -10),  # Honolulu, reached on the date that was over in Tokyo an hour ago
    ("2025-10-31T20:00", 9),  # Tokyo again: the rest of that date is skipped
    ("2025-11-01T06:00", -4),  # New York, where it is the same date for a second time
    ("2025-11-02T06:00", -5),  # New York after its clocks went back
)
END = "2025-11-05T00:00"
FIRST, LAST = dt.date(2025, 10, 27), dt.date(2025, 11, 3)
ASKED = [FIRST - DAY + number * DAY for number in range((LAST - FIRST).days + 3)]
STREAMS = ("heart_rate", "steps", "spo2_intraday", "sleep", "activities", "activity_levels", "weight")
MEASUREMENTS = {
    "heart_rate": "HeartRate_Intraday",
    "steps": "Steps_Intraday",
    "spo2_intraday": "SPO2_Intraday",
    "activities": "ActivityRecords",
    "weight": "Weight",
}
CIVIL = frozenset(
    {
        "heart_rate.sample_time.civil_time",
        "steps.interval.civil_start_time",
        "oxygen_saturation.sample_time.civil_time",
        "sleep.interval.civil_end_time",
        "exercise.interval.civil_start_time",
        "activity_level.interval.civil_start_time",
        "weight.sample_time.civil_time",
    }
)
WAYS = {
    "civil": Options(quota=None),
    "refused": Options(quota=None, refused_filters=CIVIL),
    "shuffled": Options(quota=None, refused_filters=CIVIL, reconcile_order="shuffled", most_points=700),
}
LEVELS = ("SEDENTARY", "LIGHTLY_ACTIVE", "MODERATELY_ACTIVE", "VERY_ACTIVE")
NAMES = dict(zip(LEVELS[1:], ("Lightly", "Fairly", "Very"), strict=True))


def utc(text: str) -> int:
    return int(dt.datetime.fromisoformat(f"{text}+00:00").timestamp())


def instant(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


STARTS = [utc(text) for text, _ in ITINERARY]
BEGIN, BEHIND = STARTS[0], utc(END)
MINUTES = range(BEGIN, BEHIND, MINUTE)


def offset_s(at: int) -> int:
    """Tell how far the wrist is ahead of UTC."""
    return ITINERARY[bisect_right(STARTS, at) - 1][1] * HOUR


def date_of(at: int) -> dt.date:
    """Tell the date that the wrist shows."""
    return instant(at + offset_s(at)).date()


def stretch(start: int, end: int, *, wearable: bool = True, number: int | None = None, **payload: object) -> Point:
    return Point(
        start=start,
        end=end,
        offset_s=offset_s(start),
        end_offset_s=offset_s(end),
        payload=payload,
        id=None if number is None else str(number),
        source=WATCH if wearable else PHONE,
        wearable=wearable,
    )


def edge(at: int, name: str) -> dict[str, str]:
    stamp = instant(at).isoformat().replace("+00:00", "Z")
    return {f"{name}Time": stamp, f"{name}UtcOffset": f"{offset_s(at)}s"}


def sleep(start: str, end: str, number: int) -> Point:
    begin, wake = utc(start), utc(end)
    edges = [*range(begin, wake, 90 * MINUTE), wake]
    stages = [
        {**edge(one, "start"), **edge(other, "end"), "type": ("LIGHT", "DEEP", "REM")[place % 3]}
        for place, (one, other) in enumerate(pairwise(edges))
    ]
    minutes = str((wake - begin) // MINUTE)
    summary = {"minutesInSleepPeriod": minutes, "minutesAsleep": minutes, "minutesAwake": "0"}
    metadata = {"processed": True}
    return stretch(begin, wake, number=number, type="STAGES", stages=stages, summary=summary, metadata=metadata)


# each with the date on which it ends, worked out by hand
SLEEPS = {
    ("2025-10-26T23:00", "2025-10-27T06:30"): "2025-10-27",
    ("2025-10-27T23:00", "2025-10-28T05:00"): "2025-10-28",  # fell asleep in London, woke on Tokyo's time at 14:00
    ("2025-10-28T14:30", "2025-10-28T21:30"): "2025-10-29",
    ("2025-10-29T14:00", "2025-10-29T21:00"): "2025-10-30",
    ("2025-10-30T13:30", "2025-10-30T18:30"): "2025-10-30",  # over the date line: woke at 08:30 of the date before
    ("2025-10-31T08:30", "2025-10-31T15:30"): "2025-10-31",
    ("2025-10-31T17:00", "2025-11-01T01:00"): "2025-11-01",  # and back: woke at 10:00 in Tokyo
    ("2025-11-02T03:00", "2025-11-02T11:00"): "2025-11-02",  # through the hour that New York has twice
    ("2025-11-02T05:10", "2025-11-02T06:20"): "2025-11-02",  # from 01:10 to 01:20
    ("2025-11-03T04:00", "2025-11-03T11:00"): "2025-11-03",
}
RUNS = {
    "2025-10-27T00:30": "2025-10-27",
    "2025-10-28T01:50": "2025-10-28",  # begun on London's time, over on Tokyo's
    "2025-10-30T15:30": "2025-10-31",  # at 00:30 in Tokyo, over at 06:30 in Honolulu of the date before
    "2025-10-30T17:00": "2025-10-30",
    "2025-10-31T09:50": "2025-10-30",  # at 23:50 in Honolulu
    "2025-10-31T10:30": "2025-10-31",
    "2025-10-31T19:50": "2025-10-31",
    "2025-10-31T20:10": "2025-11-01",
    "2025-11-01T14:50": "2025-11-01",
    "2025-11-02T05:30": "2025-11-02",  # in the first 01:30
    "2025-11-02T06:30": "2025-11-02",  # in the second
    "2025-11-03T04:30": "2025-11-02",
}


def spans() -> list[tuple[int, int, str]]:
    """Cut the week into levels of activity, none of which changes its clock."""
    found, at, number = list[tuple[int, int, str]](), BEGIN, 0
    while at < BEHIND:
        length = (7, 31, 113, 251)[number % 4] * MINUTE
        change = next((start for start in STARTS if start > at), BEHIND)
        end = min(at + length, change, BEHIND)
        found.append((at, end, LEVELS[(number * 3 + number // 4) % 4]))
        at, number = end, number + 1
    return found


@cache
def week() -> Cloud:
    """Lay out the week: the steps of every minute, a beat of every other, and what else happened."""
    asleep = [(utc(start), utc(end)) for start, end in SLEEPS]
    beats = [stretch(at + at % 41, at + at % 41, beatsPerMinute=str(50 + at // 60 % 90)) for at in MINUTES[::2]]
    walked = [stretch(at, at + MINUTE, count=str(at // 60 % 30)) for at in MINUTES]
    oxygen = sorted({at for start, end in asleep for at in range(start, end, 5 * MINUTE)})
    known = {
        "heart-rate": beats,
        "steps": walked,
        "oxygen-saturation": [stretch(at, at, percentage=96.5) for at in oxygen],
        "sleep": [sleep(*one, number=100 + number) for number, one in enumerate(SLEEPS)],
        "exercise": [
            stretch(utc(start), utc(start) + 2 * HOUR // 3, number=200 + number, exerciseType="RUNNING")
            for number, start in enumerate(RUNS)
        ],
        "activity-level": [
            # a span that ends where the clock changes ends by the old one
            replace(stretch(start, end, activityLevelType=level), end_offset_s=offset_s(start))
            for start, end, level in spans()
        ],
        "weight": [stretch(at, at, number=at, weightGrams=70000 + at % 97) for at in range(BEGIN, BEHIND, 5 * HOUR)],
    }
    return Cloud(known=known, first=ASKED[0] - DAY, last=ASKED[-1] + DAY, zone="Europe/London")


Found = Mapping[tuple[str, str], Answer]


async def collected(way: str, *, at_once: bool, cloud: Cloud | None = None, steps_from: str = "watch") -> Found:
    """Ask for the whole week: in one range, or for each date by itself."""
    setup = Setup(options=WAYS[way], zone="Europe/London", steps_from=steps_from, clock=lambda: instant(BEHIND))
    found: dict[tuple[str, str], Answer] = {}
    async with fetching(cloud or week(), setup) as one:
        asked = [(ASKED[0], ASKED[-1])] if at_once else [(date, date) for date in ASKED]
        for first, last in asked:
            found |= await one.all(pieces(first.isoformat(), last.isoformat(), STREAMS))
        assert len(found) == len(STREAMS) * len(ASKED)
        rejected = [event for event in one.events if event.kind.name == "RECORDS_REJECTED"]
    assert rejected == []
    assert {answer.outcome for answer in found.values()} <= {Outcome.OK, Outcome.EMPTY}
    return found


def by_date(found: Found, stream: str, measurement: str) -> dict[dt.date, list[dt.datetime]]:
    return {answer.date: times(answer, measurement) for (name, _), answer in found.items() if name == stream}


def dated(points: Sequence[Point]) -> dict[dt.date, list[dt.datetime]]:
    """Lay points out by the wrist's date of their start."""
    laid: dict[dt.date, list[dt.datetime]] = {date: [] for date in ASKED}
    for point in points:
        laid[date_of(point.start)].append(instant(point.start))
    return {date: sorted(found) for date, found in laid.items()}


def test_the_week_is_as_it_was_meant() -> None:
    """Some dates by hand: 30 October is there twice, with an hour of the 31st in between, which itself is cut short."""
    assert [
        date_of(utc(text)).isoformat() for text in ("2025-10-30T14:59", "2025-10-30T15:00", "2025-10-30T16:00")
    ] == [
        "2025-10-30",
        "2025-10-31",
        "2025-10-30",
    ]
    hours = Counter(date_of(at).isoformat() for at in range(BEGIN, BEHIND, HOUR))
    # 28 October ends at 15:00 UTC; 30 October has 24 hours in Tokyo and 18 in Honolulu
    assert (hours["2025-10-27"], hours["2025-10-28"], hours["2025-10-29"], hours["2025-10-30"]) == (24, 15, 24, 42)
    # 31 October: one in Tokyo, ten in Honolulu; 1 November: ten in Tokyo, 22 in New York; 2 November: 25
    assert (hours["2025-10-31"], hours["2025-11-01"], hours["2025-11-02"], hours["2025-11-03"]) == (11, 32, 25, 24)
    assert {date_of(at) for at in MINUTES} == set(ASKED)


@pytest.mark.parametrize("at_once", [True, False], ids=["one range", "date by date"])
@pytest.mark.parametrize("way", [pytest.param(way, marks=() if way == "civil" else pytest.mark.slow) for way in WAYS])
async def test_every_instant_is_in_exactly_one_date(way: str, *, at_once: bool) -> None:
    found, known = await collected(way, at_once=at_once), week().known
    for stream, kind in (("heart_rate", "heart-rate"), ("steps", "steps"), ("spo2_intraday", "oxygen-saturation")):
        laid = by_date(found, stream, MEASUREMENTS[stream])
        assert laid == dated(known[kind]), stream
        assert sum(map(len, laid.values())) == len(known[kind])
    assert by_date(found, "weight", "Weight") == dated(known["weight"])
    assert_sleeps(found)
    assert_runs(found)
    assert_levels(found)


def assert_sleeps(found: Found) -> None:
    """Hold sleeps and their stages against the dates of their ends."""
    ends = Counter(SLEEPS.values())
    for date in ASKED:
        answer = found["sleep", date.isoformat()]
        rows = answer.tables["SleepSummary"].to_pylist()
        assert len(rows) == ends[date.isoformat()], date
        assert [row["time"] for row in sorted(rows, key=lambda row: row["time"])] == [
            instant(utc(start)) for (start, _), day in SLEEPS.items() if day == date.isoformat()
        ]
        slept = sum(row["field_duration_seconds"] for row in answer.tables["SleepLevels"].to_pylist())
        assert slept == sum(utc(end) - utc(start) for (start, end), day in SLEEPS.items() if day == date.isoformat())


def assert_runs(found: Found) -> None:
    for date in ASKED:
        began = times(found["activities", date.isoformat()], "ActivityRecords")
        assert began == [instant(utc(start)) for start, day in RUNS.items() if day == date.isoformat()], date


def minutes_of(found: Found, date: dt.date) -> dict[str, float]:
    tables = found["activity_levels", date.isoformat()].tables
    rows = {level: tables[f"Activity-minutes{name}Active"].to_pylist() for level, name in NAMES.items()}
    return {level: row[0]["field_value"] for level, row in rows.items() if row}


def assert_levels(found: Found) -> None:
    """Hold the minutes of each level against a count of every single minute by the wrist's date."""
    truth = Counter((date_of(at), level) for start, end, level in spans() for at in range(start, end, MINUTE))
    for date in ASKED:
        assert minutes_of(found, date) == {level: float(truth[date, level]) for level in NAMES}, date


LONG = (
    ("2025-10-27T20:00", "2025-10-28T06:00"),  # to Tokyo
    ("2025-10-30T12:00", "2025-10-30T17:00"),  # to Honolulu, ending before it began
    ("2025-10-30T15:20", "2025-10-30T15:40"),  # a walk in Tokyo after midnight
    ("2025-10-31T16:00", "2025-10-31T23:00"),  # back to Tokyo
    ("2025-11-01T02:00", "2025-11-01T12:00"),  # to New York
    ("2025-11-02T03:50", "2025-11-02T07:00"),  # over midnight and over the hour that is there twice
)


@pytest.mark.parametrize("at_once", [True, False], ids=["one range", "date by date"])
@pytest.mark.parametrize("way", ["civil", "refused"])
@pytest.mark.parametrize("number", range(len(LONG)))
async def test_a_span_over_a_change_of_clocks_is_counted_once(number: int, way: str, *, at_once: bool) -> None:
    start, end = (utc(text) for text in LONG[number])
    cloud = Cloud(
        known={"activity-level": [stretch(start, end, activityLevelType="VERY_ACTIVE")]},
        first=ASKED[0],
        last=ASKED[-1],
    )
    found = await collected(way, at_once=at_once, cloud=cloud)
    counted = {date: minutes_of(found, date).get("VERY_ACTIVE", 0.0) for date in ASKED}
    assert sum(counted.values()) == (end - start) / MINUTE
    days = [date for date, minutes in counted.items() if minutes]
    edges = sorted([date_of(start), date_of(end)])
    assert edges[0] <= min(days)
    assert max(days) <= edges[1]


async def test_the_last_span_is_cut_at_the_midnight_before_the_clocks_go_back() -> None:
    """From 23:50 in New York to 02:00 after the change: ten minutes, and 180."""
    start, end = (utc(text) for text in LONG[-1])
    known = {"activity-level": [stretch(start, end, activityLevelType="VERY_ACTIVE")]}
    found = await collected("civil", at_once=True, cloud=Cloud(known=known, first=ASKED[0], last=ASKED[-1]))
    counted = {date.isoformat(): minutes_of(found, date).get("VERY_ACTIVE") for date in ASKED}
    assert {date: minutes for date, minutes in counted.items() if minutes} == {"2025-11-01": 10.0, "2025-11-02": 180.0}


async def walked(known: Sequence[Point], way: str) -> dict[str, list[str]]:
    """Ask for the steps of all sources, and give the minutes with steps of each date."""
    cloud = Cloud(known={"steps": known}, first=ASKED[0] - DAY, last=ASKED[-1] + DAY)
    found = by_date(await collected(way, at_once=False, cloud=cloud, steps_from="all"), "steps", "Steps_Intraday")
    return {date.isoformat(): [f"{at:%dT%H:%M}" for at in minutes] for date, minutes in found.items() if minutes}


@pytest.mark.parametrize("way", ["civil", "refused"])
async def test_a_grid_of_a_date_that_is_there_twice_leaves_out_what_lies_between(way: str) -> None:
    """30 October from 23:00 in Tokyo, then half past midnight there, then 30 October at 20:00 in Honolulu."""
    phone = stretch(utc("2025-10-30T14:00"), utc("2025-10-30T14:02"), wearable=False, count="30")
    others = [stretch(utc(at), utc(at) + MINUTE, count="9") for at in ("2025-10-30T15:30", "2025-10-31T06:00")]
    found = await walked([phone, *others], way)
    assert found == {"2025-10-30": ["30T14:00", "31T06:00"], "2025-10-31": ["30T15:30"]}


@pytest.mark.parametrize("way", ["civil", pytest.param("refused", marks=pytest.mark.slow)])
async def test_minutes_of_grids_are_in_exactly_one_date_too(way: str) -> None:
    """Every hour has a record of the phone of three minutes, so every date is asked again as a grid of minutes."""
    watch = [stretch(at, at + MINUTE, count=str(1 + at // 60 % 30)) for at in MINUTES if at // 60 % 60 < 50]
    phone = [stretch(at + 50 * MINUTE, at + 53 * MINUTE, wearable=False, count="30") for at in MINUTES[::60]]
    found = await walked([*watch, *phone], way)
    truth = dated([*watch, *phone])
    assert sum(map(len, found.values())) == len(watch) + len(phone)
    for date in ASKED:
        assert found[date.isoformat()] == [f"{at:%dT%H:%M}" for at in truth[date]], date


async def test_the_week_lies_in_archive_and_tables_once(tmp_path: Path) -> None:
    """Collect the week into real places: what was measured is stored on the wrist's dates and on no other."""
    home = Household(tmp_path)
    home.clock.now = instant(BEHIND + 30 * 24 * HOUR)
    setup = Setup(options=WAYS["civil"], zone="Europe/London", clock=lambda: instant(BEHIND))
    known = week().known
    async with fetching(week(), setup) as one:
        done = await home.collect_from(one.source, days=(ASKED[0].isoformat(), ASKED[-1].isoformat()))
    assert done.complete
    beats, walked = dated(known["heart-rate"]), dated(known["steps"])
    for date in ASKED:
        for name, truth in (("HeartRate_Intraday", beats[date]), ("Steps_Intraday", walked[date])):
            assert home.times(name, date.isoformat()) == [at.isoformat() for at in truth], (name, date)
            frame = load_date(date.isoformat(), home.root / "data", timezone="UTC")[name]
            assert [at.to_pydatetime() for at in frame["time"]] == truth, (name, date)
        assert len(home.times("SleepSummary", date.isoformat())) == Counter(SLEEPS.values())[date.isoformat()]
