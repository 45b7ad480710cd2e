"""Filters that the vendor refuses, and what is done instead: once, remembered, reported, without losing anything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Literal

import pytest
from aiohttp import web

from cromwelld.events import Kind
from cromwelld.pieces import Answer, Outcome
from cromwelld.simulator.google_health import Options, Paging
from cromwelld.simulator.google_health.points import Point
from cromwelld.sources.google_health.streams import DATA_STREAMS
from tests.support.google import TYPES, Cloud, Seen, Setup, fetching, pieces, times, values
from tests.support.google_points import WATCH, interval, utc

DATE, NEXT = "2026-03-10", "2026-03-11"
HOUR = 3600
CIVIL_SAMPLES, CIVIL_SLEEP = "heart_rate.sample_time.civil_time", "sleep.interval.civil_end_time"
CIVIL_STEPS, CIVIL_EXERCISE = "steps.interval.civil_start_time", "exercise.interval.civil_start_time"
# a sample is of its date; a record of steps may begin six hours before the date into which it reaches
SAMPLES = ('>= "2026-03-10" AND {0} < "2026-03-11"', '>= "2026-03-09T10:00:00Z" AND {0} < "2026-03-11T14:00:00Z"')
RECORDS = (
    '>= "2026-03-09T18:00:00" AND {0} < "2026-03-11"',
    '>= "2026-03-09T04:00:00Z" AND {0} < "2026-03-11T14:00:00Z"',
)


def at(start: str, offset_h: float, length_s: int = 0, **payload: object) -> Point:
    """Make a point on a clock of any offset."""
    offset = round(offset_h * HOUR)
    begin = utc(start)
    return Point(start=begin, end=begin + length_s, offset_s=offset, end_offset_s=offset, payload=payload, source=WATCH)


def beat(start: str, offset_h: float) -> Point:
    return at(start, offset_h, beatsPerMinute="61")


def walk(start: str, offset_h: float) -> Point:
    return at(start, offset_h, 60, count="5")


def refusing(
    *members: str, order: Literal["newest", "shuffled"] = "newest", odd: Mapping[str, Paging] | None = None
) -> Setup:
    return Setup(
        options=Options(quota=None, refused_filters=frozenset(members), reconcile_order=order, paging=odd or {})
    )


# 10 March is from 10:00 the day before (at +14) to 12:00 the day after (at -12)
OF_THE_DATE = ["9 10:00:00", "9 23:00:00", "10 11:59:00", "10 12:00:00", "11 11:59:00"]
OFFSETS = [14, 1, -5, 5.75, -12]
NEIGHBOURS = [("9 09:59:59", 14), ("10 10:00:00", 14), ("9 22:59:59", 1), ("11 00:00:00", 0), ("11 12:00:00", -12)]
BEATS = Cloud(
    known={
        "heart-rate": [
            *(beat(*one) for one in NEIGHBOURS),
            *(beat(start, offset) for start, offset in zip(OF_THE_DATE, OFFSETS, strict=True)),
        ],
        "steps": [
            *(walk(start[:-3], offset) for start, offset in NEIGHBOURS[1::2]),
            *(walk(start, offset) for start, offset in zip(OF_THE_DATE, OFFSETS, strict=True)),
        ],
    }
)


def instants(*texts: str) -> list[dt.datetime]:
    return [dt.datetime.fromtimestamp(utc(text), dt.UTC) for text in texts]


@pytest.mark.parametrize(
    ("stream", "members", "said"),
    [
        ("heart_rate", (CIVIL_SAMPLES, "heart_rate.sample_time.physical_time"), SAMPLES),
        ("steps", (CIVIL_STEPS, "steps.interval.start_time"), RECORDS),
    ],
)
async def test_a_refused_civil_filter_becomes_a_wide_physical_one(
    stream: str, members: tuple[str, str], said: tuple[str, str]
) -> None:
    kind, measurement = DATA_STREAMS[stream].data_type.path, DATA_STREAMS[stream].measurements[0]
    async with fetching(BEATS, refusing(members[0])) as one:
        answers = await one.all(pieces(DATE, streams=[stream]))
        assert [(asked.status, asked.filter) for asked in one.asked(kind)] == [
            (status, f"{member} {bounds.format(member)}")
            for status, member, bounds in zip((400, 200), members, said, strict=True)
        ]
        assert times(answers[stream, DATE], measurement) == instants(*OF_THE_DATE)
        assert [event.fields["stream"] for event in one.said(Kind.FILTER_REFUSED)] == [stream]
        again = await one.all(pieces(DATE, NEXT, streams=[stream]))
        assert [asked.status for asked in one.asked(kind)] == [400, 200, 200, 200]
        assert times(again[stream, DATE], measurement) == instants(*OF_THE_DATE)
        assert len(one.said(Kind.FILTER_REFUSED)) == 1
        assert one.said(Kind.RECORDS_REJECTED) == []


@pytest.mark.parametrize("stream", ["heart_rate", "steps"])
async def test_both_ways_give_the_same_records(stream: str) -> None:
    measurement = DATA_STREAMS[stream].measurements[0]
    found = []
    for setup in (Setup(), refusing(CIVIL_SAMPLES, CIVIL_STEPS)):
        async with fetching(BEATS, setup) as one:
            answers = await one.all(pieces("2026-03-09", NEXT, streams=[stream]))
        found.append({date: values(answer, measurement) for (_, date), answer in answers.items()})
    assert found[0] == found[1]
    assert sum(map(len, found[0].values())) == len(BEATS.known[DATA_STREAMS[stream].data_type.path])


async def test_many_dates_at_once_report_a_refusal_once() -> None:
    async with fetching(BEATS, refusing(CIVIL_SAMPLES, CIVIL_STEPS)) as one:
        await one.all(pieces("2026-03-01", NEXT, streams=["heart_rate", "steps"]))
        said = one.said(Kind.FILTER_REFUSED)
    assert sorted(str(event.fields["stream"]) for event in said) == ["heart_rate", "steps"]


async def test_a_refused_filter_is_not_sent_again_for_every_date() -> None:
    """Ten requests may be under way when the first is refused; those behind them know better."""
    async with fetching(BEATS, refusing(CIVIL_SAMPLES)) as one:
        await one.all(pieces("2026-02-10", NEXT, streams=["heart_rate"]))
        sent = [asked.status for asked in one.asked("heart-rate")]
    assert sent.count(200) == 30
    assert sent.count(400) <= 10


async def test_when_both_filters_are_refused_the_stream_fails() -> None:
    setup = refusing(CIVIL_SAMPLES, "heart_rate.sample_time.physical_time")
    async with fetching(BEATS, setup) as one:
        answers = await one.all(pieces(DATE, streams=["heart_rate", "steps"]))
        assert [asked.status for asked in one.asked("heart-rate")] == [400, 400]
    assert answers["heart_rate", DATE].outcome is Outcome.FAILED
    assert "FILTER" in answers["heart_rate", DATE].reason
    assert answers["steps", DATE].outcome is Outcome.OK


async def test_a_refused_date_filter_has_no_other_way() -> None:
    async with fetching(Cloud(), refusing("daily_resting_heart_rate.date")) as one:
        answers = await one.all(pieces(DATE, streams=["resting_heart_rate"]))
        assert [asked.status for asked in one.asked("daily-resting-heart-rate")] == [400]
        assert one.said(Kind.FILTER_REFUSED) == []
    assert answers["resting_heart_rate", DATE].outcome is Outcome.FAILED


def refusal(*, reason: str | None) -> web.Response:
    details = [] if reason is None else [{"reason": reason, "domain": "health.googleapis.com"}]
    error = {"code": 400, "message": "", "status": "INVALID_ARGUMENT", "details": details}
    return web.json_response({"error": error}, status=400)


@pytest.mark.parametrize("reason", ["INVALID_TIME_RANGE", "INVALID_ROLLUP_QUERY_DURATION", "OTHER"])
async def test_another_reason_is_no_refusal_of_the_filter(reason: str) -> None:
    def failing(seen: Seen) -> web.Response | None:
        return refusal(reason=reason) if seen.kind == "heart-rate" else None

    async with fetching(BEATS, Setup(failing=failing)) as one:
        answers = await one.all(pieces(DATE, streams=["heart_rate"]))
        assert len(one.asked("heart-rate")) == 1
        assert one.said(Kind.FILTER_REFUSED) == []
        assert one.said(Kind.REQUEST_RETRIED) == []
    assert answers["heart_rate", DATE].outcome is Outcome.FAILED


@pytest.mark.parametrize(
    "reason",
    [
        "INVALID_DATA_POINT_FILTER",
        "INVALID_DATA_POINT_FILTER_DATA_TYPE_MEMBER",
        "INVALID_DATA_POINT_FILTER_RESTRICTION_COMPARATOR",
        None,
    ],
)
async def test_a_refusal_of_the_filter_is_known_by_its_reason_or_by_none(reason: str | None) -> None:
    def failing(seen: Seen) -> web.Response | None:
        return refusal(reason=reason) if "civil_time" in seen.filter else None

    async with fetching(BEATS, Setup(failing=failing)) as one:
        answers = await one.all(pieces(DATE, streams=["heart_rate"]))
        assert [asked.status for asked in one.asked("heart-rate")] == [400, 200]
    assert times(answers["heart_rate", DATE], "HeartRate_Intraday") == instants(*OF_THE_DATE)


async def test_a_bad_token_on_a_later_page_is_no_refusal_of_the_filter() -> None:
    def failing(seen: Seen) -> web.Response | None:
        return refusal(reason=None) if seen.token and "civil_time" in seen.filter else None

    paged = Options(quota=None, most_points=2)
    async with fetching(BEATS, Setup(options=paged, failing=failing)) as one:
        answers = await one.all(pieces(DATE, streams=["heart_rate"]))
        assert one.said(Kind.FILTER_REFUSED) == []
    assert answers["heart_rate", DATE].outcome is Outcome.FAILED


def night(end_day: int, number: int) -> Point:
    stages = [
        {
            "startTime": f"2026-03-{end_day - 1:02}T22:00:00Z",
            "startUtcOffset": "3600s",
            "endTime": f"2026-03-{end_day:02}T06:00:00Z",
            "endUtcOffset": "3600s",
            "type": "LIGHT",
        }
    ]
    summary = {"minutesAsleep": "480", "minutesInSleepPeriod": "480"}
    begin, end = f"{end_day - 1} 22:00", f"{end_day} 06:00"
    metadata = {"processed": True, "mainSleep": True}
    return interval(begin, end, id=str(number), type="STAGES", stages=stages, summary=summary, metadata=metadata)


def nap(day: int, hour: int, number: int) -> Point:
    summary = {"minutesAsleep": "4", "minutesInSleepPeriod": "5"}
    metadata = {"processed": True, "nap": True}
    begin, end = f"{day} {hour:02}:00", f"{day} {hour:02}:05"
    return interval(begin, end, id=str(number), type="CLASSIC", summary=summary, metadata=metadata, stages=[])


def run(day: int, hour: int, number: int) -> Point:
    kcal = {"caloriesKcal": 10.0 + hour}
    return interval(
        f"{day} {hour:02}:10", f"{day} {hour:02}:40", id=str(number), exerciseType="RUNNING", metricsSummary=kcal
    )


NAPS = range(9, 21)
SLEEPS = [night(day, day) for day in range(2, 13)] + [
    nap(day, hour, day * 100 + hour) for day in range(2, 12) for hour in NAPS
]
RUNS = [run(day, hour, day * 100 + hour) for day in range(2, 12) for hour in NAPS]
SESSIONS = Cloud(known={"sleep": SLEEPS, "exercise": RUNS})
KINDS = [
    ("sleep", "sleep", "SleepSummary", CIVIL_SLEEP, 13),
    ("activities", "exercise", "ActivityRecords", CIVIL_EXERCISE, 12),
]
Session = tuple[str, str, str, str, int]


async def asked_for(setup: Setup, session: Session, dates: Sequence[str]) -> tuple[list[Answer], list[Seen]]:
    stream, kind, _, _, _ = session
    async with fetching(SESSIONS, setup) as one:
        answers = await one.all(pieces(dates[0], dates[-1], streams=[stream]))
    return [answers[stream, date] for date in dates], one.asked(kind)


@pytest.mark.parametrize("session", KINDS, ids=["sleep", "exercise"])
async def test_a_refused_session_filter_becomes_a_walk_that_ends_behind_the_dates(session: Session) -> None:
    (answer,), seen = await asked_for(refusing(session[3]), session, [DATE])
    assert answer.tables[session[2]].num_rows == session[4]
    assert [asked.status for asked in seen[:2]] == [400, 200]
    assert all("filter" not in asked.query for asked in seen[1:])
    # 13 or 12 a date, 25 a page, and the walk ends at the first record of 7 March: of 6 or 5 pages, so many
    assert len(seen) - 1 == {"sleep": 3, "exercise": 2}[session[1]]


@pytest.mark.parametrize("order", ["newest", "shuffled"])
@pytest.mark.parametrize("session", KINDS, ids=["sleep", "exercise"])
@pytest.mark.parametrize("date", ["2026-03-03", "2026-03-07", NEXT])
async def test_a_walk_loses_nothing_in_whatever_order(
    session: Session, order: Literal["newest", "shuffled"], date: str
) -> None:
    (wanted,), _ = await asked_for(Setup(), session, [date])
    (found,), seen = await asked_for(refusing(session[3], order=order), session, [date])
    assert found.outcome is Outcome.OK
    assert times(found, session[2]) == times(wanted, session[2])
    assert found.rows == wanted.rows
    if order == "shuffled":
        assert len(seen) - 1 == -(-len(SESSIONS.known[session[1]]) // 25)


@pytest.mark.parametrize("session", KINDS, ids=["sleep", "exercise"])
async def test_a_walk_goes_on_over_empty_and_short_pages(session: Session) -> None:
    odd = Paging(empty=frozenset({1, 3}), short=frozenset({2, 4}))
    dates = ["2026-03-05", "2026-03-06"]
    wanted, _ = await asked_for(Setup(), session, dates)
    found, _ = await asked_for(refusing(session[3], odd={f"{TYPES}/{session[1]}/": odd}), session, dates)
    assert [times(one, session[2]) for one in found] == [times(one, session[2]) for one in wanted]


@pytest.mark.parametrize("session", KINDS, ids=["sleep", "exercise"])
async def test_a_refused_session_filter_is_remembered_and_reported_once(session: Session) -> None:
    stream, kind = session[:2]
    async with fetching(SESSIONS, refusing(session[3])) as one:
        first = await one.all(pieces(DATE, streams=[stream]))
        second = await one.all(pieces("2026-03-05", "2026-03-06", streams=[stream]))
        assert [asked.status for asked in one.asked(kind)].count(400) == 1
        assert len(one.said(Kind.FILTER_REFUSED)) == 1
        assert "2026" not in str(dict(one.said(Kind.FILTER_REFUSED)[0].fields))
    assert first[stream, DATE].tables[session[2]].num_rows == session[4]
    assert {answer.tables[session[2]].num_rows for answer in second.values()} == {session[4]}


async def test_a_walk_in_an_order_that_is_not_newest_first_is_not_cut_by_its_first_record() -> None:
    def oldest_first(seen: Seen) -> web.Response | None:
        if seen.kind != "exercise" or seen.filter:
            return refusal(reason="INVALID_DATA_POINT_FILTER") if seen.kind == "exercise" else None
        day = 1 + int(seen.token or 0)
        moment = f"2026-03-{day:02}T12:00:00Z"
        point = {"exercise": {"interval": {"startTime": moment, "endTime": moment}, "exerciseType": "RUNNING"}}
        return web.json_response({"dataPoints": [point], **({"nextPageToken": str(day)} if day < 11 else {})})

    async with fetching(Cloud(), Setup(failing=oldest_first)) as one:
        answers = await one.all(pieces(DATE, streams=["activities"]))
    assert answers["activities", DATE].rows == 1


LONG = "2026-02-10"


def limited(most: int) -> Setup:
    """Refuse every range of sums that is longer than some days."""

    def failing(seen: Seen) -> web.Response | None:
        if seen.operation != "dailyRollUp":
            return None
        start, end = (dt.date(**seen.body["range"][name]["date"]) for name in ("start", "end"))
        if (end - start).days <= most:
            return None
        detail = {"reason": "INVALID_ROLLUP_QUERY_DURATION", "metadata": {"maxDurationDays": str(most)}}
        error = {"code": 400, "message": "", "status": "INVALID_ARGUMENT", "details": [detail]}
        return web.json_response({"error": error}, status=400)

    return Setup(failing=failing)


WALKS = Cloud(known={"steps": [walk(f"{day} 12:00", 1) for day in range(1, 12)]}, first=dt.date(2026, 2, 1))


@pytest.mark.parametrize("most", [1, 7, 14, 30])
async def test_a_range_of_sums_that_is_too_long_shrinks_to_what_is_allowed(most: int) -> None:
    async with fetching(WALKS, limited(most)) as one:
        answers = await one.all(pieces(LONG, NEXT, streams=["total_steps"]))
        asked = one.asked("steps", "dailyRollUp")
    counted = {date: answer.rows for (_, date), answer in answers.items() if answer.outcome is Outcome.OK}
    assert counted == {f"2026-03-{day:02}": 1 for day in range(1, 12)}
    assert len(answers) == 30
    assert [one.status for one in asked].count(200) == -(-30 // most)
    assert [one.status for one in asked].count(400) == (0 if most == 30 else 1)


@pytest.mark.parametrize("most", [0, 40])
async def test_a_limit_that_makes_no_sense_fails_the_stream(most: int) -> None:
    def failing(seen: Seen) -> web.Response | None:
        detail = {"reason": "INVALID_ROLLUP_QUERY_DURATION", "metadata": {"maxDurationDays": str(most)}}
        error = {"code": 400, "message": "", "status": "INVALID_ARGUMENT", "details": [detail]}
        return web.json_response({"error": error}, status=400) if seen.operation == "dailyRollUp" else None

    async with fetching(WALKS, Setup(failing=failing)) as one:
        answers = await one.all(pieces(LONG, NEXT, streams=["total_steps"]))
        assert len(one.asked("steps")) == 1
    assert {answer.outcome for answer in answers.values()} == {Outcome.FAILED}
    assert len(answers) == 30
