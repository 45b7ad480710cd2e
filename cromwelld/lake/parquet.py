"""Parquet files, read and written: the one place that knows the library's settings and its errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cromwelld.errors import DamagedFile, StoreError
from cromwelld.lake.files import Files

REMEDY = "rebuild the tables from the archive: cromwelld compile --all --data-dir FOLDER ARCHIVE-FOLDER"
_ZSTD_LEVEL = 3


class Source:
    """One Parquet file that is open for reading: it stays the same file while another takes its place."""

    def __init__(self, files: Files, path: str, encoded: Sequence[str] = ()) -> None:
        """Open a file; text columns named in `encoded` are read dictionary-encoded, for those who keep few of the rows.

        Raises: FileNotFoundError; DamagedFile.
        """
        self._name = files.name(path)
        with _reading(self._name):
            self._handle = files.open(path)
            try:
                self._file = _opened(self._handle, encoded)
            except BaseException:
                self._handle.close()
                raise
            self.schema: pa.Schema = self._file.metadata.schema.to_arrow_schema().remove_metadata()
            self.groups: int = self._file.num_row_groups
        self._leaves = {self._file.schema.column(i).path: i for i in range(len(self._file.schema))}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._handle.close()

    def span(self, group: int) -> tuple[str, str] | None:
        """Give the first and last date of a row group as its statistics have it; None if they do not say."""
        statistics = self._statistics("date", group)
        if statistics is None or not statistics.has_min_max or not isinstance(statistics.min, str):
            return None
        return statistics.min[:10], statistics.max[:10]

    def holds(self, column: str, group: int) -> bool:
        """Tell whether a column has a value in a row group; where the statistics do not say, it has."""
        statistics = self._statistics(column, group)
        return statistics is None or not statistics.has_null_count or statistics.num_values > 0

    def _statistics(self, column: str, group: int) -> pq.Statistics | None:
        leaf = self._leaves.get(column)
        with _reading(self._name):
            return None if leaf is None else self._file.metadata.row_group(group).column(leaf).statistics

    def read(self, groups: Sequence[int] | None = None, columns: Sequence[str] | None = None) -> pa.Table:
        """Read row groups, all unless told; columns that the file lacks are passed over.

        Raises: DamagedFile.
        """
        chosen = range(self.groups) if groups is None else groups
        names = [name for name in self.schema.names if columns is None or name in columns]
        with _reading(self._name):
            rows = self._file.read_row_groups(list(chosen), columns=names, use_threads=False)
        return rows.replace_schema_metadata(None).select(names)


def _opened(handle: pa.NativeFile, encoded: Sequence[str]) -> pq.ParquetFile:
    settings = {"page_checksum_verification": True, "pre_buffer": False}
    try:
        return pq.ParquetFile(handle, read_dictionary=list(encoded), **settings)
    except KeyError:  # the file has not all of these columns
        return pq.ParquetFile(handle, **settings)


def plain(rows: pa.Table) -> pa.Table:
    """Decode the text of rows that were read encoded."""
    for position, field in enumerate(rows.schema):
        if pa.types.is_dictionary(field.type):
            rows = rows.set_column(position, field.name, pc.cast(rows[field.name], field.type.value_type))
    return rows


def find(files: Files, path: str, encoded: Sequence[str] = ()) -> Source | None:
    """Open a Parquet file, as `Source` does, if it is there.

    Raises: DamagedFile.
    """
    try:
        return Source(files, path, encoded)
    except FileNotFoundError:
        return None


@contextmanager
def _reading(name: str) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as err:
        raise FileNotFoundError(name) from err
    except PermissionError as err:
        raise StoreError(f"cannot read {name}: {err.strerror}", hint="give your user the right to read it") from err
    except (pa.ArrowException, OSError, ValueError) as err:
        raise DamagedFile(f"{name} is damaged: not a whole Parquet file", hint=REMEDY) from err


def write(files: Files, path: str, schema: pa.Schema, groups: Iterable[pa.Table]) -> int:
    """Write a file of one row group a table and give its size in bytes: equal rows give equal bytes.

    Raises: NotWritable.
    """
    with files.create(path) as sink, pq.ParquetWriter(sink, schema, **_settings(schema)) as writer:
        for rows in groups:
            if rows.num_rows:
                # one chunk: where pages are cut must not depend on how the rows came together
                writer.write_table(rows.combine_chunks(), row_group_size=rows.num_rows)
    return files.size(path)


def _settings(schema: pa.Schema) -> dict[str, object]:
    return {
        "compression": "zstd",
        "compression_level": _ZSTD_LEVEL,
        "version": "2.6",
        "use_dictionary": [name for name in schema.names if name != "time"],
        "column_encoding": {"time": "DELTA_BINARY_PACKED"},
        "write_page_checksum": True,
    }
