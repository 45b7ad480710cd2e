"""Dates that only older tables have, taken into a fresh folder so that building it afresh loses none."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

import pyarrow as pa

from cromwelld.day import Day, concat, normal
from cromwelld.errors import DamagedFile, ForeignFolder, StoreError
from cromwelld.jobs import foreign
from cromwelld.jobs.states import UNKNOWN
from cromwelld.jobs.zones import Zones
from cromwelld.lake import days, scan, state
from cromwelld.lake.files import Files
from cromwelld.lake.writer import Lake, LakeDay
from cromwelld.measurements import describe

_MONTH_CHARS = len("2025-10")
_MARGIN = dt.timedelta(days=2)  # a night or a track that lies on both sides of the month's end is read whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeover:
    """Where the old tables are, and how the records of other programs are read."""

    old: Path
    zones: Zones
    repairing: bool = True


@dataclass(slots=True)
class TakenOver:
    """Which dates came from the older tables only, and what could not be read of them."""

    dates: list[dt.date] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    repaired: Counter[str] = field(default_factory=Counter)


def take_over(lake: Lake, work: Takeover) -> TakenOver:
    """Put the dates that lie in the old tables and in no object into the fresh ones, by the month.

    A date with an object stays as its object has it. One that has only strays of other objects gets both, each record
    once. Tables of our own keep their zones and states; records of other programs are dated and mended as foreign ones.

    Raises: StoreError if the fresh tables cannot be written.
    """
    done = TakenOver()
    with_object = {date for date, digest in lake.digests().items() if digest}
    for entries in _months(work, with_object, done):
        lake.write([united(lake, entry) for entry in entries])
        done.dates += [entry.day.date for entry in entries]
    return done


def _months(work: Takeover, with_object: set[str], done: TakenOver) -> Iterator[list[LakeDay]]:
    files = Files(work.old)
    known = _known(files, done)
    lying = _lying(files, done) if known is None else known.processed_dates
    lacking = [date for date in lying if date not in with_object]
    for _, month in groupby(lacking, key=lambda date: date[:_MONTH_CHARS]):
        if known is None:
            entries = _foreign(files, work, list(month), done)
        else:
            entries = [_own(files, known, date, done) for date in month]
        if entries:
            yield entries


def _known(files: Files, done: TakenOver) -> state.CompilationState | None:
    """Give what our own tables say of themselves; None for those of other programs, or where it cannot be read."""
    try:
        known = state.load(files)
        rows = scan.days(files, "", "~", ["date"])
    except ForeignFolder:
        return None
    except DamagedFile as err:
        done.problems.append(err.message)
        return None
    if known is None or rows is None or not set(known.processed_dates) <= set(rows["date"].to_pylist()):
        return None
    return known


def _own(files: Files, known: state.CompilationState, date: str, done: TakenOver) -> LakeDay:
    tables = _tables(files, scan.Wanted(first=date, last=date, listed=(date,)), done)
    row = scan.days(files, date, date)
    assert row is not None  # noqa: S101 - `_known` has read it
    told = row.to_pylist()[0]
    day = Day(date=dt.date.fromisoformat(date), zone=told["zone"], tables=tables, asked=days.asked(row))
    origin = known.origins.get(date, state.Origin(object="", digest=""))
    return LakeDay(
        day=day,
        complete=False,
        state=told["state"],
        sealed=bool(told["sealed"]),
        object_name=origin.object,
        digest=origin.digest,
    )


def _lying(files: Files, done: TakenOver) -> list[str]:
    """List the dates on which the records lie, and those beside them: other programs cut days by UTC."""
    lying = [dt.date.fromisoformat(date) for date in scan.dates_lying(files, _noted(done))]
    near = {day + step * dt.timedelta(days=1) for day in lying for step in (-1, 0, 1)}
    return [day.isoformat() for day in sorted(near)]


def _noted(done: TakenOver) -> scan.Damage:
    def note(err: StoreError) -> None:
        if err.message not in done.problems:
            done.problems.append(err.message)

    return note


def _tables(files: Files, wanted: scan.Wanted, done: TakenOver) -> dict[str, pa.Table]:
    tables = scan.read(files, wanted, _noted(done))
    return {name: normal(describe(name), rows.drop_columns(["date"])) for name, rows in tables.items()}


def _foreign(files: Files, work: Takeover, dates: Sequence[str], done: TakenOver) -> list[LakeDay]:
    """Read some dates of a month of another program's tables, by the rules for foreign records."""
    first, last = (dt.date.fromisoformat(date) for date in (dates[0], dates[-1]))
    wanted = scan.Wanted(first=(first - _MARGIN).isoformat(), last=(last + _MARGIN).isoformat())
    chosen = {dt.date.fromisoformat(date) for date in dates}
    found = foreign.read_dates(_tables(files, wanted, done), chosen, work.zones, repairing=work.repairing)
    if found.problem:
        done.problems.append(f"{files.name()} from {first} to {last}: {found.problem}")
    done.repaired.update(found.repaired)
    return [_unknown(day) for _, day in sorted(found.days.items())]


def _unknown(day: Day) -> LakeDay:
    return LakeDay(day=day, complete=False, state=UNKNOWN, sealed=False, object_name="", digest="")


def united(lake: Lake, entry: LakeDay) -> LakeDay:
    """Add what strays have brought of a date already; of a record that is in both the stray's stays."""
    tables = dict(entry.day.tables)
    for name, stray in lake.stored(entry.day).tables.items():
        tables[name] = concat(describe(name), [tables[name], stray]) if name in tables else stray
    return replace(entry, day=replace(entry.day, tables=tables))
