"""Where a data point came from: its id, its device, its source.

Records of `reconcile` say none of it but the id.
"""

from __future__ import annotations

import re

from cromwelld.sources.google_health.words import word
from cromwelld.sources.values import Object, member, text

_ID = re.compile(r"[0-9]{1,20}")


def point_id(record: Object) -> str | None:
    """Give the id by which a data point can be asked for: the end of its name; None if it has none that is a number.

    The name's beginning holds the account's id, which is nobody's business.
    """
    name = text(record, "dataPointName") or text(record, "name") or ""
    last = name.rpartition("/")[2]
    return last if _ID.fullmatch(last) else None


def device(record: Object) -> str | None:
    """Name the device that measured a data point, if the point says so."""
    return text(member(member(record, "dataSource"), "device"), "displayName")


def source(record: Object) -> str | None:
    """Name what a data point was entered with: the device, else the application, else the platform."""
    said = member(record, "dataSource")
    return device(record) or text(member(said, "application"), "packageName") or word(said, "platform")
