"""Records of the scripts that came before: dated one by one, in the zone that they imply."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from cromwelld.archive.codec import Opened
from cromwelld.jobs import foreign
from tests.support.days import at, rows

D7, D8, D9 = (dt.date(2025, 10, day) for day in (7, 8, 9))
BERLIN = "Europe/Berlin"


def noon(*times: str) -> dict[str, pa.Table]:
    return {"RestingHR": rows("RestingHR", times, tag_Device=["W"] * len(times), field_value=[55.0] * len(times))}


def opened(tables: dict[str, pa.Table], about: dict[str, str] | None = None) -> Opened:
    return Opened(day=None, tables=tables, digest="", rejected={}, about=about or {})


def dated(tables: dict[str, pa.Table], name: str) -> dict[dt.date, list[dt.datetime]]:
    found = foreign.by_date(tables, BERLIN)
    return {date: parts[name]["time"].to_pylist() for date, parts in found.items() if name in parts}


@pytest.mark.parametrize(
    ("stamp", "zone"),
    [
        ("2025-10-08T10:00:00", "Etc/GMT-2"),
        ("2025-10-08T12:00:00", "Etc/GMT"),
        ("2025-10-08T17:00:00", "Etc/GMT+5"),
        ("2025-10-08T00:00:00", "Etc/GMT-12"),
        ("2025-10-07T23:00:00", "Etc/GMT-13"),
        ("2025-10-08T23:00:00", "Etc/GMT+11"),
        ("2025-10-07T22:00:00", "Etc/GMT-14"),
        ("2025-10-08T22:00:00", "Etc/GMT+10"),
    ],
)
def test_noon_stamps_imply_the_offset(stamp: str, zone: str) -> None:
    assert foreign.implied_zone(noon(stamp), D8) == zone


def test_stamps_of_several_dates_that_agree_imply_their_offset() -> None:
    assert foreign.implied_zone(noon("2025-10-06T23:00:00", "2025-10-07T23:00:00"), D8) == "Etc/GMT-13"
    assert foreign.implied_zone(noon("2025-10-07T10:00:00", "2025-10-08T10:00:00"), None) == "Etc/GMT-2"


@pytest.mark.parametrize("stamps", [(), ("2025-10-08T10:00:00", "2025-10-08T11:00:00"), ("2025-10-08T06:30:00",)])
def test_stamps_that_say_nothing_whole_imply_no_zone(stamps: tuple[str, ...]) -> None:
    assert foreign.implied_zone(noon(*stamps), D8) is None


def test_clock_times_of_samples_imply_nothing() -> None:
    beats = rows("HeartRate_Intraday", ["2025-10-08T10:00:00"], tag_Device=["W"], field_value=[60.0])
    assert foreign.implied_zone({"HeartRate_Intraday": beats}, D8) is None


def test_samples_are_dated_by_the_clock_where_the_person_was() -> None:
    times = ["2025-10-07T21:59:59", "2025-10-07T22:00:00", "2025-10-08T21:59:59", "2025-10-08T22:00:00"]
    beats = rows("HeartRate_Intraday", times, tag_Device=["W"] * 4, field_value=[60.0] * 4)
    assert dated({"HeartRate_Intraday": beats}, "HeartRate_Intraday") == {
        D7: [at(times[0])],
        D8: [at(times[1]), at(times[2])],
        D9: [at(times[3])],
    }


def test_a_night_belongs_to_the_date_on_which_it_ends_with_all_its_stages() -> None:
    stages = ["2025-10-07T20:30:00", "2025-10-07T21:30:00", "2025-10-08T03:00:00"]
    tags = {"tag_Device": ["W"] * 3, "tag_isMainSleep": ["True"] * 3, "tag_SleepType": ["stages"] * 3}
    lengths = [3600.0, 19800.0, 7200.0]
    tables = {"SleepLevels": rows("SleepLevels", stages, **tags, field_duration_seconds=lengths)}
    assert dated(tables, "SleepLevels") == {D8: [at(time) for time in stages]}


def test_an_afternoon_nap_and_the_next_night_are_told_apart() -> None:
    stages = ["2025-10-07T13:00:00", "2025-10-07T21:10:00"]
    tags = {"tag_Device": ["W"] * 2, "tag_isMainSleep": ["False", "True"], "tag_SleepType": ["stages"] * 2}
    tables = {"SleepLevels": rows("SleepLevels", stages, **tags, field_duration_seconds=[1800.0, 25200.0])}
    assert dated(tables, "SleepLevels") == {D7: [at(stages[0])], D8: [at(stages[1])]}


@pytest.mark.parametrize(
    "end",
    [{"field_minutesInBed": [460.0]}, {"field_endTime": ["2025-10-08T04:50:00+00:00"]}],
    ids=["minutes in bed", "end"],
)
def test_a_summary_is_dated_by_its_end(end: dict[str, list[float | str | None]]) -> None:
    tags = {"tag_Device": ["W"], "tag_isMainSleep": ["True"], "tag_SleepType": ["stages"]}
    tables = {"SleepSummary": rows("SleepSummary", ["2025-10-07T21:10:00"], **tags, **end)}
    assert dated(tables, "SleepSummary") == {D8: [at("2025-10-07T21:10:00")]}


def test_a_track_over_midnight_stays_with_the_date_on_which_it_began() -> None:
    times = ["2025-10-08T21:50:00", "2025-10-08T22:10:00", "2025-10-08T22:10:01"]
    names = ["2025-10-08T21:50:00+00:00-Walk"] * 2 + ["2025-10-08T22:10:01+00:00-Run"]
    tables = {"GPS": rows("GPS", times, tag_ActivityID=names, field_lat=[52.0] * 3)}
    found = dated(tables, "GPS")
    assert found[D8] == [at(times[0]), at(times[1])]
    assert found[D9] == [at(times[2])]


def test_a_day_is_made_of_the_records_of_its_date_only() -> None:
    tables = noon("2025-10-08T10:00:00") | {
        "HeartRate_Intraday": rows(
            "HeartRate_Intraday",
            ["2025-10-08T21:59:00", "2025-10-08T22:01:00"],
            tag_Device=["W"] * 2,
            field_value=[60.0] * 2,
        )
    }
    day = foreign.day_of(D8, opened(tables), foreign.Zones())
    assert day is not None
    assert day.zone == "Etc/GMT-2"
    assert day.tables["HeartRate_Intraday"]["time"].to_pylist() == [at("2025-10-08T21:59:00")]
    assert day.asked == {}


def test_without_a_zone_there_is_no_day() -> None:
    assert foreign.day_of(D8, opened(noon()), foreign.Zones()) is None
