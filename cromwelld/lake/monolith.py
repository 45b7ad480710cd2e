"""One Parquet file that holds all measurements, as the old scripts compiled it: rows in any order."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cromwelld.errors import DamagedFile, StoreError, UsageError
from cromwelld.lake.columns import fit, stored_type
from cromwelld.measurements import TIME

_BATCH_ROWS = 1 << 16
_BUFFER_BYTES = 1 << 20
_FIRST, _END = (pa.scalar(dt.datetime(year, 1, 1, tzinfo=dt.UTC), TIME) for year in (1900, 2200))
_NO_TIME, _NO_NAME = "no time that can be read", "not a record with a measurement"


class Monolith:
    """A file with the columns `measurement`, `time`, `tag_...` and `field_...`; `rejected` counts records by reason."""

    def __init__(self, path: Path) -> None:
        """Look at a file's columns.

        Raises: UsageError if it is another kind of file or holds nothing; DamagedFile; StoreError if it cannot be read.
        """
        self._path = path
        self.rejected: Counter[str] = Counter()
        with self._opened() as file:
            names = set(file.schema_arrow.names)
            self.rows: int = file.metadata.num_rows
        if lacking := {"measurement", "time"} - names:
            message = f"{path} has no column {' and no column '.join(sorted(lacking))}"
            raise UsageError(message, hint="name a file with the columns measurement, time, tag_... and field_...")
        if not any(name.startswith("field_") for name in names):
            raise UsageError(f"{path} has no column field_...", hint="name a file that holds values")
        if not self.rows:
            raise UsageError(f"{path} has no rows", hint="there is nothing to take over from it")

    @contextmanager
    def _opened(self) -> Iterator[pq.ParquetFile]:
        try:
            with pq.ParquetFile(self._path, buffer_size=_BUFFER_BYTES, pre_buffer=False) as file:
                yield file
        except OSError as err:
            if err.errno is not None:
                hint = "see to the file's rights or disk, then run it again"
                raise StoreError(f"cannot read {self._path}: {err.strerror}", hint=hint) from err
            raise self._damaged() from err
        except pa.ArrowException as err:
            raise self._damaged() from err

    def _damaged(self) -> DamagedFile:
        message = f"{self._path} cannot be read: it is not a whole Parquet file"
        return DamagedFile(message, hint="put a whole copy in its place, then run it again")

    def parts(self) -> Iterator[tuple[str, pa.Table]]:
        """Give the rows in bounded parts, each of one measurement, with the columns that hold something.

        Times are UTC, tags text, fields text or double. Memory does not grow with the file.

        Raises: DamagedFile.
        """
        with self._opened() as file:
            columns = [name for name in file.schema_arrow.names if _is_column(name)]
            for batch in file.iter_batches(_BATCH_ROWS, columns=columns, use_threads=False):
                yield from self._by_measurement(pa.Table.from_batches([batch]).replace_schema_metadata(None))

    def _by_measurement(self, rows: pa.Table) -> Iterator[tuple[str, pa.Table]]:
        rows = rows.set_column(rows.schema.get_field_index("time"), "time", _times(rows["time"]))
        rows = self._kept(rows, pc.is_valid(rows["measurement"]), _NO_NAME)
        inside = pc.and_(pc.greater_equal(rows["time"], _FIRST), pc.less(rows["time"], _END))
        rows = self._kept(rows, pc.fill_null(inside, fill_value=False), _NO_TIME)
        names = fit(rows["measurement"], pa.string())
        rows = rows.drop_columns(["measurement"])
        for name in pc.unique(names).to_pylist():
            yield name, _holding(rows.filter(pc.equal(names, name)))

    def _kept(self, rows: pa.Table, good: pa.ChunkedArray, reason: str) -> pa.Table:
        lost = rows.num_rows - (pc.sum(good).as_py() or 0)
        if lost:
            self.rejected[reason] += lost
        return rows.filter(good) if lost else rows


def _is_column(name: str) -> bool:
    return name in ("measurement", "time") or name.startswith(("tag_", "field_"))


def _times(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Read times: of any unit, without a zone UTC, or text as ISO 8601 has it; anything else is absent."""
    if pa.types.is_timestamp(values.type):
        return fit(values, TIME)
    if pa.types.is_dictionary(values.type):
        values = pc.cast(values, values.type.value_type)
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        return pa.chunked_array([pa.nulls(len(values), TIME)])
    try:
        return pc.cast(values, TIME)
    except pa.ArrowInvalid:  # one without an offset, or no time at all
        return pa.chunked_array([pa.array([_time(text) for text in values.to_pylist()], TIME)])


def _time(text: str | None) -> dt.datetime | None:
    try:
        time = dt.datetime.fromisoformat(text or "")
        return time.replace(tzinfo=time.tzinfo or dt.UTC).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


def _holding(rows: pa.Table) -> pa.Table:
    """Keep the columns that hold something, in the types in which they are kept."""
    columns = {"time": rows["time"]}
    for name in rows.column_names:
        column, kind = rows[name], stored_type(rows[name].type)
        if name == "time" or column.null_count == rows.num_rows:
            continue
        if pa.types.is_timestamp(column.type):
            columns[name] = pc.strftime(pc.cast(fit(column, TIME), pa.timestamp("s", "UTC"), safe=False), _ISO)
        elif kind is not None:
            columns[name] = fit(column, pa.string() if name.startswith("tag_") else kind)
    return pa.table(columns)


_ISO = "%Y-%m-%dT%H:%M:%S+00:00"
