from __future__ import annotations

import datetime as dt
import gzip
import json
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cromwelld import load_date, load_days
from tests.support.cli import call
from tests.support.places import files_of

# the data contract, written down by hand
BOTH = {
    "HeartRate_Intraday",
    "Steps_Intraday",
    "GPS",
    "SleepLevels",
    "SleepSummary",
    "HRV",
    "BreathingRate",
    "SkinTemperature",
    "SPO2_Daily",
    "RestingHR",
    "HR_Zones",
    "Activity-steps",
    "Activity-calories",
    "Activity-distance",
    "Activity-minutesSedentary",
    "Activity-minutesLightlyActive",
    "Activity-minutesFairlyActive",
    "Activity-minutesVeryActive",
    "DeviceBatteryLevel",
    "Weight",
    "ActivityRecords",
    "Cromwelld_Day",
}
GOOGLE = BOTH | {
    "SPO2_Intraday",
    "HRV_Intraday",
    "BreathingRate_Stages",
    "ActiveZoneMinutes_Intraday",
    "Activity-floors",
    "ActiveZoneMinutes",
    "VO2Max",
    "BodyFat",
}
MEASUREMENTS = {"google_health": GOOGLE, "fitbit_web": BOTH}
# minutes with a record of steps, by date: Google leaves out those in which the watch was charged
STEPS = {
    "google_health": ["1,415", "1,407", "1,406", "1,413", "1,421"],
    "fitbit_web": ["1,440"] * 5,
}
LONDON = ZoneInfo("Europe/London")


@pytest.mark.slow
@pytest.mark.parametrize("source", MEASUREMENTS)
def test_five_days_twice_give_the_same_bytes_and_every_measurement(source: str, tmp_path: Path) -> None:
    folder = tmp_path / "D"
    first = call("demo", "--days", 5, "--data-dir", folder, "--source", source)
    assert (first.code, first.err) == (0, "")
    table = {
        line.split()[0]: line.split()[1:] for line in first.out.splitlines() if re.fullmatch(r"  \S+( +\S+){5}", line)
    }
    assert table["measurement"] == [f"2025-10-{day:02d}" for day in range(6, 11)]
    assert table["Steps_Intraday"] == STEPS[source]
    assert set(table) == MEASUREMENTS[source] | {"measurement"}
    assert all(str(folder / place) in first.out for place in ("archive/fitbit", "data", "state"))
    assert f'load_date("2025-10-06", "{folder}/data")' in first.out
    assert "\x1b" not in first.out
    assert [line for line in first.out.splitlines() if line != line.rstrip()] == []
    before = files_of(folder)
    assert len([name for name in before if name.endswith(".json.gz")]) == 5
    records = [
        record for name in before if name.endswith(".gz") for record in json.loads(gzip.decompress(before[name]))
    ]
    assert {record["measurement"] for record in records} == MEASUREMENTS[source]
    counted = sum(record["measurement"] == "HeartRate_Intraday" for record in records)
    assert counted == sum(int(count.replace(",", "")) for count in table["HeartRate_Intraday"])

    second = call("demo", "--days", 5, "--data-dir", folder, "--source", source, "--json")
    assert (second.code, second.err) == (0, "")
    assert files_of(folder) == before
    assert second.json["complete"] is True
    assert not any(date["changed"] for date in second.json["dates"].values())
    assert second.json["dates"]["2025-10-06"]["records"]["Steps_Intraday"] == int(STEPS[source][0].replace(",", ""))


def test_the_living_api_is_what_is_shown_first(tmp_path: Path) -> None:
    call("demo", "--days", 1, "--data-dir", tmp_path / "D")
    day = load_days("2025-10-06", "2025-10-06", tmp_path / "D" / "data")
    assert list(day["source"]) == ["google_health"]


@pytest.mark.parametrize(
    ("first", "changed", "hours"), [("2025-10-25", "2025-10-26", 25), ("2025-03-29", "2025-03-30", 23)]
)
def test_the_days_on_which_the_clocks_change_are_whole(first: str, changed: str, hours: int, tmp_path: Path) -> None:
    ran = call("demo", "--from", first, "--days", 2, "--data-dir", tmp_path / "D", "--source", "fitbit_web")
    assert (ran.code, ran.err) == (0, "")
    frames = load_date(changed, tmp_path / "D" / "data")
    times = frames["Steps_Intraday"]["time"]
    assert str(times.dt.tz) == "Europe/London"
    assert len(times) == times.nunique() == hours * 60
    assert times.max() - times.min() == dt.timedelta(hours=hours, minutes=-1)
    date = dt.date.fromisoformat(changed)
    assert times.min() == dt.datetime.combine(date, dt.time(), tzinfo=LONDON)
    assert times.max() == dt.datetime.combine(date, dt.time(23, 59), tzinfo=LONDON)
    assert list(load_days(first, changed, tmp_path / "D" / "data")["date"]) == [first, changed]


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "real.parquet").write_bytes(b"years of a life")
    ran = call("demo", "--data-dir", tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert str(tmp_path) in ran.err
    assert "--data-dir FOLDER" in ran.err
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")] == ["data", "data/real.parquet"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--days", "0"),
        ("--days", "367"),
        ("--days", "x"),
        ("--from", "2025-02-29"),
        ("--from", "2008-12-31"),
        ("--from", "2999-01-01"),
        ("--from", "9999-12-31"),
        ("--from", "yesterday", "--days", "30"),
        ("--from", "soon"),
    ],
)
def test_days_that_cannot_be_are_refused_and_nothing_is_made(arguments: tuple[str, ...], tmp_path: Path) -> None:
    ran = call("demo", *arguments, "--data-dir", tmp_path / "D")
    assert (ran.code, ran.out) == (2, "")
    assert re.search(r"--days|date|data before|begun", ran.err)
    assert not (tmp_path / "D").exists()


def test_a_file_in_the_place_of_the_folder_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "D").touch()
    ran = call("demo", "--data-dir", tmp_path / "D")
    assert ran.code == 2
    assert str(tmp_path / "D") in ran.err
