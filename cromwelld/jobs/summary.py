"""What a collection did, as plain values: what is printed, what is told by HTTP, what the ledger keeps of a run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from cromwelld.errors import ConfigurationError, CromwelldError
from cromwelld.jobs.collect import Collected
from cromwelld.jobs.states import state_of
from cromwelld.jobs.store import Stored
from cromwelld.measurements import DAY_RECORD
from cromwelld.outbox import Held
from cromwelld.pieces import Outcome

DONE, FAILED, INCOMPLETE, AWAY = 0, 1, 10, 75
_LACKING = frozenset({Outcome.FAILED, Outcome.REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """An error, in the words that people are told."""

    message: str
    hint: str
    problems: tuple[str, ...]
    exit_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSummary:
    """What became of one stream on one date."""

    date: dt.date
    stream: str
    outcome: Outcome
    reason: str
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DateSummary:
    """How a date is stored: `state` None if it is not, `records` by measurement, `error` why it or its object waits."""

    state: str | None
    archived: bool
    changed: bool
    records: Mapping[str, int]
    error: Trouble | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How much waits to be stored, and since when (UTC)."""

    answers: int
    bytes: int
    oldest: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Everything that a person is told of a collection; `ended_by` is why nothing more could be had, if so."""

    complete: bool
    dates: dict[dt.date, DateSummary] = field(default_factory=dict)
    streams: tuple[StreamSummary, ...] = ()
    waiting: Waiting | None = None
    ended_by: Trouble | None = None

    @property
    def lacking(self) -> list[StreamSummary]:
        """Give what was refused or failed."""
        return [one for one in self.streams if one.outcome in _LACKING]

    @property
    def exit_code(self) -> int:
        """Give the code with which a command that did it ends."""
        if self.ended_by is not None:
            return self.ended_by.exit_code
        codes = {date.error.exit_code for date in self.dates.values() if date.error is not None}
        if codes:
            return codes.pop() if len(codes) == 1 else FAILED
        answered = any(one.outcome.answered for one in self.streams)
        return DONE if self.complete else INCOMPLETE if answered else AWAY


def summarize(collected: Collected) -> Summary:
    """Tell a collection in plain values."""
    return Summary(
        complete=collected.complete,
        dates={item.date: _date(item) for item in collected.stored},
        streams=tuple(
            StreamSummary(date=one.date, stream=one.stream, outcome=one.outcome, reason=one.reason, records=one.records)
            for one in collected.asked
        ),
        waiting=None if collected.held is None else _waiting(collected.held),
        ended_by=None if collected.ended_by is None else trouble(collected.ended_by),
    )


def together(parts: Iterable[Summary]) -> Summary:
    """Join collections that followed each other; what waits, and why it ended, is the last one's to say."""
    found = list(parts)
    return Summary(
        complete=all(part.complete for part in found),
        dates={date: one for part in found for date, one in part.dates.items()},
        streams=tuple(one for part in found for one in part.streams),
        waiting=found[-1].waiting if found else None,
        ended_by=next((part.ended_by for part in found if part.ended_by is not None), None),
    )


def from_json(text: bytes | str) -> Summary:
    """Read a summary from JSON; what else is there is passed over. Raises: ValueError if it is none."""
    return _DECODER.decode(text)


_DECODER = msgspec.json.Decoder(Summary)


def trouble(err: CromwelldError) -> Trouble:
    """Tell an error in plain values."""
    problems = err.problems if isinstance(err, ConfigurationError) else ()
    return Trouble(message=err.message, hint=err.hint, problems=problems, exit_code=err.exit_code)


def _date(item: Stored) -> DateSummary:
    return DateSummary(
        state=None if item.day is None else state_of(item.day, ended=item.archived),
        archived=item.archived,
        changed=item.changed,
        records=_records(item),
        error=None if item.error is None else trouble(item.error),
    )


def _records(item: Stored) -> dict[str, int]:
    if item.day is None:
        return {}
    found = {name: rows.num_rows for name, rows in item.day.tables.items()}
    return found | ({DAY_RECORD: 1} if item.archived else {})


def _waiting(held: Held) -> Waiting:
    return Waiting(answers=held.pieces, bytes=held.size_bytes, oldest=held.oldest.replace(microsecond=0))
