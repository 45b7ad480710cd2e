"""Where a job reads and writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cromwelld.archive.objects import Archive
from cromwelld.events import Report
from cromwelld.jobs.zones import Zones
from cromwelld.lake.writer import Lake
from cromwelld.outbox import Outbox
from cromwelld.state import Ledger

Clock = Callable[[], dt.datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """One account's outbox, archive, tables and ledger; `drafts` is a private folder for objects being written.

    `zones` is what the settings know of the zones of records that name none.
    """

    account: str
    outbox: Outbox
    archive: Archive
    lake: Lake
    ledger: Ledger
    drafts: Path
    label: str
    clock: Clock
    report: Report
    zones: Zones = field(default_factory=Zones)
