"""The word of `days.parquet` for dates that are final."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.lake.files import Files
from cromwelld.lake.layout import DAYS
from cromwelld.lake.parquet import find
from cromwelld.lake.rewrite import replace_dates


def mark_sealed(files: Files, sealed: Collection[str]) -> list[str]:
    """Let exactly these of the dates in the table be sealed; give those that were not before.

    Raises: DamagedFile; NotWritable.
    """
    source = find(files, DAYS.path)
    if source is None:
        return []
    with source:
        rows = source.read()
    target = pc.is_in(rows["date"], value_set=pa.array(sorted(sealed), pa.string()))
    differs = pc.not_equal(pc.fill_null(rows["sealed"], fill_value=False), target)
    if not pc.any(differs).as_py():
        return []
    place = rows.column_names.index("sealed")
    changed = rows.set_column(place, rows.schema.field(place), target).filter(differs)
    dates = changed["date"].to_pylist()
    replace_dates(files, DAYS, {date: changed.slice(number, 1) for number, date in enumerate(dates)})
    return [date for date, final in zip(dates, changed["sealed"].to_pylist(), strict=True) if final]
