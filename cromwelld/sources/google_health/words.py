"""Words out of the vendor's lists of words, which grow."""

from __future__ import annotations

from cromwelld.sources.values import Object, text

_UNSPECIFIED = "_UNSPECIFIED"


def word(value: Object, name: str) -> str | None:
    """Read a word; the one with which each list begins, "unspecified", is absent.

    Raises: ValueError if it is no text.
    """
    found = text(value, name)
    return None if found is None or found.endswith(_UNSPECIFIED) else found
