"""What the probes answer: alive, ready, fresh; each no has its reasons, by codes of a closed list. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cromwelld.monitor import freshness
from cromwelld.monitor.freshness import State
from cromwelld.monitor.snapshot import AccountNow, Snapshot

CLOCK_APART_S = 300.0
STALLED_S = 10.0
OUTBOX_STUCK = dt.timedelta(hours=26)  # what came of a day is stored when it is over, wherever on earth
LITTLE_SPACE = 1_000_000_000


class Code(StrEnum):
    """Why a probe says no, or a yes with a word."""

    LOOP_STALLED = "loop_stalled"
    TASK_DEAD = "task_dead"
    STARTING = "starting"
    STOPPING = "stopping"
    CONFIGURATION = "configuration"
    LOGIN_NEEDED = "login_needed"
    FOLDER = "folder_not_writable"
    EXPORTS = "exports_not_readable"
    DISK = "disk_full"
    ARCHIVE = "archive_away"
    OUTBOX = "outbox_stuck"
    CLOCK = "clock_wrong"
    CHECK_SLOW = "check_timed_out"
    PAUSED = "paused"
    BEGINNING = "beginning"
    UNANSWERED = "unanswered"
    STALE = "stale"
    NOT_SYNCED = "not_synced"
    NOT_WORN = "not_worn"
    SYNC_UNKNOWN = "sync_unknown"
    EXPORT_DUE = "export_due"
    EXPORT_LATE = "export_late"


MEANINGS: Mapping[Code, str] = {
    Code.LOOP_STALLED: "the event loop did not come round for ten seconds, not longer than a minute ago",
    Code.TASK_DEAD: "a part of the daemon has ended",
    Code.STARTING: "nothing is known yet",
    Code.STOPPING: "the daemon is being stopped",
    Code.CONFIGURATION: "the configuration on disk is wrong; the one before it is in use",
    Code.LOGIN_NEEDED: "the vendor wants a login",
    Code.FOLDER: "a folder cannot be written",
    Code.EXPORTS: "the folder of `import_from` cannot be read",
    Code.DISK: "less than 1 GB is free on a disk that is written to",
    Code.ARCHIVE: "the archive cannot be reached; what is collected waits",
    Code.OUTBOX: "an answer of a date that is over waits to be stored",
    Code.CLOCK: "this machine's clock and the vendor's are more than five minutes apart",
    Code.CHECK_SLOW: "a check did not end in its time",
    Code.PAUSED: "the account is not collected, because somebody wants it so",
    Code.BEGINNING: "nothing was answered yet",
    Code.UNANSWERED: "the vendor has said nothing for too long",
    Code.STALE: "worn and synced, yet not here",
    Code.NOT_SYNCED: "no device has synced for too long",
    Code.NOT_WORN: "the watch was not worn",
    Code.SYNC_UNKNOWN: "no device says when it synced",
    Code.EXPORT_DUE: "the next Takeout export is due",
    Code.EXPORT_LATE: "the next Takeout export has been due for two weeks",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a probe says no: a code, the account that it befell ("" for all), and a sentence."""

    code: str
    account: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a probe says; reasons may stand beside a yes: degraded, and yet at work."""

    ok: bool
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Liveness:
    """The longest turn of the loop of late, in seconds, and the tasks that have ended, by name, each with why."""

    longest_turn_s: float
    dead_tasks: Mapping[str, str]


def alive(liveness: Liveness) -> Health:
    """Answer /healthz: the loop turns and no task is dead."""
    reasons = [_reason(Code.TASK_DEAD, sentence=f"{name}: {why}") for name, why in liveness.dead_tasks.items()]
    if liveness.longest_turn_s > STALLED_S:
        reasons.insert(0, _reason(Code.LOOP_STALLED))
    return Health(ok=not reasons, reasons=tuple(reasons))


def ready(snapshot: Snapshot | None, probed: Sequence[Reason] = ()) -> Health:
    """Answer /readyz: it can work. `probed` is what checks found that no snapshot knows, such as folders."""
    reasons = (*probed, *([_reason(Code.STARTING)] if snapshot is None else _in_the_way(snapshot)))
    return Health(ok=not reasons, reasons=reasons)


def _in_the_way(snapshot: Snapshot) -> Iterator[Reason]:
    for name, account in snapshot.accounts.items():
        if account.login.needed:
            yield _reason(Code.LOGIN_NEEDED, name, account.login.needed)
        if account.outbox is not None and snapshot.at - account.outbox.oldest > OUTBOX_STUCK:
            yield _reason(
                Code.OUTBOX, name, f"the oldest has waited {freshness.ago(snapshot.at - account.outbox.oldest)}"
            )
    if snapshot.archive is not None:
        yield _reason(Code.ARCHIVE, sentence=snapshot.archive.sentence)
    for disk in snapshot.disks:
        if disk.free < LITTLE_SPACE:
            yield _reason(Code.DISK, sentence=f"{disk.path} ({disk.key})")
    for source, ahead_s in snapshot.clock_ahead_s.items():
        if abs(ahead_s) > CLOCK_APART_S:
            yield _reason(Code.CLOCK, sentence=f"{round(ahead_s)} s ahead of {source}'s")


_MISSING = {State.UNANSWERED, State.STALE, State.EXPORT_LATE}


def fresh(snapshot: Snapshot | None, limit_s: float) -> Health:
    """Answer /freshz: what was worn and synced is here; what is older than `limit_s` is too old.

    A watch that was not worn, or has not synced, is no lack of ours: it is told beside a yes.
    """
    if snapshot is None:
        return Health(ok=False, reasons=(_reason(Code.STARTING),))
    limit = dt.timedelta(seconds=limit_s)
    found = {name: freshness.state(one, snapshot.at, limit) for name, one in snapshot.accounts.items()}
    reasons = [
        _of_state(name, snapshot.accounts[name], found[name]) for name in found if found[name] is not State.FRESH
    ]
    missing = any(state in _MISSING for name, state in found.items() if not snapshot.accounts[name].paused)
    return Health(ok=not missing, reasons=tuple(reasons))


def _of_state(name: str, account: AccountNow, state: State) -> Reason:
    return _reason(Code.PAUSED if account.paused else Code(state.value), name)


def _reason(code: Code, account: str = "", sentence: str = "") -> Reason:
    return Reason(code=code, account=account, sentence=sentence or MEANINGS[code])
