"""Archive files on disk as a shelf that tables are made from, without a configuration."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from cromwelld.archive.names import date_of
from cromwelld.archive.store import Content, Listed
from cromwelld.disk import is_draft
from cromwelld.errors import StoreError, UsageError
from cromwelld.jobs.oddities import passed_over
from cromwelld.lake.state import Origin
from cromwelld.localtime import known_zone


class Files:
    """Objects that are files of any folders; their names are their paths, a mark is the content's MD5."""

    def place(self, name: str) -> str:
        """Name an object for people."""
        return name

    async def read(self, name: str) -> Content | None:
        """Read a file.

        Raises: StoreError if it cannot be read.
        """
        try:
            data = await asyncio.to_thread(Path(name).read_bytes)
        except OSError as err:
            raise StoreError(f"cannot read {name}: {err.strerror}", hint="see to its rights or its disk") from err
        return Content(data=data, mark=_mark(data), about={})


def _mark(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def find_objects(places: Iterable[Path]) -> list[Path]:
    """List the archive objects among files and below folders, by date; a file named outright is taken as it is.

    Raises: UsageError if a place does not exist or holds no object.
    """
    found: list[Path] = []
    for place in places:
        inside = [place] if place.is_file() else [path for path in place.rglob("*.json.gz") if _counts(path)]
        if not inside:
            message = f"{place} is not an archive object and holds none"
            raise UsageError(message, hint="name files like fitbit_backup_2025-10-08.json.gz, or a folder of them")
        found += inside
    return sorted(set(found), key=lambda path: (path.name, path))


def not_objects(places: Iterable[Path], objects: Collection[Path]) -> list[str]:
    """Name what lies below the folders among `places` and is no object of the archive."""
    names: list[str] = []
    for place in places:
        files = [path for path in place.rglob("*") if path.is_file() and not is_draft(path)]
        inside = {path.relative_to(place).as_posix() for path in objects if path.is_relative_to(place)} - {"."}
        names += passed_over([path.relative_to(place).as_posix() for path in files], inside)
    return names


def _counts(path: Path) -> bool:
    return date_of(path.name) is not None and "replaced" not in path.parent.parts[-2:]


def listed(paths: Sequence[Path], known: Mapping[str, Origin]) -> list[Listed]:
    """List files as a store would; only those are read for their mark of whose date the tables know one."""
    return [_listed(path, known) for path in paths]


def _listed(path: Path, known: Mapping[str, Origin]) -> Listed:
    date = date_of(path.name)
    origin = None if date is None else known.get(date.isoformat())
    try:
        told = path.stat()
        mark = _mark(path.read_bytes()) if origin is not None and origin.mark else ""
        changed_at = dt.datetime.fromtimestamp(told.st_mtime, dt.UTC)
        return Listed(name=str(path), size_bytes=told.st_size, mark=mark, changed_at=changed_at)
    except OSError:  # reading it will say so
        return Listed(name=str(path), size_bytes=0, mark="", changed_at=dt.datetime.min.replace(tzinfo=dt.UTC))


def check_timezone(name: str) -> str:
    """Accept a time zone's name, or none.

    Raises: UsageError.
    """
    if name and not known_zone(name):
        message = f"{name!r} is not a time zone"
        raise UsageError(message, hint="use a name like Europe/London")
    return name
