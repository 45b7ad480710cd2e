"""How everything stands, shown by gauges."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from cromwelld.jobs.states import STATES
from cromwelld.monitor.metrics.board import NAN, Board
from cromwelld.monitor.snapshot import AccountNow, Device, Snapshot
from cromwelld.state import Left


def _seconds(at: dt.datetime | None) -> float:
    return NAN if at is None else at.timestamp()


def _beginning(date: dt.date | None) -> float:
    return NAN if date is None else dt.datetime.combine(date, dt.time(), dt.UTC).timestamp()


def _known(value: float | None) -> float:
    return NAN if value is None else value


# One value an account: by name, how it is read.
PLAIN: Mapping[str, Callable[[AccountNow], float]] = {
    "last_success_timestamp_seconds": lambda one: _seconds(one.last_success_at),
    "login_needed": lambda one: float(bool(one.login.needed)),
    "account_paused": lambda one: float(one.paused),
    "access_token_expires_timestamp_seconds": lambda one: _seconds(one.login.access_ends_at),
    "refresh_token_expires_timestamp_seconds": lambda one: _seconds(one.login.refresh_ends_at),
    "backfill_pending_dates": lambda one: _known(one.backfill_dates),
    "outbox_pieces": lambda one: float(one.outbox.pieces) if one.outbox else 0.0,
    "outbox_oldest_timestamp_seconds": lambda one: _seconds(one.outbox.oldest if one.outbox else None),
    "archive_last_upload_timestamp_seconds": lambda one: _seconds(one.uploaded_at),
    "verify_last_success_timestamp_seconds": lambda one: _seconds(one.verified_at),
    "exports_until_timestamp_seconds": lambda one: _beginning(one.exports.until if one.exports else None),
    "exports_refused": lambda one: float(len(one.exports.refused)) if one.exports else NAN,
}


def show(board: Board, snapshot: Snapshot) -> None:
    """Set the gauges."""
    for name, account in snapshot.accounts.items():
        _show_account(board, name, account)
        _show_budgets(board, name, account.budgets, snapshot.at)
    board.keep("disk_free_bytes", "folder", {disk.key for disk in snapshot.disks})
    for disk in snapshot.disks:
        board.set("disk_free_bytes", disk.free, folder=disk.key)
    for source, ahead_s in snapshot.clock_ahead_s.items():
        board.set("clock_offset_seconds", ahead_s, source=source)


def _show_account(board: Board, name: str, account: AccountNow) -> None:
    for gauge, read in PLAIN.items():
        board.set(gauge, read(account), account=name)
    for measurement, at in account.newest.items():
        board.set("newest_sample_timestamp_seconds", at.timestamp(), account=name, measurement=measurement)
    _show_devices(board, name, account.devices)
    if account.dates is not None:
        for state, number in {**dict.fromkeys(STATES, 0), **account.dates}.items():
            board.set("dates", number, account=name, state=state)


def _show_devices(board: Board, name: str, devices: Sequence[Device]) -> None:
    """Show those that are in use; one that lies in a drawer, or was sold, is shown no more."""
    for gauge in ("device_last_sync_timestamp_seconds", "device_battery_ratio"):
        board.keep(gauge, "device", {device.name for device in devices}, account=name)
    for device in devices:
        labels = {"account": name, "device": device.name}
        board.set("device_last_sync_timestamp_seconds", device.last_sync.timestamp(), **labels)
        board.set("device_battery_ratio", _known(device.battery), **labels)


def _show_budgets(board: Board, name: str, budgets: Mapping[str, Left], at: dt.datetime) -> None:
    for origin, left in budgets.items():
        board.set("request_budget_remaining", _remaining(left, at), account=name, origin=origin)
        board.set("request_budget_reset_timestamp_seconds", left.resets_at.timestamp(), account=name, origin=origin)


def _remaining(left: Left, at: dt.datetime) -> float:
    """Say what is left: nothing while the vendor refuses; after the window nobody knows until something is asked."""
    if left.silent_until is not None and at < left.silent_until:
        return 0.0
    return left.left if at < left.resets_at else NAN
