"""The tables depend on what was put there, never on the order, the batches or what lay there before."""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from cromwelld.day import Day
from tests.support.lake import contents, day, lake, usual, whole

DATES = ("2024-12-31", "2025-01-01", "2025-01-02", "2025-01-31", "2025-02-01", "2025-03-15")
FINAL = {date: usual(date, beats=60.0 + number) for number, date in enumerate(DATES)}
KINDS = sorted(FINAL[DATES[0]].tables)


@st.composite
def histories(draw: st.DrawFn) -> list[list[tuple[str, frozenset[str], float]]]:
    """Draw batches of (date, measurements that it lacks, heart rate): what lay there earlier."""
    entry = st.tuples(
        st.sampled_from(DATES), st.frozensets(st.sampled_from(KINDS), max_size=4), st.sampled_from([50.0, 90.0])
    )
    return draw(st.lists(st.lists(entry, min_size=1, max_size=3), max_size=3))


@settings(max_examples=10)
@given(earlier=histories(), order=st.permutations(DATES), cuts=st.sets(st.integers(1, len(DATES) - 1)))
def test_any_history_ends_in_the_same_bytes(
    earlier: list[list[tuple[str, frozenset[str], float]]], order: list[str], cuts: set[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        straight, winding = Path(folder, "straight"), Path(folder, "winding")
        lake(straight).write([whole(FINAL[date]) for date in DATES])
        for batch in earlier:
            lake(winding).write([whole(lacking(date, names, beats)) for date, names, beats in batch])
        edges = [0, *sorted(cuts), len(order)]
        for start, end in pairwise(edges):
            lake(winding).write([whole(FINAL[date]) for date in order[start:end]])
        assert contents(winding) == contents(straight)


def lacking(date: str, names: frozenset[str], beats: float) -> Day:
    tables = {name: rows for name, rows in usual(date, beats=beats).tables.items() if name not in names}
    return day(date, tables)
