"""Arrow tables to the frames of notebooks: plain column names, local times."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.lake.columns import fit
from cromwelld.measurements import TIME

_TIMES = ("time", "endTime")


def frames(tables: Mapping[str, pa.Table], zone: str) -> dict[str, pd.DataFrame]:
    """Turn tables into frames: prefixes gone, times in `zone`; a name that is taken keeps its prefix.

    Tables of equal columns become frames in one go, as most of the cost of a small frame does not depend on its rows.
    """
    named = {name: rows.rename_columns(_plain(rows.column_names)) for name, rows in tables.items()}
    alike: dict[pa.Schema, list[str]] = {}
    for name, rows in named.items():
        alike.setdefault(rows.schema, []).append(name)
    made: dict[str, pd.DataFrame] = {}
    for names in alike.values():
        # threads cost more than these columns
        both = _local(pa.concat_tables([named[name] for name in names]), zone).to_pandas(use_threads=False)
        start = 0
        for name in names:
            end = start + named[name].num_rows
            made[name] = both if len(names) == 1 else both.iloc[start:end].reset_index(drop=True)
            start = end
    return {name: made[name] for name in tables}


def _local(rows: pa.Table, zone: str) -> pa.Table:
    for name in _TIMES:
        position = rows.schema.get_field_index(name)
        if position >= 0:
            local = pc.cast(fit(rows[name], TIME), pa.timestamp("us", zone))
            rows = rows.set_column(position, name, local)
    return rows


def _plain(names: list[str]) -> list[str]:
    taken: dict[str, str] = {}
    for name in names:
        plain = name.removeprefix("tag_").removeprefix("field_") if name.startswith(("tag_", "field_")) else name
        taken[name if plain in taken else plain] = name
    return list(taken)
