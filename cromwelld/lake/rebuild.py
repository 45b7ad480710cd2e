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

    The old folder stays beside it as `<name>.old` (or `.old-2`, ...). If the block fails, the old one stays where it is
    and what was built is removed. A folder left by an earlier run that was killed is built anew.

    Raises: NotWritable.
    """
    fresh = folder.with_name(f".{folder.name}.fresh")
    with writing(fresh):
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
    try:
        yield fresh
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    with writing(folder):
        if folder.exists():
            folder.rename(_free_name(folder))
        fresh.rename(folder)
        sync(folder.parent)


def _free_name(folder: Path) -> Path:
    names = (folder.with_name(f"{folder.name}.old{suffix}") for suffix in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(name for name in names if not name.exists())
