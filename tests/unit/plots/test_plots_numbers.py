"""Reasons, bands, sleeps, tracks and runs: what figures are drawn from."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from cromwelld.plots import nights, reasons, rolling, steps, tracks
from tests.support.frames import at, days, levels, one, summary, track, walk

# --- why there is nothing


@pytest.mark.parametrize(
    ("state", "said", "words"),
    [
        ("not worn", "google_health empty", "not worn"),
        ("never asked", "", "`cromwelld collect 2025-10-08`"),
        ("provisional", "google_health ok", "not over"),
        ("incomplete", "google_health refused", "Google refused it"),
        ("incomplete", "fitbit_web failed", "Fitbit gave no usable answer"),
        ("complete", "takeout empty", "Takeout answered: there are none"),
        ("unknown", "", "there is no HRV"),
    ],
)
def test_a_date_says_why_it_has_nothing(state: str, said: str, words: str) -> None:
    assert words in reasons.why_nothing(one(state, **({"HRV": said} if said else {})), "HRV")


def test_a_range_says_what_its_dates_are() -> None:
    told = reasons.why_nothing(days("not worn", "never asked", "never asked"), "HRV")
    assert told == "no HRV from 2025-10-08 to 2025-10-10 (2 never asked, 1 not worn)"


# --- bands


def test_a_band_is_the_mean_and_one_deviation_of_the_dates_that_have_a_value() -> None:
    values = pd.Series([50.0, math.nan, 52.0, 54.0])
    told = rolling.band(values, 7)
    assert told["mean"].isna().tolist() == [True, True, True, False]
    assert told.iloc[3].tolist() == pytest.approx([52.0, 50.0, 54.0])


def test_seven_dates_are_seven_dates_also_where_some_are_missing() -> None:
    values = pd.Series([100.0] + [math.nan] * 4 + [10.0, 10.0, 10.0])
    assert rolling.band(values, 7)["mean"].iloc[-1] == 10.0


# --- sleeps


def test_a_summary_with_stages() -> None:
    told = {"minutesAsleep": 405.0, "minutesInBed": 450.0, "efficiencyDerived": 90.0}
    parts = {"minutesDeep": 93.0, "minutesLight": 190.0, "minutesREM": 122.0}
    rows = summary("2025-10-07 22:01", "2025-10-08 05:31", parts | told)
    (sleep,) = nights.sleeps({"SleepSummary": rows}).to_dict("records")
    assert (sleep["deep"], sleep["light"], sleep["rem"], sleep["awake"]) == (93.0, 190.0, 122.0, 45.0)
    assert (sleep["efficiency"], sleep["efficiency_from"]) == (90.0, "asleep / in bed")
    assert (sleep["main"], sleep["nap"], sleep["told"]) == (True, False, "summary")
    assert f"{sleep['start']:%H:%M}" == "23:01"
    assert math.isnan(sleep["asleep"])


def test_parts_are_never_more_than_the_time_in_bed() -> None:
    told = {"minutesAsleep": 405.0, "minutesInBed": 450.0, "minutesAwake": 45.0}
    parts = {"minutesDeep": 93.0, "minutesLight": 203.0, "minutesREM": 122.0}
    rows = summary("2025-10-07 22:00", "2025-10-08 05:30", parts | told)
    minutes_told = nights.sleeps({"SleepSummary": rows})[list(nights.PARTS)].sum(axis=1)
    assert list(minutes_told) == [450.0]


def test_a_classic_nap() -> None:
    told = {"minutesAsleep": 44.0, "minutesRestless": 3.0, "minutesInBed": 50.0, "efficiency": 84.0}
    rows = summary("2025-10-08 13:32", "2025-10-08 14:22", told, main=False)
    (nap,) = nights.sleeps({"SleepSummary": rows}).to_dict("records")
    assert (nap["nap"], nap["asleep"], nap["restless"], nap["awake"]) == (True, 44.0, 3.0, 3.0)
    assert (nap["efficiency"], nap["efficiency_from"]) == (84.0, "as the vendor gave it")
    assert math.isnan(nap["deep"])


@pytest.mark.parametrize(
    ("start", "end", "nap"),
    [
        ("2025-10-08 08:30", "2025-10-08 09:00", True),
        ("2025-10-08 12:00", "2025-10-08 15:30", False),
        ("2025-10-08 04:00", "2025-10-08 05:00", False),
        ("2025-10-08 19:59", "2025-10-08 20:30", True),
        ("2025-10-08 20:01", "2025-10-08 20:30", False),
    ],
)
def test_what_is_a_nap(start: str, end: str, *, nap: bool) -> None:
    rows = summary(start, end, {"minutesAsleep": 20.0, "minutesInBed": 30.0}, main=False)
    assert list(nights.sleeps({"SleepSummary": rows})["nap"]) == [nap]


def test_without_a_summary_the_stages_are_added_up() -> None:
    rows = levels("2025-10-07 23:00", (3, 10), (1, 200), (0, 90), (2, 100))
    (sleep,) = nights.sleeps({"SleepLevels": rows}).to_dict("records")
    assert (sleep["deep"], sleep["light"], sleep["rem"], sleep["awake"]) == (90.0, 200.0, 100.0, 10.0)
    assert (sleep["in_bed"], sleep["efficiency"]) == (400.0, 97.5)
    assert (sleep["told"], f"{sleep['end']:%H:%M}") == ("stages", "06:40")


def test_stages_an_hour_apart_are_two_sleeps() -> None:
    rows = pd.concat([levels("2025-10-07 22:00", (1, 60)), levels("2025-10-08 01:00", (1, 60))])
    assert list(nights.sleeps({"SleepLevels": rows})["in_bed"]) == [60.0, 60.0]


def test_stages_of_a_sleep_that_has_a_summary_are_not_counted_again() -> None:
    rows = summary("2025-10-07 23:00", "2025-10-08 06:00", {"minutesAsleep": 400.0, "minutesInBed": 420.0})
    every = nights.sleeps({"SleepSummary": rows, "SleepLevels": levels("2025-10-07 23:00", (1, 420))})
    assert list(every["told"]) == ["summary"]


def test_classic_stages_are_not_called_light_or_rem() -> None:
    rows = levels("2025-10-07 23:00", (1, 60), (2, 5), (3, 5), kind="classic")
    (sleep,) = nights.sleeps({"SleepLevels": rows}).to_dict("records")
    assert (sleep["asleep"], sleep["restless"], sleep["awake"]) == (60.0, 5.0, 5.0)
    assert (sleep["light"], sleep["rem"]) == (None, None) or (math.isnan(sleep["light"]), math.isnan(sleep["rem"]))


@pytest.mark.parametrize(
    ("efficiency", "word"),
    [(100, "very good"), (90, "very good"), (89.9, "good"), (85, "good"), (75, "fair"), (0, "low")],
)
def test_ratings(efficiency: float, word: str) -> None:
    assert nights.rating(efficiency).word == word


def test_a_date_without_sleep_is_missing_not_zero() -> None:
    rows = summary("2025-10-07 23:00", "2025-10-08 06:00", {"minutesAsleep": 400.0, "minutesInBed": 420.0})
    table = nights.by_date(nights.sleeps({"SleepSummary": rows}), days("complete", "not worn"))
    assert table.loc["2025-10-08", "asleep"] == 400.0
    assert table.loc["2025-10-09"].isna().all()
    assert nights.by_date(nights.sleeps({}), days("complete")).isna().to_numpy().all()


# --- activities and tracks


def test_activities_are_told_in_minutes_and_kilometres() -> None:
    (told,) = tracks.activities({"ActivityRecords": walk("2025-10-08 09:00", 30.0, km=2.5)}).to_dict("records")
    assert (told["name"], told["minutes"], told["km"], told["pace"]) == ("Walk", 30.0, 2.5, 12.0)
    assert (f"{told['start']:%H:%M}", f"{told['end']:%H:%M}") == ("10:00", "10:30")
    assert not told["has_track"]


def test_no_distance_is_no_pace() -> None:
    (told,) = tracks.activities({"ActivityRecords": walk("2025-10-08 09:00", 30.0, km=0.0)}).to_dict("records")
    assert math.isnan(told["pace"])


def test_the_longest_with_a_track_is_chosen_unless_one_is_named() -> None:
    rows = pd.concat([walk("2025-10-08 09:00", 60.0), walk("2025-10-08 12:00", 20.0), walk("2025-10-08 15:00", 10.0)])
    every = tracks.activities({"ActivityRecords": rows, "GPS": track("2025-10-08 12:01", 300, 1.0)})
    chosen, named = tracks.choose(every), tracks.choose(every, 2)
    assert chosen is not None
    assert named is not None
    assert (chosen.minutes, chosen.has_track, named.minutes) == (20.0, True, 10.0)
    assert tracks.choose(tracks.activities({})) is None


@pytest.mark.parametrize("recorded", [True, False])
def test_an_even_speed_is_an_even_pace(*, recorded: bool) -> None:
    points = track("2025-10-08 09:00", 120, 2.0)
    points = points if recorded else points.assign(distance=math.nan)
    assert tracks.pace(points) == pytest.approx(np.full(121, 1000 / 2 / 60), rel=1e-6)


def test_standing_has_no_pace() -> None:
    assert np.isnan(tracks.pace(track("2025-10-08 09:00", 60, 0.2))).all()


def test_the_way_is_told_in_metres_from_the_start() -> None:
    east, north = tracks.metres(track("2025-10-08 09:00", 100, 3.0))
    assert (east[-1], north[-1]) == pytest.approx((0.0, 300.0), abs=1e-3)


def test_points_take_the_nearest_sample_unless_they_have_their_own() -> None:
    points = track("2025-10-08 09:00", 60, 1.0)
    beats = pd.DataFrame({"time": at("2025-10-08 09:00:05"), "value": [101.0]})
    told = tracks.pulse(points, beats)
    assert (told[0], told[35]) == (101.0, 101.0)
    assert math.isnan(told[36])
    assert list(tracks.pulse(points.assign(heart_rate=99.0), beats)) == [99.0] * 61


# --- runs of dates


def test_a_missing_date_ends_a_run_and_is_not_a_failure() -> None:
    values = pd.Series([1.0, 1.0, math.nan, 1.0, 0.0, 1.0, 1.0, 1.0], index=list("abcdefgh"))
    assert steps.runs(values, 1.0).to_numpy().tolist() == [["a", "b", 2], ["d", "d", 1], ["f", "h", 3]]
    assert steps.runs(values, 2.0).empty
