"""What to ask: pieces of work from streams and dates, decided without asking anybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator

from cromwelld.pieces import Piece, Stream

EARLIEST = dt.date(2009, 1, 1)  # the vendor's first tracker was sold later in that year


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
        start = end + dt.timedelta(days=1)


def spans(dates: Collection[dt.date]) -> Iterator[tuple[dt.date, dt.date]]:
    """Join dates into spans without gaps, first and last included, oldest first."""
    ordered = sorted(dates)
    first = 0
    for place in range(1, len(ordered) + 1):
        if place == len(ordered) or ordered[place] - ordered[place - 1] > dt.timedelta(days=1):
            yield ordered[first], ordered[place - 1]
            first = place
