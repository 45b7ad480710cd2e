"""Which of several copies of one record is kept: sources overlap where they are not reconciled."""

from __future__ import annotations

from cromwelld.sources.parsed import Row


def fuller(one: Row, other: Row | None) -> Row:
    """Give the row that says more; where both say as much, the one that is greater as text.

    So the choice is the same in whatever order the copies were sent.
    """
    return one if other is None else max(one, other, key=_weight)


def _weight(row: Row) -> tuple[int, list[tuple[str, str]]]:
    said = sorted((name, repr(value)) for name, value in row.items() if value is not None)
    return len(said), said
