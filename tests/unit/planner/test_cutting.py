"""How a wish is cut into pieces of work."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cromwelld.pieces import Piece, Stream
from cromwelld.planner import plan, windows

START = dt.date(2024, 2, 27)
_DATES = st.dates(dt.date(2009, 1, 1), dt.date(2039, 1, 1))


def stream(name: str, longest: int, *, undated: bool = False) -> Stream:
    return Stream(name=name, measurements=("HRV",), longest_range=longest, undated=undated)


def date(day: int, month: int = 3) -> dt.date:
    return dt.date(2024, month, day)


def test_a_range_is_cut_into_the_longest_pieces_with_both_ends_included() -> None:
    assert plan("me", [stream("hrv", 3)], START, date(4)) == [
        Piece("me", "hrv", date(27, 2), date(29, 2)),
        Piece("me", "hrv", date(1), date(3)),
        Piece("me", "hrv", date(4), date(4)),
    ]


def test_a_range_as_long_as_the_longest_is_one_piece_and_one_date_more_is_two() -> None:
    assert plan("me", [stream("hrv", 30)], date(1), date(30)) == [Piece("me", "hrv", date(1), date(30))]
    assert [(piece.first, piece.last) for piece in plan("me", [stream("hrv", 30)], date(1), date(31))] == [
        (date(1), date(30)),
        (date(31), date(31)),
    ]


def test_a_stream_of_single_dates_has_a_piece_for_each() -> None:
    pieces = plan("me", [stream("heart_rate", 1)], date(1), date(3))
    assert [(piece.first, piece.last) for piece in pieces] == [(date(day), date(day)) for day in (1, 2, 3)]


def test_an_undated_stream_is_asked_once_whatever_the_range() -> None:
    pieces = plan("me", [stream("devices", 1, undated=True)], date(1), date(31))
    assert pieces == [Piece("me", "devices", date(1), date(31))]


def test_one_date_is_one_piece_of_each_stream() -> None:
    streams = [stream("heart_rate", 1), stream("hrv", 30), stream("devices", 1, undated=True)]
    assert plan("her", streams, date(1), date(1)) == [
        Piece("her", name, date(1), date(1)) for name in ("heart_rate", "hrv", "devices")
    ]


def test_a_range_that_ends_before_it_begins_has_no_pieces() -> None:
    streams = [stream("hrv", 30), stream("devices", 1, undated=True)]
    assert plan("me", streams, date(2), date(1)) == []


@given(first=_DATES, length=st.integers(1, 400), longest=st.integers(1, 500))
def test_every_date_of_a_stream_lies_in_exactly_one_piece(first: dt.date, length: int, longest: int) -> None:
    last = first + dt.timedelta(days=length - 1)
    pieces = plan("me", [stream("hrv", longest)], first, last)
    dates = [piece.first + dt.timedelta(days=n) for piece in pieces for n in range((piece.last - piece.first).days + 1)]
    assert dates == [first + dt.timedelta(days=n) for n in range(length)]
    lengths = [(piece.last - piece.first).days + 1 for piece in pieces]
    assert max(lengths) <= longest
    assert all(one == longest for one in lengths[:-1])


@given(first=_DATES, length=st.integers(1, 100), longest=st.integers(1, 40))
def test_windows_follow_each_other_without_a_gap(first: dt.date, length: int, longest: int) -> None:
    found = list(windows(first, first + dt.timedelta(days=length - 1), longest))
    assert found[0][0] == first
    assert all(start <= end for start, end in found)
    assert all(after[0] - before[1] == dt.timedelta(days=1) for before, after in pairwise(found))
