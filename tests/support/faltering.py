"""A folder as the archive, which can be away for a while, as a bucket is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cromwelld.archive.folder import FolderStore
from cromwelld.archive.store import Content, Listed
from cromwelld.errors import FarSideAway


@dataclass
class Faltering:
    """Do what the folder does; with `away` nothing, with `full` everything but putting. `asked` counts the calls."""

    folder: Path
    away: bool = False
    full: bool = False
    asked: list[str] = field(default_factory=list)

    @property
    def _real(self) -> FolderStore:
        return FolderStore(self.folder, "fitbit")

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.away or (self.full and what == "put"):
            raise FarSideAway("the archive does not answer", hint="it is tried again")

    def place(self, name: str = "") -> str:
        return self._real.place(name)

    async def listing(self) -> list[Listed]:
        self._ask("listing")
        return await self._real.listing()

    async def read(self, name: str) -> Content | None:
        self._ask("read")
        return await self._real.read(name)

    async def put(self, name: str, file: Path, about: Mapping[str, str]) -> str:
        self._ask("put")
        return await self._real.put(name, file, about)

    async def copy(self, name: str, to: str) -> None:
        self._ask("copy")
        await self._real.copy(name, to)

    async def remove(self, name: str) -> None:
        self._ask("remove")
        await self._real.remove(name)
