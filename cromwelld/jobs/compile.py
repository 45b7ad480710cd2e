"""Parquet from archive files on disk, without a configuration."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cromwelld.archive import codec
from cromwelld.archive.codec import Opened
from cromwelld.archive.names import date_of
from cromwelld.day import Day
from cromwelld.errors import DamagedFile, UsageError
from cromwelld.events import Event, Kind, Report
from cromwelld.jobs import foreign
from cromwelld.jobs.states import state_of
from cromwelld.jobs.strays import Late, Strays
from cromwelld.lake.writer import Lake, LakeDay
from cromwelld.localtime import known_zone

_BATCH_DATES = 30
_REMEDY = "say where the person lived: `--timezone Europe/London`"


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

    An object without `Cromwelld_Day` may hold records of other dates: they are taken where no other object has them. Of
    several objects of one date the newest file counts.

    Raises: StoreError if the tables cannot be written.
    """
    result = Compiled()
    strays = Strays(work.known)
    batch: list[LakeDay] = []
    for path in _one_a_date(work.objects):
        tell(path)
        entry = _read(path, work, result, strays)
        if entry is not None:
            batch.append(entry)
        if len(batch) >= _BATCH_DATES:
            _write(lake, batch, result)
            batch = []
    _write(lake, batch, result)
    _write_late(lake, list(strays.late()), result)
    for problem in result.problems:
        report(Event(Kind.FILE_DAMAGED, {"problem": problem}))
    return result


def _one_a_date(objects: Iterable[Path]) -> list[Path]:
    """Choose the newest of the files that bear one date, so that their order decides nothing."""
    chosen: dict[dt.date | Path, Path] = {}
    for path in objects:
        key = date_of(path.name) or path
        chosen[key] = max(chosen.get(key, path), path, key=lambda one: (_written_at(one), one))
    return list(chosen.values())


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # reading it will say so
        return 0.0


def _write(lake: Lake, batch: Sequence[LakeDay], result: Compiled) -> None:
    if batch:
        lake.write(batch)
        result.written += [entry.day.date for entry in batch]


def _write_late(lake: Lake, late: Sequence[Late], result: Compiled) -> None:
    """Put strays beside what the objects of their dates hold; said is what was not there before."""
    for start in range(0, len(late), _BATCH_DATES):
        lake.write([one.entry for one in late[start : start + _BATCH_DATES]])
    done = set(result.written)
    result.written += [one.entry.day.date for one in late if one.fresh and one.entry.day.date not in done]


def _read(path: Path, work: Work, result: Compiled, strays: Strays) -> LakeDay | None:
    """Read an object; give its date if the tables do not have it yet."""
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
    fresh = date is None or work.known.get(date.isoformat()) != opened.digest
    result.unchanged += not fresh
    day = opened.day or _foreign(path, opened, work.timezone, strays, fresh=fresh)
    if day is None:
        if fresh and not _zone(path, opened, work.timezone):
            result.problems.append(f"{path}: no time zone is known for its records; {_REMEDY}")
        return None
    state = state_of(day, ended=True)
    entry = LakeDay(day=day, complete=True, state=state, sealed=False, object_name=path.name, digest=opened.digest)
    strays.named(entry, fresh=fresh)
    return entry if fresh else None


def _zone(path: Path, opened: Opened, given: str) -> str:
    return foreign.implied_zone(opened.tables, date_of(path.name)) or given


def _foreign(path: Path, opened: Opened, timezone: str, strays: Strays, *, fresh: bool) -> Day | None:
    """Give a foreign object's own date, and its other records to the strays; None without a date or a zone."""
    zone = _zone(path, opened, timezone)
    if not zone:
        return None
    dated = foreign.by_date(opened.tables, zone)
    named = date_of(path.name)
    strays.add(zone, {date: tables for date, tables in dated.items() if date != named}, fresh=fresh)
    return None if named is None else Day(date=named, zone=zone, tables=dated.get(named, {}), asked={})


def check_timezone(name: str) -> str:
    """Accept a time zone's name, or none.

    Raises: UsageError.
    """
    if name and not known_zone(name):
        message = f"{name!r} is not a time zone"
        raise UsageError(message, hint="use a name like Europe/London")
    return name
