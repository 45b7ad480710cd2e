"""An export imported into real places, and what became of a date in short."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from cromwelld.jobs.importing.run import Hearing, Imported, Order, import_export
from cromwelld.jobs.places import Places
from cromwelld.measurements import DAY_RECORD

Record = dict[str, object]


def run_import(places: Places, parts: Sequence[Path], folder: Path, **more: object) -> Imported:
    """Import with everything that is not said left as it is."""
    order = Order(parts=parts, folder=folder, **more)  # type: ignore[arg-type]
    return asyncio.run(import_export(places, order, Hearing()))


def records(places: Places, date: str) -> dict[str, list[Record]]:
    """Give the records of a date by measurement: times as text, absent values left out, names without their prefix."""
    day = places.lake.day(dt.date.fromisoformat(date))
    if day is None:
        return {}
    return {name: [_short(row) for row in rows.to_pylist()] for name, rows in day.ordered() if name != DAY_RECORD}


def _short(row: Record) -> Record:
    return {name.partition("_")[2] or name: _value(value) for name, value in row.items() if value is not None}


def _value(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return round(value, 9) if isinstance(value, float) else value
