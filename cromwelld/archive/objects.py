"""One account's objects by date, in any store."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from pathlib import Path

from cromwelld.archive import codec
from cromwelld.archive.codec import Encoded, Opened
from cromwelld.archive.names import object_name, replaced_at, replaced_name
from cromwelld.archive.store import Listed, Store
from cromwelld.errors import DamagedFile

DIGEST = "sha256"  # in an object's metadata: the digest of the uncompressed JSON


class Archive:
    """Read, replace and keep the objects of dates; every method raises what its store raises."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def listed(self) -> list[Listed]:
        """List all that lies there, by name: objects of dates, replaced versions, and whatever else."""
        return await self.store.listing()

    async def read(self, date: dt.date) -> Opened | None:
        """Read the object of a date; None if there is none.

        Raises: DamagedFile; StoreError or FarSideAway if the archive cannot be reached.
        """
        name = object_name(date)
        content = await self.store.read(name)
        if content is None:
            return None
        opened = await asyncio.to_thread(codec.open_object, content.data, self.store.place(name), date)
        return replace(opened, mark=content.mark, about=content.about)

    async def put(self, date: dt.date, file: Path, encoded: Encoded) -> str:
        """Put a date's object in place of the one that was there, check what arrived, and give its mark.

        Raises: DamagedFile, StoreError or FarSideAway; then the old object is still there.
        """
        name = object_name(date)
        told = await asyncio.to_thread(file.stat)
        if told.st_size != encoded.size_bytes:
            message = f"{file} is not what was written for {self.store.place(name)}"
            raise DamagedFile(message, hint="see to the disk; it is tried again")
        return await self.store.put(name, file, {DIGEST: encoded.digest})

    async def set_aside(self, date: dt.date, digest: str, *, foreign: bool = False) -> None:
        """Keep the present object of a date below `replaced/`; a foreign one for good."""
        await self.store.copy(object_name(date), replaced_name(date, digest, foreign=foreign))

    async def forget_replaced(self, before: dt.datetime) -> list[str]:
        """Remove versions that were set aside before an instant; give their names."""
        names = [
            one.name
            for one in await self.store.listing()
            if replaced_at(one.name) is not None and one.changed_at < before
        ]
        for name in names:
            await self.store.remove(name)
        return names
