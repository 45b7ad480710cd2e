"""What to ask next, from what the ledger leaves open; pure.

Today's duties come first and may use every request; the rest follows newest first and leaves the reserve alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cromwelld.pieces import Piece, Stream
from cromwelld.planner.cutting import taken
from cromwelld.state import Stretch, Wanted

WINDOW_DATES = 30
TRAILING_DATES = 30

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """What is open for an account.

    Nothing is asked of dates before `since`. `due` is what is to be asked again; `missing` what was never asked, by
    stream; `closed` what of today and yesterday need not be asked. `refused` streams are tried on one date only;
    `resting` ones, which never had anything, not at all. `fresh` streams had their trailing dates asked within the day.
    """

    today: dt.date
    since: dt.date
    due: Sequence[Wanted] = ()
    closed: frozenset[Wanted] = frozenset()
    missing: Mapping[str, Sequence[Stretch]] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    resting: frozenset[str] = frozenset()
    fresh: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Pieces that are fetched together, and the dates that can be stored when they have come, both ends included.

    What a long range brings of earlier dates waits for the batch that has their other streams. `urgent` may use the
    reserve of the budget.
    """

    pieces: tuple[Piece, ...]
    first: dt.date
    last: dt.date
    urgent: bool = False


def todays(account: str, streams: Mapping[str, Stream], work: Open) -> Batch:
    """Plan what belongs to today and yesterday, and one request for the trailing dates of each stream with ranges.

    What was refused is not among it: `wanted` tries it on one date.
    """
    yesterday = max(work.today - _DAY, work.since)
    pieces: list[Piece] = []
    for stream in streams.values():
        if stream.name not in work.resting | work.refused:
            pieces += _todays(account, stream, work, yesterday)
    first = min((piece.first for piece in pieces), default=work.today)
    return Batch(pieces=tuple(pieces), first=first, last=work.today, urgent=True)


def _todays(account: str, stream: Stream, work: Open, yesterday: dt.date) -> Iterator[Piece]:
    if stream.undated:
        yield Piece(account, stream.name, work.today, work.today)
    elif stream.longest_range == 1:
        for date in sorted({yesterday, work.today}):
            if Wanted(stream=stream.name, date=date) not in work.closed:
                yield Piece(account, stream.name, date, date)
    else:
        trailing = work.today - dt.timedelta(days=min(TRAILING_DATES, stream.longest_range) - 1)
        first = yesterday if stream.name in work.fresh else max(trailing, work.since)
        dates = dates_of(Stretch(first=first, last=work.today))
        if any(Wanted(stream=stream.name, date=date) not in work.closed for date in dates):
            yield Piece(account, stream.name, first, work.today)


def wanted(streams: Mapping[str, Stream], work: Open) -> dict[str, set[dt.date]]:
    """Give every date that is due or missing, by stream."""
    found: dict[str, set[dt.date]] = {name: set() for name, stream in streams.items() if not stream.undated}
    for one in work.due:
        if one.stream in found:
            found[one.stream].add(one.date)
    for name, stretches in work.missing.items():
        if name in found:
            found[name].update(date for stretch in stretches for date in dates_of(stretch))
    for name in work.refused & found.keys():
        found[name] = {max(found[name])} if found[name] else set()
    return {name: dates for name, dates in found.items() if dates and name not in work.resting}


def batches(account: str, streams: Mapping[str, Stream], asked: Mapping[str, Collection[dt.date]]) -> Iterator[Batch]:
    """Plan wanted dates newest first, a window at a time, each range as long as it may be.

    Streams that follow others (tracks their activities) are asked in the same batch as these, for the same dates: one
    list serves both. The devices are asked with every batch, as they tell whose records these are.
    """
    left = {name: sorted(dates) for name, dates in asked.items() if dates}
    followed = {streams[name].follows for name in left}
    undated = [stream.name for stream in streams.values() if stream.undated]
    while any(left.values()):
        last = max(dates[-1] for dates in left.values() if dates)
        first = last - dt.timedelta(days=WINDOW_DATES - 1)
        pieces: list[Piece] = []
        for name, dates in left.items():
            stream = streams[name]
            bound = name in followed or stream.follows != ""
            for start, end in taken(dates, stream.longest_range, down_to=first, bound=bound):
                pieces.append(Piece(account, name, start, end))
        pieces += [Piece(account, name, last, last) for name in undated]
        yield Batch(pieces=tuple(pieces), first=first, last=last)


def dates_of(stretch: Stretch) -> Iterator[dt.date]:
    """Give each date of a stretch, oldest first."""
    for number in range((stretch.last - stretch.first).days + 1):
        yield stretch.first + number * _DAY


def lacking(promised: Sequence[Stretch], asked: Sequence[Stretch]) -> list[Stretch]:
    """Give the dates that were promised and not asked; both come oldest first, and those of one do not overlap."""
    found: list[Stretch] = []
    for promise in promised:
        first = promise.first
        for done in asked:
            if done.last < first or done.first > promise.last:
                continue
            if done.first > first:
                found.append(Stretch(first=first, last=done.first - _DAY))
            first = done.last + _DAY
        if first <= promise.last:
            found.append(Stretch(first=first, last=promise.last))
    return found


def joined(stretches: Iterable[Stretch], today: dt.date) -> list[Stretch]:
    """Join stretches that overlap or touch, as far as they have begun: none goes on after `today`."""
    begun = [Stretch(first=one.first, last=min(one.last, today)) for one in stretches if one.first <= today]
    found: list[Stretch] = []
    for one in sorted(begun, key=lambda stretch: stretch.first):
        if found and one.first <= found[-1].last + _DAY:
            found[-1] = Stretch(first=found[-1].first, last=max(found[-1].last, one.last))
        else:
            found.append(one)
    return found
