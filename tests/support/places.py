"""One account's real outbox, archive, tables and ledger in a temporary folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cromwelld.archive.folder import FolderStore
from cromwelld.archive.objects import Archive
from cromwelld.archive.store import Store
from cromwelld.events import Event
from cromwelld.jobs.places import Places
from cromwelld.lake.writer import Lake
from cromwelld.outbox import Outbox
from cromwelld.state import Ledger

NOW = dt.datetime(2025, 10, 12, 3, tzinfo=dt.UTC)


class Clock:
    """A clock that a test sets."""

    def __init__(self, now: dt.datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now


@contextmanager
def places_in(
    root: Path,
    clock: Clock | None = None,
    events: list[Event] | None = None,
    *,
    label: str = "",
    store: Store | None = None,
) -> Iterator[Places]:
    """Open the places below `root`; what is reported is appended to `events`."""
    time = clock or Clock()
    report = events.append if events is not None else lambda _: None
    ledger = Ledger(root / "state" / "ledger.sqlite")
    try:
        yield Places(
            account="me",
            outbox=Outbox(root / "state" / "outbox" / "me"),
            archive=Archive(store or FolderStore(root / "archive", "fitbit")),
            lake=Lake(root / "data", report=report, now=time),
            ledger=ledger,
            drafts=root / "state" / "drafts" / "me",
            label=label,
            clock=time,
            report=report,
        )
    finally:
        ledger.close()


def files_of(root: Path) -> dict[str, bytes]:
    """Give the bytes of everything that readers rely on: archive objects and tables, by relative path."""
    folders = (root / "archive", root / "data")
    found = (path for folder in folders for path in folder.rglob("*") if path.is_file() and ".tmp" not in path.parts)
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(found)}
