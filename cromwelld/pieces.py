"""The currency between the planner and the sources: a piece of work in, answers out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

import pyarrow as pa

TRACKS_A_DATE = 0.5  # a request for each activity that a watch recorded: nobody knows how many before they are listed


class Outcome(Enum):
    """What became of one stream on one date."""

    OK = "ok"
    PARTIAL = "partial"
    EMPTY = "empty"
    REFUSED = "refused"
    FAILED = "failed"
    UNSUPPORTED = "unsupported"
    NOT_OFFERED = "not_offered"

    @property
    def answered(self) -> bool:
        """Tell whether the vendor said what there is: only then may anything be replaced."""
        return self in {Outcome.OK, Outcome.PARTIAL, Outcome.EMPTY}

    @property
    def withheld(self) -> bool:
        """Tell whether the vendor does not give the stream at all: other dates of it need not be tried now."""
        return self in {Outcome.REFUSED, Outcome.UNSUPPORTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """What a source can be asked for: the measurements that it brings, and the longest range of one request.

    `longest_range` counts dates, both ends included; 1 means a request for each date. `undated` streams (devices) bring
    the newest state whatever date is asked. `follows` names a stream that is asked in the same request where both are
    wanted: a track needs the list of activities. `requests` is what one of its ranges costs about. `unasked` streams
    come with an export: nobody can be asked for them again.
    """

    name: str
    measurements: tuple[str, ...]
    longest_range: int
    undated: bool = False
    follows: str = ""
    requests: float = 1.0
    unasked: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    """One piece of work: a stream of an account from `first` to `last`, both included."""

    account: str
    stream: str
    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a source says of one stream on one date.

    `tables` has an entry, perhaps with no rows, for each measurement that was answered, in the schema of the
    catalogue; an empty `Device` column means that the record named none. `zone` is the time zone by which clock times
    were read and noon was stamped; `device` is the tracker paired at the time. `source` is the source's name. `forced`
    says that a person wants it to replace whatever is stored. `synced_at` is how far the tracker that is worn had
    synced when this was asked; it is not part of what is stored.
    """

    stream: str
    date: dt.date
    outcome: Outcome
    reason: str = ""
    tables: Mapping[str, pa.Table] = field(default_factory=dict)
    source: str = ""
    zone: str = ""
    device: str = ""
    measurements: tuple[str, ...] = ()
    forced: bool = False
    synced_at: dt.datetime | None = field(default=None, compare=False)

    @property
    def rows(self) -> int:
        """Count the records."""
        return sum(table.num_rows for table in self.tables.values())
