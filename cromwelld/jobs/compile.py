"""Parquet from archive files on disk, without a configuration."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa

from cromwelld.archive import codec
from cromwelld.archive.codec import Opened
from cromwelld.archive.names import date_of
from cromwelld.day import Day
from cromwelld.errors import DamagedFile, UsageError
from cromwelld.events import Event, Kind, Report
from cromwelld.jobs import foreign
from cromwelld.jobs.states import state_of
from cromwelld.lake.writer import Lake, LakeDay
from cromwelld.localtime import known_zone

_BATCH_DATES = 30


@dataclass(slots=True)
class Compiled:
    """What compiling did: dates written, objects that were already there, and the ones that could not be read."""

    written: list[dt.date] = field(default_factory=list)
    unchanged: int = 0
    rejected_records: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What to compile: objects, the zone of foreign ones that imply none, and what the tables have already.

    `known` maps dates to the digests of the objects that they were made of.
    """

    objects: Sequence[Path]
    timezone: str
    known: Mapping[str, str]


def find_objects(places: Iterable[Path]) -> list[Path]:
    """List the archive objects among files and below folders, by date; a file named outright is taken as it is.

    Raises: UsageError if a place does not exist or holds no object.
    """
    found: list[Path] = []
    for place in places:
        inside = [place] if place.is_file() else [path for path in place.rglob("*.json.gz") if _counts(path)]
        if not inside:
            message = f"{place} is not an archive object and holds none"
            raise UsageError(message, hint="name files like fitbit_backup_2025-10-08.json.gz, or a folder of them")
        found += inside
    return sorted(set(found), key=lambda path: (path.name, path))


def _counts(path: Path) -> bool:
    return date_of(path.name) is not None and "replaced" not in path.parent.parts[-2:]


def compile_objects(lake: Lake, work: Work, report: Report, tell: Callable[[Path], None]) -> Compiled:
    """Write the dates of archive objects into tables, in batches; a damaged object is named and the rest goes on.

    An object without `Cromwelld_Day` may hold records of other dates: they are taken where no other object has them.

    Raises: StoreError if the tables cannot be written.
    """
    result = Compiled()
    strays = _Strays()
    batch: list[LakeDay] = []
    for path in work.objects:
        tell(path)
        entry = _read(path, work, result, strays)
        if entry is not None:
            batch.append(entry)
            strays.had(entry.day)
        if len(batch) >= _BATCH_DATES:
            _write(lake, batch, result)
            batch = []
    _write(lake, batch, result)
    for late in strays.batches():
        _write(lake, late, result)
    for problem in result.problems:
        report(Event(Kind.FILE_DAMAGED, {"problem": problem}))
    return result


def _write(lake: Lake, batch: Sequence[LakeDay], result: Compiled) -> None:
    if batch:
        lake.write(batch)
        result.written += [entry.day.date for entry in batch]


def _read(path: Path, work: Work, result: Compiled, strays: _Strays) -> LakeDay | None:
    date = date_of(path.name)
    try:
        opened = codec.open_object(path.read_bytes(), str(path), date)
    except DamagedFile as err:
        result.problems.append(err.message)
        return None
    except OSError as err:
        result.problems.append(f"cannot read {path}: {err.strerror}")
        return None
    result.rejected_records += sum(opened.rejected.values())
    if date is not None and work.known.get(date.isoformat()) == opened.digest:
        result.unchanged += 1
        return None
    day = opened.day or _foreign(path, opened, work, result, strays)
    if day is None:
        return None
    state = state_of(day, ended=True)
    return LakeDay(day=day, complete=True, state=state, sealed=False, object_name=path.name, digest=opened.digest)


def _foreign(path: Path, opened: Opened, work: Work, result: Compiled, strays: _Strays) -> Day | None:
    zone = foreign.implied_zone(opened.tables) or work.timezone
    if not zone:
        remedy = "say where the person lived: `--timezone Europe/London`"
        result.problems.append(f"{path}: no time zone is known for its records; {remedy}")
        return None
    dated = foreign.by_date(opened.tables, zone)
    named = date_of(path.name)
    strays.add(zone, {date: tables for date, tables in dated.items() if date != named})
    return None if named is None else Day(date=named, zone=zone, tables=dated.get(named, {}), asked={})


class _Strays:
    """Records of foreign objects that belong to dates other than the object's own."""

    def __init__(self) -> None:
        self._days: dict[dt.date, Day] = {}
        self._had: dict[dt.date, set[str]] = {}

    def add(self, zone: str, dated: Mapping[dt.date, Mapping[str, pa.Table]]) -> None:
        """Hold records of other dates; what a later object has of a measurement counts instead."""
        for date, tables in dated.items():
            day = self._days.get(date) or Day(date=date, zone=zone, tables={}, asked={})
            self._days[date] = replace(day, tables={**day.tables, **tables})

    def had(self, day: Day) -> None:
        """Note what the object named for a date has of it."""
        self._had[day.date] = set(day.tables)

    def batches(self) -> Iterator[list[LakeDay]]:
        """Give what no object named for its date has, in batches."""
        batch = [entry for date, day in sorted(self._days.items()) if (entry := self._entry(date, day)) is not None]
        for start in range(0, len(batch), _BATCH_DATES):
            yield batch[start : start + _BATCH_DATES]

    def _entry(self, date: dt.date, day: Day) -> LakeDay | None:
        had = self._had.get(date, set())
        tables = {name: rows for name, rows in day.tables.items() if name not in had}
        if not tables:
            return None
        rest = replace(day, tables=tables)
        state = state_of(rest, ended=True)
        return LakeDay(day=rest, complete=False, state=state, sealed=False, object_name="", digest="")


def check_timezone(name: str) -> str:
    """Accept a time zone's name, or none.

    Raises: UsageError.
    """
    if name and not known_zone(name):
        message = f"{name!r} is not a time zone"
        raise UsageError(message, hint="use a name like Europe/London")
    return name
