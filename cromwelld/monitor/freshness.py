"""Whether an account's data are as new as they can be, and whose fault it is if not; pure.

What a watch measured is here if the newest sample is about as old as the last sync. If it is not, the vendor may have
said since then that there is nothing: then the watch was not worn. If it has not said so, data are missing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from cromwelld.measurements import CATALOGUE, Merge
from cromwelld.monitor.snapshot import AccountNow, Device

HEART_RATE, HEART_RATE_STREAM = "HeartRate_Intraday", "heart_rate"
LOW_BATTERY = 0.1
PACKING = dt.timedelta(days=14)  # Google takes days to make an export, and its link works for a week
_MEASURED = {one.name for one in CATALOGUE if one.merge in {Merge.SAMPLED, Merge.TRACKS}}


class State(StrEnum):
    """How the data of an account stand."""

    FRESH = "fresh"
    BEGINNING = "beginning"  # nothing was answered yet, and there was little time for it
    UNANSWERED = "unanswered"  # the vendor has said nothing for too long
    STALE = "stale"  # worn and synced, yet not here
    NOT_SYNCED = "not_synced"
    NOT_WORN = "not_worn"
    SYNC_UNKNOWN = "sync_unknown"  # no device says when it synced
    EXPORT_DUE = "export_due"  # the next export has not been imported, and there was little time for it
    EXPORT_LATE = "export_late"


class Fault(StrEnum):
    """Whose fault it is."""

    WATCH = "watch"
    PHONE = "phone"
    VENDOR = "vendor"
    US = "us"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What happened, whose fault it is, and the one thing to do."""

    what: str
    fault: Fault
    remedy: str


def state(account: AccountNow, at: dt.datetime, limit: dt.timedelta) -> State:
    """Tell how the data of an account stand: what is older than `limit` is too old.

    Where they come by exports alone, these are measured by when they are due.
    """
    if account.by_export:
        return _by_exports(account, at)
    answered = max(account.answered.values(), default=None)
    if answered is None:
        early = account.began_at is None or at - account.began_at <= limit
        return State.BEGINNING if early else State.UNANSWERED
    if at - answered > limit:
        return State.UNANSWERED
    if account.last_sync_at is None:
        return State.SYNC_UNKNOWN
    if _here(account, account.last_sync_at, limit):
        return State.FRESH if at - account.last_sync_at <= limit else State.NOT_SYNCED
    return State.NOT_WORN if _nothing_to_have(account, account.last_sync_at) else State.STALE


def _by_exports(account: AccountNow, at: dt.datetime) -> State:
    due_on = None if account.exports is None else account.exports.due_on
    if due_on is None:
        return State.EXPORT_DUE
    late_by = at.date() - due_on
    return State.FRESH if late_by <= dt.timedelta() else State.EXPORT_DUE if late_by <= PACKING else State.EXPORT_LATE


def _here(account: AccountNow, synced: dt.datetime, limit: dt.timedelta) -> bool:
    newest = max((at for name, at in account.newest.items() if name in _MEASURED), default=None)
    return newest is not None and synced - newest <= limit


def _nothing_to_have(account: AccountNow, synced: dt.datetime) -> bool:
    """Tell whether the vendor said after the sync that there is nothing: by heart rate, where that is asked for."""
    said = account.answered.get(HEART_RATE_STREAM) or max(account.answered.values())
    return said >= synced


def worn_at(account: AccountNow) -> dt.datetime | None:
    """Give when a watch was last on somebody's arm."""
    return account.newest.get(HEART_RATE)


def missing(account: AccountNow, at: dt.datetime) -> Diagnosis:
    """Say why data are not here that should be, or why nobody answers."""
    answered = max(account.answered.values(), default=account.began_at)
    since = "" if answered is None else f" for {ago(at - answered)}"
    if account.refusal:
        what = f"the vendor has not given data{since}: {account.refusal}"
        return Diagnosis(what=what, fault=Fault.VENDOR, remedy="run cromwelld doctor: it says what to do")
    if answered is not None and account.last_sync_at is not None and answered >= account.last_sync_at:
        what = (
            f"the watch synced {ago(at - account.last_sync_at)} ago, and what it measured has not come from the vendor"
        )
        return Diagnosis(what=what, fault=Fault.VENDOR, remedy="see whether the vendor's app shows them")
    what = f"nobody was asked, or nobody answered{since}"
    return Diagnosis(what=what, fault=Fault.US, remedy="see whether this machine is online, then run cromwelld doctor")


def not_synced(account: AccountNow, at: dt.datetime) -> Diagnosis:
    """Say why nothing came from the watch: its battery, or the phone."""
    device = _newest(account)
    if device is None:
        return Diagnosis(what="no device has ever synced", fault=Fault.PHONE, remedy="pair the watch in the app")
    since = ago(at - device.last_sync)
    if _was_low(device):
        what = f"{device.name} has not synced for {since}; its battery was nearly empty then"
        return Diagnosis(what=what, fault=Fault.WATCH, remedy="charge the watch, then open the vendor's app")
    what = f"the phone has not synced {device.name} for {since}"
    remedy = "open the vendor's app near the watch, with Bluetooth on"
    return Diagnosis(what=what, fault=Fault.PHONE, remedy=remedy)


def not_worn(account: AccountNow, at: dt.datetime) -> Diagnosis:
    """Say since when the watch has not been on anybody's arm."""
    worn = worn_at(account)
    since = "ever" if worn is None else f"for {ago(at - worn)}"
    remedy = "wear it, or set alerts.not_worn_after higher"
    return Diagnosis(what=f"the watch has not been worn {since}", fault=Fault.WATCH, remedy=remedy)


def _newest(account: AccountNow) -> Device | None:
    return max(account.devices, key=lambda device: device.last_sync, default=None)


def _was_low(device: Device) -> bool:
    return device.battery is not None and device.battery <= LOW_BATTERY


def ago(passed: dt.timedelta) -> str:
    """Say a length of time in hours, or in days once there are three."""
    hours = max(0, round(passed.total_seconds() / 3600))
    return f"{hours} h" if hours < 72 else f"{hours // 24} days"  # noqa: PLR2004 - three days, as the sentence says
