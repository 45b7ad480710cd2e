"""The folder of answered pieces: nothing in it is asked for again, and nothing leaves it before it is stored."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cromwelld.disk import sync, write_together, writing
from cromwelld.errors import DamagedFile
from cromwelld.outbox.format import pack, unpack
from cromwelld.pieces import Answer

_NAME = re.compile(r"(\d{8})-([a-z0-9_]+)-([0-9a-f]{16})\.arrow")
_DIGITS = 16


@dataclass(frozen=True, slots=True, order=True)
class Waiting:
    """A piece that waits: its place in the order in which pieces came, its stream, and where it lies."""

    number: int
    stream: str
    path: Path

    @property
    def check(self) -> str:
        """Give the digest of the content, as it stands in the name."""
        return self.path.stem.rpartition("-")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How much waits, and since when the oldest piece does (UTC)."""

    pieces: int
    size_bytes: int
    oldest: dt.datetime


class Outbox:
    """Keep one account's answers below `folder`, a sub-folder a date, in the order in which they came."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, answers: Sequence[Answer]) -> list[Waiting]:
        """Make answers durable, all of them before this returns; the same answer again changes nothing.

        Raises: NotWritable.
        """
        before = {date: self.waiting(date) for date in {answer.date for answer in answers}}
        files: dict[Path, bytes] = {}
        pieces = []
        for answer in answers:
            piece, content = self._place(answer, before[answer.date])
            if content is not None:
                before[answer.date].append(piece)
                files[piece.path] = content
            pieces.append(piece)
        write_together(files, mode=0o600)
        return pieces

    def _place(self, answer: Answer, before: Sequence[Waiting]) -> tuple[Waiting, bytes | None]:
        """Choose where an answer lies, and its content; none if the newest piece of its stream is the same."""
        content = pack(answer)
        same = [piece for piece in before if piece.stream == answer.stream]
        if same and same[-1].path.is_file() and same[-1].path.read_bytes() == content:
            return same[-1], None
        number = before[-1].number + 1 if before else 1
        name = f"{number:08d}-{answer.stream}-{_check(content)}.arrow"
        return Waiting(number, answer.stream, self._folder / answer.date.isoformat() / name), content

    def dates(self) -> list[dt.date]:
        """List the dates that have pieces, oldest first."""
        folders = self._folder.iterdir() if self._folder.is_dir() else ()
        return sorted(date for folder in folders if (date := _date(folder.name)) and self.waiting(date))

    def held(self) -> Held | None:
        """Count what waits; None if nothing does."""
        pieces = [piece for date in self.dates() for piece in self.waiting(date)]
        told = [piece.path.stat() for piece in pieces]
        if not told:
            return None
        oldest = dt.datetime.fromtimestamp(min(one.st_mtime for one in told), dt.UTC)
        return Held(pieces=len(told), size_bytes=sum(one.st_size for one in told), oldest=oldest)

    def waiting(self, date: dt.date) -> list[Waiting]:
        """List the pieces of a date in the order in which they came."""
        return self._pieces(self._folder / date.isoformat())

    def _pieces(self, folder: Path) -> list[Waiting]:
        names: Iterable[Path] = folder.iterdir() if folder.is_dir() else ()
        matches = ((path, _NAME.fullmatch(path.name)) for path in names)
        return sorted(Waiting(int(match[1]), match[2], path) for path, match in matches if match)

    def read(self, piece: Waiting) -> Answer:
        """Read a piece.

        Raises: DamagedFile.
        """
        try:
            content = piece.path.read_bytes()
            if piece.path.name.endswith(f"-{_check(content)}.arrow"):
                return unpack(content)
            raise _damaged(piece)
        except (ValueError, OSError) as err:
            raise _damaged(piece) from err

    def drop(self, pieces: Sequence[Waiting]) -> None:
        """Forget pieces that are stored; ones that are gone already are passed over.

        Raises: NotWritable.
        """
        for piece in pieces:
            with writing(piece.path):
                piece.path.unlink(missing_ok=True)
        for folder in {piece.path.parent for piece in pieces}:
            with suppress(OSError):  # it holds later pieces, or is gone
                for torn in () if self._pieces(folder) else folder.glob(".*.tmp"):
                    torn.unlink()
                folder.rmdir()
        if self._folder.is_dir():
            sync(self._folder)


def _check(content: bytes) -> str:
    """Give the digest that stands in a piece's name: Arrow's format would not notice a byte that changed."""
    return hashlib.sha256(content).hexdigest()[:_DIGITS]


def _damaged(piece: Waiting) -> DamagedFile:
    hint = f"delete it and run `cromwelld collect {piece.path.parent.name}`"
    return DamagedFile(f"the waiting piece {piece.path} cannot be read", hint=hint)


def _date(name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(name)
    except ValueError:
        return None
