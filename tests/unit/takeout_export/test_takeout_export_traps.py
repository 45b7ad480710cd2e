"""The traps and the planted differences of an export are where they were asked for, and nowhere else."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.takeout import Layout, Planted, Trap
from tests.unit.takeout_export.takeout_exported import (
    DAYS,
    PERSON,
    exported,
    files,
    instant,
    lines,
    order,
    records,
    rows,
)

PLAIN = Layout.GOOGLE_FOLDERS


def test_several_recorders_tell_the_same_minutes() -> None:
    told, plain = rows(exported(PLAIN, Trap.RECORDERS), "steps"), rows(exported(PLAIN), "steps")
    by_watch = [row for row in told if row[2] == "PixelWatch3"]
    by_phone = {instant(at): int(steps) for at, steps, recorder in told if recorder == "MobileTrack"}
    assert by_watch == plain
    assert by_phone == {each.start: each.steps for day in DAYS for each in PERSON.phone_steps(day)}
    mirrored = [(at, steps) for at, steps, recorder in told if recorder == "Fit Health Connect"]
    assert len({at for at, _ in mirrored}) == len(mirrored)
    assert {(at, steps) for at, steps, _ in plain} <= set(mirrored)
    assert told == sorted(told, key=lambda row: row[0])


def test_another_app_tells_other_heartbeats_in_the_same_seconds() -> None:
    told, plain = (rows(exported(Layout.GOOGLE_FLAT, *traps), "heart_rate") for traps in ((Trap.RECORDERS,), ()))
    others = [at for at, bpm, recorder in told if recorder == "Some Phone App"]
    assert [row for row in told if row[2] == "PixelWatch3"] == plain
    assert len(others) > 400
    assert set(others) <= {at for at, _, _ in plain}


def test_a_mirror_repeats_the_weights() -> None:
    told = lines(exported(PLAIN, Trap.RECORDERS), "weight.csv")[1:]
    assert Counter(line.rpartition(",")[2] for line in told) == {"Aria Air": 3, "Fit Health Connect": 3}


def test_paces_repeat_the_steps_of_the_watch() -> None:
    paced = {at: steps for at, steps, *_ in rows(exported(Layout.FITBIT, Trap.LIVE_PACE), "live_pace")}
    walked = {at: steps for at, steps, _ in rows(exported(Layout.FITBIT), "steps")}
    assert len(paced) > 100
    assert {at: walked[at] for at in paced} == paced


def test_bad_readings_of_oxygen_are_fifty_and_about_a_seventh() -> None:
    name = "Minute SpO2 - 2025-10-25.csv"
    told, plain = lines(exported(PLAIN, Trap.OXYGEN_FLOOR), name), lines(exported(PLAIN), name)
    bad = [line for line in told if line.endswith(",50.0")]
    assert [line for line in told if line not in bad] == plain
    assert len(bad) / len(told) == pytest.approx(1 / 7, abs=0.01)


def test_daily_files_go_on_with_placeholders() -> None:
    found = exported(PLAIN, Trap.PADDING)
    sitting = records(found, "sedentary_minutes-2025-10-24.json")
    assert [row["value"] for row in sitting[5:]] == ["1440"] * 26
    assert (sitting[5]["dateTime"], sitting[-2]["dateTime"], sitting[-1]["dateTime"]) == (
        "10/29/25 00:00:00",
        "11/22/25 00:00:00",
        "12/31/99 00:00:00",
    )
    resting = records(found, "resting_heart_rate-2025-10-24.json")
    assert (len(resting), resting[-1]["dateTime"]) == (69, "12/31/25 00:00:00")
    assert all(row["value"] == {"date": None, "value": 0.0, "error": 0.0} for row in resting[5:])


def test_scores_are_nothing_but_headers() -> None:
    found = exported(PLAIN, Trap.HEADER_ONLY)
    for name in ("sleep_score.csv", "Stress Score.csv", "daily_readiness.csv"):
        assert len(lines(found, name)) == 1


def test_old_weights_are_kilograms_where_the_account_is_metric() -> None:
    (first, *_) = records(exported(PLAIN, Trap.ACCOUNT_UNIT), "weight-2025-10-24.json")
    assert (first["weight"], first["date"]) == (70.6, "10/25/25")


@pytest.mark.parametrize(
    ("trap", "name"),
    [
        (Trap.LOCAL_HEART, "heart_rate-2025-10-24.json"),
        (Trap.LOCAL_MINUTES, "steps-2025-10-24.json"),
        (Trap.LOCAL_MINUTES, "distance-2025-10-24.json"),
    ],
)
def test_naive_twins_may_be_on_the_persons_clock(trap: Trap, name: str) -> None:
    local, plain = records(exported(PLAIN, trap), name), records(exported(PLAIN), name)
    assert local[0]["dateTime"].startswith("10/24/25 00:00:0")
    assert plain[0]["dateTime"].startswith("10/23/25 23:00:0")
    assert [row["value"] for row in local] == [row["value"] for row in plain]


def test_the_limits_of_zones_are_no_json_and_of_1970() -> None:
    _, first, *_ = lines(exported(PLAIN, Trap.PSEUDO_JSON), "daily_heart_rate_zones.csv")
    assert first.startswith('1970-01-01T00:00:00Z,"{""heart_rate_zone_type"": LIGHT, ""min_heart_rate_bpm"": 30,')


def test_thousandths_of_breaths_are_what_the_header_says() -> None:
    name = "respiratory_rate_sleep_summary_2025-10-01.csv"
    plain, milli = (lines(exported(PLAIN, *traps), name)[1] for traps in ((), (Trap.MILLI_BREATHS,)))
    assert (plain.split(",")[1], milli.split(",")[1]) == ("13.8", "13800.0")


def test_now_and_then_a_heartbeat_has_no_value() -> None:
    told, plain = (rows(exported(Layout.GOOGLE_FLAT, *traps), "heart_rate") for traps in ((Trap.EMPTY_CELLS,), ()))
    assert len({at for at, _, _ in told}) == len(told) > len(plain)
    assert [row for row in told if row[1]] == plain


# planted differences


def test_a_shift_is_planted_in_the_files_that_were_named_only() -> None:
    late = files(order(PLAIN, planted=Planted(late_h={"heart_rate_": 7, "sleep-": 7})))
    plain = exported(PLAIN)
    shifted, true = rows(late, "heart_rate"), rows(plain, "heart_rate")
    assert [instant(at) - 7 * 3600 for at, _, _ in shifted] == [instant(at) for at, _, _ in true]
    assert rows(late, "steps") == rows(plain, "steps")
    assert records(late, "heart_rate-2025-10-24.json") == records(plain, "heart_rate-2025-10-24.json")
    first = [records(found, "sleep-2025-10-24.json")[0]["startTime"] for found in (late, plain)]
    assert first == ["2025-10-28T05:34:30.000", "2025-10-27T22:34:30.000"]


def test_steps_and_zone_minutes_are_doubled_everywhere() -> None:
    doubled = files(order(PLAIN, planted=Planted(steps_times=2, zone_minutes_times=2)))
    plain = exported(PLAIN)
    assert [2 * int(row[1]) for row in rows(plain, "steps")] == [int(row[1]) for row in rows(doubled, "steps")]
    old = [records(found, "steps-2025-10-24.json") for found in (plain, doubled)]
    assert [2 * int(row["value"]) for row in old[0]] == [int(row["value"]) for row in old[1]]
    assert {row[2] for row in rows(doubled, "active_zone_minutes")} == {"2"}
    assert {row[2] for row in rows(plain, "active_zone_minutes")} == {"1"}
    assert rows(doubled, "distance") == rows(plain, "distance")
