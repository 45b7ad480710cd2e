"""What was read of an export, on disk until all of it is imported.

Each file of an export is read once, whole, and what came of it is noted in a journal; a kill loses the file that was
being read and nothing else. Rows lie in pieces by kind and month, so that some dates are loaded without the others, and
the pieces one behind the other in one file: to make and to remove one for each would take longer than to write them.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.disk import append, make_private, writing
from cromwelld.errors import DamagedFile
from cromwelld.state.database import Database

_JOURNAL, _ROWS = "journal.sqlite", "rows.arrow"
_TABLES = """
CREATE TABLE export (head TEXT NOT NULL);
CREATE TABLE entries (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, told TEXT NOT NULL);
CREATE TABLE pieces (
    number INTEGER PRIMARY KEY, entry TEXT NOT NULL, family TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL,
    start INTEGER NOT NULL, size INTEGER NOT NULL, checked INTEGER NOT NULL
);
CREATE INDEX pieces_of ON pieces (family, first, last, start, size); -- covers what is asked of them
"""
_VERSION = 3
_MOST_ROWS = 300_000  # held in memory while a file is read
# Small tables, thousands of them: handing each to other threads takes longer than the work itself.
_PACKED = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
_UNPACKING = pa.ipc.IpcReadOptions(use_threads=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Rows of one family in one month: their first and last time as written, where they lie (bytes), and a check."""

    first: str
    last: str
    start: int
    size: int
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
        self._folder, self._path, self._rows = folder, folder / _JOURNAL, folder / _ROWS
        self._head = json.dumps({"version": _VERSION, "parts": list(identity)})

    @cached_property
    def _journal(self) -> Database:
        return Database(self._path, [_TABLES], passing=True)

    def open(self) -> None:
        """Take up what a killed run left, or begin.

        Raises: NotWritable.
        """
        if not self._taken_up():
            self.clear()
            make_private(self._folder)
            append(self._rows, b"")
            with self._journal.change() as journal:
                journal.execute("INSERT INTO export VALUES (?)", (self._head,))

    def _taken_up(self) -> bool:
        """Tell whether there is a journal of this export that can be read; files of damaged pieces are read again."""
        try:
            if not self._path.is_file() or self._journal.rows("SELECT head FROM export", ()) != [(self._head,)]:
                return False
            damaged = [(entry,) for entry in self._damaged()]
        except (DamagedFile, OSError):
            return False
        with self._journal.change() as journal:
            journal.executemany("DELETE FROM entries WHERE key = ?", damaged)
            journal.executemany("DELETE FROM pieces WHERE entry = ?", damaged)
        return True

    def _damaged(self) -> set[str]:
        """Give the keys of the files of which a piece is not as it was written. Raises: OSError."""
        found = self._journal.each("SELECT entry, start, size, checked FROM pieces ORDER BY start")
        with pa.OSFile(str(self._rows)) as file:
            return {str(key) for key, start, size, check in found if zlib.crc32(file.read_at(size, start)) != check}

    def has(self, key: str) -> bool:
        """Tell whether a file was read."""
        return bool(self._journal.rows("SELECT 1 FROM entries WHERE key = ?", (key,)))

    @property
    def entries(self) -> Iterator[Entry]:
        """Give what came of each file, in the order in which they were read."""
        for (told,) in self._journal.each("SELECT told FROM entries ORDER BY number"):
            yield _entry(str(told))

    def keep(self, tables: Iterable[pa.Table]) -> tuple[Piece, ...]:
        """Keep the rows of a file; they count once `note` has said that it was read.

        Raises: NotWritable; whatever `tables` raises.
        """
        pieces: list[Piece] = []
        held: list[pa.Table] = []
        for rows in tables:
            held.append(rows)
            if sum(one.num_rows for one in held) >= _MOST_ROWS:
                pieces += self._written(held)
                held = []
        pieces += self._written(held)
        return tuple(pieces)

    def note(self, entry: Entry) -> None:
        """Note what came of a file.

        Raises: NotWritable.
        """
        own = (entry.key, entry.family)
        pieces = [(*own, one.first, one.last, one.start, one.size, one.check) for one in entry.pieces]
        with self._journal.change() as journal:
            journal.execute("INSERT INTO entries (key, told) VALUES (?, ?)", (entry.key, json.dumps(asdict(entry))))
            journal.executemany(
                "INSERT INTO pieces (entry, family, first, last, start, size, checked) VALUES (?, ?, ?, ?, ?, ?, ?)",
                pieces,
            )

    def _written(self, held: Sequence[pa.Table]) -> list[Piece]:
        if not held:
            return []
        return [self._piece(part) for part in _by_month(pa.concat_tables(held))]

    def _piece(self, rows: pa.Table) -> Piece:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, rows.schema, options=_PACKED) as writer:
            writer.write_table(rows)
        content = sink.getvalue()
        ends = pc.min_max(rows["when"]).as_py()
        return Piece(
            first=ends["min"].isoformat(),
            last=ends["max"].isoformat(),
            start=append(self._rows, content),
            size=content.size,
            check=zlib.crc32(content),
        )

    def span(self, family: str) -> tuple[str, str] | None:
        """Give the first and last time of a family, as written; None if it has no rows."""
        ((first, last),) = self._journal.rows("SELECT min(first), max(last) FROM pieces WHERE family = ?", (family,))
        return None if first is None else (str(first), str(last))

    def stretches(self, family: str) -> list[tuple[str, str]]:
        """Give the first and last time of each piece of a family, as written."""
        found = self._journal.rows("SELECT first, last FROM pieces WHERE family = ?", (family,))
        return [(str(first), str(last)) for first, last in found]

    def load(self, family: str, start: dt.datetime, end: dt.datetime) -> pa.Table | None:
        """Give a family's rows from `start` up to `end`, in the order in which they were read; None without any."""
        pieces = self._journal.rows(
            "SELECT start, size, first >= ? AND last < ? FROM pieces"
            " WHERE family = ? AND first < ? AND last >= ? ORDER BY number",
            (start.isoformat(), end.isoformat(), family, end.isoformat(), start.isoformat()),
        )
        if not pieces:
            return None
        with pa.OSFile(str(self._rows)) as file:
            read = (
                (pa.ipc.open_stream(file.read_at(size, at), options=_UNPACKING), whole) for at, size, whole in pieces
            )
            parts = [rows.read_all() if whole else _within(rows.read_all(), start, end) for rows, whole in read]
        return pa.concat_tables(parts, promote_options="default")

    def close(self) -> None:
        """Let go of the journal; what was read stays."""
        if "_journal" in vars(self):
            self._journal.close()
            del self._journal

    def clear(self) -> None:
        """Forget everything."""
        self.close()
        with writing(self._folder):
            self._path.unlink(missing_ok=True)  # first: pieces without it are nothing
            shutil.rmtree(self._folder, ignore_errors=True)


def _by_month(rows: pa.Table) -> list[pa.Table]:
    months = rows["when"].to_numpy().astype("datetime64[M]")
    own = np.unique(months)
    return [rows] if len(own) == 1 else [rows.filter(pa.array(months == month)) for month in own]


def _within(rows: pa.Table, start: dt.datetime, end: dt.datetime) -> pa.Table:
    when = rows["when"]
    return rows.filter(
        pc.and_(pc.greater_equal(when, pa.scalar(start, when.type)), pc.less(when, pa.scalar(end, when.type)))
    )


def _entry(line: str) -> Entry:
    told = json.loads(line)
    pieces = tuple(Piece(**piece) for piece in told.pop("pieces"))
    return Entry(**{**told, "pieces": pieces, "unknown": tuple(told["unknown"])})
