"""Whose count of a minute is taken, how many minutes there are, and what is loaded of what was read: by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa

from cromwelld.jobs.importing.staging import Entry, Staging
from cromwelld.sources.takeout.copies import Copy, Taken
from cromwelld.sources.takeout.recorders import Counted, Rank, winners

SECOND_US = 1_000_000
DAY = dt.datetime(2025, 10, 1)  # noqa: DTZ001 - as times are written


def test_of_two_watches_the_one_that_counted_more_has_the_whole_minute() -> None:
    times = np.array([0, 30, 59, 60, 119, 120]) * SECOND_US
    who = np.array([0, 1, 0, 1, 1, 0])
    rows = Counted(times, np.array([5.0, 1.0, 5.0, 1.0, 1.0, 5.0]), who, ("Charge 6", "Versa 4"))
    assert winners(rows, (Rank.WATCH,)).tolist() == [True, False, True, True, True, True]


def test_minutes_with_a_value_are_counted_once() -> None:
    times = np.array([0, 59, 60, 180, 240]) * SECOND_US
    found = [
        Taken(
            copy=Copy(family="steps"),
            rows=pa.table({}),
            times=times,
            values=np.array(values),
            who=np.zeros(5, dtype=np.int64),
            names=("",),
        ).minutes
        for values in ([1.0, 2.0, 3.0, 4.0, 0.0], [0.0] * 5)
    ]
    assert found == [3, 0]


def test_no_more_is_loaded_than_was_asked_for(tmp_path: Path) -> None:
    staging = Staging(tmp_path / "i", ["one part"])
    staging.open()
    when = [DAY + dt.timedelta(days=number) for number in range(10)]
    pieces = staging.keep([pa.table({"when": pa.array(when, pa.timestamp("us"))})])
    staging.note(Entry(key="k", name="n", family="steps", pieces=pieces))
    for first, end in ((0, 10), (0, 4), (3, 10), (3, 4)):
        rows = staging.load("steps", when[0] + dt.timedelta(days=first), when[0] + dt.timedelta(days=end))
        assert rows is not None
        assert rows["when"].to_pylist() == when[first:end]
    staging.close()
