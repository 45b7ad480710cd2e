"""What is planned: no range too long, nothing sealed, nothing left out, today before the rest."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cromwelld.pieces import Piece, Stream
from cromwelld.planner import Batch, Open, batches, dates_of, joined, lacking, todays, wanted
from cromwelld.planner.duties import WINDOW_DATES
from cromwelld.sources.fitbit_web.endpoints import STREAMS as FITBIT
from cromwelld.sources.google_health.streams import STREAMS as GOOGLE
from cromwelld.state import Stretch, Wanted

TODAY = dt.date(2025, 10, 9)
DAY = dt.timedelta(days=1)
LONG_AGO = dt.date(2016, 1, 1)
_DATES = st.dates(TODAY - 500 * DAY, TODAY)


def back(days: int) -> dt.date:
    return TODAY - days * DAY


def dated(streams: Mapping[str, Stream]) -> dict[str, Stream]:
    return {name: stream for name, stream in streams.items() if not stream.undated}


def days_of(piece: Piece) -> list[dt.date]:
    return list(dates_of(Stretch(first=piece.first, last=piece.last)))


def requests(planned: list[Batch], name: str) -> int:
    return sum(piece.stream == name for batch in planned for piece in batch.pieces)


_asked = st.dictionaries(st.sampled_from(sorted(dated(FITBIT))), st.sets(_DATES, max_size=60), max_size=6)


@given(asked=_asked)
def test_every_wanted_date_is_planned_once_within_the_longest_range(asked: dict[str, set[dt.date]]) -> None:
    planned = list(batches("me", FITBIT, asked))
    for name, dates in asked.items():
        pieces = [piece for batch in planned for piece in batch.pieces if piece.stream == name]
        covered = [date for piece in pieces for date in days_of(piece) if date in dates]
        assert sorted(covered) == sorted(dates)
        assert all((piece.last - piece.first).days < FITBIT[name].longest_range for piece in pieces)
        assert all({piece.first, piece.last} <= dates for piece in pieces)
    for batch in planned:
        assert all(any(date in asked[p.stream] for date in days_of(p)) for p in batch.pieces if p.stream in asked)


@given(dates=st.sets(_DATES, min_size=1), longest=st.sampled_from([1, 14, 30, 31, 100, 365, 1095]))
def test_no_fewer_ranges_could_cover_them(dates: set[dt.date], longest: int) -> None:
    stream = Stream(name="x", measurements=(), longest_range=longest)
    planned = list(batches("me", {"x": stream}, {"x": dates}))
    fewest, left = 0, sorted(dates)
    while left:  # the textbook cover, from the oldest date on: it is the fewest there can be
        fewest, left = fewest + 1, [date for date in left if (date - left[0]).days >= longest]
    assert requests(planned, "x") == fewest


@given(asked=_asked)
def test_batches_go_back_in_time_and_hold_what_they_say(asked: dict[str, set[dt.date]]) -> None:
    planned = list(batches("me", FITBIT, asked))
    assert [batch.last for batch in planned] == sorted((batch.last for batch in planned), reverse=True)
    assert all((batch.last - batch.first).days == WINDOW_DATES - 1 and not batch.urgent for batch in planned)
    for batch in planned:
        assert all(piece.last <= batch.last for piece in batch.pieces)
        assert all(piece.last >= batch.first for piece in batch.pieces)


def test_tracks_and_their_list_are_asked_together() -> None:
    dates = {back(number) for number in range(1, 100)}
    for batch in batches("me", FITBIT, {"activities": dates, "gps": dates, "sleep": dates}):
        listed = {date for piece in batch.pieces if piece.stream == "activities" for date in days_of(piece)}
        tracked = {date for piece in batch.pieces if piece.stream == "gps" for date in days_of(piece)}
        assert listed == tracked
        assert all(batch.first <= date <= batch.last for date in listed)


@pytest.mark.parametrize("days", [30, 365, 1095])
def test_a_backfill_costs_hardly_more_than_the_ranges_allow(days: int) -> None:
    """The least that there can be, from the vendor's longest ranges: written here by hand, tracks apart."""
    dates = {back(number) for number in range(1, days + 1)}
    planned = list(batches("me", FITBIT, dict.fromkeys(dated(FITBIT), dates)))
    least = 2 * days  # heart rate and steps, a request a date
    least += math.ceil(days / 365)  # heart rate by day
    least += 4 * math.ceil(days / 30)  # HRV, breathing, skin temperature, oxygen
    least += math.ceil(days / 31) + math.ceil(days / 100) + 7 * math.ceil(days / 1095)  # weight, sleep, totals
    least += 1  # the list of activities, of a person who has fewer than a hundred of them
    sent = sum(requests(planned, name) for name in dated(FITBIT) if name not in {"gps", "activities"})
    sent += len({batch.last for batch in planned for piece in batch.pieces if piece.stream == "gps"})
    assert least <= sent <= 1.02 * least


def test_todays_batch_is_urgent_and_one_request_for_each_range() -> None:
    planned = todays("me", FITBIT, Open(today=TODAY, since=LONG_AGO))
    assert planned.urgent
    spans = {name: [(p.first, p.last) for p in planned.pieces if p.stream == name] for name in FITBIT}
    assert spans["heart_rate"] == spans["steps"] == spans["gps"] == [(back(1), back(1)), (TODAY, TODAY)]
    ranges = FITBIT.keys() - {"heart_rate", "steps", "gps", "devices"}
    assert all(spans[name] == [(back(29), TODAY)] for name in ranges)
    assert spans["devices"] == [(TODAY, TODAY)]


def test_a_range_that_is_shorter_than_a_month_is_still_one_request() -> None:
    planned = todays("me", GOOGLE, Open(today=TODAY, since=LONG_AGO))
    (calories,) = (piece for piece in planned.pieces if piece.stream == "total_calories")
    assert (calories.first, calories.last) == (back(13), TODAY)


def test_nothing_is_asked_of_dates_before_the_first_that_was_promised() -> None:
    planned = todays("me", FITBIT, Open(today=TODAY, since=TODAY))
    assert {piece.first for piece in planned.pieces} == {TODAY}


def test_what_is_closed_rests_or_was_refused_is_not_among_todays_duties() -> None:
    closed = frozenset(Wanted(stream="heart_rate", date=date) for date in (back(1), TODAY))
    closed |= frozenset(Wanted(stream="sleep", date=back(number)) for number in range(30))
    work = Open(today=TODAY, since=LONG_AGO, closed=closed, resting=frozenset({"hrv"}), refused=frozenset({"weight"}))
    names = {piece.stream for piece in todays("me", FITBIT, work).pieces}
    assert names == FITBIT.keys() - {"heart_rate", "sleep", "hrv", "weight"}


def test_a_range_whose_trailing_dates_were_asked_today_is_asked_for_two_dates() -> None:
    planned = todays("me", FITBIT, Open(today=TODAY, since=LONG_AGO, fresh=frozenset({"sleep"})))
    (sleep,) = (piece for piece in planned.pieces if piece.stream == "sleep")
    assert (sleep.first, sleep.last) == (back(1), TODAY)


def test_what_is_due_or_missing_is_wanted_and_what_was_refused_on_its_newest_date_only() -> None:
    work = Open(
        today=TODAY,
        since=LONG_AGO,
        due=[
            Wanted(stream="sleep", date=back(3)),
            Wanted(stream="weight", date=back(9)),
            Wanted(stream="?", date=TODAY),
        ],
        missing={"sleep": [Stretch(first=back(8), last=back(7))], "weight": [Stretch(first=back(6), last=back(5))]},
        refused=frozenset({"weight"}),
    )
    assert wanted(FITBIT, work) == {"sleep": {back(8), back(7), back(3)}, "weight": {back(5)}}


@given(promised=st.lists(st.tuples(_DATES, _DATES), max_size=5), asked=st.sets(_DATES, max_size=40))
def test_what_was_promised_and_not_asked_is_lacking_and_nothing_else(
    promised: list[tuple[dt.date, dt.date]], asked: set[dt.date]
) -> None:
    stretches = [Stretch(first=min(pair), last=max(pair)) for pair in promised]
    singles = [Stretch(first=date, last=date) for date in sorted(asked)]
    found = [date for stretch in lacking(joined(stretches, TODAY), singles) for date in dates_of(stretch)]
    want = {date for stretch in stretches for date in dates_of(stretch)} - asked
    assert found == sorted(want)


def test_a_promise_without_an_end_ends_today() -> None:
    endless = Stretch(first=back(2), last=dt.date.max)
    assert joined([endless], TODAY) == [Stretch(first=back(2), last=TODAY)]
    assert joined([Stretch(first=TODAY + DAY, last=dt.date.max)], TODAY) == []
