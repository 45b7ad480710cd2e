"""What events tell of what lies in no ledger: the vendors' clocks, the archive, why a stream cannot be had."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from cromwelld.events import Event, Kind
from cromwelld.monitor.freshness import HEART_RATE_STREAM
from cromwelld.monitor.snapshot import Trouble

_ARCHIVE_ANSWERED = {Kind.DAY_ARCHIVED, Kind.DAY_UNCHANGED, Kind.DATES_VERIFIED}
_CHANGING = {Kind.DATES_COLLECTED, Kind.DATES_VERIFIED, Kind.DAY_SEALED, Kind.DAY_ARCHIVED}


class Seen:
    """Remember what was reported last; to be told of every event, from any thread.

    A trouble with the archive lasts until the archive has taken or given something.
    """

    def __init__(self, clock: Callable[[], dt.datetime]) -> None:
        self._clock = clock
        self._ends: dict[str, str] = {}
        self._failing: dict[tuple[str, str], str] = {}
        self._changes: dict[str, int] = {}
        self.clock_ahead_s: dict[str, float] = {}
        self.archive: Trouble | None = None

    def report(self, event: Event) -> None:
        """Take an event."""
        account = str(event.fields.get("account", ""))
        if event.kind in _ARCHIVE_ANSWERED:
            self.archive = None
        if event.kind in _CHANGING:
            self._changes[account] = self.changes(account) + 1
        take = _TAKEN.get(event.kind)
        if take is not None:
            take(self, event, account)

    def changes(self, account: str) -> int:
        """Count how often something may have changed in what is kept of an account."""
        return self._changes.get(account, 0)

    def refusal(self, account: str) -> str:
        """Say why what a watch measures did not come the last time; empty if it did."""
        return self._failing.get((account, HEART_RATE_STREAM), "") or self._ends.get(account, "")

    def _request(self, event: Event, _: str) -> None:
        if "ahead_s" in event.fields:
            self.clock_ahead_s[str(event.fields.get("source", ""))] = float(event.fields["ahead_s"])

    def _failed(self, event: Event, account: str) -> None:
        self._failing[account, str(event.fields.get("stream", ""))] = str(event.fields.get("reason", ""))

    def _answered(self, event: Event, account: str) -> None:
        self._failing.pop((account, str(event.fields.get("stream", ""))), None)

    def _collected(self, event: Event, account: str) -> None:
        self._ends[account] = str(event.fields.get("ended_by", ""))

    def _waits(self, event: Event, _: str) -> None:
        if event.fields.get("where") == "archive" and self.archive is None:
            self.archive = Trouble(since=self._clock(), sentence=str(event.fields.get("problem", "")))


_TAKEN: dict[Kind, Callable[[Seen, Event, str], None]] = {
    Kind.REQUEST_ANSWERED: Seen._request,  # noqa: SLF001 - the table of this very class
    Kind.STREAM_FAILED: Seen._failed,  # noqa: SLF001
    Kind.STREAM_ANSWERED: Seen._answered,  # noqa: SLF001
    Kind.DATES_COLLECTED: Seen._collected,  # noqa: SLF001
    Kind.DAY_WAITS: Seen._waits,  # noqa: SLF001
}
