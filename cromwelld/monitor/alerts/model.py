"""What an alert is: its kind, what happened, whose fault it is, and the one thing to do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import Enum

from cromwelld.monitor.freshness import Diagnosis, Fault


class AlertKind(Enum):
    """The kinds of alerts: name, subject of the letter, and when it is sent."""

    DAY_LOST = ("day_lost", "a day could not be had", "a date was given up: it is not asked for any more by itself")
    LOGIN_NEEDED = ("login_needed", "a login is needed", "the vendor gives nothing until a person has logged in")
    LOGIN_ENDS = ("login_ends", "the login ends soon", "the login ends within `alerts.login_ends_within`")
    DATA_STALE = (
        "data_stale",
        "data are not coming",
        "worn and synced, yet nothing newer than `alerts.no_data_after` is here; or nobody answers for that long",
    )
    ARCHIVE_AWAY = ("archive_away", "the archive is away", "the archive could not be reached for an hour")
    DISK_FULL = ("disk_full", "a disk is nearly full", "less than 1 GB is free on a disk that is written to")
    CLOCK_WRONG = ("clock_wrong", "the clock is wrong", "this machine's clock is five minutes off the vendor's")
    NOT_SYNCED = ("not_synced", "the watch does not sync", "no device has synced for `alerts.not_synced_after`")
    NOT_WORN = ("not_worn", "the watch is not worn", "it syncs, and was not worn for `alerts.not_worn_after`")
    IMPORT_DUE = (
        "import_due",
        "a Takeout is due",
        "the newest export ends longer ago than `alerts.import_reminder_after`; again after the same time without one",
    )
    IMPORT_REFUSED = (
        "import_refused",
        "a Takeout could not be imported",
        "an export in `import_from` could not be imported, or not all of it",
    )

    def __init__(self, word: str, subject: str, meaning: str) -> None:
        self.word = word
        self.subject = subject
        self.meaning = meaning


FAULTS = {
    Fault.WATCH: "the watch",
    Fault.PHONE: "the phone",
    Fault.VENDOR: "the vendor",
    Fault.US: "this machine or its network",
    Fault.NOBODY: "nobody",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing that a person must know; equal keys are the same thing, `account` "" is all accounts.

    Of one that lasts `again_after` it is told again; None is once.
    """

    key: str
    kind: AlertKind
    account: str = ""
    says: Diagnosis
    again_after: dt.timedelta | None = None
