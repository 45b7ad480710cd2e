"""Columns to text without a Python object a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Texts = npt.NDArray[np.bytes_]
Numbers = npt.NDArray[Any]
Instants = npt.NDArray[np.int64]
Part = bytes | Texts

DAY_S, QUARTER_S = 86_400, 900
EPOCH = dt.date(1970, 1, 1)
AMERICAN, ISO = "%m/%d/%y", "%Y-%m-%d"


def joined(parts: Sequence[Part]) -> bytes:
    """Write a row for every place of the columns among the parts; what is plain bytes is the same in every row.

    Columns are padded with NULs by numpy, which are dropped: no text here holds one.
    """
    rows = next(len(part) for part in parts if not isinstance(part, bytes))
    blocks = [_block(part, rows) for part in parts]
    flat = np.concatenate(blocks, axis=1).ravel() if rows else np.empty(0, np.uint8)
    written: bytes = flat[flat != 0].tobytes()
    return written


def csv(header: str, *columns: Part) -> bytes:
    """Write a table with a comma between its columns."""
    parts: list[Part] = []
    for column in columns:
        parts += [column, b","]
    return header.encode() + b"\n" + joined([*parts[:-1], b"\n"])


def json_list(parts: Sequence[Part]) -> bytes:
    """Write a list whose elements' text is made of the parts, indented as the vendor does."""
    rows = joined([*parts, b",\n"])
    return b"[\n" + rows[:-2] + b"\n]" if rows else b"[]"


def numbers(values: Numbers, form: Callable[[Any], str]) -> Texts:
    """Write numbers, each different one once."""
    if not len(values):
        return np.empty(0, "S1")
    unique, where = np.unique(values, return_inverse=True)
    return np.array([form(value).encode() for value in unique.tolist()])[where]


def dates(seconds: Instants, form: str) -> Texts:
    """Write the dates of instants."""
    return numbers(seconds // DAY_S, lambda day: (EPOCH + dt.timedelta(days=day)).strftime(form))


def clocks(seconds: Instants) -> Texts:
    """Write the times of instants, to the second."""
    return _clock_table()[seconds % DAY_S]


def stamps(seconds: Instants, tail: str = "Z") -> Texts:
    """Write instants as the tables do: ISO 8601 with what stands for the fraction and the zone."""
    return _as_column([dates(seconds, ISO), b"T", clocks(seconds), tail.encode()])


def clock_minutes(seconds: Instants) -> Texts:
    """Write instants to the minute, with no zone."""
    return stamps(seconds, "").astype("S16")


def naive(seconds: Instants) -> Texts:
    """Write instants as the old files do: month first, and no zone."""
    return _as_column([dates(seconds, AMERICAN), b" ", clocks(seconds)])


def on_clock(instants: Instants, zone: dt.tzinfo) -> Instants:
    """Turn instants into what the clock of a zone showed; clocks change at quarters of hours."""
    quarters, where = np.unique(instants // QUARTER_S, return_inverse=True)
    offsets = [_offset_s(quarter, zone) for quarter in quarters.tolist()]
    shown: Instants = instants + np.array(offsets, np.int64)[where] if len(instants) else instants
    return shown


def repeated(text: str, rows: int) -> Texts:
    """Repeat a text in every row."""
    return np.full(rows, text.encode())


@lru_cache(maxsize=65_536)
def _offset_s(quarter: int, zone: dt.tzinfo) -> int:
    offset = dt.datetime.fromtimestamp(quarter * QUARTER_S, zone).utcoffset() or dt.timedelta()
    return round(offset.total_seconds())


@lru_cache(maxsize=1)
def _clock_table() -> Texts:
    return np.array([f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}".encode() for s in range(DAY_S)])


def _block(part: Part, rows: int) -> npt.NDArray[np.uint8]:
    if isinstance(part, bytes):
        return np.broadcast_to(np.frombuffer(part, np.uint8), (rows, len(part)))
    return np.ascontiguousarray(part).view(np.uint8).reshape(rows, part.dtype.itemsize)


def _as_column(parts: Sequence[Part]) -> Texts:
    """Put columns of fixed width side by side as one."""
    rows = next(len(part) for part in parts if not isinstance(part, bytes))
    if not rows:
        return np.empty(0, "S1")
    block = np.ascontiguousarray(np.concatenate([_block(part, rows) for part in parts], axis=1))
    column: Texts = block.view(f"S{block.shape[1]}").ravel()
    return column
