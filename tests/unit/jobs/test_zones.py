"""Zones of foreign objects: metadata, noons, stays, what was given, in this order."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from cromwelld.archive.codec import Opened
from cromwelld.config import Stay
from cromwelld.jobs import foreign
from cromwelld.jobs.foreign import NO_ZONE, Foreign
from cromwelld.jobs.zones import Zones
from tests.support.days import at, rows

D8 = dt.date(2025, 10, 8)
TOKYO_THEN_BERLIN = (
    Stay(first=dt.date(2016, 1, 1), timezone="Asia/Tokyo"),
    Stay(first=dt.date(2025, 10, 1), timezone="Europe/Berlin"),
)


def beats(*times: str) -> dict[str, pa.Table]:
    return {"HeartRate_Intraday": rows("HeartRate_Intraday", times, field_value=[60.0] * len(times))}


def noons(*times: str) -> dict[str, pa.Table]:
    return {"RestingHR": rows("RestingHR", times, field_value=[55.0] * len(times))}


def read(tables: dict[str, pa.Table], zones: Zones, *, named: dt.date | None = D8, **about: str) -> Foreign:
    return foreign.read(Opened(day=None, tables=tables, digest="", rejected={}, about=about), named, zones)


def zones_of(found: Foreign) -> dict[str, str]:
    return {date.isoformat(): day.zone for date, day in found.days.items()}


def times_of(found: Foreign, date: dt.date) -> list[dt.datetime]:
    times: list[dt.datetime] = found.days[date].tables["HeartRate_Intraday"]["time"].to_pylist()
    return times


def test_metadata_comes_first_then_noons_then_stays_then_what_was_given() -> None:
    zones = Zones(stays=TOKYO_THEN_BERLIN, given="Europe/London")
    held = beats("09:00")
    assert zones_of(read(held | noons("17:00"), zones, Timezone="Asia/Kolkata")) == {"2025-10-08": "Asia/Kolkata"}
    assert zones_of(read(held | noons("17:00"), zones)) == {"2025-10-08": "Etc/GMT+5"}
    assert zones_of(read(held, zones)) == {"2025-10-08": "Europe/Berlin"}
    assert zones_of(read(held, Zones(given="Europe/London"))) == {"2025-10-08": "Europe/London"}
    assert read(held, Zones()) == Foreign(problem=NO_ZONE)


def test_metadata_that_names_no_zone_says_nothing() -> None:
    assert zones_of(read(beats("09:00"), Zones(given="Europe/London"), zone="home")) == {"2025-10-08": "Europe/London"}


def test_each_date_has_the_zone_of_its_stay() -> None:
    held = beats("2025-09-29T15:30:00", "2025-09-30T14:59:59", "2025-09-30T15:00:00", "2025-10-01T21:59:59")
    found = read(held, Zones(stays=TOKYO_THEN_BERLIN), named=None)
    assert zones_of(found) == {"2025-09-30": "Asia/Tokyo", "2025-10-01": "Europe/Berlin"}
    assert times_of(found, dt.date(2025, 9, 30)) == [at("2025-09-29T15:30:00"), at("2025-09-30T14:59:59")]
    assert times_of(found, dt.date(2025, 10, 1)) == [at("2025-09-30T15:00:00"), at("2025-10-01T21:59:59")]


def test_before_the_first_stay_only_what_was_given_helps() -> None:
    stays = (Stay(first=dt.date(2025, 10, 9), timezone="Europe/Berlin"),)
    assert read(beats("09:00"), Zones(stays=stays)).problem == NO_ZONE
    assert zones_of(read(beats("09:00"), Zones(stays=stays, given="UTC"))) == {"2025-10-08": "UTC"}


def test_noons_on_both_sides_of_a_clock_change_hold_for_their_dates() -> None:
    day_before, day_of_change = dt.date(2025, 10, 25), dt.date(2025, 10, 26)
    held = noons("2025-10-25T10:00:00", "2025-10-26T11:00:00")
    held |= beats("2025-10-25T21:59:59", "2025-10-25T22:00:00", "2025-10-25T22:30:00", "2025-10-26T22:59:59")
    found = read(held, Zones(), named=day_before)
    assert zones_of(found) == {"2025-10-25": "Etc/GMT-2", "2025-10-26": "Etc/GMT-1"}
    assert times_of(found, day_before) == [at("2025-10-25T21:59:59")]
    assert times_of(found, day_of_change) == [
        at(f"2025-10-{time}") for time in ("25T22:00:00", "25T22:30:00", "26T22:59:59")
    ]


def test_noons_of_one_date_that_disagree_imply_nothing() -> None:
    held = noons("10:00", "11:00")
    assert read(held, Zones()).problem == NO_ZONE
    assert zones_of(read(held, Zones(given="Europe/London"))) == {"2025-10-08": "Europe/London"}


def test_the_date_of_the_name_is_there_without_records_if_its_zone_is_known() -> None:
    assert zones_of(read({}, Zones(given="UTC"))) == {"2025-10-08": "UTC"}
    assert read({}, Zones()) == Foreign()


def test_records_of_other_dates_are_counted() -> None:
    found = read(noons("10:00") | beats("21:59", "22:00", "2025-10-07T09:00:00"), Zones())
    assert found.repaired == {"other-date": 2}
    assert [day.date.day for day in found.others(D8)] == [7, 9]


@pytest.mark.parametrize(("repairing", "expected"), [(True, {"zero-breathing": 1}), (False, {})])
def test_repairs_can_be_switched_off(repairing: bool, expected: dict[str, int]) -> None:  # noqa: FBT001
    tables = {"BreathingRate": rows("BreathingRate", ["10:00"], field_value=[0.0])}
    opened = Opened(day=None, tables=tables, digest="", rejected={})
    found = foreign.read(opened, D8, Zones(), repairing=repairing)
    assert found.repaired == expected
    assert zones_of(found) == {"2025-10-08": "Etc/GMT-2"}
    assert ("BreathingRate" in found.days[D8].tables) is not repairing
