"""Replacing dates in a table that holds many of them, at the cost of the groups that they lie in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.lake.columns import align, holding, union
from cromwelld.lake.files import Files
from cromwelld.lake.layout import ManyDates
from cromwelld.lake.parquet import Kept, Source, can_keep, find, splice
from cromwelld.lake.scan import within

_END = "~"  # sorts behind every date


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """A table that was written: its path, and how much of it is new on the disk."""

    table: str
    rows: int
    bytes: int


def replace_dates(files: Files, table: ManyDates, changes: Mapping[str, pa.Table]) -> Rewritten | None:
    """Give each date of `changes` exactly the rows named there; other dates keep theirs. None if nothing changed.

    A table that would be empty is removed.

    Raises: DamagedFile; NotWritable.
    """
    source = find(files, table.path)
    if source is None:
        return _write(files, _Plan(table, None, changes)) if _rows(changes) else None
    with source:
        plan = _Plan(table, source, changes)
        if not plan.changes_anything():
            return None
        return _write(files, plan) if plan.leaves_anything() else _remove(files, table)


def _rows(changes: Mapping[str, pa.Table]) -> int:
    return sum(rows.num_rows for rows in changes.values())


def _write(files: Files, plan: _Plan) -> Rewritten:
    counted = _Counted()
    size = splice(files, plan.table.path, plan.schema, counted.through(plan.pieces()))
    return Rewritten(table=plan.table.path, rows=counted.rows, bytes=size)


def _remove(files: Files, table: ManyDates) -> Rewritten:
    files.remove(table.path)
    return Rewritten(table=table.path, rows=0, bytes=0)


class _Counted:
    """Counts rows on their way."""

    def __init__(self) -> None:
        self.rows = 0

    def through(self, pieces: Iterator[pa.Table | Kept]) -> Iterator[pa.Table | Kept]:
        for piece in pieces:
            self.rows += piece.rows if isinstance(piece, Kept) else piece.num_rows
            yield piece


class _Plan:
    """What the table was and will be, one row group at a time."""

    def __init__(self, table: ManyDates, source: Source | None, changes: Mapping[str, pa.Table]) -> None:
        self.table = table
        self._source = source
        self._changes = changes
        self._merged: tuple[str, pa.Table] | None = None  # the last one; a batch often touches no other
        self._touched = {table.group(date) for date in changes}
        self._lying = {number: self._groups_of(number) for number in range(source.groups if source else 0)}
        self.groups = sorted(self._touched.union(*self._lying.values()))
        self.schema = union(table.schema, self._extras())

    def _groups_of(self, number: int) -> set[str]:
        """Name the groups whose dates lie in a row group of the file: one, unless another program wrote it."""
        source = self._open()
        span = source.span(number)
        if span is not None and self.table.group(span[0]) == self.table.group(span[1]):
            return {self.table.group(span[0])}
        dates = pc.unique(source.read([number], ["date"])["date"]).to_pylist()
        return {self.table.group(str(date)) for date in dates}

    def _open(self) -> Source:
        assert self._source is not None  # noqa: S101 - asked only where there is a file
        return self._source

    def _extras(self) -> Iterator[pa.Field]:
        """Give the columns beyond the table's own that will hold something."""
        for rows in self._changes.values():
            yield from holding(rows, self.table.schema)
        if self._source is None:
            return
        extra = [field for field in self._source.schema if self.table.schema.get_field_index(field.name) < 0]
        for number in range(self._source.groups) if extra else ():
            yield from self._extras_of(self._source, number, extra)

    def _extras_of(self, source: Source, number: int, extra: list[pa.Field]) -> Iterator[pa.Field]:
        """Look for values in an untouched row group by its statistics, in a touched one among the rows that stay."""
        if self._lying[number].isdisjoint(self._touched):
            yield from (field for field in extra if source.holds(field.name, number))
        else:
            rows = source.read([number], ["date", *(field.name for field in extra)])
            yield from holding(self._without_changed(rows), self.table.schema)

    def pieces(self) -> Iterator[pa.Table | Kept]:
        """Give the groups as they will be; those that nothing touches are not even read."""
        source = self._source
        alone = self._alone() if source is not None and can_keep(source, self.schema) else {}
        for group in self.groups:
            yield Kept(self._open(), alone[group]) if group in alone else self.after(group)

    def _alone(self) -> dict[str, int]:
        """Give the row groups of the file that hold one untouched group, and all of it."""
        homes = Counter(group for groups in self._lying.values() for group in groups)
        single = {next(iter(groups)): number for number, groups in self._lying.items() if len(groups) == 1}
        return {group: number for group, number in single.items() if homes[group] == 1 and group not in self._touched}

    def before(self, group: str) -> pa.Table:
        """Give the rows of a group as they lie in the file."""
        if self._source is None:
            return self.schema.empty_table()
        return align(within(self._source, group, group + _END), self.schema)

    def after(self, group: str) -> pa.Table:
        """Give the rows of a group as they will be: by date, and within it in the order in which the rows came."""
        if group not in self._touched:
            return self.before(group)
        if self._merged is None or self._merged[0] != group:
            self._merged = (group, self._merge(group, self.before(group)))
        return self._merged[1]

    def _merge(self, group: str, before: pa.Table) -> pa.Table:
        new = [align(rows, self.schema) for date, rows in self._changes.items() if self.table.group(date) == group]
        rows = pa.concat_tables([self._without_changed(before), *new])
        return rows.take(pc.sort_indices(rows, sort_keys=[("date", "ascending")])).combine_chunks()

    def _without_changed(self, rows: pa.Table) -> pa.Table:
        changed = pa.array(list(self._changes), pa.string())
        return rows.filter(pc.invert(pc.is_in(rows["date"], changed)))

    def changes_anything(self) -> bool:
        """Tell whether the file would be another one."""
        if self._source is None or self._source.schema != self.schema:
            return True
        return any(map(self._changes_in, sorted(self._touched)))

    def _changes_in(self, group: str) -> bool:
        before = self.before(group)
        self._merged = (group, self._merge(group, before))
        return not self._merged[1].equals(before)

    def leaves_anything(self) -> bool:
        """Tell whether any row is left."""
        untouched = set(self.groups) - self._touched
        return bool(untouched) or any(self.after(group).num_rows for group in self._touched)
