"""Damage for JSON documents, one value at a time."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Path = tuple[str | int, ...]

HUGE = "@huge@"
GONE = "@gone@"
PLAIN_DAMAGES: tuple[object, ...] = (None, True, "x", -1, HUGE, [], {}, GONE)
NUMBERS = (-1, 0, 1e30)  # some of which a value may really be
DAMAGES: tuple[object, ...] = (*PLAIN_DAMAGES, "", "NaN", "\ud800", *NUMBERS[1:], "9999-12-31T23:59:59Z")


def encoded(document: object) -> bytes:
    """Write JSON; a number that is too large for any machine is one that Python cannot write."""
    return json.dumps(document).replace(f'"{HUGE}"', "1e400").encode()


def places(value: object, path: Path = ()) -> Iterator[Path]:
    """Give the path of every value inside a JSON document."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield (*path, key)
        yield from places(inner, (*path, key))


def shapes(document: object) -> list[Path]:
    """Give one path for each different place: the records of a list are all alike."""
    first: dict[Path, Path] = {}
    for path in places(document):
        first.setdefault(tuple("*" if isinstance(key, int) else key for key in path), path)
    return list(first.values())


def damaged(document: object, path: Path, damage: object) -> bytes:
    """Write the document with a damage in place of the value at `path`."""
    other = copy.deepcopy(document)
    holder: Any = other
    for key in path[:-1]:
        holder = holder[key]
    if damage == GONE:
        del holder[path[-1]]
    else:
        holder[path[-1]] = damage
    return encoded(other)


@contextmanager
def about(damage: object, path: Path) -> Iterator[None]:
    """Name the damage where it is too much: the traceback does not."""
    try:
        yield
    except BaseException as err:
        err.add_note(f"{damage!r} at {path}")
        raise
