"""Wanted dates, cut into pieces of work: the fewest requests that the longest ranges allow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator

from cromwelld.pieces import Piece, Stream

EARLIEST = dt.date(2009, 1, 1)  # the vendor's first tracker was sold later in that year
_DAY = dt.timedelta(days=1)


def plan(account: str, streams: Iterable[Stream], first: dt.date, last: dt.date) -> list[Piece]:
    """Cut the dates from `first` to `last`, both included, into the longest pieces that each stream allows."""
    return [
        Piece(account, stream.name, start, end)
        for stream in streams
        for start, end in windows(first, last, (last - first).days + 1 if stream.undated else stream.longest_range)
    ]


def windows(first: dt.date, last: dt.date, length: int) -> Iterator[tuple[dt.date, dt.date]]:
    """Cut the dates from `first` to `last` into windows of at most `length` dates, oldest first."""
    start = first
    while start <= last:
        end = min(last, start + dt.timedelta(days=length - 1))
        yield start, end
        start = end + _DAY


def spans(dates: Collection[dt.date]) -> Iterator[tuple[dt.date, dt.date]]:
    """Join dates into spans without gaps, first and last included, oldest first."""
    ordered = sorted(dates)
    first = 0
    for place in range(1, len(ordered) + 1):
        if place == len(ordered) or ordered[place] - ordered[place - 1] > dt.timedelta(days=1):
            yield ordered[first], ordered[place - 1]
            first = place


def taken(left: list[dt.date], longest: int, *, down_to: dt.date, bound: bool) -> Iterator[tuple[dt.date, dt.date]]:
    """Take out of ascending dates the fewest ranges of at most `longest` that reach into those from `down_to` on.

    Newest first; a range begins and ends with a date of `left`. Between them may lie others: a request that spans them
    costs no more. With `bound` none reaches below `down_to`.
    """
    while left and left[-1] >= down_to:
        first = last = left.pop()
        lowest = last - dt.timedelta(days=longest - 1)
        while left and left[-1] >= (max(lowest, down_to) if bound else lowest):
            first = left.pop()
        yield first, last
