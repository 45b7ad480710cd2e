"""A fresh folder of tables in the place of an old one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cromwelld.disk import sync, writing


@contextmanager
def rebuilt(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write tables into; when the block ends well it takes the place of `folder`.

    The old folder stays beside it as `<name>.old` (or `.old-2`, ...). If the block fails, or writes nothing, the old
    one stays where it is and what was built is removed. A folder left by an earlier run that was killed is built anew.

    Raises: NotWritable.
    """
    folder = folder.resolve()  # a link to another disk stays a link, and `.` gets a name
    fresh = folder.with_name(f".{folder.name}.fresh")
    with writing(fresh):
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
    try:
        yield fresh
        if any(fresh.iterdir()):
            _swap(folder, fresh)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _swap(folder: Path, fresh: Path) -> None:
    """Put the fresh folder in the place of the old one; if it cannot go there, the old one comes back."""
    old = _free_name(folder)
    with writing(folder):
        if folder.exists():
            folder.rename(old)
        try:
            fresh.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
        sync(folder.parent)


def _free_name(folder: Path) -> Path:
    names = (folder.with_name(f"{folder.name}.old{suffix}") for suffix in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(name for name in names if not name.exists())
