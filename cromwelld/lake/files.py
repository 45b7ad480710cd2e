"""The file operations of the lake, as one small object, so that its root need not be a local folder for ever."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from cromwelld import disk
from cromwelld.lake.layout import TEMPORARY


class Files:
    """A folder on this machine; every path is relative to it and uses `/`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def name(self, path: str = "") -> str:
        """Name a file or folder for people."""
        return str(self._root / path)

    def names(self, folder: str = "") -> list[str]:
        """List the names in a folder in their order; none if it is not there."""
        try:
            return sorted(path.name for path in (self._root / folder).iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []

    def exists(self, path: str) -> bool:
        """Tell whether a file or folder is there."""
        return (self._root / path).exists()

    def open(self, path: str) -> pa.NativeFile:
        """Open a file for reading.

        Raises: FileNotFoundError.
        """
        return pa.OSFile(self.name(path))

    def size(self, path: str) -> int:
        """Give the size of a file in bytes."""
        return (self._root / path).stat().st_size

    @contextmanager
    def create(self, path: str) -> Iterator[pa.NativeFile]:
        """Give a sink; when the block has ended well the file appears, complete and on disk, in place of an older one.

        Raises: NotWritable.
        """
        target = self._root / path
        drafts = self._root / TEMPORARY
        with (
            disk.appearing(target, temporary=drafts) as draft,
            disk.writing(target),
            pa.OSFile(str(draft), "wb") as sink,
        ):
            yield sink

    def remove(self, path: str) -> None:
        """Remove a file; one that is not there is no error.

        Raises: NotWritable.
        """
        target = self._root / path
        with disk.writing(target):
            target.unlink(missing_ok=True)
            disk.sync(target.parent)

    def remove_folder(self, path: str) -> None:
        """Remove a folder with what is in it; one that is not there is no error.

        Raises: NotWritable.
        """
        target = self._root / path
        with disk.writing(target):
            if target.exists():
                shutil.rmtree(target)
                disk.sync(target.parent)

    def clear_drafts(self) -> None:
        """Remove what writers that were killed left behind; the caller holds the lock.

        Raises: NotWritable.
        """
        folder = self._root / TEMPORARY
        with disk.writing(folder):
            for name in self.names(TEMPORARY):
                if name.endswith(".tmp"):
                    (folder / name).unlink(missing_ok=True)
