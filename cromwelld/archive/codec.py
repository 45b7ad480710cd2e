"""One date as one gzip member that holds one JSON array."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from cromwelld.day import Day, encode, read_about
from cromwelld.day.decoding import NotRecords, decode
from cromwelld.day.oddities import oddities
from cromwelld.errors import DamagedFile
from cromwelld.localtime import known_zone
from cromwelld.measurements import DAY_RECORD

_LEVEL = 3  # a fifth larger than level 6 and three times as fast: most of a day's cost would be this
_MOST_BYTES = 1 << 30
_STEP = 1 << 20
_MAGIC = b"\x1f\x8b"
_TWICE = "packed twice"
_GZIP = 16 + zlib.MAX_WBITS
_REMEDY = "move the object aside and run `cromwelld collect {date}`, or put back a copy that can be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """What was written: the digest of the uncompressed JSON, and sizes in bytes."""

    digest: str
    size_bytes: int
    text_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What an object holds.

    `day` is None for a foreign object, one without `Cromwelld_Day`; its records lie in `tables`, and `odd` counts what
    is odd in it and kept. `rejected` counts the records that were left out, by reason. `mark` and `about` are what its
    store says of it, as far as it was asked.
    """

    day: Day | None
    tables: Mapping[str, pa.Table]
    digest: str
    rejected: Mapping[str, int]
    mark: str = ""
    about: Mapping[str, str] = field(default_factory=dict)
    odd: Mapping[str, int] = field(default_factory=dict)


def write(day: Day, path: Path) -> Encoded:
    """Write a date to `path`, streamed; equal days give equal bytes."""
    total, text_bytes = hashlib.sha256(), 0
    with path.open("wb") as raw, gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as packed:
        for chunk in encode(day):
            total.update(chunk)
            text_bytes += len(chunk)
            packed.write(chunk)
    return Encoded(digest=total.hexdigest(), size_bytes=path.stat().st_size, text_bytes=text_bytes)


def open_object(content: bytes, name: str, date: dt.date | None = None) -> Opened:
    """Read an object's bytes; `name` is said in errors, `date` is what its name promises.

    What a copying program has packed a second time is unpacked twice.

    Raises: DamagedFile if it is not one gzip member with one JSON array of records, or none of them can be used.
    """
    text = _unpack(content, name, date)
    twice = text.startswith(_MAGIC)
    text = _unpack(text, name, date) if twice else text
    try:
        decoded = decode(text)
    except NotRecords as err:
        raise _damaged(name, str(err), date) from err
    if decoded.rejected and not decoded.tables:
        reason, _ = Counter(decoded.rejected).most_common(1)[0]
        raise _damaged(name, f"it has no record that can be used: {reason}", date)
    tables = dict(decoded.tables)
    digest = hashlib.sha256(text).hexdigest()
    own = tables.pop(DAY_RECORD, None)
    day = None if own is None or date is None else _day(own, tables, date)
    odd = oddities(text, tables, decoded.duplicates) | ({_TWICE: 1} if twice else {}) if day is None else {}
    return Opened(day=day, tables=tables, digest=digest, rejected=decoded.rejected, odd=odd)


def _day(own: pa.Table, tables: Mapping[str, pa.Table], date: dt.date) -> Day | None:
    said, zone, asked = read_about(own)
    own_object = said == date.isoformat() and bool(zone) and known_zone(zone)
    return Day(date=date, zone=zone, tables=tables, asked=asked) if own_object else None


def _unpack(content: bytes, name: str, date: dt.date | None) -> bytes:
    """Unpack one gzip member, refusing a bomb, a torn one, and anything behind it."""
    if content.lstrip()[:1] == b"[":
        raise _damaged(name, "it is plain JSON, not gzip: pack it with gzip again", date)
    unpacker = zlib.decompressobj(_GZIP)
    parts: list[bytes] = []
    size, rest, step = 0, content, _told_bytes(content)
    try:
        while not unpacker.eof and (rest or not parts):
            part = unpacker.decompress(rest, step)
            size += len(part)
            parts.append(part)
            rest, step = unpacker.unconsumed_tail, _STEP
            if size > _MOST_BYTES:
                raise _damaged(name, f"unpacks to more than {_MOST_BYTES} bytes", date)
    except zlib.error as err:
        raise _damaged(name, "not gzip, or torn", date) from err
    if not unpacker.eof:
        raise _damaged(name, "the gzip member is cut off", date)
    if unpacker.unused_data.strip(b"\0"):
        raise _damaged(name, "something follows the gzip member", date)
    return b"".join(parts)


def _told_bytes(content: bytes) -> int:
    """Read how much a gzip member says it unpacks to, so that it need not be put together; it may lie."""
    return min(int.from_bytes(content[-4:], "little") + 1, _MOST_BYTES + 1)


def _damaged(name: str, reason: str, date: dt.date | None) -> DamagedFile:
    return DamagedFile(f"the archive object {name} cannot be read: {reason}", hint=_REMEDY.format(date=date or "DATE"))
