"""The notebooks as they lie in the project: thin, without outputs, and in step with the functions that they call."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cromwelld import load_date
from cromwelld.plots.canvas import Figure
from notebooks.functions import import_data
from notebooks.functions.import_data import choose, get_fitbit_data_for_date, load_single_date_from_parquet
from tests.support.lake import lake, usual, whole
from tests.support.notebooks import FOLDER, NAMES, PARAMETERS, read, with_parameters

DATES = ("2025-10-07", "2025-10-08", "2025-10-09")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    days = [whole(usual(date)) for date in DATES[:2]]
    lake(folder).write([*days, whole(usual(DATES[2]), state="provisional")])
    return folder


def code(book: Any) -> list[str]:  # noqa: ANN401 - nbformat has no types
    return [cell.source for cell in book.cells if cell.cell_type == "code"]


def test_there_are_five() -> None:
    assert sorted(path.name for path in FOLDER.glob("*.ipynb")) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_outputs_are_cleared(name: str) -> None:
    cells = [cell for cell in read(name).cells if cell.cell_type == "code"]
    assert [(cell.outputs, cell.execution_count) for cell in cells] == [([], None)] * len(cells)


@pytest.mark.parametrize("name", NAMES)
def test_date_and_range_stand_in_one_cell_at_the_top(name: str) -> None:
    title, chosen, *_ = read(name).cells
    assert (title.cell_type, chosen.metadata["tags"]) == ("markdown", [PARAMETERS])
    assert [line.partition(" = ")[0] for line in chosen.source.splitlines()][:4] == ["DATE", "FIRST", "LAST", "DATA"]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_thin_and_explains_what_is_seen(name: str) -> None:
    book = read(name)
    assert all(len(source.splitlines()) <= 8 for source in code(book))
    assert not any(line.startswith(("def ", "class ", "for ")) for source in code(book) for line in source.splitlines())
    figures = sum(source.count("\n") == 1 for source in code(book)[3:])
    assert len([cell for cell in book.cells if cell.cell_type == "markdown"]) > figures / 2


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("date", [None, "2024-01-01"])
def test_every_cell_runs(name: str, date: str | None, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    names: dict[str, object] = {}
    for source in code(with_parameters(name, {"DATE": date, "DATA": str(data)})):
        exec(source.replace("%matplotlib inline\n", ""), names)  # noqa: S102 - our own cells
    assert sum(isinstance(value, Figure) for value in names.values()) >= 3


# --- the names that notebooks load by


def test_the_newest_date_that_is_over_is_chosen(data: Path) -> None:
    chosen = choose(data=str(data))
    assert (chosen.date, chosen.first, chosen.last) == (DATES[1], DATES[0], DATES[1])


def test_what_is_named_is_taken(data: Path) -> None:
    chosen = choose("2025-10-07", "2025-01-01", "2025-12-31", str(data))
    assert (chosen.date, chosen.first, chosen.last) == ("2025-10-07", "2025-01-01", "2025-12-31")
    assert choose("2024-05-01", data=str(data)).first == "2024-05-01"


def test_where_nothing_is_over_or_there_today_is_chosen(tmp_path: Path) -> None:
    assert choose(data=str(tmp_path)).date == dt.datetime.now().astimezone().date().isoformat()
    lake(tmp_path).write([whole(usual(DATES[0]), state="provisional")])
    assert choose(data=str(tmp_path)).date == DATES[0]


def test_tables_are_found_where_the_command_says(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROMWELLD_DATA_DIR", str(data))
    frames = load_single_date_from_parquet(DATES[0])
    pd.testing.assert_frame_equal(frames["GPS"], load_date(DATES[0], data)["GPS"])
    assert list(load_single_date_from_parquet(DATES[0], str(data))) == list(frames)


def test_an_archive_that_nobody_named_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CROMWELLD_ARCHIVE", raising=False)
    with pytest.raises(ValueError, match="CROMWELLD_ARCHIVE"):
        get_fitbit_data_for_date("2025-10-07")


def test_a_date_may_be_a_date(tmp_path: Path) -> None:
    assert import_data.get_fitbit_data_for_date(dt.date(2025, 10, 7), str(tmp_path)) == {}


# --- the pictures of the README


def test_the_pictures_are_small_and_shown() -> None:
    page = (FOLDER.parent / "README.md").read_text("utf-8")
    pictures = sorted((FOLDER.parent / "deploy/pictures").glob("*.png"))
    assert [path.name for path in pictures] == ["night.png", "nights.png"]
    assert all(f"](deploy/pictures/{path.name})" in page for path in pictures)
    assert all(10_000 < path.stat().st_size < 100_000 for path in pictures)
    assert "python deploy/pictures/draw.py" in page
