"""Replacing one date of a measurement whose dates have folders of their own."""

from __future__ import annotations

import pyarrow as pa

from cromwelld.lake.columns import align
from cromwelld.lake.files import Files
from cromwelld.lake.layout import PART, partition_folder
from cromwelld.lake.parquet import find, write
from cromwelld.lake.rewrite import Rewritten
from cromwelld.measurements import Measurement


def replace_partition(files: Files, measurement: Measurement, date: str, rows: pa.Table | None) -> Rewritten | None:
    """Give the folder of a date exactly these rows, with the catalogue's columns; None if nothing changed.

    Without rows the folder goes. Whatever else lies in it goes after the new file is there.

    Raises: DamagedFile; NotWritable.
    """
    folder = partition_folder(measurement, date)
    if rows is None or rows.num_rows == 0:
        gone = files.exists(folder)
        files.remove_folder(folder)
        return Rewritten(table=measurement.table, rows=0, bytes=0) if gone else None
    done = _part(files, measurement, f"{folder}/{PART}", align(rows, measurement.schema))
    for name in files.names(folder):
        if name != PART:
            files.remove(f"{folder}/{name}")
    return done


def _part(files: Files, measurement: Measurement, path: str, rows: pa.Table) -> Rewritten | None:
    source = find(files, path)
    if source is not None:
        with source:
            if source.schema == rows.schema and source.read().equals(rows):
                return None
    size = write(files, path, rows.schema, [rows])
    return Rewritten(table=measurement.table, rows=rows.num_rows, bytes=size)
