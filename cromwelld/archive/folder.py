"""The archive as a folder: the embedded default."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cromwelld.archive import codec
from cromwelld.archive.codec import Encoded, Opened
from cromwelld.archive.names import date_of, object_name, replaced_name
from cromwelld.disk import appearing, writing
from cromwelld.errors import DamagedFile, StoreError


class FolderArchive:
    """Keep objects below `folder`/`prefix`, with the names that they have in a bucket."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._root = folder / prefix

    async def dates(self) -> list[dt.date]:
        """List the dates that have an object, oldest first.

        Raises: StoreError if the folder cannot be read.
        """
        return await asyncio.to_thread(self._dates)

    def _dates(self) -> list[dt.date]:
        with _reading(self._root):
            names = [*self._root.iterdir()] if self._root.is_dir() else []
        return sorted(date for path in names if (date := date_of(path.name)) is not None)

    async def read(self, date: dt.date) -> Opened | None:
        """Read the object of a date; None if there is none.

        Raises: DamagedFile; StoreError if the folder cannot be read.
        """
        return await asyncio.to_thread(self._read, date)

    def _read(self, date: dt.date) -> Opened | None:
        path = self._root / object_name(date)
        with _reading(path):
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                return None
        return codec.open_object(content, str(path), date)

    async def put(self, date: dt.date, file: Path, encoded: Encoded) -> None:
        """Put a date's object in place of the one that was there, and check what arrived. Repeating it is harmless.

        Raises: NotWritable; DamagedFile if what arrived is not what was sent.
        """
        await asyncio.to_thread(self._put, self._root / object_name(date), file, encoded)

    def _put(self, target: Path, file: Path, encoded: Encoded) -> None:
        with appearing(target) as draft, writing(target):
            shutil.copyfile(file, draft)
            if _sha256(draft) != _sha256(file) or draft.stat().st_size != encoded.size_bytes:
                raise DamagedFile(f"{target} did not arrive whole", hint="see to the disk; it is tried again")

    async def set_aside(self, date: dt.date, digest: str) -> None:
        """Keep the present object of a date below `replaced/`. Repeating it is harmless.

        Raises: NotWritable.
        """
        target = self._root / replaced_name(date, digest)
        await asyncio.to_thread(self._set_aside, self._root / object_name(date), target)

    def _set_aside(self, source: Path, target: Path) -> None:
        if not target.exists():
            with appearing(target) as draft, writing(target):
                shutil.copyfile(source, draft)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as err:
        hint = "see to the folder's rights or disk; what was collected waits and nothing is lost"
        raise StoreError(f"cannot read {path}: {err.strerror}", hint=hint) from err


def _sha256(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
