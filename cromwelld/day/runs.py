"""A run of records that differ in their time and one number alone, read by the shape of its first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.measurements import TIME

RECORD = b'{"measurement"'
_BETWEEN = b", \t\r\n"
_LONGEST = 40  # characters of a time or a number

_NUMBER = r"^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$"

_Places: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.int64]]"

# No brace and no backslash stands within its texts, so that what looks like a name is one.
_SHAPE = re.compile(
    rb'(\{\s*"measurement"\s*:\s*"[^"\\]*"\s*,\s*"time"\s*:\s*")([^"\\]+)'
    rb'("\s*,\s*"tags"\s*:\s*\{[^{}\\]*\}\s*,\s*"fields"\s*:\s*\{\s*"[^"\\]*"\s*:\s*)([-+.\deE]+)(\s*\}\s*\}\s*,\s*)'
)


@dataclass(frozen=True, slots=True)
class Run:
    """The first record of a run as JSON text, and the time and the number of each."""

    first: bytes
    times: pa.Array
    numbers: pa.Array


def read_run(text: bytes, start: int, stop: int) -> Run | None:
    """Read the records from `start` until before `stop`, where the next one begins; None if their shapes differ.

    If the first record is strict JSON all of them are: they differ in times that were read, and in numbers as JSON has
    them, and behind each stands one comma.
    """
    begin = _starts(text, start, stop)
    end = np.append(begin[1:], stop)
    shape = _SHAPE.fullmatch(text, start, int(end[0]))
    if shape is None:
        return None
    before, time, between, _, behind = shape.groups()
    times = begin + len(before)
    numbers = times + len(time) + len(between)
    rest = end - len(behind)
    constant = ((begin, before), (times + len(time), between), (rest, behind))
    if (numbers >= rest).any() or not all(_stands(text, places, part) for places, part in constant):
        return None
    try:
        instants = pc.cast(_texts(text, times, np.full_like(times, len(time))), TIME)
        values = _numbers(_texts(text, numbers, rest - numbers))
    except pa.ArrowInvalid:
        return None
    return Run(shape[0].rstrip(_BETWEEN), instants, values)


def _numbers(texts: pa.StringArray) -> pa.DoubleArray:
    """Read numbers, each distinct text once.

    Raises: pyarrow.ArrowInvalid if one is none as JSON has it.
    """
    distinct = pc.dictionary_encode(texts)
    if not pc.all(pc.match_substring_regex(distinct.dictionary, _NUMBER)).as_py():
        message = "not a number"
        raise pa.ArrowInvalid(message)
    return pc.cast(distinct.dictionary, pa.float64()).take(distinct.indices)


def _starts(text: bytes, start: int, stop: int) -> _Places:
    """Find where objects begin whose first name is that of a record."""
    characters = np.frombuffer(text, np.uint8)
    found = np.flatnonzero(characters[start : stop - len(RECORD)] == RECORD[0]) + start
    for distance, character in enumerate(RECORD[1:], 1):
        found = found[characters[found + distance] == character]
    return found


def _stands(text: bytes, places: _Places, part: bytes) -> bool:
    """Tell whether a part of a text stands at all of these places."""
    return _windows(text, places, len(part)).tobytes() == part * len(places)


def _windows(text: bytes, places: _Places, width: int) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    """Copy as many characters from each place; each lies within the text."""
    last = len(text) - width
    starts = np.lib.stride_tricks.as_strided(np.frombuffer(text, f"V{width}", 1), (last + 1,), (1,), writeable=False)
    return starts[places]


def _texts(text: bytes, places: _Places, lengths: _Places) -> pa.StringArray:
    """Copy texts of these lengths from these places."""
    width = int(lengths.max())
    if width > _LONGEST or places[-1] + width > len(text):
        message = "not a time or number"
        raise pa.ArrowInvalid(message)
    letters = _windows(text, places, width).view(np.uint8).reshape(-1, width)
    kept = letters if width == lengths.min() else letters[np.arange(width) < lengths[:, None]]
    offsets = np.append(0, np.cumsum(lengths)).astype(np.int32)
    buffers = [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(kept.tobytes())]
    return pa.Array.from_buffers(pa.string(), len(places), buffers)
