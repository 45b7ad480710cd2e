from __future__ import annotations

import math

import pandas as pd
import pytest

from cromwelld.plots import dates
from cromwelld.plots.canvas import sheet
from tests.support.frames import at, daily, days

NAME = "RestingHR"


def test_a_short_range_has_every_date() -> None:
    _, (axes,) = sheet("")
    dates.dress(axes, days("complete", "complete", "complete"), NAME)
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["Wed\n8 Oct", "Thu\n9 Oct", "Fri\n10 Oct"]
    assert list(axes.get_xticks()) == [20369, 20370, 20371]
    assert axes.get_xlim() == (20368.5, 20371.5)
    assert axes.get_xlabel() == "date (Europe/London)"


def test_a_longer_range_has_its_mondays_and_a_long_one_its_months() -> None:
    for count, labels in ((30, ["Mon\n13 Oct", "Mon\n20 Oct"]), (120, ["Nov\n2025", "Dec\n2025"])):
        _, (axes,) = sheet("")
        dates.dress(axes, days(*["complete"] * count), NAME)
        assert [tick.get_text() for tick in axes.get_xticklabels()][:2] == labels


def test_years_have_a_dozen_ticks() -> None:
    _, (axes,) = sheet("")
    dates.dress(axes, days(*["complete"] * 1500), NAME)
    assert len(axes.get_xticks()) <= 17


def test_the_zone_is_named_as_far_as_it_is_one() -> None:
    assert dates.zone_of(days("complete", "never asked", zone=None)) == "no zone known"
    travelled = days("complete", "complete").assign(zone=["Europe/London", "Asia/Tokyo"])
    assert dates.zone_of(travelled) == "the zone of each date"


def test_what_is_missing_is_told_apart() -> None:
    states = ("complete", "not worn", "provisional", "never asked", "incomplete", "incomplete")
    said = [f"g {word}" for word in ("ok", "empty", "ok", "ok", "failed", "ok")]
    told = dates.gaps(days(*states, said={NAME: said}), NAME)
    assert dict(told) == {
        "2025-10-09": "not worn",
        "2025-10-10": "not over",
        "2025-10-11": "not asked",
        "2025-10-12": "refused or failed",
    }


def test_what_is_missing_is_shaded_where_it_lies_and_explained_once() -> None:
    _, (axes,) = sheet("")
    patches = dates.dress(axes, days("complete", "not worn", "complete", "not worn"), NAME)
    assert [patch.get_label() for patch in patches] == ["not worn"]
    assert [patch.get_extents().width > 0 for patch in axes.patches] == [True, True]
    assert [round(patch.get_x(), 1) for patch in axes.patches] == [20369.5, 20371.5]  # type: ignore[attr-defined]


def test_a_change_of_vendor_is_found_over_dates_without_records() -> None:
    said = ["fitbit_web ok", "fitbit_web empty", "google_health empty", "google_health ok", "google_health ok"]
    found = dates.vendor_changes(days(*["complete"] * 5, said={NAME: said}), NAME)
    assert [(one.date, str(one)) for one in found] == [("2025-10-11", "Fitbit → Google")]


def test_there_and_back_are_two_changes() -> None:
    said = ["fitbit_web ok", "google_health ok", "fitbit_web ok"]
    found = dates.vendor_changes(days(*["complete"] * 3, said={NAME: said}), NAME)
    assert [str(one) for one in found] == ["Fitbit → Google", "Google → Fitbit"]


@pytest.mark.parametrize("said", [[None] * 3, ["takeout ok", None, "takeout ok"]])
def test_where_nobody_says_or_one_says_all_nothing_changes(said: list[str | None]) -> None:
    assert dates.vendor_changes(days(*["unknown"] * 3, said={NAME: said}), NAME) == []
    assert dates.vendor_changes(days(*["unknown"] * 3), NAME) == []


def test_a_change_is_a_line_before_its_date_and_words() -> None:
    _, (axes,) = sheet("")
    said = ["fitbit_web ok", "google_health ok", "google_health ok"]
    dates.dress(axes, days(*["complete"] * 3, said={NAME: said}), NAME)
    assert [line.get_xdata()[0] for line in axes.lines] == [20369.5]  # type: ignore[index]
    assert [text.get_text().strip() for text in axes.texts] == ["Fitbit → Google"]


def test_a_date_without_a_value_is_missing_not_zero() -> None:
    rows = daily({"2025-10-08": 55.0, "2025-10-10": 57.0})
    values = dates.by_date(rows, "value", days("complete", "not worn", "complete"))
    assert list(values)[::2] == [55.0, 57.0]
    assert math.isnan(values["2025-10-09"])
    assert dates.by_date(None, "value", days("complete")).isna().all()
    assert dates.by_date(rows, "other", days("complete")).isna().all()


def test_of_several_values_of_a_date_the_last_that_is_one_counts() -> None:
    rows = pd.DataFrame({"date": ["2025-10-08"] * 3, "value": [1.0, 2.0, math.nan]})
    assert list(dates.by_date(rows, "value", days("complete"))) == [2.0]


def test_each_date_is_seen_by_its_own_clock() -> None:
    told = days("complete", "complete").assign(zone=["Europe/London", "Asia/Tokyo"])
    times, dated = pd.Series(at("2025-10-08 09:00", "2025-10-08 16:00")), pd.Series(["2025-10-08", "2025-10-09"])
    walls = dates.in_own_zone(times, dated, told)
    assert [str(wall) for wall in walls] == ["2025-10-08 10:00:00", "2025-10-09 01:00:00"]
