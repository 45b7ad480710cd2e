"""What `days.parquet` says of dates beside their content: which are final, and how each stream of them stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.lake.files import Files
from cromwelld.lake.layout import DAYS
from cromwelld.lake.parquet import find
from cromwelld.lake.rewrite import replace_dates


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Whether a date is final, and how its streams stand, in words."""

    sealed: bool
    streams: str


def sealed_dates(files: Files) -> frozenset[str]:
    """Give the dates that the table calls final.

    Raises: DamagedFile.
    """
    source = find(files, DAYS.path)
    if source is None:
        return frozenset()
    with source:
        rows = source.read(columns=["date", "sealed"])
    return frozenset(rows.filter(pc.fill_null(rows["sealed"], fill_value=False))["date"].to_pylist())


def mark(files: Files, marks: Mapping[str, Mark]) -> None:
    """Mark dates, as far as the table has them; other dates are left as they are.

    Raises: DamagedFile; NotWritable.
    """
    source = find(files, DAYS.path)
    if source is None or not marks:
        return
    with source:
        rows = source.read()
    rows = rows.filter(pc.is_in(rows["date"], value_set=pa.array(sorted(marks), pa.string())))
    told = ((row, row | _words(marks[row["date"]])) for row in rows.to_pylist())
    changes = {row["date"]: pa.Table.from_pylist([after], DAYS.schema) for row, after in told if row != after}
    if changes:
        replace_dates(files, DAYS, changes)


def _words(one: Mark) -> dict[str, object]:
    return {"sealed": one.sealed, "streams": one.streams}
