"""No file, no column and no row of a whole export is unknown to the reader."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from cromwelld.simulator.person import Person
from cromwelld.sources.takeout.members import members
from cromwelld.sources.takeout.naming import classify
from cromwelld.sources.takeout.reading import Notes, read
from tests.support.takeout import Form, Layout, Order, pack

DAY = dt.date(2025, 10, 24)


@pytest.mark.parametrize("layout", Layout)
def test_every_file_of_an_export_is_known_and_every_row_is_read(tmp_path: Path, layout: Layout) -> None:
    order = Order(person=Person(), first=DAY, last=DAY, layout=layout, junk=0.1)
    (part,) = pack(order, tmp_path, form=Form.ZIP)
    unknown, rows, notes = [], 0, Notes()
    for member in members(part):
        known = classify(member.name)
        if known.family:
            rows += sum(table.num_rows for table in read(member, known.family, notes))
        elif not known.reason:
            unknown.append(member.name)
    assert unknown == []
    assert (dict(+notes.rejected), notes.unknown) == ({}, set())
    assert rows > (10_000 if layout is Layout.SITE_EXPORT else 30_000)
