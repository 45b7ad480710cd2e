"""Rows of any order laid down by the month on disk, so that each month can be read alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.disk import writing
from cromwelld.measurements import TIME

_SETTINGS = pa.ipc.IpcWriteOptions(compression="zstd")
_NAME = b"measurement"


class Spill:
    """Rows of measurements in a folder of its own, a file for each month in UTC, which is appended to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, name: str, rows: pa.Table) -> None:
        """Append rows of one measurement to their months.

        Raises: NotWritable.
        """
        months = pc.strftime(rows["time"], format="%Y-%m")
        for month in pc.unique(months).to_pylist():
            part = rows.filter(pc.equal(months, month)).replace_schema_metadata({_NAME: name.encode()})
            path = self._folder / month
            with writing(path), path.open("ab") as sink, pa.ipc.new_stream(sink, part.schema, options=_SETTINGS) as out:
                out.write_table(part)

    def months(self) -> list[str]:
        """List the months that have rows, in their order."""
        return sorted(path.name for path in self._folder.iterdir())

    def between(self, first: dt.datetime, end: dt.datetime) -> dict[str, pa.Table]:
        """Read the rows from one instant until before another, by measurement, in the order in which they came."""
        parts: dict[str, list[pa.Table]] = {}
        for month in self.months():
            if f"{first:%Y-%m}" <= month <= f"{end:%Y-%m}":
                for name, rows in self._read(self._folder / month, first, end):
                    parts.setdefault(name, []).append(rows)
        return {name: pa.concat_tables(held, promote_options="permissive") for name, held in parts.items()}

    def _read(self, path: Path, first: dt.datetime, end: dt.datetime) -> Iterable[tuple[str, pa.Table]]:
        with path.open("rb") as source:
            size = path.stat().st_size
            while source.tell() < size:
                rows = pa.ipc.open_stream(source).read_all()
                name = rows.schema.metadata[_NAME].decode()
                within = pc.and_(
                    pc.greater_equal(rows["time"], pa.scalar(first, TIME)), pc.less(rows["time"], pa.scalar(end, TIME))
                )
                kept = rows.filter(within).replace_schema_metadata(None)
                if kept.num_rows:
                    yield name, kept
