"""What belongs to one account, copied for its person, or erased."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cromwelld.archive.names import REPLACED, date_of
from cromwelld.archive.store import Listed
from cromwelld.disk import writing
from cromwelld.jobs.places import Places
from cromwelld.jobs.sync import Downloaded, download

_STATE = "compilation_state.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """Objects of the archive, those that were set aside among them, tables, and what is kept beside the ledger.

    `strangers` counts what others have laid into the archive's place: it stays there.
    """

    place: str
    objects: tuple[Listed, ...]
    strangers: int
    tables: tuple[Path, ...]
    kept: tuple[Path, ...]

    def lines(self) -> Iterator[str]:
        """Say what there is, a line each."""
        size_mb = sum(one.size_bytes for one in self.objects) / 1e6
        yield f"{len(self.objects)} objects, {size_mb:,.1f} MB, in {self.place}{_told(self.objects)}"
        yield from map(str, (*self.tables, *self.kept))
        if self.strangers:
            yield f"(what is not ours there stays: {self.strangers})"


def _told(objects: Sequence[Listed]) -> str:
    """Say of which dates objects are, and how many are versions that were set aside."""
    dates = sorted(date for one in objects if (date := date_of(one.name)) is not None)
    replaced = len(objects) - len(dates)
    told = [f", of {dates[0]} to {dates[-1]}"] if dates else []
    told += [f", {replaced} of them set aside"] if replaced else []
    return "".join(told)


async def belongings(places: Places, data: Path, kept: Sequence[Path]) -> Belongings:
    """Look at what belongs to an account; `kept` may be kept beside the ledger. Raises: FarSideAway; StoreError."""
    store = places.archive.store
    listed = await store.listing()
    objects = tuple(one for one in listed if date_of(one.name) is not None or one.name.startswith(REPLACED))
    return Belongings(
        place=store.place(),
        objects=objects,
        strangers=len(listed) - len(objects),
        tables=await asyncio.to_thread(lambda: tuple(sorted(_tables(data)))),
        kept=tuple(path for path in kept if path.exists()),
    )


def _tables(data: Path) -> Iterator[Path]:
    """Give what we have written into a data folder; what else lies there is its owner's."""
    for path in data.iterdir() if data.is_dir() else ():
        partitioned = path.is_dir() and any(path.glob("date=*"))
        if partitioned or path.suffix == ".parquet" or path.name in {_STATE, ".tmp"}:
            yield path


async def export(places: Places, own: Belongings, folder: Path) -> Downloaded:
    """Copy objects and tables below a folder; objects that are there already are not read again.

    Raises: FarSideAway; NotWritable.
    """
    done = await download(places.archive.store, own.objects, folder / "archive", lambda _: None)
    for path in own.tables:
        await asyncio.to_thread(_copy, path, folder / "data" / path.name)
    return done


def _copy(path: Path, target: Path) -> None:
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, target, dirs_exist_ok=True)
        else:
            shutil.copy2(path, target)


async def erase(places: Places, own: Belongings) -> None:
    """Erase what belongs to an account; killed within, the same again erases the rest.

    Raises: FarSideAway; StoreError.
    """
    for one in own.objects:
        await places.archive.store.remove(one.name)
    for path in (*own.tables, *own.kept):
        await asyncio.to_thread(_remove, path)
    await asyncio.to_thread(places.ledger.forget, places.account)


def _remove(path: Path) -> None:
    with writing(path):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
