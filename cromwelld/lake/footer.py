"""The footer of a Parquet file, taken apart and put together, so that row groups can move without being read.

A footer is one Thrift struct in the compact protocol: a field is a byte with its kind and the distance to the number of
the field before it, then its value. Only what must change is decoded; everything else is copied as it is.

Source: https://github.com/apache/parquet-format (parquet.thrift), thrift-compact-protocol.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

MAGIC = b"PAR1"
TAIL_BYTES = 8  # the footer's length in four bytes, and the magic

_STOP, _TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 0, 1, 2, 3, 7, 8, 9, 10, 12
_INTEGERS = (4, 5, 6)
_LONG_LIST = 15
_SEVEN_BITS = 0x7F
_INT64, _STRUCTS = 6, 12
_NUM_ROWS = 3


class UnknownFooter(ValueError):
    """The footer has a shape that is not known here."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What files of the same columns, types and writer say of themselves before and behind their row groups."""

    before: bytes
    behind: bytes

    def groups(self, footer: bytes, count: int, rows: int) -> bytes:
        """Give what a footer says of its row groups, so many with so many rows.

        Raises: UnknownFooter if it is that of another kind of file.
        """
        head = self.before + _numbers(count, rows)
        if not (footer.startswith(head) and footer.endswith(self.behind)):
            raise UnknownFooter("it is that of another kind of file")
        return footer[len(head) : len(footer) - len(self.behind)]

    def join(self, groups: Sequence[bytes], count: int, rows: int) -> bytes:
        """Put a footer together of what is said of row groups, so many with so many rows."""
        return b"".join([self.before, _numbers(count, rows), *groups, self.behind])


def frame(footer: bytes) -> Frame:
    """Take the footer of a file without row groups apart.

    Raises: UnknownFooter.
    """
    try:
        at = _past(footer, 0, _NUM_ROWS - 1)
    except IndexError as err:
        raise UnknownFooter("it ends too early") from err
    none = _numbers(0, 0)
    if not footer.startswith(none, at) or len(footer) == at + len(none):
        raise UnknownFooter("its fields have another order, or it has row groups")
    return Frame(before=footer[:at], behind=footer[at + len(none) :])


def _numbers(count: int, rows: int) -> bytes:
    head = bytes([count << 4 | _STRUCTS]) if count < _LONG_LIST else bytes([0xF0 | _STRUCTS]) + _varint(count)
    return bytes([0x10 | _INT64]) + _varint(rows << 1) + bytes([0x10 | _LIST]) + head


def sizes(*, unpacked_bytes: int, rows: int, start: int, packed_bytes: int) -> bytes:
    """Give what the description of a row group says behind its columns, but for what may follow that."""
    numbers = ((0x10, unpacked_bytes), (0x10, rows), (0x20, start), (0x10, packed_bytes))
    return b"".join(bytes([distance | _INT64]) + _varint(_zigzag(number)) for distance, number in numbers)


def end_of(groups: bytes, number: int, sizes_there: bytes) -> int:
    """Give where the description of a row group ends, in which these sizes stand.

    Where they stand once they are its; else each description before it is passed, which takes its time.

    Raises: UnknownFooter.
    """
    found = groups.find(sizes_there)
    try:
        if found >= 0 and groups.find(sizes_there, found + 1) < 0:
            return _past_struct(groups, found + len(sizes_there))
        at = 0
        for _ in range(number + 1):
            at = _past_struct(groups, at)
    except IndexError as err:
        raise UnknownFooter("it ends too early") from err
    return at


def moved(groups: bytes, at: int, distance: int, ordinal: int) -> tuple[bytes, int]:
    """Rewrite the description of a row group, which begins at `at`, for one that lies `distance` bytes further on.

    It becomes the `ordinal`-th. Gives where the description that was there ends, too.
    """

    def shifted(offset: int) -> int:
        return offset + distance if offset else 0  # where it is not said it is 0

    pages: _Edits = {9: shifted, 10: shifted, 11: shifted, 14: shifted}
    chunk: _Edits = {2: shifted, 3: pages, 4: shifted, 6: shifted}
    return _edited(groups, at, {1: chunk, 5: shifted, 7: lambda _: ordinal})


_Edits = Mapping[int, "Callable[[int], int] | _Edits"]


def _edited(data: bytes, at: int, edits: _Edits) -> tuple[bytes, int]:
    """Copy a struct, changing the integers that `edits` names by their field's number; give where it ends."""
    parts: list[bytes] = []
    field = 0
    while data[at] != _STOP:
        field += data[at] >> 4
        start, kind, edit = at, data[at] & 0xF, edits.get(field)
        if not data[at] >> 4:
            raise UnknownFooter("a field's number is written in full")
        end = _skip(data, at + 1, kind)
        parts.append(data[start:end] if edit is None else data[start : start + 1] + _changed(data, at + 1, kind, edit))
        at = end
    return b"".join([*parts, data[at : at + 1]]), at + 1


def _changed(data: bytes, at: int, kind: int, edit: Callable[[int], int] | _Edits) -> bytes:
    if callable(edit):
        return _varint(_zigzag(edit(_unzigzag(_read_varint(data, at)[0]))))
    if kind == _STRUCT:
        return _edited(data, at, edit)[0]
    size, _, at_first = _list_head(data, at)
    parts, at = [data[at:at_first]], at_first
    for _ in range(size):
        part, at = _edited(data, at, edit)
        parts.append(part)
    return b"".join(parts)


def _past(data: bytes, at: int, fields: int) -> int:
    """Give where the fields of a struct end that are numbered from 1 to `fields`."""
    for _ in range(fields):
        if data[at] >> 4 != 1:
            raise UnknownFooter("a field is missing")
        at = _skip(data, at + 1, data[at] & 0xF)
    return at


def _skip(data: bytes, at: int, kind: int) -> int:
    """Give where a value ends."""
    if kind == _STRUCT:
        return _past_struct(data, at)
    if kind in _INTEGERS:
        while data[at] > _SEVEN_BITS:
            at += 1
        return at + 1
    if kind == _BINARY:
        size, at = _read_varint(data, at)
        return at + size
    if kind in (_LIST, _SET):
        size, kind, at = _list_head(data, at)
        for _ in range(size):
            at = _skip(data, at, _BYTE if kind in (_TRUE, _FALSE) else kind)
        return at
    return at + _fixed(kind)


def _past_struct(data: bytes, at: int) -> int:
    """Give where a struct ends; numbers are passed here, as a footer of years is made of them."""
    while head := data[at]:
        at += 1
        kind = head & 0xF
        if head <= 0xF:  # noqa: PLR2004 - no distance
            raise UnknownFooter("a field's number is written in full")
        if kind in _INTEGERS:
            while data[at] > _SEVEN_BITS:
                at += 1
            at += 1
        else:
            at = _skip(data, at, kind)
    return at + 1


def _fixed(kind: int) -> int:
    sizes = {_TRUE: 0, _FALSE: 0, _BYTE: 1, _DOUBLE: 8}
    if kind not in sizes:
        raise UnknownFooter(f"a value of kind {kind}")
    return sizes[kind]


def _list_head(data: bytes, at: int) -> tuple[int, int, int]:
    """Read how many elements a list has, their kind, and where the first begins."""
    size, kind = data[at] >> 4, data[at] & 0xF
    if size < _LONG_LIST:
        return size, kind, at + 1
    size, at = _read_varint(data, at + 1)
    return size, kind, at


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while data[at] > _SEVEN_BITS:
        value |= (data[at] & _SEVEN_BITS) << shift
        shift += 7
        at += 1
    return value | data[at] << shift, at + 1


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > _SEVEN_BITS:
        parts.append(value & _SEVEN_BITS | 0x80)
        value >>= 7
    return bytes([*parts, value])


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _unzigzag(value: int) -> int:
    return value >> 1 if not value & 1 else -(value + 1 >> 1)
