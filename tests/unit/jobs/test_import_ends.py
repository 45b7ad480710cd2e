"""The last date of an export is there in part: the next export completes it, and an older one takes nothing back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cromwelld.jobs.days import days
from cromwelld.jobs.places import Places
from cromwelld.jobs.states import state_of
from tests.support.exports import zipped
from tests.support.importing import run_import
from tests.support.places import Clock as At
from tests.support.places import files_of, places_in

ROOT = "Takeout/Google Health"
CSV = f"{ROOT}/Physical Activity_GoogleData"
NOW = dt.datetime(2025, 10, 20, 12, tzinfo=dt.UTC)
FIRST, SECOND, THIRD = (dt.date(2025, 10, date) for date in (1, 2, 3))


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Places]:
    with places_in(tmp_path, At(NOW)) as made:
        yield made


def steps(*instants: str, by: str = "Charge 6") -> str:
    return "timestamp,steps,data source\n" + "".join(f"{one}:00Z,7,{by}\n" for one in instants)


def beats(*instants: str) -> str:
    return "timestamp,beats per minute,data source\n" + "".join(f"{one}:00Z,61,Charge 6\n" for one in instants)


def imported(places: Places, tmp_path: Path, **files: str) -> None:
    part = zipped(
        tmp_path / "parts" / "takeout.zip", {f"{CSV}/{name}_2025-10-01.csv": text for name, text in files.items()}
    )
    run_import(places, [part], tmp_path / "i", timezone="Europe/London")


def words(places: Places, date: dt.date) -> dict[str, str]:
    day = places.lake.day(date)
    assert day is not None
    return dict(day.asked)


EARLY = ("2025-10-01T08:00", "2025-10-01T09:00", "2025-10-02T08:00")
TRACKERS = (
    "tracker_id,date_added,last_sync_date_time,batt_level,tracker_name,device_type\n"
    "2,2025-09-12,2025-10-02T09:00:00.000Z,90,,Charge 6\n"
)
LATER = (*EARLY, "2025-10-02T20:00", "2025-10-03T08:00")


def test_the_last_date_is_partial_and_provisional_the_one_before_is_not(places: Places, tmp_path: Path) -> None:
    imported(places, tmp_path, steps=steps(*EARLY))
    assert words(places, FIRST)["Steps_Intraday"] == "takeout ok"
    assert words(places, SECOND)["Steps_Intraday"] == "takeout partial"
    second_day = places.lake.day(SECOND)
    assert second_day is not None
    assert state_of(second_day, ended=True) == "provisional"
    first, second, third = days(places.ledger, "me", FIRST, THIRD)
    assert (first.state, first.sealed) == ("complete", True)
    assert (second.state, second.sealed) == ("provisional", False)
    assert {(one.state, one.reason) for one in second.streams} == {
        ("partial", "the export ends here; the next one completes it")
    }
    assert (third.state, third.streams) == ("unknown", ())


def test_where_nothing_but_exports_comes_whole_dates_are_final(places: Places, tmp_path: Path) -> None:
    for seen in (EARLY, EARLY, LATER):
        part = zipped(tmp_path / "takeout.zip", {f"{CSV}/steps_2025-10-01.csv": steps(*seen)})
        run_import(places, [part], tmp_path / "i", timezone="Europe/London", sealing=True)
        whole = {FIRST} if seen is EARLY else {FIRST, SECOND}
        assert places.lake.sealed() == {date.isoformat() for date in whole}
    told = pq.read_table(tmp_path / "data" / "days.parquet", columns=["date", "state", "streams"]).to_pylist()
    assert [(row["date"], row["state"]) for row in told] == [
        ("2025-10-01", "complete"),
        ("2025-10-02", "complete"),
        ("2025-10-03", "provisional"),
    ]
    assert told[0]["streams"] == "takeout_daily complete; takeout_samples complete"
    ends = "partial (the export ends here; the next one completes it)"
    assert told[2]["streams"] == f"takeout_daily {ends}; takeout_samples {ends}"


def test_nothing_of_an_export_is_asked_again(places: Places, tmp_path: Path) -> None:
    imported(places, tmp_path, steps=steps("2025-10-17T08:00", "2025-10-18T08:00", "2025-10-19T08:00"))
    assert places.ledger.open_work.next_due("me") is None


def test_the_next_export_completes_the_date(places: Places, tmp_path: Path) -> None:
    imported(places, tmp_path, steps=steps(*EARLY))
    imported(places, tmp_path, steps=steps(*LATER))
    assert words(places, SECOND)["Steps_Intraday"] == "takeout ok"
    assert words(places, THIRD)["Steps_Intraday"] == "takeout partial"
    assert [day.state for day in days(places.ledger, "me", SECOND, THIRD)] == ["complete", "provisional"]


def test_the_same_export_again_changes_no_byte(places: Places, tmp_path: Path) -> None:
    imported(places, tmp_path, steps=steps(*EARLY))
    before = files_of(tmp_path / "archive")
    imported(places, tmp_path, steps=steps(*EARLY))
    assert files_of(tmp_path / "archive") == before


def test_an_older_export_takes_nothing_back(places: Places, tmp_path: Path) -> None:
    imported(places, tmp_path, steps=steps(*LATER))
    before = files_of(tmp_path / "archive")
    imported(places, tmp_path, steps=steps(*EARLY))
    assert files_of(tmp_path / "archive") == before
    assert [day.state for day in days(places.ledger, "me", SECOND, THIRD)] == ["complete", "provisional"]


def test_what_a_phone_counted_after_the_watch_had_synced_completes_nothing(places: Places, tmp_path: Path) -> None:
    walked = steps("2025-10-01T08:00", "2025-10-02T08:00", "2025-10-03T08:00", by="MobileTrack")
    imported(places, tmp_path, steps=walked, heart_rate=beats("2025-10-01T08:00", "2025-10-02T08:00"))
    assert words(places, FIRST)["HeartRate_Intraday"] == "takeout ok"
    assert words(places, SECOND)["HeartRate_Intraday"] == "takeout partial"
    assert words(places, THIRD)["Steps_Intraday"] == "takeout partial"


def test_a_watch_that_was_laid_aside_long_ago_is_not_waited_for(places: Places, tmp_path: Path) -> None:
    walked = steps("2025-08-01T08:00", "2025-08-02T08:00", "2025-10-02T08:00", by="MobileTrack")
    imported(places, tmp_path, steps=walked, heart_rate=beats("2025-08-01T08:00"))
    assert words(places, dt.date(2025, 8, 1))["HeartRate_Intraday"] == "takeout ok"
    assert words(places, SECOND)["Steps_Intraday"] == "takeout partial"


def test_a_watch_that_synced_without_being_worn_has_brought_the_date_before(places: Places, tmp_path: Path) -> None:
    files = {
        f"{CSV}/steps_2025-10-01.csv": steps(*EARLY),
        f"{CSV}/heart_rate_2025-10-01.csv": beats("2025-10-01T08:00"),
        f"{ROOT}/Paired Devices/Trackers.csv": TRACKERS,
    }
    run_import(places, [zipped(tmp_path / "takeout.zip", files)], tmp_path / "i", timezone="Europe/London")
    assert words(places, FIRST)["HeartRate_Intraday"] == "takeout ok"
    assert words(places, SECOND)["Steps_Intraday"] == "takeout partial"


def test_an_evening_west_of_greenwich_ends_on_the_date_of_the_person(places: Places, tmp_path: Path) -> None:
    part = zipped(
        tmp_path / "takeout.zip", {f"{CSV}/steps_2025-10-01.csv": steps("2025-10-02T17:00", "2025-10-03T02:00")}
    )
    run_import(places, [part], tmp_path / "i", timezone="America/New_York")
    assert words(places, SECOND)["Steps_Intraday"] == "takeout partial"
    assert places.lake.day(THIRD) is None


def test_the_battery_that_the_last_sync_told_is_whole(places: Places, tmp_path: Path) -> None:
    files = {
        f"{CSV}/steps_2025-10-01.csv": steps(*EARLY),
        f"{ROOT}/Paired Devices/Trackers.csv": TRACKERS,
    }
    run_import(places, [zipped(tmp_path / "takeout.zip", files)], tmp_path / "i", timezone="Europe/London")
    assert words(places, SECOND)["DeviceBatteryLevel"] == "takeout ok"
    assert words(places, SECOND)["Steps_Intraday"] == "takeout partial"
