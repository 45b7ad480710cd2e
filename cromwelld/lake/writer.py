"""Putting dates into the tables, so that no ghost of an earlier version stays and nothing of another date goes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from cromwelld import locks
from cromwelld.day import Day, normal
from cromwelld.errors import StoreError
from cromwelld.events import Event, Kind, Report
from cromwelld.lake import days, scan, state
from cromwelld.lake.days import LakeDay
from cromwelld.lake.files import Files
from cromwelld.lake.layout import DAYS, LOCK, PARTITIONED, ManyDates, many_dates, partition_folder
from cromwelld.lake.parquet import find
from cromwelld.lake.partition import replace_partition
from cromwelld.lake.rewrite import Rewritten, replace_dates
from cromwelld.lake.rows import rows_of
from cromwelld.lake.sealing import Mark, mark, sealed_dates
from cromwelld.measurements import describe

__all__ = ["Lake", "LakeDay", "Written"]

_LOCK_WAIT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a batch changed on the disk: the tables that were written, with the rows and bytes of the new files."""

    tables: tuple[str, ...]
    rows: int
    bytes: int


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Lake:
    """The tables in one folder, written by one process at a time; readers need no lock."""

    def __init__(
        self,
        root: Path,
        *,
        report: Report,
        now: Callable[[], dt.datetime] = _now,
        files: Files | None = None,
    ) -> None:
        self._lock = root / LOCK
        self._files = files or Files(root)
        self._report = report
        self._now = now

    def write(self, batch: Sequence[LakeDay]) -> Written:
        """Put dates into the tables; of a date that comes twice the later one counts.

        Blocks: run it in a thread. Equal content gives equal bytes, whatever the order and size of the batches, and
        after a crash at any instant the same call ends as if there had been none. Each file appears complete or not at
        all; `compilation_state.json` is written last.

        Raises: ForeignFolder; DamagedFile; NotWritable; Held if another writer does not end within a minute.
        """
        if not batch:
            return Written(tables=(), rows=0, bytes=0)
        self._check_ours()
        with locks.held(self._lock, "a writer of Parquet tables", wait_s=_LOCK_WAIT_S):
            before = self._claimed()
            entries = self._resolved(batch)
            done = [*self._partitions(entries), *self._tables(entries)]
            self._remember(before, entries)
        written = _written(done)
        self._report(Event(Kind.TABLES_WRITTEN, _fields(entries, written)))
        return written

    def note(self, entries: Sequence[LakeDay]) -> None:
        """Note what became of the objects of dates whose content is what lies here; no table is touched.

        Raises: as `write`.
        """
        if not entries:
            return
        self._change(lambda before: before.noted({entry.day.date.isoformat(): _origin(entry) for entry in entries}))

    def forget(self, dates: Collection[str]) -> None:
        """Remove dates from the tables, as if they had never been there.

        Raises: as `write`.
        """
        if not dates:
            return
        with locks.held(self._lock, "a writer of Parquet tables", wait_s=_LOCK_WAIT_S):
            before = self._claimed()
            for measurement, date in product(PARTITIONED, dates):
                replace_partition(self._files, measurement, date, None)
            for table in (*many_dates().values(), DAYS):
                replace_dates(self._files, table, {date: table.schema.empty_table() for date in sorted(dates)})
            left = {date: origin for date, origin in before.origins.items() if date not in dates}
            after = replace(before, origins=left, unsettled=before.unsettled.difference(dates))
            state.save(self._files, self._counted(after), before, self._now())

    def sealed(self) -> frozenset[str]:
        """Give the dates that the tables call sealed. Raises: DamagedFile."""
        return sealed_dates(self._files)

    def mark(self, marks: Mapping[str, Mark]) -> None:
        """Say of dates that the tables have whether they are sealed, and how their streams stand.

        Raises: as `write`.
        """
        if marks and self.known() != state.CompilationState():
            with locks.held(self._lock, "a writer of Parquet tables", wait_s=_LOCK_WAIT_S):
                self._claimed()
                mark(self._files, marks)

    def settled(self, dates: Collection[str]) -> None:
        """Note that it is decided which objects give the rows of these dates, and that they lie here.

        Raises: as `write`.
        """
        if not dates:
            return
        self._change(lambda before: replace(before, unsettled=before.unsettled.difference(dates)))

    def _change(self, change: Callable[[state.CompilationState], state.CompilationState]) -> None:
        known = self.known()
        if change(known) == known:
            return
        with locks.held(self._lock, "a writer of Parquet tables", wait_s=_LOCK_WAIT_S):
            before = self._claimed()
            state.save(self._files, change(before), before, self._now())

    def known(self) -> state.CompilationState:
        """Give what the folder says of its dates.

        Raises: ForeignFolder; DamagedFile.
        """
        return state.load(self._files) or state.CompilationState()

    def origins(self) -> dict[str, state.Origin]:
        """Give the objects that the dates came from, by date.

        Raises: ForeignFolder; DamagedFile.
        """
        return self.known().origins

    def digests(self) -> dict[str, str]:
        """Give the digests of the objects that the dates came from, by date.

        Raises: ForeignFolder; DamagedFile.
        """
        return {date: origin.digest for date, origin in self.origins().items()}

    def day(self, date: dt.date) -> Day | None:
        """Give a date as it lies in the tables; None if they do not have it. Blocks.

        Raises: DamagedFile; StoreError.
        """
        row = scan.days(self._files, date.isoformat(), date.isoformat(), ["date", "zone"])
        if row is None or not row.num_rows:
            return None
        return self.stored(Day(date=date, zone=row["zone"][0].as_py(), tables={}, asked={}))

    def objects(self) -> dict[str, str]:
        """Give the names of what the dates came from, by date; empty where they came from no object.

        Raises: ForeignFolder; DamagedFile.
        """
        found = state.load(self._files)
        return {} if found is None else {date: origin.object for date, origin in found.origins.items()}

    def _check_ours(self) -> None:
        """Refuse a folder of another program before it gets our lock file; where that lies the folder was ours.

        Raises: ForeignFolder; DamagedFile.
        """
        if not self._lock.exists():
            state.load(self._files)

    def _claimed(self) -> state.CompilationState:
        """Make the folder ours before the first table lies in it: tables without our state are another program's."""
        found = state.load(self._files)
        self._files.clear_drafts()
        if found is None:
            found = state.CompilationState()
            state.save(self._files, found, None, self._now())
        return found

    def _resolved(self, batch: Sequence[LakeDay]) -> dict[str, LakeDay]:
        """Make every date whole: what a partial one does not name is taken as it lies."""
        entries: dict[str, LakeDay] = {}
        spans = [] if all(entry.complete for entry in batch) else scan.spans(self._files)
        for entry in batch:
            date = entry.day.date.isoformat()
            if entry.complete:
                entries[date] = entry
            elif date in entries:
                entries[date] = replace(entry, day=_over(entries[date].day, entry.day))
            elif self._may_have(date, spans):
                entries[date] = replace(entry, day=_over(self.stored(entry.day), entry.day))
            else:
                entries[date] = entry
        return dict(sorted(entries.items()))

    def _may_have(self, date: str, spans: Sequence[tuple[str, str]]) -> bool:
        """Tell whether any table may have rows of a date: most that come for the first time are in none."""
        folders = (partition_folder(measurement, date) for measurement in PARTITIONED)
        return any(first <= date <= last for first, last in spans) or any(map(self._files.exists, folders))

    def stored(self, day: Day) -> Day:
        """Read what the tables have of a date, in the zone of `day`.

        Raises: DamagedFile.
        """
        date = day.date.isoformat()
        wanted = scan.Wanted(first=date, last=date, listed=(date,))
        tables = scan.read(self._files, wanted, _refuse)
        row = scan.days(self._files, date, date)
        return Day(
            date=day.date,
            zone=day.zone,
            tables={name: normal(describe(name), rows.drop_columns(["date"])) for name, rows in tables.items()},
            asked={} if row is None else days.asked(row),
        )

    def _partitions(self, entries: Mapping[str, LakeDay]) -> Iterator[Rewritten]:
        for measurement in PARTITIONED:
            for date, entry in entries.items():
                done = replace_partition(self._files, measurement, date, entry.day.tables.get(measurement.name))
                if done is not None:
                    yield done

    def _tables(self, entries: Mapping[str, LakeDay]) -> Iterator[Rewritten]:
        for table in (*many_dates().values(), DAYS):
            done = replace_dates(self._files, table, _rows(entries, table))
            if done is not None:
                yield done

    def _remember(self, before: state.CompilationState, entries: Mapping[str, LakeDay]) -> None:
        after = self._counted(before.noted({date: _origin(entry) for date, entry in entries.items()}))
        reached = entries.keys() & after.reaching().keys()
        after = replace(after, unsettled=after.unsettled | reached)
        state.save(self._files, after, before, self._now())

    def _counted(self, told: state.CompilationState) -> state.CompilationState:
        """Count anew what lies in the tables."""
        source = find(self._files, DAYS.path)
        if source is None:
            return replace(told, processed_dates=(), total_records=0)
        with source:
            rows = source.read(columns=["date", "records"])
        records = int(pc.sum(rows["records"]).as_py())
        return replace(told, processed_dates=tuple(rows["date"].to_pylist()), total_records=records)


def _origin(entry: LakeDay) -> state.Origin:
    return state.Origin(
        object=entry.object_name, digest=entry.digest, mark=entry.mark, also=entry.also, lent=entry.lent
    )


def _rows(entries: Mapping[str, LakeDay], table: ManyDates) -> dict[str, pa.Table]:
    if table is DAYS:
        return {date: days.row(entry) for date, entry in entries.items()}
    return rows_of([entry.day for entry in entries.values()], table)


def _refuse(err: StoreError) -> None:
    raise err


def _over(stored: Day, new: Day) -> Day:
    return replace(new, tables={**stored.tables, **new.tables}, asked={**stored.asked, **new.asked})


def _written(done: Sequence[Rewritten]) -> Written:
    tables = tuple(dict.fromkeys(one.table for one in done))
    return Written(tables=tables, rows=sum(one.rows for one in done), bytes=sum(one.bytes for one in done))


def _fields(entries: Mapping[str, LakeDay], written: Written) -> dict[str, str | int | float]:
    return {"dates": len(entries), "tables": len(written.tables), "rows": written.rows, "bytes": written.bytes}
