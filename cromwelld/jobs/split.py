"""A monolithic table of the old scripts taken over into tables by date."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa

from cromwelld import locks
from cromwelld.day import Day, normal
from cromwelld.disk import make_folder, writing
from cromwelld.jobs import foreign
from cromwelld.jobs.states import UNKNOWN
from cromwelld.jobs.takeover import united
from cromwelld.jobs.zones import Zones
from cromwelld.lake.columns import fit
from cromwelld.lake.layout import TEMPORARY
from cromwelld.lake.monolith import Monolith
from cromwelld.lake.spill import Spill
from cromwelld.lake.writer import Lake, LakeDay
from cromwelld.measurements import describe

_MARGIN = dt.timedelta(days=2)  # a night or a track that lies on both sides of the month's end is read whole
_LOCK_WAIT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The file to take over, the folder of tables, and how its records are read."""

    file: Path
    data_dir: Path
    zones: Zones
    repairing: bool = True


@dataclass(slots=True)
class Split:
    """Which dates were written, which the folder had already, and what was odd."""

    written: list[dt.date] = field(default_factory=list)
    there: list[dt.date] = field(default_factory=list)
    repaired: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def split(lake: Lake, job: Job) -> Split:
    """Write the records of a monolithic file into tables, in memory that does not grow with the years.

    Its rows are laid down by the month first, then each month is dated and written. Dates that came from an object or
    were collected stay as they are. Killed at any instant, the same call ends as if it had not been.

    Raises: UsageError if it is no such file; DamagedFile; StoreError; Held.
    """
    monolith = Monolith(job.file)
    done, there = Split(), _There(lake, job)
    with _spilled(job, monolith) as spill:
        for month in _months(spill):
            entries = [there.beside(entry) for entry in _dated(spill, month, job, done)]
            batch = [entry for entry in entries if isinstance(entry, LakeDay)]
            lake.write(batch)
            done.written += [entry.day.date for entry in batch]
            done.there += [entry for entry in entries if isinstance(entry, dt.date)]
    done.rejected = monolith.rejected
    return done


@contextmanager
def _spilled(job: Job, monolith: Monolith) -> Iterator[Spill]:
    """Lay the rows down below the tables; what a killed run left is removed."""
    temporary = job.data_dir / TEMPORARY
    folder = temporary / "split"
    with locks.held(temporary / "split.lock", "a split", wait_s=_LOCK_WAIT_S):
        with writing(folder):
            shutil.rmtree(folder, ignore_errors=True)
            make_folder(folder)
        try:
            spill = Spill(folder)
            for name, rows in monolith.parts():
                spill.add(name, rows)
            yield spill
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _months(spill: Spill) -> list[dt.date]:
    """List the first days of the months in which a record can lie by its civil date."""
    held = [dt.date.fromisoformat(f"{month}-01") for month in spill.months()]
    return sorted({_next(first, step) for first in held for step in (-1, 0, 1)})


def _next(first: dt.date, step: int = 1) -> dt.date:
    return (first + dt.timedelta(days=15 + step * 30)).replace(day=1)


def _dated(spill: Spill, month: dt.date, job: Job, done: Split) -> list[LakeDay]:
    """Read the dates of a month by the rules for foreign records."""
    start, end = (dt.datetime.combine(day, dt.time(), dt.UTC) for day in (month, _next(month)))
    tables = spill.between(start - _MARGIN, end + _MARGIN)
    dates = {month + dt.timedelta(days=day) for day in range((end - start).days)}
    normal_ = {name: _normal(name, rows) for name, rows in tables.items()}
    found = foreign.read_dates(normal_, dates, job.zones, repairing=job.repairing)
    if found.problem:
        done.problems.append(f"{job.file} in {month:%Y-%m}: {found.problem}")
    done.repaired.update(found.repaired)
    return [_entry(day, job) for _, day in sorted(found.days.items())]


def _normal(name: str, rows: pa.Table) -> pa.Table:
    """Bring rows to the catalogue's types; a text among numbers that is none is absent."""
    described = describe(name)
    known = [described.schema.field(column) for column in rows.column_names if column in described.schema.names]
    for field_ in known:
        position = rows.schema.get_field_index(field_.name)
        rows = rows.set_column(position, field_, fit(rows[field_.name], field_.type))
    return normal(described, rows)


def _entry(day: Day, job: Job) -> LakeDay:
    return LakeDay(day=day, complete=True, state=UNKNOWN, sealed=False, object_name=job.file.name, digest="")


class _There:
    """What the folder has already: dates from objects or collected stay, strays are joined, earlier splits give way."""

    def __init__(self, lake: Lake, job: Job) -> None:
        self._lake = lake
        self._digests = lake.digests()
        self._ours = {date for date, name in lake.objects().items() if name == job.file.name}

    def beside(self, entry: LakeDay) -> LakeDay | dt.date:
        """Give what to write for a date, or the date itself if it stays as it is."""
        date = entry.day.date.isoformat()
        digest = self._digests.get(date)
        if digest is None or (not digest and date in self._ours):
            return entry
        if digest or self._lake.stored(entry.day).asked:
            return entry.day.date
        return united(self._lake, replace(entry, complete=False, object_name=""))
