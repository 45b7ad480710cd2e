"""The paired devices: battery readings, and which tracker is worn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from cromwelld import localtime
from cromwelld.sources.facts import Tracker
from cromwelld.sources.google_health.page import DEVICES, records
from cromwelld.sources.google_health.values import count, moment
from cromwelld.sources.parsed import Asked, Parsed, Row, Rows
from cromwelld.sources.values import Object, obj, text

_TRACKER, _EMPTY = "TRACKER", "Empty"


def battery(pages: Sequence[bytes], asked: Asked) -> Parsed:
    """Read the battery of every device, each reading dated by the local date of its last sync.

    Raises: BadAnswer if a page is of another shape.
    Source: https://developers.google.com/health/reference/rest/v4/users.pairedDevices
    """

    def read(device: Object) -> Iterator[tuple[dt.date, str, Row]]:
        level = _level(device)
        if level is None:
            return
        synced = moment(device, "lastSyncTime")
        on = _local_date(synced, asked)
        if on is not None:
            yield (
                on,
                "DeviceBatteryLevel",
                {"time": synced, "tag_Device": text(device, "deviceVersion"), "field_value": level},
            )

    rows = Rows()
    rows.each(records(pages, DEVICES), read)
    return rows.parsed()


def tracker(pages: Sequence[bytes], asked: Asked) -> Tracker | None:
    """Find the tracker that synced last; None if there is none.

    Raises: BadAnswer if a page is of another shape.
    """
    del asked  # the last sync is sent in UTC
    found = [one for device in records(pages, DEVICES) if (one := _tracker(device)) is not None]
    return max(found, key=lambda one: (one.last_sync, one.device), default=None)


def _tracker(device: object) -> Tracker | None:
    try:
        record = obj(device)
        name = text(record, "deviceVersion")
        if record.get("deviceType") != _TRACKER or name is None:
            return None
        return Tracker(name, moment(record, "lastSyncTime"))
    except ValueError:  # `battery` counts it
        return None


def _level(device: Object) -> float | None:
    """Give the level in per cent; the wire leaves noughts out, so an empty battery is known by its status."""
    level = count(device, "batteryLevel")
    return 0.0 if level is None and text(device, "batteryStatus") == _EMPTY else level


def _local_date(synced: dt.datetime, asked: Asked) -> dt.date | None:
    """Give the date of a sync in the zone of that very date; None if it is not asked or has no zone."""
    zone = asked.zone(synced.date())
    if zone is None:
        return None
    on = localtime.local_date(synced, zone)
    zone = asked.zone_of(on)
    return None if zone is None else localtime.local_date(synced, zone)
