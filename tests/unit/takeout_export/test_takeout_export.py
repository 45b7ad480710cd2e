"""The exports that an import is held against: their form is that of the samples, their content the person's truth."""

from __future__ import annotations

import datetime as dt
import json
from functools import lru_cache
from pathlib import Path

import pytest

from cromwelld.simulator.person import Person
from tests.support.reference import reference
from tests.support.takeout import Form, Layout, Order, Trap, members, pack

PERSON = Person()
FIRST, LAST = dt.date(2025, 10, 24), dt.date(2025, 10, 27)


@lru_cache(maxsize=8)
def exported(layout: Layout, *traps: Trap) -> dict[str, bytes]:
    order = Order(person=PERSON, first=FIRST, last=LAST, layout=layout, traps=frozenset(traps))
    return {member.name: member.content for member in members(order)}


def ending(files: dict[str, bytes], end: str) -> bytes:
    (found,) = (content for name, content in files.items() if name.endswith(end))
    return found


# the sample's path, its layout, the file that has its form, and a row of it written by hand
ROWS = [
    (
        "legacy-fitbit-folder/Takeout/Fitbit/Physical Activity_GoogleData/heart_rate_2024-05-01.csv",
        Layout.FITBIT,
        "Takeout/Fitbit/Physical Activity_GoogleData/heart_rate_2025-10-24.csv",
        "2025-10-24T00:00:07Z,52.0,PixelWatch3",
    ),
]


@pytest.mark.parametrize(("sample", "layout", "name", "row"), ROWS)
def test_a_table_has_the_header_and_the_form_of_its_sample(sample: str, layout: Layout, name: str, row: str) -> None:
    header = reference(f"takeout/{sample}").read_text(encoding="utf-8").splitlines()[0]
    written = exported(layout)[name].decode().splitlines()
    assert written[0] == header
    assert row in written


@pytest.mark.parametrize("layout", Layout)
def test_equal_orders_give_equal_bytes(layout: Layout) -> None:
    order = Order(person=Person(), first=FIRST, last=LAST, layout=layout, traps=frozenset(Trap))
    assert {member.name: member.content for member in members(order)} == exported(layout, *Trap)


@pytest.mark.parametrize("form", Form)
def test_an_export_comes_in_every_form(tmp_path: Path, form: Form) -> None:
    order = Order(person=PERSON, first=FIRST, last=FIRST, layout=Layout.GOOGLE_FOLDERS)
    one, other = (pack(order, tmp_path / name, form=form, part_bytes=1_000_000) for name in ("a", "b"))
    assert len(one) == (1 if form is Form.FOLDER else 3)
    if form is not Form.FOLDER:
        assert [part.read_bytes() for part in one] == [part.read_bytes() for part in other]


def test_heartbeats_of_both_twins_are_the_truth() -> None:
    files = exported(Layout.GOOGLE_FLAT)
    truth = PERSON.heart_rate(FIRST)
    old = json.loads(ending(files, "/heart_rate-2025-10-24.json"))
    assert [row["value"]["bpm"] for row in old] == list(truth.bpm)
    stamps = [dt.datetime.strptime(f"{row['dateTime']}+0000", "%m/%d/%y %H:%M:%S%z") for row in old]
    assert [int(stamp.timestamp()) for stamp in stamps] == list(truth.instants)
    table = b"\n".join(content for name, content in files.items() if "/heart_rate_" in name).decode().splitlines()
    rows = {line for line in table if line.endswith("PixelWatch3")}
    assert len(rows) == sum(len(PERSON.heart_rate(day).bpm) for day in (FIRST + dt.timedelta(n) for n in range(4)))
    assert f"{stamps[0]:%Y-%m-%dT%H:%M:%SZ},{truth.bpm[0]},PixelWatch3" in rows
