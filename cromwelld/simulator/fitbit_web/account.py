"""The person's settings and devices as the vendor sends them.

Sources: https://dev.fitbit.com/build/reference/web-api/user/get-profile/, /devices/get-devices/
"""

from __future__ import annotations

from cromwelld.simulator.fitbit_web.asking import Ask
from cromwelld.simulator.fitbit_web.wall import naive
from cromwelld.simulator.person import Device

CHARGE_WORDS = ((60, "High"), (25, "Medium"), (10, "Low"), (0, "Empty"))
TYPES = {"phone": "TRACKER", "watch": "TRACKER", "scale": "SCALE"}
TRACKER_ID = "101"


def profile(ask: Ask) -> object:
    """Answer the settings; the zone and its offset are those of now."""
    person = ask.view.person
    offset = ask.view.now.astimezone(person.tz).utcoffset()
    return {
        "user": {
            "displayName": "Synthetic P.",
            "distanceUnit": "METRIC",
            "encodedId": ask.user_id,
            "height": person.height_m * 100,
            "heightUnit": "METRIC",
            "locale": "en_GB",
            "memberSince": str(person.member_since),
            "offsetFromUTCMillis": round(offset.total_seconds() * 1000) if offset else 0,
            "startDayOfWeek": "MONDAY",
            "strideLengthWalking": 75.0,
            "temperatureUnit": "METRIC",
            "timezone": person.zone,
            "weight": person.weight_kg,
            "weightUnit": "METRIC",
        }
    }


def devices(ask: Ask) -> object:
    """Answer the devices as a list on top, the phone's pseudo-device first."""
    found = ask.view.person.devices(ask.view.now)
    return [_device(ask, device, number) for number, device in enumerate(found)]


def _device(ask: Ask, device: Device, number: int) -> dict[str, object]:
    level = {} if device.battery_percent is None else {"batteryLevel": device.battery_percent}
    return {
        "battery": _charge_word(device.battery_percent),
        **level,
        "deviceVersion": device.name,
        "features": [],
        "id": str(100 + number),
        "lastSyncTime": naive(device.last_sync, ask.view.person.tz),
        "mac": f"{number:012d}",
        "type": TYPES[device.kind],
    }


def _charge_word(percent: int | None) -> str:
    return "High" if percent is None else next(word for least, word in CHARGE_WORDS if percent >= least)
