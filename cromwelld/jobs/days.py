"""How dates stand, stream by stream, as the ledger knows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cromwelld.jobs.states import COMPLETE, INCOMPLETE, NOT_WORN, PROVISIONAL, UNKNOWN
from cromwelld.pieces import Outcome
from cromwelld.planner.states import Around, State, stands
from cromwelld.state import Entry, Kept, Ledger

_PULSE = "heart_rate"  # where it is empty, nobody wore the watch


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamState:
    """How one stream of one date stands; `reason` is why, where there is more to say; `asked_at` (UTC) is when."""

    stream: str
    state: str
    reason: str
    records: int
    asked_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DateState:
    """How a date stands; `zone` is empty where none is known, `streams` are in order of their names.

    `sealed` tells that nothing about it is asked again by itself.
    """

    date: dt.date
    state: str
    zone: str
    sealed: bool
    streams: tuple[StreamState, ...]


def days(
    ledger: Ledger, account: str, first: dt.date, last: dt.date, *, streams: Collection[str] = ()
) -> list[DateState]:
    """Tell how every date from `first` to `last` stands, both included, oldest first; one never asked is `unknown`.

    Those of `streams` that were never asked are told too, on dates of which anything is known.

    Raises: DamagedFile.
    """
    kept = ledger.dates(account)
    entries: dict[dt.date, list[Entry]] = {}
    for entry in ledger.entries(account, first, last):
        entries.setdefault(entry.date, []).append(entry)
    count = (last - first).days + 1
    dates = (first + dt.timedelta(days=number) for number in range(count))
    return [_date_state(date, entries.get(date, ()), kept.get(date), streams) for date in dates]


def days_of(
    ledger: Ledger, account: str, dates: Iterable[dt.date], *, streams: Collection[str] = ()
) -> Iterator[DateState]:
    """Tell how some dates stand, in the order given; see `days`. Raises: DamagedFile."""
    kept = ledger.dates(account)
    for date in dates:
        yield _date_state(date, ledger.entries(account, date, date), kept.get(date), streams)


def _date_state(date: dt.date, entries: Sequence[Entry], kept: Kept | None, streams: Collection[str]) -> DateState:
    found: Mapping[str, Entry] = {entry.stream: entry for entry in entries}
    pulse = found.get(_PULSE)
    around = Around(archived=kept is not None, worn=pulse is None or pulse.outcome is not Outcome.EMPTY)
    told = sorted(found.keys() | set(streams)) if found or kept is not None else []
    states = tuple(_stream_state(name, found.get(name), around) for name in told)
    return DateState(
        date=date,
        state=_word(states, entries, around, kept),
        zone=kept.zone if kept else "",
        sealed=bool(found) and all(entry.outlook.sealed for entry in entries) and not _ends_an_export(entries),
        streams=states,
    )


def _word(states: Iterable[StreamState], entries: Collection[Entry], around: Around, kept: Kept | None) -> str:
    """Choose the word for a date: the first that holds."""
    words = {State(one.state) for one in states}
    if not words - {State.UNKNOWN, State.NEVER_ASKED}:
        return UNKNOWN
    if kept is None or not kept.digest or _ends_an_export(entries):
        return PROVISIONAL
    if words & {State.FAILED, State.REFUSED, State.UNKNOWN, State.NEVER_ASKED}:
        return INCOMPLETE
    return COMPLETE if around.worn else NOT_WORN


def _ends_an_export(entries: Collection[Entry]) -> bool:
    """Tell whether a date rests on an export that ended on it: what an API answered of it is whole."""
    exports = {entry.source for entry in entries if entry.outcome is Outcome.PARTIAL}
    return bool(exports) and exports >= {entry.source for entry in entries if entry.outcome is Outcome.OK}


def _stream_state(name: str, entry: Entry | None, around: Around) -> StreamState:
    found = stands(entry, around)
    return StreamState(
        stream=name,
        state=found.state.value,
        reason=found.reason,
        records=0 if entry is None else entry.records,
        asked_at=None if entry is None else entry.asked_at,
    )
