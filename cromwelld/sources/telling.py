"""What was read, or why not, as answers: exactly one for each stream and date asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from cromwelld.day import empty
from cromwelld.errors import CromwelldError, Refused, Unsupported
from cromwelld.events import Event, Kind, Report
from cromwelld.measurements import MEASUREMENTS
from cromwelld.pieces import Answer, Outcome, Piece, Stream
from cromwelld.sources.facts import Facts, ZoneOf
from cromwelld.sources.parsed import Parsed
from cromwelld.sources.spans import Span

_OUTCOMES = ((Refused, Outcome.REFUSED), (Unsupported, Outcome.UNSUPPORTED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a source must know of an account.

    `zone_of` gives the stored or configured zone of a date, None to ask the vendor; `last_zone` the one that was last
    known, for when the vendor does not say; `leave_out` names streams that are never asked.
    """

    zone_of: ZoneOf
    report: Report
    last_zone: Callable[[], str | None] = lambda: None
    leave_out: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Offer:
    """A source's name and the streams that it has."""

    source: str
    streams: Mapping[str, Stream]


class Teller:
    """Deliver answers and report what else is worth saying."""

    def __init__(self, offer: Offer, settings: Settings, *, deliver: Callable[[Answer], None]) -> None:
        self._offer = offer
        self._settings = settings
        self._deliver = deliver
        self._waiting: set[dt.date] = set()
        self._no_zone = "the account has none"

    def wanted(self, pieces: Sequence[Piece]) -> Mapping[str, Sequence[dt.date]]:
        """Give each stream's dates, once each and in order; streams that are not offered are answered at once."""
        dates: dict[str, set[dt.date]] = {}
        for piece in pieces:
            dates.setdefault(piece.stream, set()).update(Span(piece.first, piece.last).dates)
        for name in dates.keys() - (self._offer.streams.keys() - self._settings.leave_out):
            for date in sorted(dates.pop(name)):
                self._deliver(self._not_offered(name, date))
        return {name: sorted(found) for name, found in dates.items() if found}

    def _not_offered(self, name: str, date: dt.date) -> Answer:
        known = name in self._offer.streams
        reason = "left out by the configuration" if known else "this source has no such stream"
        return Answer(stream=name, date=date, outcome=Outcome.NOT_OFFERED, reason=reason, source=self._offer.source)

    def no_zone(self, reason: str) -> None:
        """Remember why the vendor gave no zone: dates that have none of their own say so."""
        self._no_zone = reason

    def tell(self, stream: str, dates: Sequence[dt.date], result: Parsed | CromwelldError, *, facts: Facts) -> None:
        """Answer for every date: with its records, with their absence, or with the reason why they could not be had."""
        if isinstance(result, CromwelldError):
            outcome = next((word for kind, word in _OUTCOMES if isinstance(result, kind)), Outcome.FAILED)
            for date in dates:
                self._deliver(self._answer(stream, date, outcome, facts=facts, reason=_sentence(result)))
            return
        self._say(stream, dates, result)
        for date in dates:
            if facts.zone(date) is None:
                self._wait(stream, date, facts)
            elif date in result.unready:
                self._deliver(self._answer(stream, date, Outcome.FAILED, facts=facts, reason=result.unready[date]))
            else:
                self._deliver(self._records(stream, date, result, facts=facts))

    def _wait(self, stream: str, date: dt.date, facts: Facts) -> None:
        if date not in self._waiting:
            self._waiting.add(date)
            self._settings.report(Event(Kind.ZONE_UNKNOWN, {"date": date.isoformat(), "reason": self._no_zone}))
        reason = f"no time zone is known for this date ({self._no_zone}): set timezone in the configuration"
        self._deliver(self._answer(stream, date, Outcome.FAILED, facts=facts, reason=reason))

    def _say(self, stream: str, dates: Sequence[dt.date], result: Parsed) -> None:
        for note in result.notes:
            self._settings.report(note)
        if result.rejected:
            span = {"first": min(dates).isoformat(), "last": max(dates).isoformat()}
            reasons = "; ".join(f"{reason} ({count})" for reason, count in sorted(result.rejected.items()))
            fields = {"stream": stream, **span, "reasons": reasons}
            count = sum(result.rejected.values())
            self._settings.report(Event(Kind.RECORDS_REJECTED, {**fields, "records": count}))

    def _records(self, stream: str, date: dt.date, result: Parsed, *, facts: Facts) -> Answer:
        names = self._offer.streams[stream].measurements
        tables = {name: result.tables.get((date, name), empty(MEASUREMENTS[name])) for name in names}
        outcome = Outcome.OK if any(rows.num_rows for rows in tables.values()) else Outcome.EMPTY
        return replace(self._answer(stream, date, outcome, facts=facts), tables=tables)

    def _answer(self, stream: str, date: dt.date, outcome: Outcome, *, facts: Facts, reason: str = "") -> Answer:
        return Answer(
            stream=stream,
            date=date,
            outcome=outcome,
            reason=reason,
            source=self._offer.source,
            zone=facts.zone(date) or "",
            device=facts.device,
            measurements=self._offer.streams[stream].measurements,
            synced_at=facts.last_sync,
        )


def _sentence(failure: CromwelldError) -> str:
    """Say what failed; what a person can do something about comes with it."""
    told = isinstance(failure, (Refused, Unsupported)) and failure.hint
    return f"{failure}: {failure.hint}" if told else str(failure)
