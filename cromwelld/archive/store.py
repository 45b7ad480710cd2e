"""What a place for objects must be able to do, be it a folder or a bucket."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One object as a listing has it: its name below the prefix, and a `mark` that differs when the content does."""

    name: str
    size_bytes: int
    mark: str
    changed_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """An object as it was read, with its mark; `about` is what the store keeps beside it, empty where it cannot."""

    data: bytes
    mark: str
    about: Mapping[str, str]


class Store(Protocol):
    """Objects by name, below one prefix. Each method may be repeated; a new object appears complete or not at all.

    All of them raise StoreError if our own side fails, FarSideAway if the store cannot be reached or is busy.
    """

    def place(self, name: str = "") -> str:
        """Name an object, or the whole place, for people."""

    async def listing(self) -> list[Listed]:
        """List everything below the prefix, also in folders, by name: any number of objects."""

    async def read(self, name: str) -> Content | None:
        """Read an object; None if there is none."""

    async def put(self, name: str, file: Path, about: Mapping[str, str]) -> str:
        """Put a file in place of the object that was there, check what arrived, and give its mark.

        Raises: DamagedFile if what arrived is not what was sent; the old object is still there after any error.
        """

    async def copy(self, name: str, to: str) -> None:
        """Copy an object within the store, unless the copy is there already."""

    async def remove(self, name: str) -> None:
        """Remove an object; one that is not there is no error."""
