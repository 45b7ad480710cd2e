"""Rows of some dates, as Arrow tables by measurement, read at a cost that does not grow with the years stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.day import normal
from cromwelld.errors import StoreError
from cromwelld.lake.columns import align, fit, stored_type
from cromwelld.lake.files import Files
from cromwelld.lake.layout import DAYS, PART, PARTITIONED, ManyDates, is_column, many_dates, partition_date
from cromwelld.lake.layout import partition_folder as folder_of
from cromwelld.lake.parquet import Source, find, plain
from cromwelld.measurements import DAILY_TABLE, TIME, Measurement, describe, single_tables

_Read = TypeVar("_Read")
Damage = Callable[[StoreError], None]
Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]

_OUR_TYPES = {TIME, pa.string(), pa.float64()}
_DATE_CHARS = len("2025-10-08")
_EVER = ("0001-01-01", "9999-12-31")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to read: dates as text, both ends included; all measurements unless named.

    `listed` are the dates that the lake says it has, each with one file a table; None where nobody says, as in folders
    of other programs: then every file of a date's folders is read, and rows that lie there twice are taken once.
    """

    first: str
    last: str
    listed: tuple[str, ...] | None = None
    measurements: frozenset[str] | None = None

    def takes(self, measurement: str) -> bool:
        """Tell whether a measurement is wanted."""
        return self.measurements is None or measurement in self.measurements


def read(files: Files, wanted: Wanted, damaged: Damage) -> dict[str, pa.Table]:
    """Give the rows by measurement, in catalogue order: time, date, then its columns; without rows it is absent.

    A file that cannot be read is handed to `damaged`, which may raise; the others are read all the same.
    """
    tables: dict[str, pa.Table] = {}
    for measurement in PARTITIONED:
        if wanted.takes(measurement.name):
            tables[measurement.name] = _partitions(files, measurement, wanted, damaged)
    for path, members in single_tables().items():
        if wanted.measurements is None or any(wanted.takes(m.name) for m in members) or path == DAILY_TABLE:
            rows = _lenient(lambda path=path: _many(files, many_dates()[path], wanted), damaged)  # type: ignore[misc]
            tables |= _by_measurement(path, members, rows) if rows is not None else {}
    chosen = {name: rows for name, rows in tables.items() if rows.num_rows and wanted.takes(name)}
    return {name: _finished(describe(name), rows, wanted) for name, rows in chosen.items()}


def _lenient(reading: Callable[[], _Read | None], damaged: Damage) -> _Read | None:
    try:
        return reading()
    except StoreError as err:
        damaged(err)
        return None


def _finished(measurement: Measurement, rows: pa.Table, wanted: Wanted) -> pa.Table:
    """Give a measurement its own columns and those of the others that hold something; each row once."""
    own = align(rows, measurement.schema).add_column(1, "date", rows["date"])
    more = sorted(set(rows.column_names) - set(own.column_names))
    for name in more:
        if rows[name].null_count < rows.num_rows:
            own = own.append_column(name, rows[name])
    if wanted.listed is not None:
        return own
    single = normal(measurement, own)
    order = pc.sort_indices(single, sort_keys=[("date", "ascending")])
    return single.take(order).select(own.column_names)


# --- partitioned tables


def _partitions(files: Files, measurement: Measurement, wanted: Wanted, damaged: Damage) -> pa.Table:
    parts, texts = [], [field.name for field in measurement.schema if field.type == pa.string()]
    for date, path in _partition_files(files, measurement, wanted):
        rows = _lenient(lambda path=path: _whole(files, path, texts), damaged)  # type: ignore[misc]
        if rows is not None:
            parts.append(rows.append_column("date", pa.repeat(date, rows.num_rows)))
    return _together(parts)


def _partition_files(files: Files, measurement: Measurement, wanted: Wanted) -> Iterator[tuple[str, str]]:
    if wanted.listed is not None:
        yield from ((date, f"{folder_of(measurement, date)}/{PART}") for date in wanted.listed)
        return
    for name in files.names(measurement.table):
        date = partition_date(name)
        if date is not None and wanted.first <= date <= wanted.last:
            folder = f"{measurement.table}{name}"
            yield from ((date, f"{folder}/{file}") for file in files.names(folder) if file.endswith(".parquet"))


def _whole(files: Files, path: str, texts: list[str]) -> pa.Table | None:
    source = find(files, path, texts)
    if source is None:
        return None
    with source:
        return _tidy(plain(source.read(columns=[n for n in source.schema.names if is_column(n) and n != "date"])))


def _together(parts: list[pa.Table]) -> pa.Table:
    if not parts:
        return pa.table({"time": pa.array([], TIME), "date": pa.array([], pa.string())})
    return pa.concat_tables(parts, promote_options="permissive")


# --- tables of many dates


def _many(files: Files, table: ManyDates, wanted: Wanted) -> pa.Table | None:
    source = find(files, table.path, table.texts)
    if source is None:
        return None
    with source:
        return _tidy(within(source, wanted.first, wanted.last, [n for n in source.schema.names if is_column(n)]))


def within(source: Source, first: str, last: str, columns: list[str] | None = None) -> pa.Table:
    """Read the rows of a table of many dates from `first` to `last`, from no more row groups than may hold them.

    A column that holds nothing in those row groups is left out.

    Raises: DamagedFile.
    """
    spans = {group: source.span(group) for group in range(source.groups)}
    groups = [group for group, span in spans.items() if span is None or (span[0] <= last and first <= span[1])]
    rows = _dated(source.read(groups, _filled(source, groups, columns or source.schema.names)))
    if all(span is not None and first <= span[0] and span[1] <= last for span in map(spans.get, groups)):
        return plain(rows)
    return plain(_kept(rows, _between(rows["date"], first, last)))


def _filled(source: Source, groups: list[int], columns: list[str]) -> list[str]:
    """Pass over columns that hold nothing in these row groups; a wide table has many."""
    always = ("time", "date")
    return [name for name in columns if name in always or any(source.holds(name, group) for group in groups)]


def _between(dates: pa.ChunkedArray, first: str, last: str) -> Mask:
    """Mark the dates of a range; of encoded ones only the distinct are compared."""
    marks = [np.zeros(0, dtype=bool)]
    for chunk in dates.chunks:
        encoded = chunk if pa.types.is_dictionary(chunk.type) else pc.dictionary_encode(chunk)
        inside = [date is not None and first <= date <= last for date in encoded.dictionary.to_pylist()]
        indices = encoded.indices if encoded.null_count == 0 else pc.fill_null(encoded.indices, -1)
        marks.append(np.array([*inside, False])[indices.to_numpy()])  # -1, an absent date, is the False at the end
    return np.concatenate(marks)


def _kept(rows: pa.Table, mask: Mask) -> pa.Table:
    """Filter rows; where those to keep lie together, as dates do in our files, nothing is copied."""
    places = np.flatnonzero(mask)
    if len(places) == 0 or places[-1] - places[0] == len(places) - 1:
        return rows.slice(places[0] if len(places) else 0, len(places))
    return rows.take(pa.array(places))


def _dated(rows: pa.Table) -> pa.Table:
    """Give `date` as plain text, from the time in UTC where a file of other programs has none."""
    if "date" not in rows.column_names:
        return rows.append_column("date", pc.strftime(fit(rows["time"], TIME), format="%Y-%m-%d"))
    dates = rows["date"]
    if pa.types.is_timestamp(dates.type) or pa.types.is_date(dates.type):
        dates = pc.strftime(dates, format="%Y-%m-%d")
    elif rows.num_rows == 0 or len(str(dates[0])) == _DATE_CHARS:
        return rows
    else:
        dates = pc.utf8_slice_codeunits(fit(dates, pa.string()), 0, _DATE_CHARS)
    position = rows.schema.get_field_index("date")
    return rows.set_column(position, "date", fit(dates, pa.string()))


def _tidy(rows: pa.Table) -> pa.Table:
    """Bring the columns of any file to the types of ours; what cannot be is left out."""
    if {field.type for field in rows.schema} <= _OUR_TYPES:
        return rows
    columns = {}
    for name in rows.column_names:
        column, kind = rows[name], stored_type(rows[name].type)
        if name == "time":
            columns[name] = fit(column, TIME)
        elif kind is not None:
            columns[name] = fit(column, pa.string() if name.startswith("tag_") else kind)
    return pa.table(columns)


def _by_measurement(path: str, members: tuple[Measurement, ...], rows: pa.Table) -> dict[str, pa.Table]:
    if path != DAILY_TABLE:
        return {members[0].name: rows}
    if "measurement" not in rows.column_names:
        return {}
    encoded = pc.dictionary_encode(rows["measurement"].combine_chunks())
    codes = encoded.indices.fill_null(-1).to_numpy()
    columns = _columns_of(rows, codes)
    cut = {}
    for code, name in enumerate(encoded.dictionary.to_pylist()):
        cut[name] = _kept(rows, codes == code).select(columns[code])
    known = [m.name for m in members if m.name in cut]
    return {name: cut[name] for name in [*known, *sorted(set(cut) - set(known))]}


def _columns_of(rows: pa.Table, codes: np.ndarray[tuple[int], np.dtype[np.int32]]) -> dict[int, list[str]]:
    """Name for each measurement, by its code, the columns in which it has a value."""
    columns: dict[int, list[str]] = {}
    for name in rows.column_names:
        if name != "measurement" and rows[name].null_count < rows.num_rows:
            for code in np.unique(codes[pc.is_valid(rows[name]).to_numpy()]):
                columns.setdefault(int(code), []).append(name)
    return columns


# --- what the lake says of its dates


def days(files: Files, first: str, last: str, columns: list[str] | None = None) -> pa.Table | None:
    """Read the rows of `days.parquet` between two dates; None if the folder has none.

    Raises: DamagedFile.
    """
    source = find(files, DAYS.path)
    if source is None:
        return None
    with source:
        chosen = [field for field in DAYS.schema if columns is None or field.name in columns]
        return align(within(source, first, last, columns), pa.schema(chosen))


def spans(files: Files) -> list[tuple[str, str]]:
    """Give the first and last date of each stretch in which tables of many dates may have rows.

    Raises: DamagedFile.
    """
    found: list[tuple[str, str]] = []
    for path in (*many_dates(), DAYS.path):
        source = find(files, path)
        if source is not None:
            with source:
                found += [source.span(group) or _EVER for group in range(source.groups)]
    return found


def dates_lying(files: Files, damaged: Damage) -> list[str]:
    """List the dates of which a folder holds rows, found in the tables themselves: for folders that keep no list."""
    found = {partition_date(name) for m in PARTITIONED for name in files.names(m.table)}
    for path in many_dates():
        found |= _lenient(lambda path=path: _dates_of(files, path), damaged) or set()  # type: ignore[misc]
    return sorted(date for date in found if date is not None)


def _dates_of(files: Files, path: str) -> set[str]:
    source = find(files, path)
    if source is None:
        return set()
    with source:
        column = ["date"] if "date" in source.schema.names else ["time"]
        groups = (_dated(source.read([group], column)) for group in range(source.groups))
        return {date for rows in groups for date in pc.unique(rows["date"]).to_pylist()}
