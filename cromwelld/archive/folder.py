"""A folder as the place of the objects: the embedded default."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cromwelld.archive.store import Content, Listed
from cromwelld.disk import appearing, is_draft, sync, writing
from cromwelld.errors import DamagedFile, StoreError


class FolderStore:
    """Keep objects below `folder`/`prefix`, with the names that they have in a bucket; a mark is the content's MD5."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._root = folder / prefix

    def place(self, name: str = "") -> str:
        """Name an object, or the whole folder, for people."""
        return str(self._root / name)

    async def listing(self) -> list[Listed]:
        """List everything below the prefix, by name. Reads every file, as its mark is that of its content.

        Raises: StoreError if the folder cannot be read.
        """
        return await asyncio.to_thread(self._listing)

    def _listing(self) -> list[Listed]:
        with _reading(self._root):
            files = [path for path in self._root.rglob("*") if path.is_file() and not is_draft(path)]
        return sorted((self._listed(path) for path in files), key=lambda one: one.name)

    def _listed(self, path: Path) -> Listed:
        with _reading(path):
            told = path.stat()
            return Listed(
                name=path.relative_to(self._root).as_posix(),
                size_bytes=told.st_size,
                mark=_mark(path),
                changed_at=dt.datetime.fromtimestamp(told.st_mtime, dt.UTC),
            )

    async def read(self, name: str) -> Content | None:
        """Read an object; None if there is none.

        Raises: StoreError if the folder cannot be read.
        """
        return await asyncio.to_thread(self._read, self._root / name)

    def _read(self, path: Path) -> Content | None:
        with _reading(path):
            try:
                data = path.read_bytes()
            except FileNotFoundError:
                return None
        return Content(data=data, mark=hashlib.md5(data, usedforsecurity=False).hexdigest(), about={})

    async def put(self, name: str, file: Path, about: Mapping[str, str]) -> str:
        """Put a file in place of the object that was there, check what arrived, and give its mark.

        Raises: NotWritable; DamagedFile if what arrived is not what was sent.
        """
        del about  # a folder keeps nothing beside a file
        return await asyncio.to_thread(self._put, self._root / name, file)

    def _put(self, target: Path, file: Path) -> str:
        with appearing(target) as draft, writing(target):
            shutil.copyfile(file, draft)
            mark = _mark(file)
            if _mark(draft) != mark:
                raise DamagedFile(f"{target} did not arrive whole", hint="see to the disk; it is tried again")
        return mark

    async def copy(self, name: str, to: str) -> None:
        """Copy an object within the store, unless the copy is there already.

        Raises: NotWritable.
        """
        await asyncio.to_thread(self._copy, self._root / name, self._root / to)

    def _copy(self, source: Path, target: Path) -> None:
        if not target.exists():
            with appearing(target) as draft, writing(target):
                shutil.copyfile(source, draft)

    async def remove(self, name: str) -> None:
        """Remove an object; one that is not there is no error.

        Raises: NotWritable.
        """
        await asyncio.to_thread(self._remove, self._root / name)

    def _remove(self, path: Path) -> None:
        with writing(path):
            if path.exists():
                path.unlink()
                sync(path.parent)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as err:
        hint = "see to the folder's rights or disk; what was collected waits and nothing is lost"
        raise StoreError(f"cannot read {path}: {err.strerror}", hint=hint) from err


def _mark(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
