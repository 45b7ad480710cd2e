"""Paired devices and settings from Google."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest

from cromwelld.errors import BadAnswer
from cromwelld.sources.facts import Tracker
from cromwelld.sources.google_health.devices import battery, tracker
from cromwelld.sources.google_health.settings import time_zone
from tests.unit.fitbit_web.reading import asked, assert_in_contract, rows
from tests.unit.google_health.points import Json

EVER = asked()
WATCH: Json = {
    "name": "users/me/pairedDevices/9001",
    "deviceType": "TRACKER",
    "batteryStatus": "High",
    "batteryLevel": 84,
    "lastSyncTime": "2026-03-10T18:02:11Z",
    "deviceVersion": "Charge 6",
}


def paired(*devices: object) -> bytes:
    return json.dumps({"pairedDevices": list(devices)}).encode()


def device(**more: object) -> Json:
    """Write a device; what is given as None is left out."""
    return {name: part for name, part in {**WATCH, **more}.items() if part is not None}


def test_every_device_with_a_level() -> None:
    scale = device(deviceType="SCALE", deviceVersion="Aria Air", batteryLevel="60", lastSyncTime="2026-03-09T06:16:00Z")
    silent = device(deviceVersion="Inspire", batteryLevel=None, batteryStatus="Medium")
    parsed = battery([paired(WATCH, silent), paired(scale)], EVER)
    assert rows(parsed, "2026-03-10", "DeviceBatteryLevel") == [
        {"time": "2026-03-10T18:02:11Z", "Device": "Charge 6", "value": 84.0}
    ]
    assert rows(parsed, "2026-03-09", "DeviceBatteryLevel") == [
        {"time": "2026-03-09T06:16:00Z", "Device": "Aria Air", "value": 60.0}
    ]
    assert len(parsed.tables) == 2
    assert not parsed.rejected
    assert_in_contract(parsed, EVER)


@pytest.mark.parametrize(
    ("level", "status", "values"),
    [
        (None, "Empty", [0.0]),
        (0, "Low", [0.0]),
        (None, "Low", []),
        (None, None, []),
        (12, "Empty", [12.0]),
    ],
)
def test_a_level_that_is_left_out_is_nought_only_if_the_battery_is_empty(
    level: object, status: object, values: list[float]
) -> None:
    parsed = battery([paired(device(batteryLevel=level, batteryStatus=status))], EVER)
    assert [row["value"] for row in rows(parsed, "2026-03-10", "DeviceBatteryLevel")] == values


@pytest.mark.parametrize(
    ("synced", "zone", "on"),
    [
        ("2026-03-10T22:59:59Z", "Europe/Berlin", "2026-03-10"),
        ("2026-03-10T23:00:00Z", "Europe/Berlin", "2026-03-11"),
        ("2026-10-25T22:30:00Z", "Europe/Berlin", "2026-10-25"),  # 25 hours
        ("2026-03-10T10:00:00Z", "Pacific/Kiritimati", "2026-03-11"),
        ("2026-03-10T10:59:59Z", "Pacific/Pago_Pago", "2026-03-09"),
    ],
)
def test_a_reading_is_of_the_local_date_of_the_sync(synced: str, zone: str, on: str) -> None:
    parsed = battery([paired(device(lastSyncTime=synced))], asked(zone=zone))
    assert [row["time"] for row in rows(parsed, on, "DeviceBatteryLevel")] == [synced]


def test_the_zone_is_that_of_the_readings_own_date() -> None:
    moved = {dt.date(2026, 3, 10): "Europe/Berlin", dt.date(2026, 3, 11): "Asia/Tokyo"}
    about = replace(EVER, zone=moved.get)
    parsed = battery([paired(device(lastSyncTime="2026-03-10T23:30:00Z"))], about)
    assert {str(on) for on, _ in parsed.tables} == {"2026-03-11"}
    assert not battery([paired(device(lastSyncTime="2026-03-12T12:00:00Z"))], about).tables


def test_other_dates_and_dates_without_a_zone_are_left_out() -> None:
    for about in (asked("2026-03-09"), asked(zone=None)):
        parsed = battery([paired(WATCH)], about)
        assert not parsed.tables
        assert not parsed.rejected


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (7, "not an object"),
        (device(batteryLevel=True), "not a number"),
        (device(batteryLevel="full"), "not a number"),
        (device(batteryLevel=-1), "batteryLevel is negative"),
        (device(lastSyncTime=None), "no lastSyncTime"),
        (device(lastSyncTime="2026-03-10T18:02:11"), "lastSyncTime is a time without an offset"),
        (device(lastSyncTime="9999-12-31T23:59:59Z"), "a time outside the years that can be"),
        (device(deviceVersion="x" * 201), "deviceVersion is not a text"),
        (device(deviceVersion=["Charge 6"]), "deviceVersion is not a text"),
        (device(batteryLevel=None, batteryStatus=0), "batteryStatus is not a text"),
    ],
)
def test_a_bad_device_is_counted_and_the_others_stay(bad: object, reason: str) -> None:
    pages = [paired(bad, device(deviceVersion="Pixel Watch 4", lastSyncTime="2026-03-09T18:00:00Z"))]
    parsed = battery(pages, EVER)
    assert parsed.rejected == {reason: 1}
    assert [row["Device"] for row in rows(parsed, "2026-03-09", "DeviceBatteryLevel")] == ["Pixel Watch 4"]


def test_the_tracker_that_synced_last() -> None:
    pages = [
        paired(
            WATCH,
            device(deviceVersion="Pixel Watch 4", lastSyncTime="2026-03-10T18:02:12Z", batteryLevel=None),
            device(deviceType="SCALE", deviceVersion="Aria Air", lastSyncTime="2026-03-11T00:00:00Z"),
            device(deviceVersion="Ghost", lastSyncTime="9999-01-01T00:00:00Z"),
            device(deviceVersion=None, lastSyncTime="2026-03-12T00:00:00Z"),
            device(deviceType="HOLOGRAM", lastSyncTime="2026-03-12T00:00:00Z"),
            "TRACKER",
        )
    ]
    expected = Tracker("Pixel Watch 4", dt.datetime(2026, 3, 10, 18, 2, 12, tzinfo=dt.UTC))
    assert tracker(pages, EVER) == expected
    assert tracker(pages, asked(zone=None)) == expected  # the sync is sent in UTC


@pytest.mark.parametrize("body", [b"{}", paired(), paired(device(deviceType="SCALE"))])
def test_no_tracker(body: bytes) -> None:
    assert tracker([body], EVER) is None


@pytest.mark.parametrize("body", [b"[]", b'{"pairedDevices": {}}', b"<html>"])
def test_an_answer_of_another_shape(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        battery([body], EVER)
    with pytest.raises(BadAnswer):
        tracker([body], EVER)


def test_the_zone_of_the_settings() -> None:
    assert time_zone(b'{"name": "users/me/settings", "timeZone": "Asia/Tokyo", "utcOffset": "32400s"}') == "Asia/Tokyo"


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"timeZone": ""}',
        b'{"timeZone": null, "utcOffset": "3600s"}',
        b'{"timeZone": "Mars/Olympus"}',
        b'{"timeZone": "../etc/passwd"}',
        b'{"timeZone": 5}',
        b'{"timeZone": "\\ud83d"}',
        b"[]",
        b"<html>",
    ],
)
def test_settings_without_a_zone_that_is_known(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        time_zone(body)
