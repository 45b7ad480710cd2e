"""What the ledger says of one stream on one date, as values and as rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from cromwelld.pieces import Answer, Outcome

Row = tuple[str | int | float | None, ...]

COLUMNS = (
    "date, stream, outcome, reason, records, digest, source, asked_at, stored_at, empty_since, verdict,"
    " changed_at, passed_at, due_at, settled"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """How far a stream of a date is from being settled.

    `due_at` is when it is to be asked next, None once it is sealed; `passed_at` is since when its devices have synced
    past the date's end, as far as that is known; `settled` says why it is sealed where that is not plain.
    """

    due_at: dt.datetime | None = None
    passed_at: dt.datetime | None = None
    settled: str = ""

    @property
    def sealed(self) -> bool:
        """Tell whether it is asked no more by itself."""
        return self.due_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is known of one stream on one date.

    `digest` is that of the answer; `stored` tells whether it has reached archive and tables; `empty_since` is the first
    of an unbroken row of empty answers; `verdict` is what storing made of it; `changed_at` is when the answer last
    differed from the one before it.
    """

    date: dt.date
    stream: str
    outcome: Outcome
    reason: str
    records: int
    digest: str
    source: str
    asked_at: dt.datetime
    stored: bool
    empty_since: dt.datetime | None
    verdict: str
    changed_at: dt.datetime | None = None
    outlook: Outlook = field(default_factory=Outlook)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer on its way into the ledger: its digest, where it leaves its date, and whether it waits to be stored."""

    answer: Answer
    digest: str
    outlook: Outlook = field(default_factory=Outlook)
    waits: bool = True


def fetched_row(account: str, fetched: Fetched, now: dt.datetime) -> Row:
    """Write an answer as a row, in the order of `ledger._FETCHED`."""
    answer, outlook, time = fetched.answer, fetched.outlook, text(now)
    empty_since = time if answer.outcome is Outcome.EMPTY else None
    return (
        account, answer.date.isoformat(), answer.stream, answer.outcome.value, answer.reason, answer.rows,
        fetched.digest, answer.source, time, None if fetched.waits else time, empty_since, time,
        text(outlook.passed_at), text(outlook.due_at), outlook.settled,
    )  # fmt: skip


def restored_row(account: str, entry: Entry) -> Row:
    """Write what an archive tells as a row, in the order of `ledger._RESTORED`."""
    asked_at = text(entry.asked_at)
    return (
        account, entry.date.isoformat(), entry.stream, entry.outcome.value, entry.reason, entry.records, entry.digest,
        entry.source, asked_at, asked_at if entry.stored else None, text(entry.empty_since), entry.verdict,
        text(entry.changed_at), text(entry.outlook.passed_at), text(entry.outlook.due_at), entry.outlook.settled,
    )  # fmt: skip


def entry_of(row: Row) -> Entry:
    """Read a row of COLUMNS."""
    date, stream, outcome, reason, records, digest, source, asked_at, stored_at, empty_since, verdict = row[:11]
    changed_at, passed_at, due_at, settled = row[11:]
    return Entry(
        date=dt.date.fromisoformat(str(date)),
        stream=str(stream),
        outcome=Outcome(outcome),
        reason=str(reason),
        records=int(records or 0),
        digest=str(digest),
        source=str(source),
        asked_at=dt.datetime.fromisoformat(str(asked_at)),
        stored=stored_at is not None,
        empty_since=instant(empty_since),
        verdict=str(verdict),
        changed_at=instant(changed_at),
        outlook=Outlook(due_at=instant(due_at), passed_at=instant(passed_at), settled=str(settled)),
    )


def text(when: dt.datetime | None) -> str | None:
    """Write an instant in UTC, so that the order of texts is the order of time."""
    return None if when is None else when.astimezone(dt.UTC).isoformat()


def instant(value: str | float | None) -> dt.datetime | None:
    """Read an instant."""
    return dt.datetime.fromisoformat(str(value)) if value else None
