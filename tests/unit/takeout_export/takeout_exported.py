"""Small exports for the tests of this folder, written once."""

from __future__ import annotations

import datetime as dt
import json
from functools import lru_cache
from typing import Any

from cromwelld.simulator.person import Person
from tests.support.takeout import Layout, Order, Planted, Trap, members

PERSON = Person()
FIRST, LAST = dt.date(2025, 10, 24), dt.date(2025, 10, 28)
DAYS = [FIRST + dt.timedelta(days=number) for number in range(5)]
FALL_BACK = dt.date(2025, 10, 26)
WITH_TABLES = [layout for layout in Layout if layout is not Layout.SITE_EXPORT]


def order(layout: Layout, *traps: Trap, planted: Planted | None = None, junk: float = 0.0) -> Order:
    return Order(
        person=Person(),
        first=FIRST,
        last=LAST,
        layout=layout,
        traps=frozenset(traps),
        planted=planted or Planted(),
        junk=junk,
    )


@lru_cache(maxsize=16)
def exported(layout: Layout, *traps: Trap) -> dict[str, bytes]:
    return files(order(layout, *traps))


def files(of: Order) -> dict[str, bytes]:
    """Write an export; no name comes twice."""
    written = list(members(of))
    found = {member.name: member.content for member in written}
    assert len(found) == len(written)
    return found


def one(found: dict[str, bytes], end: str) -> bytes:
    """Give the one file whose name ends so."""
    (content,) = (content for name, content in found.items() if name.endswith(f"/{end}"))
    return content


def lines(found: dict[str, bytes], end: str) -> list[str]:
    """Give the lines of a table."""
    return one(found, end).decode().splitlines()


def rows(found: dict[str, bytes], family: str) -> list[list[str]]:
    """Give the cells of all of a family's tables, without their headers."""
    of_family = [content for name, content in found.items() if name.rpartition("/")[2].startswith(f"{family}_2")]
    return [line.split(",") for content in of_family for line in content.decode().splitlines()[1:]]


def records(found: dict[str, bytes], end: str) -> Any:  # noqa: ANN401 - a test looks into it by hand
    return json.loads(one(found, end))


def instant(text: str) -> int:
    """Read a stamp of a table as UTC seconds."""
    return int(dt.datetime.fromisoformat(text).timestamp())
