"""One table of config.toml being read: every key is taken once, and what is left over is unknown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Self, TypeVar

from cromwelld.config.values import Reader, Unsuitable, kind

T = TypeVar("T")
D = TypeVar("D")


def join(*names: str) -> str:
    """Write the path of a key as TOML does: a name that is no bare word is quoted, an empty first one left out."""
    place, *rest = names
    words = [name if re.fullmatch(r"[\w-]+", name) else json.dumps(name) for name in rest]
    return ".".join([place, *words] if place else words)


@dataclass(slots=True)
class Mistakes:
    """The mistakes found so far, in the order of reading, by the key that each spoils."""

    lines: list[str] = field(default_factory=list)
    spoilt: set[str] = field(default_factory=set)

    def add(self, key: str, sentence: str) -> None:
        """Note what is wrong with a key."""
        self.lines.append(f"{key}: {sentence}")
        self.spoilt.add(key)


class Section:
    """A table with its place in the file, such as `accounts.me`; the top of the file has the place ""."""

    def __init__(self, place: str, table: Mapping[str, object], mistakes: Mistakes) -> None:
        self.place = place
        self._table = table
        self._mistakes = mistakes
        self._known: list[str] = []

    def key(self, name: str) -> str:
        """Give the full path of a key of this table."""
        return join(self.place, name)

    def has(self, name: str) -> bool:
        """Tell whether the file gives this key."""
        return name in self._table

    def names(self) -> list[str]:
        """List the keys that the file gives, in its order."""
        return list(self._table)

    def take(self, name: str, read: Reader[T], default: D) -> T | D:
        """Read a key that may be left out; a mistake is noted and the default stands in for it."""
        self._known.append(name)
        if name not in self._table:
            return default
        value = self._table[name]
        if isinstance(value, str) and re.search(r"<[^<>]*>", value):
            self._mistakes.add(self.key(name), "still has the placeholder <...>; fill it in")
            return default
        try:
            return read(value)
        except Unsuitable as wrong:
            self._mistakes.add(self.key(name), str(wrong))
            return default

    def need(self, name: str, read: Reader[T], blank: T) -> T:
        """Read a key that must be there; a mistake is noted and the blank stands in for it."""
        if name not in self._table:
            self._mistakes.add(self.key(name), "missing; it has no default")
        return self.take(name, read, blank)

    def section(self, name: str) -> Self:
        """Open a table within this one; one that is left out is empty."""
        self._known.append(name)
        value = self._table.get(name, {})
        if not isinstance(value, dict):
            self._mistakes.add(self.key(name), f"found {kind(value)}; allowed: a table [{self.key(name)}]")
            value = {}
        return type(self)(self.key(name), value, self._mistakes)

    def optional(self, name: str) -> Self | None:
        """Open a table that may be left out."""
        opened = self.section(name)
        return opened if self.has(name) else None

    def sections(self, name: str) -> list[Self]:
        """Open a list of tables; one that is left out is empty."""
        self._known.append(name)
        value = self._table.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._mistakes.add(self.key(name), f"found {kind(value)} that does not fit; allowed: a list of tables")
            return []
        return [type(self)(f"{self.key(name)}[{place}]", item, self._mistakes) for place, item in enumerate(value)]

    def close(self) -> None:
        """Note every key that nobody took, with the nearest name that is known here."""
        for name in self._table:
            if name not in self._known:
                self._mistakes.add(self.key(name), self._unknown(name))

    def _unknown(self, name: str) -> str:
        near = get_close_matches(name, self._known, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"known here: {', '.join(self._known)}"
        return f"unknown key; {remedy}"
