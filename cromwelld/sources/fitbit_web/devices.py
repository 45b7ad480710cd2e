"""The paired devices: battery readings, and which tracker is worn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from cromwelld import localtime
from cromwelld.errors import BadAnswer
from cromwelld.sources.facts import Tracker
from cromwelld.sources.parsed import Asked, Parsed, Row, Rows
from cromwelld.sources.values import Object, count, decode, instant, moment, obj, text

_PHONE = "MobileTrack"  # the phone that counts steps is listed as a tracker with an empty battery


def battery(body: bytes, asked: Asked) -> Parsed:
    """Read the battery of every real device, each reading dated by the local date of its last sync.

    Raises: BadAnswer if the answer is of another shape.
    Source: https://dev.fitbit.com/build/reference/web-api/devices/get-devices/
    """

    def read(device: Object) -> Iterator[tuple[dt.date, str, Row]]:
        name, level = text(device, "deviceVersion"), count(device, "batteryLevel")
        if name == _PHONE or level is None:
            return
        on, synced = _sync(device, asked)
        if synced is not None:
            yield on, "DeviceBatteryLevel", {"time": synced, "tag_Device": name, "field_value": level}

    rows = Rows()
    rows.each(_devices(body), read)
    return rows.parsed()


def tracker(body: bytes, asked: Asked) -> Tracker | None:
    """Find the tracker that synced last; None if there is none.

    Raises: BadAnswer if the answer is of another shape.
    """
    found = [one for device in _devices(body) if (one := _tracker(device, asked)) is not None]
    return max(found, key=lambda one: one.last_sync, default=None)


def _tracker(device: object, asked: Asked) -> Tracker | None:
    try:
        record = obj(device)
        name = text(record, "deviceVersion")
        if record.get("type") != "TRACKER" or name is None or name == _PHONE:
            return None
        synced = _sync(record, asked)[1]
    except ValueError:  # `battery` counts it
        return None
    return None if synced is None else Tracker(name, synced)


def _devices(body: bytes) -> list[object]:
    content = decode(body)
    if isinstance(content, list):
        return content
    raise BadAnswer("the answer is not a list of devices")


def _sync(device: Object, asked: Asked) -> tuple[dt.date, dt.datetime | None]:
    """Give the local date and the instant of the last sync, the latter None where no zone is known."""
    when = moment(device, "lastSyncTime")
    zone = asked.zone_of(when.date())
    if zone is None:
        return when.date(), None
    synced = instant(when, zone)
    return localtime.local_date(synced, zone), synced
