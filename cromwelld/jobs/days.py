"""How dates stand, stream by stream, as the ledger knows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cromwelld.jobs.states import COMPLETE, INCOMPLETE, PROVISIONAL, UNKNOWN, WAITING
from cromwelld.pieces import Outcome
from cromwelld.state import Entry, Kept, Ledger

_LACKING = {Outcome.FAILED, Outcome.REFUSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamState:
    """What became of one stream on one date; `reason` is why, where there is more to say; `asked_at` is UTC."""

    stream: str
    state: str
    reason: str
    records: int
    asked_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DateState:
    """How a date stands; `zone` is empty where none is known, `streams` are those that were ever asked, by name."""

    date: dt.date
    state: str
    zone: str
    streams: tuple[StreamState, ...]


def days(ledger: Ledger, account: str, first: dt.date, last: dt.date) -> list[DateState]:
    """Tell how every date from `first` to `last` stands, both included, oldest first; one never asked is `unknown`.

    Raises: DamagedFile.
    """
    kept = ledger.dates(account)
    entries: dict[dt.date, list[Entry]] = {}
    for entry in ledger.entries(account, first, last):
        entries.setdefault(entry.date, []).append(entry)
    count = (last - first).days + 1
    dates = (first + dt.timedelta(days=number) for number in range(count))
    return [_date_state(date, entries.get(date, ()), kept.get(date)) for date in dates]


def _date_state(date: dt.date, entries: Sequence[Entry], kept: Kept | None) -> DateState:
    return DateState(
        date=date,
        state=_word(entries, kept),
        zone=kept.zone if kept else "",
        streams=tuple(_stream_state(entry) for entry in entries),
    )


def _word(entries: Iterable[Entry], kept: Kept | None) -> str:
    """Choose the word for a date: the first that holds."""
    found = list(entries)
    if not found:
        return UNKNOWN
    if any(not entry.stored for entry in found if entry.outcome.answered):
        return WAITING
    if any(entry.outcome in _LACKING for entry in found):
        return INCOMPLETE
    return COMPLETE if kept is not None and kept.digest else PROVISIONAL


def _stream_state(entry: Entry) -> StreamState:
    waits = entry.outcome.answered and not entry.stored
    return StreamState(
        stream=entry.stream,
        state=WAITING if waits else entry.outcome.value,
        reason=entry.reason or entry.verdict,
        records=entry.records,
        asked_at=entry.asked_at,
    )
