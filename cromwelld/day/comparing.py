"""What one version of a date has and another has not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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


def _keys(rows: pa.Table, names: Sequence[str]) -> pa.Table:
    """Give the key of each record; an absent tag as no text, for a join takes no two absent values for equal."""
    columns = {name: rows[name] for name in names}
    return pa.table({name: pc.fill_null(c, "") if pa.types.is_string(c.type) else c for name, c in columns.items()})
