from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from cromwelld.plots import clock
from cromwelld.plots.canvas import sheet
from tests.support.frames import at, one

HOUR = 1 / 24


def dressed(date: str, zone: str = "Europe/London") -> tuple[list[str], list[float], str]:
    figure, (axes,) = sheet("")
    start, end = clock.bounds(one(date=date), zone)
    clock.dress([axes], start, end, zone)
    labels = [tick.get_text().partition("\n")[0] for tick in axes.get_xticklabels()]
    hours = [round((tick - clock.number(start)) / HOUR, 6) for tick in axes.get_xticks()]
    said = " ".join(text.get_text() for text in figure.axes[0].texts)
    return labels, hours, f"{axes.get_xlabel()}{said}"


def test_a_day_has_local_clock_times_and_names_its_zone() -> None:
    labels, hours, said = dressed("2025-10-08")
    assert labels[:3] == ["00:00", "02:00", "04:00"]
    assert labels[-1] == "00:00"
    assert hours[-1] == 24
    assert said == "local time (Europe/London)"


def test_a_day_of_25_hours_is_as_long_and_says_why() -> None:
    labels, hours, said = dressed("2025-10-26")
    assert labels[:3] == ["00:00", "02:00", "04:00"]
    assert hours[:3] == [0, 3, 5]
    assert hours[-1] == 25
    assert "clocks go back 1 h" in said


def test_a_day_of_23_hours_is_as_long_and_says_why() -> None:
    labels, hours, said = dressed("2025-03-30")
    assert hours[labels.index("04:00")] == 3
    assert hours[-1] == 23
    assert "clocks go forward 1 h" in said


def test_half_an_hour_of_change_is_told() -> None:
    _, hours, said = dressed("2025-04-06", "Australia/Lord_Howe")
    assert hours[-1] == 24.5
    assert "clocks go back 0.5 h" in said


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Asia/Kolkata", "America/St_Johns", "Pacific/Kiritimati"])
def test_ticks_are_round_in_every_zone(zone: str) -> None:
    labels, _, _ = dressed("2025-06-03", zone)
    assert labels == [f"{hour:02d}:00" for hour in (*range(0, 24, 2), 0)]


@pytest.mark.parametrize(
    ("minutes", "labels"),
    [(60, ["09:55", "10:00", "10:05"]), (10, ["09:55", "09:56", "09:57"]), (130, ["10:00", "10:15", "10:30"])],
)
def test_a_window_has_finer_ticks(minutes: int, labels: list[str]) -> None:
    _, (axes,) = sheet("")
    start = dt.datetime(2025, 10, 8, 8, 55, tzinfo=dt.UTC)
    clock.dress([axes], start, start + dt.timedelta(minutes=minutes), "Europe/London")
    assert [tick.get_text() for tick in axes.get_xticklabels()][:3] == labels


def test_positions_are_days_in_utc() -> None:
    times = pd.Series(at("1970-01-02 12:00", "2025-10-08 00:00"))
    assert list(clock.numbers(times)) == [1.5, 20369.0]
    assert clock.number(dt.datetime(1970, 1, 2, 12, tzinfo=dt.UTC)) == 1.5
