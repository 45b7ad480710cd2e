"""New or changed objects of an archive: into tables, or as they are into a folder."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cromwelld.archive.names import REPLACED, date_of
from cromwelld.archive.store import Listed, Store
from cromwelld.disk import write_bytes
from cromwelld.errors import CromwelldError, DamagedFile
from cromwelld.lake.state import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a sync would do: objects to read because they are new or have changed, and what it passes over.

    `others` are names that are neither objects of dates nor versions that were set aside.
    """

    new: tuple[Listed, ...]
    changed: tuple[Listed, ...]
    unchanged: tuple[Listed, ...]
    others: tuple[str, ...]

    @property
    def objects(self) -> list[Listed]:
        """Give all objects of dates, by name."""
        return sorted((*self.new, *self.changed, *self.unchanged), key=lambda one: one.name)

    @property
    def size_bytes(self) -> int:
        """Count the bytes to be read."""
        return sum(one.size_bytes for one in (*self.new, *self.changed))


def plan(listed: Iterable[Listed], known: Mapping[str, Origin], waiting: Collection[dt.date] = ()) -> Plan:
    """Sort a listing by what the tables know; dates in `waiting` have more in the tables than in the archive."""
    new, changed, unchanged, others = list[Listed](), list[Listed](), list[Listed](), list[str]()
    for one in listed:
        date = date_of(one.name)
        if date is None:
            others += [] if one.name.startswith(REPLACED) else [one.name]
        elif date not in waiting:
            origin = known.get(date.isoformat())
            group = new if origin is None else unchanged if origin.mark and origin.mark == one.mark else changed
            group.append(one)
    return Plan(new=tuple(new), changed=tuple(changed), unchanged=tuple(unchanged), others=tuple(others))


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloaded:
    """What was copied: names that were fetched, how many were there already, and what could not be had, by name."""

    fetched: tuple[str, ...]
    unchanged: int
    problems: Mapping[str, CromwelldError]


async def download(store: Store, listed: Sequence[Listed], folder: Path, tell: Callable[[Listed], None]) -> Downloaded:
    """Copy objects as they are below a folder, each of them complete or not at all; those that are there are not read.

    Raises: FarSideAway; NotWritable.
    """
    fetched, unchanged, problems = list[str](), 0, dict[str, CromwelldError]()
    for one in listed:
        tell(one)
        target = folder / one.name
        if ".." in target.parts or PurePosixPath(one.name).is_absolute():
            problems[one.name] = DamagedFile(f"{one.name} would lie outside of {folder}", hint="it is left out")
            continue
        if await asyncio.to_thread(_is_there, target, one):
            unchanged += 1
            continue
        try:
            await _fetch(store, one, target)
            fetched.append(one.name)
        except DamagedFile as err:
            problems[one.name] = err
    return Downloaded(fetched=tuple(fetched), unchanged=unchanged, problems=problems)


def _is_there(target: Path, one: Listed) -> bool:
    if not target.is_file() or target.stat().st_size != one.size_bytes:
        return False
    return hashlib.md5(target.read_bytes(), usedforsecurity=False).hexdigest() == one.mark


async def _fetch(store: Store, one: Listed, target: Path) -> None:
    content = await store.read(one.name)
    if content is None or (content.mark == one.mark and len(content.data) != one.size_bytes):
        message = f"{store.place(one.name)} did not arrive as it is listed"
        raise DamagedFile(message, hint="run the same command again")
    await asyncio.to_thread(write_bytes, target, content.data)
