"""What the notebooks cost: each in a kernel of its own, on one date and on a year of them, three runs each."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.cli import call
from tests.support.notebooks import NAMES, Run, kernel

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

FIRST, DATE, LAST = "2024-10-20", "2025-10-07", "2025-10-19"
DATES, RUNS = 365, 3
UNTIL_IMPORTED = 3  # the cells of parameters, those put behind it, the imports


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home") / "demo"
    assert call("demo", "--data-dir", home, "--from", FIRST, "--days", DATES).code == 0
    return home / "data"


def after_imports(run: Run) -> float:
    return sum(run.seconds[UNTIL_IMPORTED:])


@pytest.mark.parametrize("name", NAMES)
def test_a_date_takes_seconds_and_a_year_not_many_more(name: str, data: Path) -> None:
    usual = {"DATE": DATE, "LAST": DATE, "DATA": str(data)}  # the range is the one that it has by itself: 90 dates
    year = {"DATE": DATE, "FIRST": FIRST, "LAST": LAST, "DATA": str(data)}
    with kernel() as started:
        one = [after_imports(started.run(name, usual)) for _ in range(RUNS)]
    with kernel() as started:
        many = [after_imports(started.run(name, year)) for _ in range(RUNS)]
        memory_mb = started.peak_mb()
    told = (f"{max(seconds):.1f} s at most of {RUNS} (first {seconds[0]:.1f})" for seconds in (one, many))
    sys.stdout.write(f"\n{name}: {'; a year: '.join(told)}, kernel's peak {memory_mb:.0f} MB\n")
    assert max(one) < 5
    assert max(many) < 15
    assert memory_mb < 500
