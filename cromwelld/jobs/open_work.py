"""What is open for an account now: the ledger's word, read once for the planner."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from cromwelld.jobs.fetching import Offer, Source
from cromwelld.jobs.places import Places
from cromwelld.pieces import Stream
from cromwelld.planner import Open, joined, lacking
from cromwelld.planner.duties import TRAILING_DATES, dates_of
from cromwelld.state import Entry, Stretch, Wanted

EVER = dt.date(9999, 12, 31)  # the last date of a promise without an end

_DAY = dt.timedelta(days=1)
_FRESH = dt.timedelta(hours=20)  # trailing dates are asked once a day, however often a cycle begins
_SILENT_DATES, _LEAST_ANSWERS = 60, 14  # a stream that had nothing in all of these is asked once a week
_REST = dt.timedelta(days=7)
_LATELY = dt.timedelta(days=60)  # a ledger that was rebuilt goes on from its newest date, unless that is long ago


def begin(places: Places, today: dt.date, wished: dt.date | None = None) -> None:
    """Promise every date from `wished` on; without it from the newest one known, else from yesterday. Blocks."""
    work = places.ledger.open_work
    if wished is None and any(stretch.last == EVER for stretch in work.promised(places.account)):
        return
    lately = [date for date in work.dates(places.account) if today - _LATELY < date < today]
    work.promise(places.account, Stretch(first=wished or max(lately, default=today - _DAY), last=EVER))


def open_work(source: Source, places: Places, today: dt.date) -> Open:
    """Read what is open. Blocks."""
    now = places.clock()
    work = left_open(source, places, today)
    first = max(work.since, today - dt.timedelta(days=TRAILING_DATES - 1))
    lately = places.ledger.entries(places.account, first, today)
    return replace(
        work,
        closed=frozenset(Wanted(stream=one.stream, date=one.date) for one in lately if not _is_due(one, now)),
        fresh=frozenset(_fresh(source.streams, lately, first, now)),
    )


def left_open(source: Source, places: Places, today: dt.date) -> Open:
    """Read what is due or was never asked; of today's duties, which come before it, nothing is said. Blocks."""
    work, now = places.ledger.open_work, places.clock()
    return Open(
        today=today,
        since=min((stretch.first for stretch in work.promised(places.account)), default=today - _DAY),
        due=work.due(places.account, now),
        missing=missing(source, places, today),
        refused=work.withheld(places.account),
        resting=_resting(places, today, now),
    )


def missing(source: Offer, places: Places, today: dt.date) -> dict[str, list[Stretch]]:
    """Give what was promised and never asked, by stream; dates that this source had before count as promised. Blocks.

    The ledger may not know of streams that a later version offers, or that a rebuilt one was not told of.
    """
    work = places.ledger.open_work
    dated = [name for name, stream in source.streams.items() if not stream.undated]
    asked = work.asked(places.account, dated)
    before = work.asked(places.account, dated, source.name)
    had = (stretch for name in dated for stretch in before.get(name, []))
    promised = joined([*work.promised(places.account), *had], today)
    return {name: lacking(promised, asked.get(name, [])) for name in dated}


def awaited(source: Offer, places: Places, today: dt.date) -> set[dt.date]:
    """Give the dates for which something that was promised has not come, as far as it can be had. Blocks."""
    work = places.ledger.open_work
    idle = work.withheld(places.account) | _resting(places, today, places.clock())
    return {
        date
        for name, stretches in missing(source, places, today).items()
        if name not in idle
        for stretch in stretches
        for date in dates_of(stretch)
    }


def _is_due(entry: Entry, now: dt.datetime) -> bool:
    return entry.outlook.due_at is not None and entry.outlook.due_at <= now


def _fresh(streams: Mapping[str, Stream], lately: Sequence[Entry], since: dt.date, now: dt.datetime) -> Iterator[str]:
    """Give the streams whose trailing dates were all asked within the day."""
    asked = {(entry.stream, entry.date) for entry in lately if now - entry.asked_at < _FRESH}
    last = max((entry.date for entry in lately), default=since)
    for name, stream in streams.items():
        first = max(since, last - dt.timedelta(days=stream.longest_range - 1))
        if all((name, date) in asked for date in dates_of(Stretch(first=first, last=last))):
            yield name


def _resting(places: Places, today: dt.date, now: dt.datetime) -> frozenset[str]:
    """Give the streams that never have anything, and were asked within the week."""
    silent: Mapping[str, tuple[int, dt.datetime]] = places.ledger.open_work.silent(
        places.account, today - dt.timedelta(days=_SILENT_DATES)
    )
    return frozenset(name for name, (count, at) in silent.items() if count >= _LEAST_ANSWERS and now - at < _REST)
