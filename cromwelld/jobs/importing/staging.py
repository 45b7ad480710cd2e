"""What was read of an export, on disk until all of it is imported.

Each file of an export is read once, whole, and what came of it is noted in a journal; a kill loses the file that was
being read and nothing else. Rows lie in pieces by kind and month, so that some dates are loaded without the others.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.disk import make_private, writing

_VERSION = 1
_JOURNAL = "journal.jsonl"
_MOST_ROWS = 300_000  # held in memory while a file is read
_LZ4 = pa.ipc.IpcWriteOptions(compression="lz4")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Rows of one family in one month: where they lie, their first and last time as written, and a check."""

    file: str
    first: str
    last: str
    rows: int
    check: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What came of one file: its pieces, what was left out of it, columns that are not known, or why it was refused."""

    key: str
    name: str
    family: str
    pieces: tuple[Piece, ...] = ()
    rejected: Mapping[str, int] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    problem: str = ""


class Staging:
    """Keep what was read of one export below `folder`; another export, by its identity, begins anew."""

    def __init__(self, folder: Path, identity: Sequence[str]) -> None:
        self._folder = folder
        self._head = json.dumps({"version": _VERSION, "parts": list(identity)})
        self._entries: dict[str, Entry] = {}
        self._pieces: dict[str, list[Piece]] = {}

    def open(self) -> None:
        """Take up what a killed run left, or begin.

        Raises: NotWritable.
        """
        lines = self._lines()
        if not lines or lines[0] != self._head:
            self.clear()
            make_private(self._folder)
            self._append(self._head)
            return
        for line in lines[1:]:
            entry = _entry(line)
            if entry is not None and all(self._whole(piece) for piece in entry.pieces):
                self._know(entry)

    def _lines(self) -> list[str]:
        """Give the lines of the journal that are whole: a kill may have torn the last one."""
        try:
            text = (self._folder / _JOURNAL).read_text("utf-8")
        except (FileNotFoundError, UnicodeDecodeError):
            return []
        return text.split("\n")[:-1]

    def _whole(self, piece: Piece) -> bool:
        try:
            return zlib.crc32((self._folder / piece.file).read_bytes()) == piece.check
        except OSError:
            return False

    def has(self, key: str) -> bool:
        """Tell whether a file was read."""
        return key in self._entries

    @property
    def entries(self) -> Iterable[Entry]:
        """Give what came of each file, in the order in which they were read."""
        return self._entries.values()

    def keep(self, key: str, tables: Iterable[pa.Table]) -> tuple[Piece, ...]:
        """Keep the rows of a file; they count once `note` has said that it was read.

        Raises: NotWritable; whatever `tables` raises.
        """
        stem = hashlib.sha256(key.encode()).hexdigest()[:20]
        pieces: list[Piece] = []
        held: list[pa.Table] = []
        for rows in tables:
            held.append(rows)
            if sum(one.num_rows for one in held) >= _MOST_ROWS:
                pieces += self._written(held, f"{stem}-{len(pieces)}")
                held = []
        pieces += self._written(held, f"{stem}-{len(pieces)}")
        return tuple(pieces)

    def note(self, entry: Entry) -> None:
        """Note what came of a file.

        Raises: NotWritable.
        """
        self._append(json.dumps(asdict(entry)))
        self._know(entry)

    def _know(self, entry: Entry) -> None:
        self._entries[entry.key] = entry
        self._pieces.setdefault(entry.family, []).extend(entry.pieces)

    def _written(self, held: Sequence[pa.Table], stem: str) -> list[Piece]:
        if not held:
            return []
        rows = pa.concat_tables(held)
        return [self._piece(part, f"{stem}-{month}.arrow") for month, part in _by_month(rows)]

    def _piece(self, rows: pa.Table, file: str) -> Piece:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_file(sink, rows.schema, options=_LZ4) as writer:
            writer.write_table(rows)
        content = sink.getvalue().to_pybytes()
        path = self._folder / file
        with writing(path):
            path.write_bytes(content)
        ends = pc.min_max(rows["when"]).as_py()
        return Piece(
            file=file,
            first=ends["min"].isoformat(),
            last=ends["max"].isoformat(),
            rows=rows.num_rows,
            check=zlib.crc32(content),
        )

    def _append(self, line: str) -> None:
        path = self._folder / _JOURNAL
        with writing(path):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(handle, f"{line}\n".encode())
            finally:
                os.close(handle)

    def pieces(self, family: str) -> Sequence[Piece]:
        """Give the pieces of a family in the order in which they were read."""
        return self._pieces.get(family, [])

    def load(self, family: str, start: dt.datetime, end: dt.datetime) -> pa.Table | None:
        """Give a family's rows from `start` up to `end`, in the order in which they were read; None without any."""
        first, last = start.isoformat(), end.isoformat()
        found = [self._read(one) for one in self.pieces(family) if one.first < last and one.last >= first]
        if not found:
            return None
        rows = pa.concat_tables(found, promote_options="default")
        when = rows["when"]
        kind = when.type
        within = pc.and_(pc.greater_equal(when, pa.scalar(start, kind)), pc.less(when, pa.scalar(end, kind)))
        return rows.filter(within)

    def _read(self, piece: Piece) -> pa.Table:
        with pa.OSFile(str(self._folder / piece.file)) as file:
            return pa.ipc.open_file(file).read_all()

    def clear(self) -> None:
        """Forget everything."""
        with writing(self._folder):
            (self._folder / _JOURNAL).unlink(missing_ok=True)  # first: pieces without it are nothing
            shutil.rmtree(self._folder, ignore_errors=True)


def _by_month(rows: pa.Table) -> list[tuple[str, pa.Table]]:
    ends = pc.min_max(rows["when"]).as_py()
    if ends["min"] is None:
        return []
    if (ends["min"].year, ends["min"].month) == (ends["max"].year, ends["max"].month):
        return [(f"{ends['min']:%Y-%m}", rows)]
    months = pc.strftime(rows["when"], format="%Y-%m")
    return [(month, rows.filter(pc.equal(months, month))) for month in sorted(pc.unique(months).to_pylist())]


def _entry(line: str) -> Entry | None:
    try:
        told = json.loads(line)
        pieces = tuple(Piece(**piece) for piece in told.pop("pieces"))
        return Entry(**{**told, "pieces": pieces, "unknown": tuple(told["unknown"])})
    except (ValueError, TypeError, KeyError):
        return None
