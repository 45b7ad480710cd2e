"""Parquet files, read and written: the one place that knows the library's settings and its errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from types import TracebackType
from typing import Protocol, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cromwelld.errors import DamagedFile, StoreError
from cromwelld.lake import footer
from cromwelld.lake.files import Files
from cromwelld.lake.footer import Frame, UnknownFooter

REMEDY = "rebuild the tables from the archive: cromwelld compile --all --data-dir FOLDER ARCHIVE-FOLDER"
_ZSTD_LEVEL = 3
_STEP = 1 << 20


class Place(Protocol):
    """Where files are: their names for people, and their content."""

    def name(self, path: str) -> str:
        """Name a file for people."""

    def open(self, path: str) -> pa.NativeFile:
        """Open a file for reading.

        Raises: FileNotFoundError.
        """


class Source:
    """One Parquet file that is open for reading: it stays the same file while another takes its place."""

    def __init__(self, files: Place, path: str, encoded: Sequence[str] = ()) -> None:
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
            # `metadata.schema` and `metadata` hold each other: each footer would stay until garbage is looked for
            self._columns = pq.ParquetSchema(self._file.metadata)
            self.schema: pa.Schema = self._columns.to_arrow_schema().remove_metadata()
            self.groups: int = self._file.num_row_groups
            self._size: int = self._handle.size()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._handle.close()

    def span(self, group: int) -> tuple[str, str] | None:
        """Give the first and last date of a row group as its statistics have it; None if they do not say."""
        return self._spans[group]

    @cached_property
    def _spans(self) -> list[tuple[str, str] | None]:
        leaf = self._leaves.get("date")
        with _reading(self._name):
            told = [None if leaf is None else self._told(leaf, group) for group in range(self.groups)]
            return [_span(statistics) for statistics in told]

    def holds(self, column: str, group: int) -> bool:
        """Tell whether a column has a value in a row group; where the statistics do not say, it has."""
        statistics = self._statistics(column, group)
        return statistics is None or not statistics.has_null_count or statistics.num_values > 0

    @cached_property
    def footer(self) -> bytes:
        """Give what the file says of itself."""
        with _reading(self._name):
            end = self._size - footer.TAIL_BYTES
            length = int.from_bytes(self._handle.read_at(4, end), "little")
            return bytes(self._handle.read_at(length, end - length))

    def described(self, frame: Frame) -> bytes | None:
        """Give what the file says of its row groups; None if it is of another kind than `frame` is of."""
        try:
            groups = frame.groups(self.footer, self.groups, self._file.metadata.num_rows)
            return groups if self._end_of(self.groups - 1, groups) == len(groups) else None
        except UnknownFooter:
            return None

    def end_of(self, group: int, groups: bytes) -> int:
        """Give where, in what the file says of its row groups, that of one of them ends; -1 is the one before all."""
        with _reading(self._name):
            return self._end_of(group, groups)

    def _end_of(self, group: int, groups: bytes) -> int:
        if group < 0:
            return 0
        told = self._file.metadata.row_group(group)
        start, end = self.extent(group)
        sizes = {"unpacked_bytes": told.total_byte_size, "packed_bytes": end - start}
        return footer.end_of(groups, group, footer.sizes(rows=told.num_rows, start=start, **sizes))

    def extent(self, group: int) -> tuple[int, int]:
        """Give where the bytes of a row group begin and end."""
        with _reading(self._name):
            told = self._file.metadata.row_group(group)
            first, last = told.column(0), told.column(told.num_columns - 1)
        return _start(first), _start(last) + last.total_compressed_size

    def rows(self, group: int) -> int:
        """Count the rows of a row group."""
        return int(self._file.metadata.row_group(group).num_rows)

    def bytes_between(self, start: int, end: int) -> Iterator[bytes]:
        """Give a part of the file as it lies, in pieces."""
        for at in range(start, end, _STEP):
            with _reading(self._name):
                piece = self._handle.read_at(min(_STEP, end - at), at)
            yield piece

    @cached_property
    def _leaves(self) -> dict[str, int]:
        return {self._columns.column(i).path: i for i in range(len(self._columns))}

    def _statistics(self, column: str, group: int) -> pq.Statistics | None:
        leaf = self._leaves.get(column)
        with _reading(self._name):
            return None if leaf is None else self._told(leaf, group)

    def _told(self, leaf: int, group: int) -> pq.Statistics | None:
        return self._file.metadata.row_group(group).column(leaf).statistics

    def read(self, groups: Sequence[int] | None = None, columns: Sequence[str] | None = None) -> pa.Table:
        """Read row groups, all unless told; columns that the file lacks are passed over.

        Raises: DamagedFile.
        """
        chosen = range(self.groups) if groups is None else groups
        names = [name for name in self.schema.names if columns is None or name in columns]
        with _reading(self._name):
            rows = self._file.read_row_groups(list(chosen), columns=names, use_threads=False)
        return rows.replace_schema_metadata(None).select(names)


def _span(statistics: pq.Statistics | None) -> tuple[str, str] | None:
    if statistics is None or not statistics.has_min_max:
        return None
    first, last = statistics.min, statistics.max
    return (first[:10], last[:10]) if isinstance(first, str) else None


def _start(column: pq.ColumnChunkMetaData) -> int:
    offset = column.dictionary_page_offset if column.has_dictionary_page else column.data_page_offset
    return int(offset)


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
    with files.create(path) as sink:
        _encode(sink, schema, groups)
    return files.size(path)


def _encode(sink: pa.NativeFile, schema: pa.Schema, groups: Iterable[pa.Table]) -> None:
    with pq.ParquetWriter(sink, schema, **_settings(schema)) as writer:
        for rows in groups:
            if rows.num_rows:
                # one chunk: where pages are cut must not depend on how the rows came together
                writer.write_table(rows.combine_chunks(), row_group_size=rows.num_rows)


@dataclass(frozen=True, slots=True)
class Kept:
    """A row group that is taken over as it lies in another file."""

    source: Source
    group: int

    @property
    def rows(self) -> int:
        """Count its rows."""
        return self.source.rows(self.group)


@dataclass(frozen=True, slots=True)
class _Run:
    """Row groups that follow one another in a file, and what its footer says of all there."""

    source: Source
    groups: range
    described: bytes

    @property
    def extent(self) -> tuple[int, int]:
        return self.source.extent(self.groups[0])[0], self.source.extent(self.groups[-1])[1]

    def told(self, distance: int, ordinal: int) -> list[bytes]:
        """Give what is to be said of them where they come to lie; those that stay in their place are not looked at."""
        at = self.source.end_of(self.groups[0] - 1, self.described)
        if (distance, ordinal) == (0, self.groups[0]):
            return [self.described[at : self.source.end_of(self.groups[-1], self.described)]]
        told = []
        for number in range(ordinal, ordinal + len(self.groups)):
            one, at = footer.moved(self.described, at, distance, number)
            told.append(one)
        return told


def can_keep(source: Source, schema: pa.Schema) -> bool:
    """Tell whether row groups of a file may be taken over into one that is written now with these columns."""
    return bool(source.schema == schema) and source.described(_frame(schema)) is not None


@lru_cache(maxsize=8)
def _frame(schema: pa.Schema) -> Frame:
    return footer.frame(_encoded(schema, schema.empty_table()).footer)


def splice(files: Files, path: str, schema: pa.Schema, groups: Iterable[pa.Table | Kept]) -> int:
    """Write what `write` would of the same rows, to the byte, without reading the row groups that are kept.

    Raises: DamagedFile; NotWritable.
    """
    described: list[bytes] = []
    count, rows, at = 0, 0, len(footer.MAGIC)
    with files.create(path) as sink:
        sink.write(footer.MAGIC)
        for run in _runs(groups, schema):
            start, end = run.extent
            for piece in run.source.bytes_between(start, end):
                sink.write(piece)
            described += run.told(at - start, count)
            count, at = count + len(run.groups), at + end - start
            rows += sum(map(run.source.rows, run.groups))
        said = _frame(schema).join(described, count, rows)
        sink.write(said + len(said).to_bytes(4, "little") + footer.MAGIC)
    return files.size(path)


def _runs(groups: Iterable[pa.Table | Kept], schema: pa.Schema) -> Iterator[_Run]:
    """Put row groups that follow one another in their file together."""
    run: _Run | None = None
    for one in groups:
        if run is not None and isinstance(one, Kept) and (one.source, one.group) == (run.source, run.groups.stop):
            run = replace(run, groups=range(run.groups.start, one.group + 1))
            continue
        if run is not None:
            yield run
        run = _run(one, schema)
    if run is not None:
        yield run


def _run(one: pa.Table | Kept, schema: pa.Schema) -> _Run | None:
    """Begin a run; None where a table has no rows."""
    source, first = (one.source, one.group) if isinstance(one, Kept) else (_encoded(schema, one), 0)
    if not source.groups:
        return None
    described = source.described(_frame(schema))
    assert described is not None  # noqa: S101 - whoever keeps row groups has asked `can_keep`
    return _Run(source, range(first, first + 1), described)


def _encoded(schema: pa.Schema, rows: pa.Table) -> Source:
    """Give rows as a file in memory, of one row group or none."""
    sink = pa.BufferOutputStream()
    _encode(sink, schema, [rows])
    return Source(_Memory(sink.getvalue()), "")


class _Memory:
    """A place with one file, which is in memory."""

    def __init__(self, content: pa.Buffer) -> None:
        self._content = content

    def name(self, path: str) -> str:
        return path

    def open(self, path: str) -> pa.NativeFile:
        del path
        return pa.BufferReader(self._content)


def _settings(schema: pa.Schema) -> dict[str, object]:
    return {
        "compression": "zstd",
        "compression_level": _ZSTD_LEVEL,
        "version": "2.6",
        "use_dictionary": [name for name in schema.names if name != "time"],
        "column_encoding": {"time": "DELTA_BINARY_PACKED"},
        "write_page_checksum": True,
    }
