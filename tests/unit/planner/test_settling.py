"""When a stream of a date is asked again: the rungs, the sync, and what cannot be had."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cromwelld.pieces import Outcome
from cromwelld.planner.settling import NEVER_SYNCED, NOT_OFFERED, UNFINISHED, Asking, failed_for_good, outlook

END = dt.datetime(2025, 10, 9, tzinfo=dt.UTC)  # the first instant after the date
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def asking(after: dt.timedelta, *, synced: dt.timedelta | None = None, outcome: Outcome = Outcome.OK) -> Asking:
    """Ask so long after the date's end, of a watch that has synced until as long after it."""
    synced_at = END + (after if synced is None else synced)
    return Asking(outcome=outcome, asked_at=END + after, day_end=END, synced_at=synced_at)


@pytest.mark.parametrize("outcome", [Outcome.OK, Outcome.EMPTY])
@pytest.mark.parametrize(
    ("after", "due"),
    [
        (3 * HOUR, 3 * DAY),
        (2 * DAY, 3 * DAY),
        (3 * DAY - 2 * HOUR, 3 * DAY),
        (3 * DAY - HOUR, 7 * DAY),  # an hour early counts
        (3 * DAY, 7 * DAY),
        (6 * DAY, 7 * DAY),
        (7 * DAY - HOUR, None),
        (7 * DAY, None),
        (900 * DAY, None),
    ],
)
def test_a_date_is_asked_three_and_seven_days_after_its_end(
    outcome: Outcome, after: dt.timedelta, due: dt.timedelta | None
) -> None:
    found = outlook(asking(after, outcome=outcome))
    assert found.due_at == (None if due is None else END + due)
    assert found.passed_at == END
    assert found.sealed == (due is None)


def test_a_watch_that_synced_late_starts_the_rungs_then() -> None:
    late = replace(asking(40 * DAY), again=True)
    assert outlook(late).due_at == END + 43 * DAY
    assert outlook(late).passed_at == END + 40 * DAY
    later = replace(asking(43 * DAY), again=True, passed_at=END + 40 * DAY)
    assert outlook(later).due_at == END + 47 * DAY
    assert outlook(replace(later, asked_at=END + 47 * DAY)).sealed


def test_what_a_long_silent_phone_brought_is_asked_on_all_rungs_though_it_was_never_asked_before() -> None:
    brought = replace(asking(40 * DAY), brought_at=END + 39 * DAY)
    assert outlook(brought).due_at == END + 42 * DAY


def test_a_change_on_the_last_rung_asks_once_more() -> None:
    changed = replace(asking(7 * DAY), again=True, passed_at=END, changed=True)
    assert outlook(changed).due_at == END + 14 * DAY
    assert outlook(replace(changed, asked_at=END + 14 * DAY, changed=False)).sealed


def test_a_date_that_is_not_over_waits_for_a_sync_and_has_a_last_look() -> None:
    today = asking(-9 * HOUR)
    assert outlook(today).due_at == END + 30 * DAY
    assert outlook(today).passed_at is None
    assert not outlook(today).sealed


def test_a_date_that_is_never_synced_past_is_sealed_with_that_reason() -> None:
    lost = asking(30 * DAY, synced=-9 * HOUR)
    assert outlook(lost).sealed
    assert outlook(lost).settled == NEVER_SYNCED == "never synced past its end"
    assert outlook(replace(lost, asked_at=END + 29 * DAY)).due_at == END + 30 * DAY


def test_a_sync_that_nobody_knows_counts_as_done_when_it_is_asked() -> None:
    unknown = replace(asking(4 * DAY), synced_at=None)
    assert outlook(unknown).due_at == END + 7 * DAY
    before = replace(unknown, asked_at=END - 9 * HOUR)
    assert outlook(before).due_at == before.asked_at + HOUR


@pytest.mark.parametrize(
    ("outcome", "rest"),
    [(Outcome.FAILED, HOUR), (Outcome.REFUSED, 20 * HOUR), (Outcome.UNSUPPORTED, 7 * DAY)],
)
def test_what_cannot_be_had_rests(outcome: Outcome, rest: dt.timedelta) -> None:
    one = asking(2 * DAY, outcome=outcome)
    assert outlook(one).due_at == one.asked_at + rest


def test_what_has_failed_for_a_week_is_tried_once_a_week() -> None:
    since = END + 2 * DAY
    one = replace(asking(9 * DAY, outcome=Outcome.FAILED), failing_since=since)
    assert outlook(one).due_at == one.asked_at + 7 * DAY
    assert failed_for_good(one.asked_at, since)
    assert not failed_for_good(one.asked_at - HOUR, since)
    assert not failed_for_good(one.asked_at, None)


def test_what_is_not_offered_is_sealed_with_that_reason() -> None:
    found = outlook(asking(2 * DAY, outcome=Outcome.NOT_OFFERED))
    assert (found.sealed, found.settled) == (True, NOT_OFFERED)


def test_an_unfinished_track_is_asked_daily_for_a_week() -> None:
    short = replace(asking(2 * DAY), again=True, passed_at=END, unfinished=True)
    assert outlook(short).due_at == short.asked_at + 20 * HOUR
    assert outlook(short).settled == UNFINISHED
    assert outlook(replace(short, asked_at=END + 7 * DAY)).sealed


@given(
    outcome=st.sampled_from(Outcome),
    hours=st.integers(-30, 24 * 400),
    synced=st.none() | st.integers(-24 * 40, 24 * 400),
    before=st.tuples(st.none() | st.integers(0, 24 * 400), st.none() | st.integers(0, 24 * 400)),
    flags=st.tuples(st.booleans(), st.booleans(), st.booleans()),
)
def test_what_is_due_is_due_later_than_now_and_what_is_answered_is_sealed_in_time(
    outcome: Outcome,
    hours: int,
    synced: int | None,
    before: tuple[int | None, int | None],
    flags: tuple[bool, bool, bool],
) -> None:
    now, (brought, passed) = END + hours * HOUR, before
    one = Asking(
        outcome=outcome,
        asked_at=now,
        day_end=END,
        synced_at=None if synced is None else END + min(synced, hours) * HOUR,
        brought_at=None if brought is None else END + min(brought, max(hours, 0)) * HOUR,
        passed_at=None if passed is None else END + min(passed, max(hours, 0)) * HOUR,
        again=flags[0],
        changed=flags[1],
        unfinished=flags[2],
    )
    found = outlook(one)
    assert found.due_at is None or found.due_at > now
    for _ in range(40):  # asked whenever it is due, with nothing new, a date comes to its end
        if found.due_at is None or not outcome.answered:
            break
        later = found.due_at
        one = replace(one, asked_at=later, passed_at=found.passed_at, again=True, changed=False, unfinished=False)
        found = outlook(one if one.synced_at is None else replace(one, synced_at=max(one.synced_at, later)))
    assert found.sealed or not outcome.answered
