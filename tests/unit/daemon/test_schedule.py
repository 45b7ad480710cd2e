from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cromwelld.daemon.schedule import MOST_MISSED, SPREAD_S, Cycle, Due, Timetable, missed, next_due
from cromwelld.state import Counts, Run, RunState, WishedBy

BERLIN = "Europe/Berlin"
AT_THREE = Timetable(daily_at=dt.time(3), refresh_s=None, zone=BERLIN)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def days(*texts: str) -> tuple[dt.date, ...]:
    return tuple(dt.date.fromisoformat(text) for text in texts)


def run(
    asked: str | dt.datetime,
    *dates: str | dt.date,
    state: RunState = RunState.DONE,
    by: WishedBy = WishedBy.SCHEDULE,
    number: int = 1,
) -> Run:
    when = at(asked) if isinstance(asked, str) else asked
    ended = when + dt.timedelta(minutes=1) if state.ended else None
    found = tuple(dt.date.fromisoformat(one) if isinstance(one, str) else one for one in dates)
    return Run(
        id=number, account="me", dates=found, force=(), wished_by=by, state=state, reason="",
        counts=Counts(), asked_at=when, started_at=when, ended_at=ended,
    )  # fmt: skip


def test_the_very_first_time_yesterday_is_due_at_once() -> None:
    now = at("2025-11-03T09:00")
    assert next_due(AT_THREE, [], now) == Due(cycle=Cycle.DAILY, at=now, dates=days("2025-11-02", "2025-11-03"))


def test_the_day_before_is_due_at_three_on_the_persons_own_clock() -> None:
    # In November Berlin is one hour ahead of UTC.
    due = next_due(AT_THREE, [run("2025-11-03T09:00", "2025-11-02")], at("2025-11-03T09:05"))
    assert due == Due(cycle=Cycle.DAILY, at=at("2025-11-04T02:00"), dates=days("2025-11-03", "2025-11-04"))


def test_what_was_missed_while_switched_off_is_due_together_and_at_once() -> None:
    due = next_due(AT_THREE, [run("2025-11-03T02:00", "2025-11-02")], at("2025-11-06T12:00"))
    assert due.at == at("2025-11-06T02:00")
    assert due.dates == days("2025-11-03", "2025-11-04", "2025-11-05", "2025-11-06")


def test_before_daily_at_the_day_that_has_just_ended_is_not_due_yet() -> None:
    due = next_due(AT_THREE, [run("2025-11-03T02:00", "2025-11-02")], at("2025-11-06T00:30"))
    assert due.dates == days("2025-11-03", "2025-11-04", "2025-11-06")


def test_years_switched_off_are_not_asked_for_in_one_go() -> None:
    due = next_due(AT_THREE, [run("2023-11-03T02:00", "2023-11-02")], at("2025-11-06T12:00"))
    assert len(due.dates) == MOST_MISSED + 1
    assert due.dates[-2:] == days("2025-11-05", "2025-11-06")


def test_a_skipped_hour_is_the_one_after_it() -> None:
    # On 2025-03-30 Berlin's clocks go from 02:00 (01:00 UTC) to 03:00.
    table = Timetable(daily_at=dt.time(2, 30), refresh_s=None, zone=BERLIN)
    due = next_due(table, [run("2025-03-29T09:00", "2025-03-28")], at("2025-03-29T09:05"))
    assert due == Due(cycle=Cycle.DAILY, at=at("2025-03-30T01:30"), dates=days("2025-03-29", "2025-03-30"))


def test_a_doubled_hour_comes_once() -> None:
    # On 2025-10-26 Berlin's clocks go from 03:00 (01:00 UTC) back to 02:00.
    table = Timetable(daily_at=dt.time(2, 30), refresh_s=None, zone=BERLIN)
    due = next_due(table, [run("2025-10-25T09:00", "2025-10-24")], at("2025-10-25T09:05"))
    assert due == Due(cycle=Cycle.DAILY, at=at("2025-10-26T00:30"), dates=days("2025-10-25", "2025-10-26"))
    after = next_due(table, [run("2025-10-26T00:30", "2025-10-25")], at("2025-10-26T00:31"))
    assert after == Due(cycle=Cycle.DAILY, at=at("2025-10-27T01:30"), dates=days("2025-10-26", "2025-10-27"))


def test_a_traveller_going_west_has_the_same_date_twice_and_it_is_asked_again_when_it_has_ended() -> None:
    # Asked at 03:00 in Tokyo on the 4th (18:00 UTC on the 3rd), when it is the 3rd in Los Angeles.
    table = Timetable(daily_at=dt.time(3), refresh_s=None, zone="America/Los_Angeles")
    runs = [run("2025-11-02T18:00", "2025-11-02"), run("2025-11-03T18:00", "2025-11-03")]
    due = next_due(table, runs, at("2025-11-04T00:00"))
    assert due == Due(cycle=Cycle.DAILY, at=at("2025-11-03T11:00"), dates=days("2025-11-02", "2025-11-03"))
    assert next_due(table, [*runs, run("2025-11-04T00:00", "2025-11-02")], at("2025-11-04T00:01")) == Due(
        cycle=Cycle.DAILY, at=at("2025-11-04T11:00"), dates=days("2025-11-03", "2025-11-04")
    )


def test_a_run_of_a_clock_that_was_years_ahead_stops_nothing() -> None:
    due = next_due(AT_THREE, [run("2031-01-02T02:00", "2031-01-01")], at("2025-11-03T09:00"))
    assert (due.at, due.dates) == (at("2025-11-03T09:00"), days("2025-11-02", "2025-11-03"))


def test_what_people_wish_does_not_count_as_the_daily_run() -> None:
    asked = run("2025-11-04T02:30", "2025-11-03", by=WishedBy.HTTP)
    due = next_due(AT_THREE, [run("2025-11-03T02:00", "2025-11-02"), asked], at("2025-11-04T03:00"))
    assert due.dates == days("2025-11-03", "2025-11-04")


# --- today


REFRESHED = Timetable(daily_at=dt.time(3), refresh_s=7200, zone=BERLIN)


def test_today_is_due_once_in_every_stretch_and_a_restart_does_not_repeat_it() -> None:
    yesterday = run("2025-11-03T02:00", "2025-11-02")
    assert next_due(REFRESHED, [yesterday], at("2025-11-03T08:10")) == Due(
        cycle=Cycle.TODAY, at=at("2025-11-03T08:00"), dates=days("2025-11-03")
    )
    seen = run("2025-11-03T08:10", "2025-11-03")
    assert next_due(REFRESHED, [yesterday, seen], at("2025-11-03T08:11")) == Due(
        cycle=Cycle.TODAY, at=at("2025-11-03T10:00"), dates=days("2025-11-03")
    )


def test_across_midnight_the_new_day_is_refreshed() -> None:
    runs = [run("2025-11-03T02:00", "2025-11-02"), run("2025-11-03T22:00", "2025-11-03")]
    # 22:30 UTC is 23:30 in Berlin; the next stretch begins at midnight UTC, on the 4th.
    due = next_due(REFRESHED, runs, at("2025-11-03T22:30"))
    assert due == Due(cycle=Cycle.TODAY, at=at("2025-11-04T00:00"), dates=days("2025-11-04"))


def test_where_both_are_due_the_ended_day_comes_first() -> None:
    assert next_due(REFRESHED, [], at("2025-11-03T08:10")).cycle is Cycle.DAILY


# --- what is open


def test_what_is_due_again_in_the_ledger_is_due_then() -> None:
    due = next_due(
        AT_THREE, [run("2025-11-03T02:00", "2025-11-02")], at("2025-11-03T04:00"), open_at=at("2025-11-03T05:00")
    )
    assert due == Due(cycle=Cycle.OPEN, at=at("2025-11-03T05:00"), dates=days("2025-11-03"))


def test_what_stays_open_is_not_tried_without_a_rest() -> None:
    due = next_due(
        AT_THREE, [run("2025-11-03T02:00", "2025-11-02")], at("2025-11-03T02:02"), open_at=at("2025-11-03T01:00")
    )
    assert (due.cycle, due.at) == (Cycle.OPEN, at("2025-11-03T02:16"))


def failed(count: int, *, wait_s: int = 3600) -> list[Run]:
    first = at("2025-11-03T02:00")
    asked = [first + dt.timedelta(seconds=wait_s) * number for number in range(count)]
    return [run(when, "2025-11-02", state=RunState.FAILED) for when in asked]


@pytest.mark.parametrize(("count", "rest_s"), [(1, 1800), (2, 3600), (3, 7200), (4, 14400), (5, 14400), (20, 14400)])
def test_after_failures_in_a_row_the_rest_grows_to_four_hours(count: int, rest_s: int) -> None:
    runs = failed(count, wait_s=60)
    ended = runs[-1].ended_at
    assert ended is not None
    due = next_due(AT_THREE, runs, ended)
    assert (due.cycle, due.at) == (Cycle.OPEN, ended + dt.timedelta(seconds=rest_s))


def test_one_success_ends_the_row() -> None:
    good = run("2025-11-03T12:00", "2025-11-02")
    assert next_due(AT_THREE, [*failed(4), good], at("2025-11-03T12:02")).cycle is Cycle.DAILY


def test_an_outage_of_days_loses_no_date() -> None:
    before = run("2025-11-01T02:00", "2025-10-31")
    due = next_due(AT_THREE, [before, *failed(1)], at("2025-11-04T02:30"))
    assert due == Due(
        cycle=Cycle.DAILY, at=at("2025-11-04T02:00"), dates=days("2025-11-01", "2025-11-02", "2025-11-03", "2025-11-04")
    )


def test_when_the_way_is_free_again_everything_that_has_ended_is_due() -> None:
    before = run("2025-11-01T02:00", "2025-10-31")
    now = at("2025-11-03T12:00")
    assert missed(AT_THREE, [before, *failed(4)], now) == days("2025-11-01", "2025-11-02")
    assert missed(AT_THREE, [], now) == days("2025-11-02")


# --- properties


def lived(table: Timetable, start: dt.datetime, gaps_s: Sequence[int]) -> list[tuple[Due, dt.datetime]]:
    """Live through what is due, waking late by the given gaps; everything asked is had."""
    now, runs, done = start, list[Run](), list[tuple[Due, dt.datetime]]()
    for number, gap_s in enumerate(gaps_s):
        due = next_due(table, runs, now)
        now = max(now, due.at) + dt.timedelta(seconds=gap_s)
        due = next_due(table, runs, now)
        assert due.at <= now
        runs.append(run(now, *due.dates, number=number))
        done.append((due, now))
    return done


ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata")


@given(
    zone=st.sampled_from(ZONES),
    clock=st.times().map(lambda time: time.replace(second=0, microsecond=0)),
    start=st.integers(0, 2 * 366 * 86_400).map(lambda seconds: at("2024-01-01") + dt.timedelta(seconds=seconds)),
    gaps=st.lists(st.integers(0, 40 * 3600), min_size=12, max_size=20),
    spread=st.floats(0, 0.999),
)
def test_every_date_that_ends_is_asked_exactly_once_whatever_the_clocks_do(
    zone: str, clock: dt.time, start: dt.datetime, gaps: list[int], spread: float
) -> None:
    table = Timetable(daily_at=clock, refresh_s=None, zone=zone, spread=spread)
    dates = [date for due, now in lived(table, start, gaps) for date in due.dates if date < table.today(now)]
    assert dates == [dates[0] + dt.timedelta(days=count) for count in range(len(dates))]


@given(
    zone=st.sampled_from(ZONES),
    start=st.integers(0, 2 * 366 * 86_400).map(lambda seconds: at("2024-01-01") + dt.timedelta(seconds=seconds)),
    spread=st.floats(0, 0.999),
)
def test_nothing_is_due_before_its_day_has_ended_and_today_not_more_often_than_asked(
    zone: str, start: dt.datetime, spread: float
) -> None:
    table = Timetable(daily_at=dt.time(3), refresh_s=7200, zone=zone, spread=spread)
    done = lived(table, start, [0] * 24)
    for due, now in done:
        assert max(due.dates) == table.today(now)
    stretches = [(int(now.timestamp()) - int(spread * 7200)) // 7200 for due, now in done if due.cycle is Cycle.TODAY]
    assert all(earlier < later for earlier, later in itertools.pairwise(stretches))


def test_accounts_are_spread_over_some_minutes() -> None:
    late = Timetable(daily_at=dt.time(3), refresh_s=None, zone=BERLIN, spread=0.5)
    due = next_due(late, [run("2025-11-03T09:00", "2025-11-02")], at("2025-11-03T09:05"))
    assert due.at == at("2025-11-04T02:00") + dt.timedelta(seconds=SPREAD_S / 2)
