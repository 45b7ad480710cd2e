"""What one version of a date has and another has not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.day.model import Day
from cromwelld.measurements import describe


def lacks(day: Day, before: Mapping[str, pa.Table]) -> bool:
    """Tell whether `before` holds records, by key, that `day` does not."""
    return any(_lacks(name, day.tables.get(name), rows) for name, rows in before.items())


def _lacks(name: str, now: pa.Table | None, before: pa.Table) -> bool:
    if now is None or now.num_rows < before.num_rows:
        return bool(before.num_rows)
    keys = list(describe(name).key_columns)
    if keys == ["time"]:
        return not pc.all(pc.is_in(before["time"], value_set=now["time"].combine_chunks())).as_py()
    return bool(_keys(before, keys).join(_keys(now, keys), keys, join_type="left anti").num_rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A measurement that two versions of a date have not alike, with the records of each."""

    measurement: str
    archived: int
    tabled: int


def differences(archived: Day, tabled: Mapping[str, pa.Table]) -> Iterator[Difference]:
    """Give the measurements of which the tables have not what the archive has, in any order.

    Tables with a folder for each date keep the catalogue's columns only: others do not count there.
    """
    for name in archived.tables.keys() | tabled.keys():
        mine, theirs = _kept(name, archived.tables.get(name)), _kept(name, tabled.get(name))
        if not mine.equals(theirs):
            yield Difference(measurement=name, archived=mine.num_rows, tabled=theirs.num_rows)


def _kept(name: str, rows: pa.Table | None) -> pa.Table:
    measurement = describe(name)
    if rows is None:
        return measurement.schema.empty_table()
    return rows.select(measurement.schema.names) if measurement.partitioned else rows


def _keys(rows: pa.Table, names: Sequence[str]) -> pa.Table:
    """Give the key of each record; an absent tag as no text, for a join takes no two absent values for equal."""
    columns = {name: rows[name] for name in names}
    return pa.table({name: pc.fill_null(c, "") if pa.types.is_string(c.type) else c for name, c in columns.items()})
