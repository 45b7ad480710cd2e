"""Every figure, on frames made by hand: what is drawn is what is there, and what is not there is said."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import pytest

from cromwelld.plots import activities, heart, metrics, sleep, sleep_by_date, steps
from cromwelld.plots.canvas import Figure
from cromwelld.plots.reasons import Frames
from tests.support.frames import (
    DATE,
    NOT_TOLD,
    at,
    daily,
    days,
    levels,
    minutes,
    one,
    says_only,
    summary,
    track,
    walk,
    words,
)

Draw = Callable[[Frames, pd.DataFrame], Figure]

METRICS = (
    metrics.HRV,
    metrics.OXYGEN,
    metrics.SKIN,
    metrics.BREATHING,
    metrics.RESTING,
    metrics.WEIGHT,
    metrics.BATTERY,
)
OF_A_DATE: list[Draw] = [
    sleep.timeline,
    sleep.efficiency,
    sleep.shares,
    heart.day,
    heart.window,
    heart.zones_of_day,
    activities.along,
    activities.route,
    steps.day,
    metrics.night,
]
OF_A_RANGE: list[Draw] = [
    sleep_by_date.composition,
    sleep_by_date.efficiency,
    sleep_by_date.rhythm,
    heart.zones,
    heart.resting,
    activities.weekly,
    steps.heat_map,
    steps.trend,
    steps.streaks,
    *(partial(metrics.trend, metric) for metric in METRICS),
]
NIGHT = {
    "minutesDeep": 90.0,
    "minutesLight": 200.0,
    "minutesREM": 100.0,
    "minutesAsleep": 390.0,
    "minutesInBed": 420.0,
    "efficiencyDerived": 93.0,
}
TOLD = {DATE: 1.0, "2025-10-10": 2.0}


def name(draw: Draw) -> str:
    if isinstance(draw, partial):
        return str(draw.args[0].measurement)
    return f"{draw.__module__.rpartition('.')[2]}.{draw.__name__}"


def zones(**told: float) -> pd.DataFrame:
    every = ("Out of Range", "Fat Burn", "Cardio", "Peak", "Light", "MODERATE", "VIGOROUS", "PEAK")
    return pd.DataFrame({"date": [DATE], **{zone: [told.get(zone.replace(" ", "_"), NOT_TOLD)] for zone in every}})


def whole() -> dict[str, pd.DataFrame]:
    """Give a little of everything, on the first of the dates."""
    return {
        "SleepSummary": summary("2025-10-07 22:00", "2025-10-08 05:00", NIGHT),
        "SleepLevels": levels("2025-10-07 22:00", (3, 30), (1, 200), (0, 90), (2, 100)),
        "HeartRate_Intraday": minutes("2025-10-08 08:00", [60.0 + n % 7 for n in range(700)]),
        "HR_Zones": zones(Light=1400.0, MODERATE=30.0, VIGOROUS=5.0),
        "RestingHR": daily(TOLD),
        "ActivityRecords": walk("2025-10-08 09:00", 10.0, km=1.2),
        "GPS": track("2025-10-08 09:00", 600, 2.0),
        "ActiveZoneMinutes": pd.DataFrame({"date": [DATE], "inFatBurn": [9.0], "inCardio": [4.0], "inPeak": [0.0]}),
        "Steps_Intraday": minutes("2025-10-08 08:00", [10.0] * 90),
        "Activity-steps": daily({DATE: 12_000.0, "2025-10-10": 8_000.0}),
        "HRV": daily(TOLD, "dailyRmssd"),
        "HRV_Intraday": minutes("2025-10-08 01:00", [40.0, 41.0]).rename(columns={"value": "rmssd"}),
        "SPO2_Daily": daily(TOLD, "avg").assign(min=NOT_TOLD, max=NOT_TOLD, lower=0.5, upper=1.5),
        "SPO2_Intraday": minutes("2025-10-08 01:00", [96.0, 97.0]),
        "SkinTemperature": daily(TOLD, "nightlyRelative"),
        "BreathingRate": daily(TOLD),
        "Weight": daily(TOLD, "weight_kg"),
        "DeviceBatteryLevel": daily(TOLD),
    }


# --- what holds for all


@pytest.mark.parametrize("draw", OF_A_DATE, ids=name)
@pytest.mark.parametrize("state", ["not worn", "never asked", "provisional", "complete"])
def test_a_date_without_records_says_so(draw: Draw, state: str) -> None:
    why = {"complete": "there is no", "provisional": "not over"}.get(state, state)
    assert says_only(draw({}, one(state, zone=None)), why)


@pytest.mark.parametrize("draw", OF_A_RANGE, ids=name)
def test_a_range_without_records_says_so(draw: Draw) -> None:
    assert says_only(draw({}, days("not worn", "not worn", zone=None)), "2 not worn")


@pytest.mark.parametrize("draw", [*OF_A_DATE, *OF_A_RANGE], ids=name)
def test_every_axis_has_data_and_a_name_with_its_unit(draw: Draw) -> None:
    figure = draw(whole(), one() if draw in OF_A_DATE else days("complete", "not worn", "complete"))
    panels = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    assert all(axes.has_data() for axes in panels)
    assert all(axes.get_ylabel() or draw in (sleep.efficiency, sleep.shares) for axes in panels)
    assert panels[-1].get_xlabel()
    assert "London" in words(figure) or panels[-1].get_xlabel().endswith(("(%)", "(km)", "(min)"))
    figure.draw_without_rendering()


@pytest.mark.parametrize("draw", [d for d in OF_A_RANGE if d not in (activities.weekly, steps.heat_map)], ids=name)
def test_a_date_not_worn_is_shown_as_such(draw: Draw) -> None:
    assert "not worn" in words(draw(whole(), days("complete", "not worn", "complete")))


@pytest.mark.parametrize(
    ("draw", "measurement"),
    [
        (sleep_by_date.composition, "SleepSummary"),
        (sleep_by_date.efficiency, "SleepSummary"),
        (sleep_by_date.rhythm, "SleepLevels"),
        (heart.zones, "HR_Zones"),
        (heart.resting, "RestingHR"),
        (activities.weekly, "ActivityRecords"),
        (steps.trend, "Activity-steps"),
        (partial(metrics.trend, metrics.OXYGEN), "SPO2_Daily"),
    ],
)
def test_a_change_of_vendor_is_marked(draw: Draw, measurement: str) -> None:
    said = ["fitbit_web ok", "google_health ok", "google_health ok"]
    told = days(*["complete"] * 3, said={measurement: said})
    assert "Fitbit → Google" in words(draw(whole(), told))


@pytest.mark.parametrize(
    ("draw", "measurement"), [(steps.heat_map, "Steps_Intraday"), (steps.streaks, "Activity-steps")]
)
def test_without_an_axis_of_dates_a_change_of_vendor_is_told(draw: Draw, measurement: str) -> None:
    said = ["fitbit_web ok", "google_health ok"]
    told = days(*["complete"] * 2, said={measurement: said})
    assert "Google from 2025-10-09 on" in words(draw(whole(), told))


# --- sleep


def test_each_stage_is_a_bar_of_its_length_in_its_lane() -> None:
    (axes,) = sleep.timeline(whole(), one()).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Deep", "Light", "REM", "Awake"]
    hours = {round(bar.get_y() + 0.36): round(bar.get_width() * 24 * 60) for bar in axes.patches}  # type: ignore[attr-defined]
    assert hours == {0: 90, 1: 200, 2: 100, 3: 30}


def test_the_timeline_begins_in_the_evening_and_lasts_24_hours() -> None:
    (axes,) = sleep.timeline(whole(), one()).axes
    assert axes.get_xlim() == pytest.approx((20369 - 7 / 24, 20370 - 7 / 24))


def test_a_night_without_stages_is_one_bar_that_says_so() -> None:
    rows = summary("2025-10-07 22:00", "2025-10-08 05:00", {"minutesAsleep": 400.0, "minutesInBed": 420.0})
    (axes,) = sleep.timeline({"SleepSummary": rows}, one()).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Asleep (no stages)"]
    assert [round(bar.get_width() * 24, 6) for bar in axes.patches] == [7.0]  # type: ignore[attr-defined]


def test_stages_without_a_summary_are_drawn_and_added_up() -> None:
    only = {"SleepLevels": whole()["SleepLevels"]}
    assert "6 h 30 min asleep of 7 h 00 min" in words(sleep.timeline(only, one()))
    assert "from the stages" in words(sleep.efficiency(only, one()))
    assert "short awakenings are not counted" in words(sleep.shares(only, one()))


def test_a_nap_is_named() -> None:
    told = {"minutesAsleep": 30.0, "minutesInBed": 40.0}
    nap = summary("2025-10-08 13:00", "2025-10-08 13:40", told, main=False)
    rows = pd.concat([whole()["SleepSummary"], nap], ignore_index=True)
    said = words(sleep.timeline({**whole(), "SleepSummary": rows}, one()))
    assert "nap 14:00 to 14:40, 30 min asleep of 40 min in bed" in said
    assert said.endswith("\nnap")


def test_shares_add_up_to_the_whole() -> None:
    (axes,) = sleep.shares(whole(), one()).axes
    assert sum(bar.get_width() for bar in axes.patches) == pytest.approx(100)  # type: ignore[attr-defined]
    assert "200 min\n48 %" in words(sleep.shares(whole(), one()))


def test_composition_stacks_hours_and_leaves_a_missing_date_out() -> None:
    (axes,) = sleep_by_date.composition(whole(), days("complete", "complete")).axes
    tops = [[bar.get_height() for bar in stack] for stack in axes.containers]
    assert np.sum(tops, axis=0) == pytest.approx([7.0, 0.0])


def test_bedtimes_are_clock_times() -> None:
    (axes,) = sleep_by_date.rhythm(whole(), days("complete", "complete")).axes
    (bar,) = axes.containers[0]
    assert (bar.get_y(), bar.get_height()) == (-1.0, 7.0)  # 23:00 to 06:00 in London


# --- heart rate


def test_the_line_has_every_sample_and_breaks_where_there_is_none() -> None:
    apart = pd.concat([minutes("2025-10-08 08:00", [60.0] * 5), minutes("2025-10-08 09:00", [80.0] * 5)])
    (axes,) = heart.day({"HeartRate_Intraday": apart.reset_index(drop=True)}, one()).axes
    drawn = np.asarray(axes.lines[0].get_ydata(), dtype="float64")
    assert list(drawn[~np.isnan(drawn)]) == [60.0] * 5 + [80.0] * 5
    assert np.isnan(drawn).sum() == 1


def test_zones_of_your_own_are_shaded_and_counted() -> None:
    samples = minutes("2025-10-08 08:00", [90.0] * 3 + [130.0] * 2 + [160.0])
    figure = heart.day({"HeartRate_Intraday": samples}, one(), borders={"hard": 150, "easy": 100})
    assert "easy: 2 min\nhard: 1 min" in words(figure)


def test_minutes_that_earned_points_are_shown_where_they_are() -> None:
    earned = minutes("2025-10-08 10:00", [1.0, 1.0, 2.0]).assign(HeartRateZone=["FAT_BURN", "FAT_BURN", "CARDIO"])
    figure = heart.day({**whole(), "ActiveZoneMinutes_Intraday": earned}, one())
    assert "fat burn (2 min)" in words(figure)
    assert "cardio (1 min)" in words(figure)


def test_a_window_has_the_samples_between_two_clock_times() -> None:
    figure = heart.window(whole(), one(), "09:00", "09:10")  # 08:00 UTC, where the samples begin
    assert "11 samples, 60 to 66 bpm" in words(figure)
    assert says_only(heart.window(whole(), one(), "01:00", "02:00"), "no sample between 01:00 and 02:00")


def test_a_window_may_end_at_midnight() -> None:
    late = {"HeartRate_Intraday": minutes("2025-10-08 22:50", [60.0] * 5)}
    assert "5 samples" in words(heart.window(late, one(), "23:00", "00:00"))


def test_vendors_zones_keep_their_names() -> None:
    both = pd.concat([zones(Fat_Burn=20.0, Cardio=0.0), zones(MODERATE=30.0).assign(date="2025-10-09")])
    said = words(heart.zones({"HR_Zones": both}, days("complete", "complete")))
    assert "Fat Burn (Fitbit)" in said
    assert "MODERATE (Google)" in said
    assert "Cardio" not in said


# --- activities


def test_an_activity_without_a_track_still_has_its_heart_rate() -> None:
    told = {name: rows for name, rows in whole().items() if name != "GPS"}
    assert "no GPS track" in words(activities.along(told, one()))
    assert says_only(activities.route(told, one()), "no GPS track")


def test_a_route_shows_no_coordinate() -> None:
    figure = activities.route(whole(), one())
    east, north = (np.asarray(way, dtype="float64") for way in figure.axes[0].lines[0].get_data())
    assert np.abs(east).max() == pytest.approx(0.0, abs=1e-6)
    assert north[-1] == pytest.approx(1.2, rel=1e-6)
    assert "start" in words(figure)


def test_weeks_add_up_and_say_what_they_lack() -> None:
    rows = pd.concat([walk("2025-10-08 09:00", 30.0), walk("2025-10-13 09:00", 45.0, date="2025-10-13")])
    states = ["complete"] * 5 + ["complete"] * 6 + ["not worn"]
    figure = activities.weekly({"ActivityRecords": rows}, days(*states))
    (axes,) = figure.axes
    assert [bar.get_height() for bar in axes.containers[0]] == [30.0, 45.0]
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels == ["6 Oct\n5 of 7 shown", "13 Oct\n6 of 7 worn"]


def test_of_many_weeks_those_that_lack_dates_are_hatched() -> None:
    states = ["complete"] * 5 + ["complete"] * 7 * 19 + ["not worn"] + ["complete"] * 6
    figure = activities.weekly({"ActivityRecords": walk("2025-10-08 09:00", 30.0)}, days(*states))
    assert "not all dates shown, or not worn" in words(figure)
    spans = [patch for patch in figure.axes[0].patches if patch.get_hatch()]
    assert [patch.get_x() for patch in spans] == [-0.5, 19.5]  # type: ignore[attr-defined]


# --- steps


def test_hours_without_a_record_are_hatched_not_zero() -> None:
    (axes,) = steps.day(whole(), one()).axes
    heights = [bar.get_height() for bar in axes.containers[0]]
    assert heights[9:11] == [600.0, 300.0]
    assert np.isnan(heights).sum() == 22
    assert len(axes.patches) == 24 + 22


def test_a_day_of_25_hours_has_25_bars() -> None:
    rows = minutes("2025-10-25 23:00", [1.0] * 1500, date="2025-10-26")
    (axes,) = steps.day({"Steps_Intraday": rows}, one(date="2025-10-26")).axes
    assert [bar.get_height() for bar in axes.containers[0]] == [60.0] * 25


def test_the_heat_map_is_the_mean_of_what_was_recorded() -> None:
    figure = steps.heat_map(whole(), days("complete", "not worn"))
    cells = np.ma.filled(figure.axes[0].images[0].get_array(), np.nan)  # type: ignore[arg-type]
    assert (cells[2, 9], cells[2, 10]) == (600.0, 600.0)  # a Wednesday; half of the second hour was recorded
    assert np.isnan(cells).sum() == 7 * 24 - 2
    assert "mean of 1 dates with records, of 2" in words(figure)


def test_streaks_are_told_in_words() -> None:
    rows = daily({"2025-10-08": 12_000.0, "2025-10-09": 10_000.0, "2025-10-11": 11_000.0})
    figure = steps.streaks({"Activity-steps": rows}, days(*["complete"] * 4))
    assert "3 of 3 dates with a value; longest run: 2 dates from 2025-10-08; the run that is on: 1" in words(figure)
    none = steps.streaks({"Activity-steps": rows}, days(*["complete"] * 4), goal=99_000)
    assert "none of 3 dates" in words(none)


# --- metrics


def test_different_quantities_keep_their_own_marks() -> None:
    rows = pd.DataFrame(
        {
            "date": ["2025-10-08", "2025-10-09"],
            "nightlyRelative": [0.5, NOT_TOLD],
            "nightlyRelativeDerived": [NOT_TOLD, 0.7],
        }
    )
    said = words(metrics.trend(metrics.SKIN, {"SkinTemperature": rows}, days("complete", "complete")))
    assert "as Fitbit gave it" in said
    assert "derived from Google's degrees" in said


def test_bounds_are_named_for_what_they_are() -> None:
    said = words(metrics.trend(metrics.OXYGEN, whole(), days("complete", "complete", "complete")))
    assert "bounds of confidence (Google)" in said
    assert "lowest to highest" not in said


def test_one_value_is_one_dot() -> None:
    rows = pd.DataFrame({"time": at("2025-10-08 20:00"), "date": [DATE], "value": [59.0]})
    figure = metrics.trend(metrics.BATTERY, {"DeviceBatteryLevel": rows}, days("complete", "complete"))
    assert "one date with a value: 59" in words(figure)
    assert "± 1 SD" not in words(figure)
