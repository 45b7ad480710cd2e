"""What an object tells of its date, entered in a ledger that does not know it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cromwelld.day import Day
from cromwelld.jobs.places import Places
from cromwelld.pieces import Outcome, Stream
from cromwelld.state import Entry, Kept, Ledger

Streams = Mapping[str, Mapping[str, Stream]]  # by source, then by name
_WORDS = {outcome.value: outcome for outcome in Outcome}
_RANK = (Outcome.PARTIAL, Outcome.OK, Outcome.EMPTY)  # a stream of several measurements brought something, or nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A date as its object has it: the digest of the object, and since when that is known (UTC)."""

    day: Day
    digest: str
    since: dt.datetime


def remember(ledger: Ledger, account: str, told: Told, streams: Streams) -> int:
    """Enter a date's zone and digest, and the streams that the ledger does not know; count those.

    What the ledger knows stays: it knows more than an object tells.
    """
    kept = Kept(zone=told.day.zone, digest=told.digest)
    return ledger.restore(account, told.day.date, kept, entries(told, streams))


def remember_lost(places: Places, streams: Streams) -> list[dt.date]:
    """Enter the dates whose object the tables know and the ledger does not, from the tables; give them. Blocks.

    Raises: DamagedFile; StoreError; NotWritable.
    """
    kept = places.ledger.dates(places.account)
    lost = []
    for text, origin in places.lake.origins().items():
        date = dt.date.fromisoformat(text)
        known = kept.get(date)
        day = places.lake.day(date) if origin.digest and (known is None or known.digest != origin.digest) else None
        if day is not None:
            remember(places.ledger, places.account, Told(day=day, digest=origin.digest, since=places.clock()), streams)
            lost.append(date)
    return lost


def entries(told: Told, streams: Streams) -> Iterator[Entry]:
    """Give for each stream that a date was asked for what its `Cromwelld_Day` says, by source and stream."""
    for source, offered in streams.items():
        for name, stream in offered.items():
            outcomes = [one for one in (_outcome(told.day, source, m) for m in stream.measurements) if one is not None]
            if outcomes:
                yield _entry(told, source, name, outcomes, stream.measurements)


def _outcome(day: Day, source: str, measurement: str) -> Outcome | None:
    said, _, word = day.asked.get(measurement, "").partition(" ")
    return _WORDS.get(word) if said == source else None


def _entry(told: Told, source: str, stream: str, outcomes: list[Outcome], measurements: tuple[str, ...]) -> Entry:
    outcome = next((one for one in _RANK if one in outcomes), outcomes[0])
    rows = (told.day.tables[name].num_rows for name in measurements if name in told.day.tables)
    return Entry(
        date=told.day.date,
        stream=stream,
        outcome=outcome,
        reason="",
        records=sum(rows),
        digest="",
        source=source,
        asked_at=told.since,
        stored=True,
        empty_since=told.since if outcome is Outcome.EMPTY else None,
        verdict="",
    )
