"""The person's settings, profile, identity and devices.

Sources: reference/rest/v4/users/getSettings, getProfile, getIdentity, users.pairedDevices
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cromwelld.simulator.google_health.truth_known import Known
from cromwelld.simulator.google_health.truth_points import duration, nonzero, offset_s, stamp
from cromwelld.simulator.person import Device
from cromwelld.simulator.person.civil import seconds_of, utc
from cromwelld.simulator.person.movement import STRIDE_M
from cromwelld.simulator.person.zones import AGE

HEALTH_USER_ID, LEGACY_USER_ID = "1000000007", "SYNTH1"
CHARGE_WORDS = ((60, "High"), (25, "Medium"), (10, "Low"), (0, "Empty"))
DEVICE_TYPES = {"watch": "TRACKER", "scale": "SCALE"}
FEATURES = {"watch": ["HEART_RATE", "STEPS", "GPS", "SPO2"], "scale": ["WEIGHT"]}
RUNNING_STRIDE_MM = 1050
FIRST_DEVICE = 9001


def settings(known: Known) -> Mapping[str, Any]:
    """Tell the settings; the offset is that of now."""
    return {
        "name": "users/me/settings",
        "timeZone": known.person.zone,
        "utcOffset": duration(offset_s(known.person.tz, known.now)),
        "languageLocale": "en_GB",
        "distanceUnit": "DISTANCE_UNIT_KILOMETERS",
        "weightUnit": "WEIGHT_UNIT_KILOGRAMS",
        "heightUnit": "HEIGHT_UNIT_CENTIMETERS",
        "temperatureUnit": "TEMPERATURE_UNIT_CELSIUS",
        "waterUnit": "WATER_UNIT_ML",
        "glucoseUnit": "GLUCOSE_UNIT_MMOL_L",
        "swimUnit": "SWIM_UNIT_METERS",
        "autoStrideEnabled": True,
        "strideLengthWalkingType": "STRIDE_LENGTH_TYPE_DEFAULT",
        "strideLengthRunningType": "STRIDE_LENGTH_TYPE_DEFAULT",
    }


def profile(known: Known) -> Mapping[str, Any]:
    """Tell the profile: no name, no zone."""
    since = known.person.member_since
    return {
        "name": "users/me/profile",
        "age": AGE,
        "membershipStartDate": {"year": since.year, "month": since.month, "day": since.day},
        "autoWalkingStrideLengthMm": round(STRIDE_M * 1000),
        "autoRunningStrideLengthMm": RUNNING_STRIDE_MM,
    }


def identity() -> Mapping[str, Any]:
    """Tell who the person is to the vendor: invented numbers."""
    return {"name": "users/me/identity", "legacyUserId": LEGACY_USER_ID, "healthUserId": HEALTH_USER_ID}


def paired_devices(known: Known) -> list[Mapping[str, Any]]:
    """Tell the watch and, once it has weighed, the scale; a phone is never among them."""
    found = [each for each in known.person.devices(utc(known.now)) if each.kind in DEVICE_TYPES]
    return [_device(device, FIRST_DEVICE + place) for place, device in enumerate(found)]


def _device(device: Device, number: int) -> Mapping[str, Any]:
    """Write a device; an empty battery is a zero, which proto3 omits."""
    percent = device.battery_percent
    return {
        "name": f"users/me/pairedDevices/{number}",
        "deviceType": DEVICE_TYPES[device.kind],
        "batteryStatus": _charge_word(percent),
        **({} if percent is None else nonzero(batteryLevel=percent)),
        "lastSyncTime": stamp(seconds_of(device.last_sync)),
        "deviceVersion": device.name,
        "macAddress": f"{number:012d}",
        "features": FEATURES[device.kind],
    }


def _charge_word(percent: int | None) -> str:
    return "High" if percent is None else next(word for least, word in CHARGE_WORDS if percent >= least)
