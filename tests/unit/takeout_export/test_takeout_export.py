"""The exports that an import is held against hold the person's truth, in every layout and form."""

from __future__ import annotations

import datetime as dt
import tarfile
import zipfile
from pathlib import Path

import pytest

from cromwelld.simulator.person.asleep import minutes_by_level
from tests.support.takeout import Form, Layout, Order, Trap, members, pack
from tests.unit.takeout_export.takeout_exported import (
    DAYS,
    FALL_BACK,
    FIRST,
    LAST,
    PERSON,
    WITH_TABLES,
    exported,
    files,
    instant,
    lines,
    one,
    order,
    records,
    rows,
)

OLD_FAMILIES = {
    *("heart_rate", "time_in_heart_rate_zones", "steps", "distance", "calories", "altitude", "sleep", "exercise"),
    *("sedentary_minutes", "lightly_active_minutes", "moderately_active_minutes", "very_active_minutes"),
    *("resting_heart_rate", "demographic_vo2_max", "weight"),
}
NEVER_READ = {"badge.json", "estimated_oxygen_variation"}
TELEMETRY = {
    *("heart_rate", "steps", "distance", "calories", "floors", "altitude", "activity_level", "sedentary_period"),
    *("active_minutes", "active_zone_minutes", "time_in_heart_rate_zone", "calories_in_heart_rate_zone"),
    *("oxygen_saturation", "heart_rate_variability", "respiratory_rate_sleep_summary", "body_temperature"),
    *("weight", "body_fat", "height", "daily_resting_heart_rate", "daily_heart_rate_variability", "daily_readiness"),
    *("daily_respiratory_rate", "daily_oxygen_saturation", "daily_sleep_temperature_derivations"),
}
TOPICS = {
    "Active Zone Minutes (AZM)/Active Zone Minutes - 2025-10-01.csv",
    "Daily Readiness/Daily Readiness Score - 2025-10-01.csv",
    "Heart Rate Variability/Daily Heart Rate Variability Summary - 2025-10-(25).csv",
    "Heart Rate Variability/Daily Respiratory Rate Summary - 2025-10-25.csv",
    "Heart Rate Variability/Heart Rate Variability Details - 2025-10-25.csv",
    "Oxygen Saturation (SpO2)/Daily SpO2 - 2025-10-01-2025-10-31.csv",
    "Oxygen Saturation (SpO2)/Minute SpO2 - 2025-10-25.csv",
    "Sleep Score/sleep_score.csv",
    "Stress Score/Stress Score.csv",
    "Temperature/Computed Temperature - 2025-10-01.csv",
    "Paired Devices/Trackers.csv",
    "Activities/61761293404.tcx",
    "Health Fitness Data_GoogleData/UserSleeps_2025-10-24.csv",
    "Health Fitness Data_GoogleData/UserSleepStages_2025-10-24.csv",
    "Health Fitness Data_GoogleData/UserSleepScores_2025-10-24.csv",
    "Health Fitness Data_GoogleData/UserExercises_2025-10-24.csv",
}


def families(found: dict[str, bytes], folder: str, mark: str) -> set[str]:
    names = [name.rpartition("/")[2] for name in found if f"/{folder}/" in name]
    return {name.partition(f"{mark}2025")[0].removesuffix(".csv").removesuffix("-0.json") for name in names}


# layouts


@pytest.mark.parametrize("layout", WITH_TABLES)
def test_each_layout_holds_every_family(layout: Layout) -> None:
    found = exported(layout)
    root = "Takeout/Fitbit" if layout is Layout.FITBIT else "Takeout/Google Health"
    assert {name for name in found if not name.startswith(f"{root}/")} == {"Takeout/archive_browser.html"}
    assert families(found, "Global Export Data", "-") == OLD_FAMILIES | NEVER_READ
    assert families(found, "Physical Activity_GoogleData", "_") == TELEMETRY
    assert {f"{root}/{name}" for name in TOPICS} <= set(found)


def test_the_oldest_layout_is_the_old_sites_files_in_one_folder() -> None:
    found = exported(Layout.SITE_EXPORT)
    assert families(found, "user-site-export", "-") == OLD_FAMILIES
    assert {name.rpartition("/")[0] for name in found} == {"SyntheticPerson/user-site-export"}


def test_only_the_newest_layout_has_a_folder_for_each_family() -> None:
    depth = {
        layout: {name.count("/") for name in exported(layout) if "/heart_rate_2" in name} for layout in WITH_TABLES
    }
    assert depth == {Layout.FITBIT: {3}, Layout.GOOGLE_FLAT: {3}, Layout.GOOGLE_FOLDERS: {4}}
    assert "Takeout/Google Health/Physical Activity_GoogleData/Heart Rate/heart_rate_2025-10-24.csv" in exported(
        Layout.GOOGLE_FOLDERS
    )


@pytest.mark.parametrize("layout", Layout)
def test_equal_orders_give_equal_bytes(layout: Layout) -> None:
    assert files(order(layout, *Trap)) == files(order(layout, *Trap))


def test_no_name_comes_twice_where_the_last_date_ends_a_month() -> None:
    end = dt.date(2026, 9, 30)
    assert files(Order(person=PERSON, first=end, last=end, layout=Layout.GOOGLE_FOLDERS, junk=0.25))


# forms


@pytest.mark.parametrize("form", [Form.ZIP, Form.TGZ])
def test_archives_are_split_between_files_and_equal_in_every_byte(tmp_path: Path, form: Form) -> None:
    of = Order(person=PERSON, first=FIRST, last=FIRST, layout=Layout.GOOGLE_FOLDERS)
    first, second = (pack(of, tmp_path / name, form=form, part_bytes=1_500_000) for name in ("a", "b"))
    assert [part.name for part in first] == [f"takeout-20251024T230731Z-{n:03}.{form.value}" for n in (1, 2, 3)]
    assert [part.read_bytes() for part in first] == [part.read_bytes() for part in second]
    packed = {name: content for part in first for name, content in contents(part).items()}
    assert packed == {member.name: member.content for member in members(of)}


def test_a_folder_holds_the_same_files(tmp_path: Path) -> None:
    (root,) = pack(order(Layout.FITBIT), tmp_path, form=Form.FOLDER)
    found = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert found == exported(Layout.FITBIT)


def contents(archive: Path) -> dict[str, bytes]:
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as opened:
            return {name: opened.read(name) for name in opened.namelist()}
    with tarfile.open(archive) as tar:
        return {each.name: held.read() for each in tar.getmembers() if (held := tar.extractfile(each))}


# heart


@pytest.mark.parametrize("day", [FIRST, FALL_BACK])
def test_the_naive_heartbeats_of_a_date_are_the_truth_in_utc(day: dt.date) -> None:
    truth, old = PERSON.heart_rate(day), records(exported(Layout.GOOGLE_FLAT), f"heart_rate-{day}.json")
    assert [row["value"]["bpm"] for row in old] == list(truth.bpm)
    assert [utc(row["dateTime"]) for row in old] == list(truth.instants)


def test_the_tables_of_heartbeats_are_cut_at_midnight_of_utc() -> None:
    found = exported(Layout.GOOGLE_FLAT)
    told = rows(found, "heart_rate")
    truth = [pair for day in DAYS for pair in zip(*beats(day), strict=True)]
    assert [(instant(at), int(bpm)) for at, bpm, _ in told] == truth
    # clocks in London were an hour ahead of UTC until the 26th
    assert [line[:13] for line in lines(found, "heart_rate_2025-10-23.csv")[1:]] == ["2025-10-23T23"] * len(
        lines(found, "heart_rate_2025-10-23.csv")[1:]
    )
    assert {line[:10] for line in lines(found, "heart_rate_2025-10-26.csv")[1:]} == {"2025-10-26"}


def test_zones_hold_every_minute_with_a_heartbeat() -> None:
    means = [mean for mean in PERSON.minute_means(FIRST) if mean is not None]
    (told,) = records(exported(Layout.FITBIT), "time_in_heart_rate_zones-2025-10-24.json")
    assert told["value"]["valuesInZones"] == {
        "IN_DEFAULT_ZONE_1": sum(110 <= mean < 136 for mean in means),
        "IN_DEFAULT_ZONE_2": sum(136 <= mean < 169 for mean in means),
        "IN_DEFAULT_ZONE_3": sum(mean >= 169 for mean in means),
        "BELOW_DEFAULT_ZONE_1": sum(mean < 110 for mean in means),
    }


# movement


def test_steps_are_those_of_the_minutes_in_which_the_watch_was_worn() -> None:
    found = exported(Layout.GOOGLE_FOLDERS)
    told = {instant(at): int(steps) for at, steps, _ in rows(found, "steps")}
    for day in DAYS:
        moved, civil, off = PERSON.movement(day), PERSON.civil(day), PERSON.diary(day).charging
        worn = [at for at in range(civil.start, civil.end, 60) if off is None or not off.start <= at < off.end]
        assert [at for at in told if civil.start <= at < civil.end] == worn
        assert [told[at] for at in worn] == [moved.steps[(at - civil.start) // 60] for at in worn]
    naive = records(found, "steps-2025-10-24.json")
    assert {utc(row["dateTime"]): int(row["value"]) for row in naive} == told


def test_distances_are_metres_in_the_table_and_centimetres_in_the_old_file() -> None:
    found = exported(Layout.GOOGLE_FOLDERS)
    metres = {instant(at): float(distance) for at, distance, _ in rows(found, "distance")}
    centimetres = {utc(row["dateTime"]): int(row["value"]) for row in records(found, "distance-2025-10-24.json")}
    assert {at: round(far * 100) for at, far in metres.items()} == centimetres
    assert sum(metres.values()) == sum(0.75 * PERSON.totals(day).steps for day in DAYS)


def test_calories_are_told_of_every_minute_and_on_the_persons_clock_in_the_old_file() -> None:
    found = exported(Layout.GOOGLE_FOLDERS)
    told = rows(found, "calories")
    assert len(told) == 4 * 1440 + 1500
    assert sum(float(kcal) for _, kcal, _ in told) == pytest.approx(sum(PERSON.totals(d).calories_kcal for d in DAYS))
    naive = [row["dateTime"] for row in records(found, "calories-2025-10-24.json")]
    assert (naive[0], naive[-1]) == ("10/24/25 00:00:00", "10/28/25 23:59:00")
    assert naive.count("10/26/25 01:30:00") == 2  # clocks fell back


def test_daily_minutes_are_the_totals_of_the_truth() -> None:
    found = exported(Layout.FITBIT)
    for name, field in (
        ("sedentary", "minutes_sedentary"),
        ("lightly_active", "minutes_lightly_active"),
        ("moderately_active", "minutes_fairly_active"),
        ("very_active", "minutes_very_active"),
    ):
        told = [(row["dateTime"], row["value"]) for row in records(found, f"{name}_minutes-2025-10-24.json")]
        assert told == [(f"{day:%m/%d/%y} 00:00:00", str(getattr(PERSON.totals(day), field))) for day in DAYS]


def test_zone_minutes_are_points_that_count_double_above_fat_burn() -> None:
    found = exported(Layout.FITBIT)
    told = [(zone, int(points)) for _, zone, points, _ in rows(found, "active_zone_minutes")]
    means = [mean for day in DAYS for mean in PERSON.minute_means(day) if mean is not None]
    assert [zone for zone, _ in told].count("FAT_BURN") == sum(110 <= mean < 136 for mean in means) > 100
    assert set(told) == {("FAT_BURN", 1)}
    in_folder = lines(found, "Active Zone Minutes - 2025-10-01.csv")[1:]
    assert sum(int(line.split(",")[2]) for line in in_folder) == sum(points for _, points in told)


# nights


def test_sleeps_keep_the_offset_of_their_start_and_the_tables_tell_both() -> None:
    """The night of 26 October began in summer time and ended in winter time."""
    found = exported(Layout.GOOGLE_FOLDERS)
    (night,) = (
        row
        for row in records(found, "sleep-2025-10-24.json")
        if row["dateOfSleep"] == "2025-10-26" and row["mainSleep"]
    )
    truth = next(sleep for sleep in PERSON.sleeps(FALL_BACK) if sleep.main)
    start, end = (dt.datetime.fromisoformat(night[name]).replace(tzinfo=dt.UTC) for name in ("startTime", "endTime"))
    hour = dt.timedelta(hours=1)
    assert (start - hour, end - hour) == (truth.start, truth.end)
    minutes = minutes_by_level(truth)
    assert {level: told["minutes"] for level, told in night["levels"]["summary"].items()} == minutes
    row = next(line for line in lines(found, "UserSleeps_2025-10-24.csv") if f"{truth.end:%Y-%m-%dT%H:%M:%SZ}" in line)
    assert row.split(",")[9:13] == [
        "+01:00",
        f"{truth.start:%Y-%m-%dT%H:%M:%SZ}",
        "+00:00",
        f"{truth.end:%Y-%m-%dT%H:%M:%SZ}",
    ]


def test_the_body_of_a_night_is_the_truth() -> None:
    found = exported(Layout.GOOGLE_FLAT)
    for day in DAYS:
        vitals = PERSON.vitals(day)
        assert vitals is not None
        stamp = f"{day}T00:00:00Z"
        assert f"{stamp},{float(vitals.resting_bpm)},Google Health App" in lines(found, "daily_resting_heart_rate.csv")
        assert f"{stamp},{vitals.breaths_per_minute},Google Health App" in lines(found, "daily_respiratory_rate.csv")
        relative = next(
            row for row in lines(found, "Computed Temperature - 2025-10-01.csv") if row.split(",")[2][:10] == str(day)
        )
        samples, _, total = relative.split(",")[3:6]
        assert float(total) / int(samples) == pytest.approx(vitals.skin_relative_c, abs=1e-4)


# account


def test_an_export_made_at_noon_ends_with_the_last_sync() -> None:
    made = dt.datetime(2025, 10, 28, 12, 7, tzinfo=dt.UTC)
    of = Order(person=PERSON, first=FIRST, last=LAST, layout=Layout.FITBIT, exported_at=made)
    found = files(of)
    assert max(at for at, _, _ in rows(found, "heart_rate")) < "2025-10-28T12:00:00Z"
    assert rows(found, "steps")[-1][0] == "2025-10-28T11:59:00Z"
    starts = [row["startTime"] for row in records(found, "exercise-0.json")]
    assert starts[-1] == "10/28/25 10:45:31"


def test_personal_folders_hold_a_canary_and_others_nothing() -> None:
    found = exported(Layout.FITBIT)
    assert b"canary@example.org" in one(found, "Your Profile/Profile.csv")
    assert one(found, "Biometrics/Glucose 202510.csv") == b"no data"


@pytest.mark.parametrize("share", [0.25, 0.4])
def test_junk_takes_its_share_of_the_bytes(share: float) -> None:
    found = files(order(Layout.GOOGLE_FOLDERS, junk=share))
    junk = sum(
        len(content)
        for name, content in found.items()
        if "/UserActivityProbabilities_" in name or "/UserSensorCompressionToken_" in name
    )
    assert junk / sum(len(content) for content in found.values()) == pytest.approx(share, abs=0.001)


def utc(naive: str) -> int:
    return int(dt.datetime.strptime(f"{naive}+0000", "%m/%d/%y %H:%M:%S%z").timestamp())


def beats(day: dt.date) -> tuple[tuple[int, ...], tuple[int, ...]]:
    truth = PERSON.heart_rate(day)
    return truth.instants, truth.bpm
