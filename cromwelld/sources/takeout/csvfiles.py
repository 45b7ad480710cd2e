"""Rows below a line of column names, as Google's CSVs are, block by block."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv

from cromwelld.jsoncolumns import number
from cromwelld.sources.takeout import times
from cromwelld.sources.takeout.family import Clock, Family
from cromwelld.sources.takeout.members import Unreadable

_BLOCK_BYTES = 4 * 1024 * 1024
_HEADER_BYTES = 64 * 1024
_NO_VALUE = ["", "NaN", "nan", "null", "None"]
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9 _()/%-]{0,79}")
_NOT_AS_KNOWN = "its columns are not as known"
_NO_TIME, _NO_NUMBER, _RAGGED = "a row without a time", "a value that is not a number", "a row of another length"


@dataclass(frozen=True, slots=True)
class Noted:
    """Where to note what was left out and which columns are not known."""

    rejected: Counter[str]
    unknown: set[str]


def read(stream: io.BufferedReader, family: Family, noted: Noted) -> Iterator[pa.Table]:
    """Give the rows of a file: `when` (and `until`, where the family has two times), numbers, texts.

    Raises: Unreadable if its columns are not those of the family, or the file breaks off.
    """
    header = _header(stream)
    if not header:
        return
    columns = _columns(header, family, noted)
    try:
        with pv.open_csv(stream, *_options(header, columns, noted)) as blocks:
            for block in blocks:
                yield _typed(block, family, columns, noted)
    except pa.ArrowInvalid as err:
        raise Unreadable("it is not a CSV file as Google writes them") from err


def _header(stream: io.BufferedReader) -> list[str]:
    """Read the names of the columns, which stay to be read; none if the file is empty."""
    line = stream.peek(_HEADER_BYTES)[:_HEADER_BYTES].partition(b"\n")[0]
    try:
        text = line.decode("utf-8-sig").strip("\r")
        return next(csv.reader([text]), [])
    except (UnicodeDecodeError, csv.Error) as err:
        raise Unreadable(_NOT_AS_KNOWN) from err


def _columns(header: Sequence[str], family: Family, noted: Noted) -> Mapping[str, str]:
    """Map the file's names to ours."""
    names = {name.strip().lower(): name for name in header}
    roles = {
        **dict(zip(family.columns.when, ("when", "until"), strict=False)),
        **family.columns.numbers,
        **family.columns.texts,
    }
    found = {names[said.lower()]: ours for said, ours in roles.items() if said.lower() in names}
    if not {"when", *family.columns.needed} <= set(found.values()) or len(names) < len(header):
        raise Unreadable(_NOT_AS_KNOWN)
    known = {*(name.lower() for name in family.columns.passed_over), *(name.lower() for name in found), "data source"}
    noted.unknown.update(name if _NAME.fullmatch(name) else "?" for key, name in names.items() if key not in known)
    return found


def _options(
    header: Sequence[str], columns: Mapping[str, str], noted: Noted
) -> tuple[pv.ReadOptions, pv.ParseOptions, pv.ConvertOptions]:
    def ragged(_row: object) -> str:
        noted.rejected[_RAGGED] += 1
        return "skip"

    wide = len(header) > len(columns) + 4  # the tables with free text have line breaks in it
    return (
        pv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES, column_names=list(header), skip_rows=1),
        pv.ParseOptions(newlines_in_values=wide, invalid_row_handler=ragged),
        pv.ConvertOptions(
            include_columns=list(columns),
            column_types=dict.fromkeys(columns, pa.string()),
            null_values=_NO_VALUE,
            strings_can_be_null=True,
        ),
    )


def _typed(block: pa.RecordBatch, family: Family, columns: Mapping[str, str], noted: Noted) -> pa.Table:
    said = {ours: block.column(name) for name, ours in columns.items()}
    read = times.zoned if family.clock is Clock.UTC else times.plain
    found: dict[str, pa.Array] = {}
    for name in ("when", "until")[: len(family.columns.when)]:
        found[name] = read(said[name]) if name in said else pa.nulls(block.num_rows, pa.timestamp("us"))
    if family.clock is Clock.DATE:
        found["instant"] = times.is_instant(said["when"])
    for name in dict.fromkeys(family.columns.numbers.values()):
        found[name] = _numbers(said[name], noted) if name in said else pa.nulls(block.num_rows, pa.float64())
    for name in dict.fromkeys(family.columns.texts.values()):
        found[name] = said.get(name, pa.nulls(block.num_rows, pa.string()))
    lacking = found["when"].null_count
    noted.rejected[_NO_TIME] += lacking
    return pa.table(found).filter(pc.is_valid(found["when"])) if lacking else pa.table(found)


def _numbers(values: pa.Array, noted: Noted) -> pa.Array:
    try:
        found = pc.cast(values, pa.float64())
        if pc.all(pc.is_finite(found)).as_py() is not False:
            return found
    except pa.ArrowInvalid:
        pass  # some value is none: they are looked at one by one
    return pa.array([_number(value, noted) for value in values.to_pylist()], pa.float64())


def _number(value: str | None, noted: Noted) -> float | None:
    try:
        return number(value)
    except ValueError:
        noted.rejected[_NO_NUMBER] += 1
        return None
