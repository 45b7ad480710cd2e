"""Where a job reads and writes: the ports that it needs, declared here by their consumer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cromwelld.archive.codec import Encoded, Opened
from cromwelld.events import Report
from cromwelld.lake.writer import Lake
from cromwelld.outbox import Outbox
from cromwelld.state import Ledger

Clock = Callable[[], dt.datetime]


class Archive(Protocol):
    """Objects by date. All methods may be repeated."""

    async def dates(self) -> list[dt.date]:
        """List the dates that have an object, oldest first."""

    async def read(self, date: dt.date) -> Opened | None:
        """Read an object; None if there is none.

        Raises: DamagedFile; StoreError or FarSideAway if the archive cannot be reached.
        """

    async def put(self, date: dt.date, file: Path, encoded: Encoded) -> None:
        """Put an object in place of the one that was there, and check what arrived.

        Raises: NotWritable, StoreError or FarSideAway; then the old object is still there.
        """

    async def set_aside(self, date: dt.date, digest: str) -> None:
        """Keep the present object below `replaced/`.

        Raises: as `put`.
        """


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
