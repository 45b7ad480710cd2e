"""Files of an export and where the generations of layout put them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from tests.support.takeout.order import Layout, Order

ROOTS = {
    Layout.SITE_EXPORT: "SyntheticPerson",
    Layout.FITBIT: "Takeout/Fitbit",
    Layout.GOOGLE_FLAT: "Takeout/Google Health",
    Layout.GOOGLE_FOLDERS: "Takeout/Google Health",
}


@dataclass(frozen=True, slots=True)
class Member:
    """Hold one file of an export by its path within it."""

    name: str
    content: bytes


def old_data(order: Order, name: str, content: bytes) -> Member:
    """Put a file among the old site's own."""
    folder = "user-site-export" if order.layout is Layout.SITE_EXPORT else "Global Export Data"
    return Member(f"{ROOTS[order.layout]}/{folder}/{name}", content)


def telemetry(order: Order, family: str, name: str, content: bytes) -> Member:
    """Put a table of telemetry where the layout has its family."""
    within = f"{family.replace('_', ' ').title()}/" if order.layout is Layout.GOOGLE_FOLDERS else ""
    return topic(order, "Physical Activity_GoogleData", f"{within}{name}", content)


def fitness(order: Order, name: str, content: bytes) -> Member:
    """Put a relational table among the others."""
    return topic(order, "Health Fitness Data_GoogleData", name, content)


def topic(order: Order, folder: str, name: str, content: bytes) -> Member:
    """Put a file into a folder of its own topic."""
    return Member(f"{ROOTS[order.layout]}/{folder}/{name}", content)


def table(header: str, rows: Iterable[str]) -> bytes:
    """Write a table of few rows."""
    return "\n".join([header, *rows, ""]).encode()


def pretty(value: object) -> bytes:
    """Write JSON indented as the vendor does."""
    return json.dumps(value, indent=1).encode()
