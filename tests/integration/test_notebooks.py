"""All five notebooks, run by a real kernel on the demo's dates: a usual one, and those on which things go otherwise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from cromwelld import load_date, load_days
from cromwelld.archive import codec
from cromwelld.events import ignore
from cromwelld.lake.writer import Lake, LakeDay
from tests.support.cli import call
from tests.support.notebooks import HEART, NAMES, PERFORMANCE, SLEEP, STEPS, VARIOUS, Kernel, Run, kernel

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

FIRST, CHANGE, LAST = "2025-10-23", "2025-10-25", "2025-10-31"
USUAL, FALL_BACK, NO_STAGES, NOT_WORN, NEVER_ASKED = (
    "2025-10-29",
    "2025-10-26",
    "2025-10-28",
    "2025-10-30",
    "2025-10-20",
)
OF_A_DATE = {
    SLEEP: {"timeline", "efficiency", "shares"},
    HEART: {"whole_day", "window", "zones_of_day"},
    PERFORMANCE: {"along", "route"},
    STEPS: {"hours"},
    VARIOUS: {"night"},
}
OF_A_RANGE = {
    SLEEP: {"composition", "efficiency_by_date", "bedtimes"},
    HEART: {"zones_by_date", "resting"},
    PERFORMANCE: {"weekly"},
    STEPS: {"heat_map", "trend", "streaks"},
    VARIOUS: {"variability", "oxygen", "skin", "breathing", "resting", "weight", "battery"},
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Collect two dates from one vendor and the rest from the other; take the stages of one night away."""
    home = tmp_path_factory.mktemp("home") / "demo"
    assert call("demo", "--data-dir", home, "--from", FIRST, "--days", 2, "--source", "fitbit_web").code == 0
    assert call("demo", "--data-dir", home, "--from", CHANGE, "--days", 7).code == 0
    _without_stages(home)
    return home / "data"


def _without_stages(home: Path) -> None:
    name = f"fitbit_backup_{NO_STAGES}.json.gz"
    opened = codec.open_object((home / "archive/fitbit" / name).read_bytes(), name, _date(NO_STAGES))
    assert opened.day is not None
    summary = opened.day.tables["SleepSummary"]
    for column in ("field_minutesDeep", "field_minutesLight", "field_minutesREM"):
        summary = summary.set_column(summary.column_names.index(column), column, pa.nulls(len(summary), pa.float64()))
    tables = {name: rows for name, rows in opened.day.tables.items() if name != "SleepLevels"}
    day = replace(opened.day, tables=tables | {"SleepSummary": summary})
    entry = LakeDay(day=day, complete=True, state="complete", sealed=False, object_name=name, digest="without stages")
    Lake(home / "data", report=ignore).write([entry])


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.fixture(scope="module")
def one_kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with pytest.MonkeyPatch.context() as surroundings:
        for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "MPLCONFIGDIR"):
            surroundings.setenv(name, str(tmp_path_factory.mktemp(name)))
        with kernel() as started:
            yield started


def run(one_kernel: Kernel, name: str, data: Path, date: str) -> Run:
    ran = one_kernel.run(name, {"DATE": date, "FIRST": FIRST, "LAST": LAST, "DATA": str(data)})
    expected = OF_A_DATE[name] | OF_A_RANGE[name]
    assert expected == set(ran.figures)
    assert ran.pictures == len(expected)
    return ran


def empty(ran: Run, names: set[str]) -> set[str]:
    return {name for name in names if not ran.figures[name].full}


def test_the_dates_are_what_they_are_taken_for(data: Path) -> None:
    states = load_days(FIRST, LAST, data).set_index("date")["state"]
    assert states[NOT_WORN] == "not worn"
    assert set(states.drop(NOT_WORN)) == {"complete"}
    assert "SleepLevels" not in load_date(NO_STAGES, data)
    assert "ActivityRecords" in load_date(USUAL, data)
    beats = load_date(FALL_BACK, data)["HeartRate_Intraday"]["time"]
    assert (beats.max() - beats.min()).total_seconds() > 24.5 * 3600


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("date", [USUAL, FALL_BACK, NO_STAGES])
def test_every_figure_of_a_date_has_data(one_kernel: Kernel, data: Path, name: str, date: str) -> None:
    ran = run(one_kernel, name, data, date)
    assert empty(ran, OF_A_DATE[name]) == set()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("date", "why"), [(NOT_WORN, "not worn"), (NEVER_ASKED, "never asked for")])
def test_a_date_without_data_says_why(one_kernel: Kernel, data: Path, name: str, date: str, why: str) -> None:
    ran = run(one_kernel, name, data, date)
    assert empty(ran, OF_A_DATE[name]) == OF_A_DATE[name]
    assert [one for one in OF_A_DATE[name] if why not in ran.figures[one].text] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_of_a_range_has_data_and_names_the_change_of_vendor(
    one_kernel: Kernel, data: Path, name: str
) -> None:
    ran = run(one_kernel, name, data, USUAL)
    assert empty(ran, OF_A_RANGE[name]) == set()
    unmarked = {one for one in OF_A_RANGE[name] if "Google" not in ran.figures[one].text}
    assert unmarked <= {"battery"}  # both vendors tell it of the last date only
    shaded = {one for one in OF_A_RANGE[name] - {"weekly", "heat_map"} if "not worn" not in ran.figures[one].text}
    assert shaded == set()


def test_a_night_without_stages_says_so(one_kernel: Kernel, data: Path) -> None:
    ran = run(one_kernel, SLEEP, data, NO_STAGES)
    assert "Asleep (no stages)" in ran.figures["shares"].text


def test_a_day_of_25_hours_says_so(one_kernel: Kernel, data: Path) -> None:
    ran = run(one_kernel, HEART, data, FALL_BACK)
    assert "clocks go back 1 h" in ran.figures["whole_day"].text


def test_a_folder_without_dates_is_no_error(one_kernel: Kernel, tmp_path: Path) -> None:
    for name in NAMES:
        ran = one_kernel.run(name, {"DATA": str(tmp_path)})
        assert not any(figure.full for figure in ran.figures.values())
