"""Files as tables: what is odd in one is counted or refused, never guessed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from cromwelld.sources.takeout.members import Unreadable, members
from cromwelld.sources.takeout.naming import classify
from cromwelld.sources.takeout.reading import Notes, read
from tests.support.exports import unpacked

CSV = "heart_rate_2026-09-12.csv"
HEADER = "timestamp,beats per minute,data source\n"


def rows(folder: Path, name: str, content: str | bytes) -> tuple[list[dict[str, object]], Notes]:
    member = next(members(unpacked(folder / "export", {name: content})))
    family = classify(member.name).family
    assert family is not None
    notes = Notes()
    found = [row for part in read(member, family, notes) for row in part.to_pylist()]
    return found, notes


def counted(notes: Notes) -> dict[str, int]:
    return dict(+notes.rejected)


def test_times_in_every_way_of_writing_utc(tmp_path: Path) -> None:
    lines = "2026-10-04T20:30:00Z,60,A\n2026-10-04 20:30:01+0000,61,A\n2026-10-04T22:30:02.25+02:00,62,A\n"
    found, notes = rows(tmp_path, CSV, HEADER + lines)
    assert [row["when"] for row in found] == [
        dt.datetime(2026, 10, 4, 20, 30),  # noqa: DTZ001 - UTC without saying so
        dt.datetime(2026, 10, 4, 20, 30, 1),  # noqa: DTZ001
        dt.datetime(2026, 10, 4, 20, 30, 2, 250_000),  # noqa: DTZ001
    ]
    assert not counted(notes)


def test_a_time_without_an_offset_in_a_utc_file_is_left_out(tmp_path: Path) -> None:
    found, notes = rows(tmp_path, CSV, HEADER + "2026-10-04T20:30:00,60,A\n2026-10-04T20:31:00Z,61,A\n")
    assert [row["value"] for row in found] == [61]
    assert counted(notes) == {"a row without a time": 1}


def test_bad_cells_and_ragged_rows_cost_themselves_only(tmp_path: Path) -> None:
    lines = "2026-10-04T20:30:00Z,many,A\n2026-10-04T20:31:00Z,61,A\n2026-10-04T20:32:00Z\n1999-01-01T00:00:00Z,5,A\n"
    found, notes = rows(tmp_path, CSV, HEADER + lines)
    assert [row["value"] for row in found] == [None, 61]
    assert counted(notes) == {
        "a value that is not a number": 1,
        "a row of another length": 1,
        "a time outside the years that can be": 1,
    }


def test_an_unknown_column_is_told(tmp_path: Path) -> None:
    found, notes = rows(tmp_path, CSV, "timestamp,beats per minute,mood,data source\n2026-10-04T20:30:00Z,60,3,A\n")
    assert [row["value"] for row in found] == [60]
    assert notes.unknown == {"mood"}


@pytest.mark.parametrize(
    "content",
    [
        "timestamp;beats per minute;data source\n2026-10-04T20:30:00Z;60;A\n",
        "2026-10-04T20:30:00Z,60,A\n",
        "timestamp,data source\n2026-10-04T20:30:00Z,A\n",
        b"\xff\xfe\x00\x01",
    ],
    ids=["delimiter", "no header", "no values", "no text"],
)
def test_columns_that_are_not_as_known_refuse_the_file(tmp_path: Path, content: str | bytes) -> None:
    with pytest.raises(Unreadable, match="columns are not as known"):
        rows(tmp_path, CSV, content)


@pytest.mark.parametrize("content", ["", HEADER, "\ufeff" + HEADER])
def test_empty_files_are_normal(tmp_path: Path, content: str) -> None:
    found, notes = rows(tmp_path, CSV, content)
    assert (found, counted(notes), notes.unknown) == ([], {}, set())


def test_midnight_and_noon_of_daily_files_are_dates_and_other_times_instants(tmp_path: Path) -> None:
    lines = "2026-05-27T00:00:00Z,51,A\n2026-05-28T12:00:00Z,52,A\n2026-05-29T22:01:13Z,53,A\n"
    found, _ = rows(tmp_path, "daily_resting_heart_rate.csv", HEADER + lines)
    assert [row["instant"] for row in found] == [False, False, True]


def test_numbers_as_text_as_numbers_and_as_neither(tmp_path: Path) -> None:
    good = '{"dateTime": "09/12/26 05:00:00", "value": "7"}'
    for content, values, left_out in (
        (f"[{good}]", [7], {}),
        (f"[{good.replace(chr(34) + '7' + chr(34), '7')}]", [7], {}),
        (f'[{good}, {{"dateTime": "x", "value": "1"}}]', [7], {"a record without a time": 1}),
        (f"[{good}, {good.replace('7', 'seven')}, 5]", [7], {"a value that is not a number": 1}),
    ):
        found, notes = rows(tmp_path, "steps-2026-09-11.json", content)
        assert [row["value"] for row in found] == values
        assert left_out.items() <= counted(notes).items()


@pytest.mark.parametrize("content", ["{}", "no data", "[1,", "NaN", "[" * 100_000])
def test_what_is_no_json_array_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(Unreadable):
        rows(tmp_path, "steps-2026-09-11.json", content)


def test_the_century_of_placeholders_is_not_read_as_measured(tmp_path: Path) -> None:
    content = '[{"dateTime": "12/31/99 00:00:00", "value": "1440"}]'
    found, notes = rows(tmp_path, "sedentary_minutes-2026-09-11.json", content)
    assert (found, counted(notes)) == ([], {"a time outside the years that can be": 1})
