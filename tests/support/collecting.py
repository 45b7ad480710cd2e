"""Collections of an invented source into real places, one after the other."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cromwelld.archive.store import Store
from cromwelld.errors import CromwelldError
from cromwelld.events import Event, Kind
from cromwelld.jobs.collect import Collected, Wish, collect
from cromwelld.jobs.fetching import Source
from cromwelld.lake.reader import load_days
from cromwelld.pieces import Answer
from tests.support.answers import Told
from tests.support.places import Clock, places_in

DATE = "2025-10-08"


@dataclass
class Household:
    """One account below `root`, its clock, and what was reported during the newest collection."""

    root: Path
    clock: Clock = field(default_factory=Clock)
    label: str = ""
    store: Store | None = None
    events: list[Event] = field(default_factory=list)

    async def collect(
        self,
        *answers: Answer,
        days: tuple[str, str] = (DATE, DATE),
        force: Sequence[str] = (),
        ends_with: CromwelldError | None = None,
    ) -> Collected:
        return await self.collect_from(Told(answers, ends_with=ends_with), days=days, force=force)

    async def collect_from(
        self, source: Source, *, days: tuple[str, str] = (DATE, DATE), force: Sequence[str] = ()
    ) -> Collected:
        self.events.clear()
        first, last = (dt.date.fromisoformat(date) for date in days)
        wish = Wish(first=first, last=last, force=frozenset(force))
        with places_in(self.root, self.clock, self.events, label=self.label, store=self.store) as places:
            return await collect(source, places, wish, lambda _: None)

    def said(self, kind: Kind) -> list[Event]:
        return [event for event in self.events if event.kind is kind]

    def object(self, date: str = DATE) -> Path:
        return self.root / "archive" / "fitbit" / f"fitbit_backup_{date}.json.gz"

    def records(self, date: str = DATE) -> list[dict[str, Any]]:
        return read_records(self.object(date))

    def times(self, measurement: str, date: str = DATE) -> list[str]:
        return [record["time"] for record in self.records(date) if record["measurement"] == measurement]

    def about(self, date: str = DATE) -> dict[str, str]:
        (record,) = (record for record in self.records(date) if record["measurement"] == "Cromwelld_Day")
        tags: dict[str, str] = record["tags"]
        return tags

    def state(self, date: str = DATE) -> str:
        return str(load_days(date, date, self.root / "data")["state"].iloc[0])

    def waiting(self) -> list[str]:
        """Name the date and stream of each piece in the outbox."""
        pieces = sorted((self.root / "state" / "outbox" / "me").rglob("*.arrow"))
        return [f"{piece.parent.name} {piece.stem.split('-')[1]}" for piece in pieces]


def read_records(path: Path) -> list[dict[str, Any]]:
    """Read an archive object as any program would."""
    records: list[dict[str, Any]] = json.loads(gzip.decompress(path.read_bytes()))
    return records
