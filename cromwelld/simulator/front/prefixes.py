"""Tables by the beginnings of paths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")


def longest(wanted: Mapping[str, T], path: str) -> T | None:
    """Find what stands under the longest beginning of a path, None where nothing does."""
    prefixes = [prefix for prefix in wanted if path.startswith(prefix)]
    return wanted[max(prefixes, key=len)] if prefixes else None
