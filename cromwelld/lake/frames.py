"""Arrow tables to the frames of notebooks: plain column names, local times."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.lake.columns import fit
from cromwelld.measurements import TIME

_TIMES = ("time", "endTime")


def frame(rows: pa.Table, zone: str) -> pd.DataFrame:
    """Turn a table into a frame: prefixes gone, times in `zone`; a name that is taken keeps its prefix."""
    named = rows.rename_columns(_plain(rows.column_names))
    for name in _TIMES:
        position = named.schema.get_field_index(name)
        if position >= 0:
            named = named.set_column(position, name, _local(named[name], zone))
    result: pd.DataFrame = named.to_pandas(use_threads=False)  # threads cost more than these columns
    return result


def _local(values: pa.ChunkedArray, zone: str) -> pa.ChunkedArray:
    return pc.cast(fit(values, TIME), pa.timestamp("us", zone))


def _plain(names: list[str]) -> list[str]:
    taken: dict[str, str] = {}
    for name in names:
        plain = name.removeprefix("tag_").removeprefix("field_") if name.startswith(("tag_", "field_")) else name
        taken[name if plain in taken else plain] = name
    return list(taken)
