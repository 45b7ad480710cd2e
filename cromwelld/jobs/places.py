"""Where a job reads and writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cromwelld.archive.objects import Archive
from cromwelld.events import Report
from cromwelld.lake.writer import Lake
from cromwelld.outbox import Outbox
from cromwelld.state import Ledger

Clock = Callable[[], dt.datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """One account's outbox, archive, tables and ledger; `drafts` is a private folder for objects being written."""

    account: str
    outbox: Outbox
    archive: Archive
    lake: Lake
    ledger: Ledger
    drafts: Path
    label: str
    clock: Clock
    report: Report
