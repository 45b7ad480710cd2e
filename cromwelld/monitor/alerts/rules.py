"""When there is something to tell: each rule is a function from how everything stands to alerts. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from cromwelld.config import Alerts
from cromwelld.jobs.importing.standing import Exports
from cromwelld.monitor import freshness
from cromwelld.monitor.alerts.model import Alert, AlertKind
from cromwelld.monitor.freshness import Diagnosis, Fault, State
from cromwelld.monitor.health import CLOCK_APART_S, LITTLE_SPACE
from cromwelld.monitor.snapshot import AccountNow, Snapshot

ARCHIVE_PATIENCE = dt.timedelta(hours=1)
ENOUGH_SPACE = LITTLE_SPACE * 5 // 4  # an alert ends a little above where it begins, or it would come and go
_SET_CLOCK = "let this machine set its clock by the network: timedatectl set-ntp true"
_SHOWN_DATES = 5
_ON_ITS_WAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a rule looks at: one account of the snapshot by name, the limits, and the keys that are open already."""

    snapshot: Snapshot
    limits: Alerts
    open_keys: Collection[str] = frozenset()
    name: str = ""

    @property
    def account(self) -> AccountNow:
        """Give the account that is looked at."""
        return self.snapshot.accounts[self.name]


Rule = Callable[[Look], Iterator[Alert]]


def decide(snapshot: Snapshot, limits: Alerts, open_keys: Collection[str] = frozenset()) -> tuple[Alert, ...]:
    """Give everything that a person must know now, whether it was told or not; keys are unlike."""
    whole = Look(snapshot=snapshot, limits=limits, open_keys=open_keys)
    each = [Look(snapshot=snapshot, limits=limits, open_keys=open_keys, name=name) for name in snapshot.accounts]
    found = [alert for look in each for rule in OF_ACCOUNTS for alert in rule(look)]
    return (*found, *(alert for rule in OF_ALL for alert in rule(whole)))


def _alert(kind: AlertKind, look: Look, says: Diagnosis, about: str = "") -> Alert:
    key = ":".join(filter(None, (kind.word, look.name, about)))
    return Alert(key=key, kind=kind, account=look.name, says=says)


def _seconds(number: int) -> dt.timedelta:
    return dt.timedelta(seconds=number)


def _day_lost(look: Look) -> Iterator[Alert]:
    for date, reason in sorted(look.account.lost.items()):
        remedy = f"run cromwelld collect {date}, or cromwelld accept {date}"
        says = Diagnosis(what=f"{date}: {reason}", fault=Fault.VENDOR, remedy=remedy)
        yield _alert(AlertKind.DAY_LOST, look, says, date.isoformat())


def _login_needed(look: Look) -> Iterator[Alert]:
    needed = look.account.login.needed
    if needed:
        says = Diagnosis(what=needed, fault=Fault.VENDOR, remedy=_log_in(look))
        yield _alert(AlertKind.LOGIN_NEEDED, look, says)


def _login_ends(look: Look) -> Iterator[Alert]:
    limit, ends_at = look.limits.login_ends_within_s, look.account.login.refresh_ends_at
    if limit is None or ends_at is None or look.account.login.needed:
        return
    if ends_at - look.snapshot.at <= _seconds(limit):
        what = f"the login ends on {ends_at:%Y-%m-%d at %H:%M} UTC"
        yield _alert(AlertKind.LOGIN_ENDS, look, Diagnosis(what=what, fault=Fault.VENDOR, remedy=_log_in(look)))


def _log_in(look: Look) -> str:
    return f"run cromwelld login --account {look.name}"


def _data_stale(look: Look) -> Iterator[Alert]:
    """Say that data are missing, unless it is plain already why: a login is needed, or somebody wants it so."""
    limit, account, at = look.limits.no_data_after_s, look.account, look.snapshot.at
    if limit is None or account.paused or account.login.needed or account.by_export:
        return
    if freshness.state(account, at, _seconds(limit)) in {State.UNANSWERED, State.STALE}:
        yield _alert(AlertKind.DATA_STALE, look, _our_disk(look) or freshness.missing(account, at))


def _our_disk(look: Look) -> Diagnosis | None:
    for disk in look.snapshot.disks:
        if disk.free < LITTLE_SPACE:
            what = f"the disk of {disk.path} is nearly full, so that nothing more can be kept"
            return Diagnosis(what=what, fault=Fault.US, remedy="make space on that disk")
    return None


def _not_synced(look: Look) -> Iterator[Alert]:
    limit, synced = look.limits.not_synced_after_s, look.account.last_sync_at
    if look.account.by_export:  # an export is always behind
        return
    if limit is not None and synced is not None and look.snapshot.at - synced > _seconds(limit):
        yield _alert(AlertKind.NOT_SYNCED, look, freshness.not_synced(look.account, look.snapshot.at))


def _not_worn(look: Look) -> Iterator[Alert]:
    limit = look.limits.not_worn_after_s
    if limit is None:
        return
    account, at = look.account, look.snapshot.at
    if freshness.state(account, at, _seconds(limit)) is State.NOT_WORN:
        yield _alert(AlertKind.NOT_WORN, look, freshness.not_worn(account, at))


def _import_due(look: Look) -> Iterator[Alert]:
    """Say that an export is due, and again whenever as much time has passed without one."""
    exports, at = look.account.exports, look.snapshot.at
    if look.limits.import_reminder_after_s is None or exports is None:
        return
    if at.date() <= (exports.due_on or _first_due_on(look.account, exports, at)):
        return
    what = "no Takeout has been imported yet"
    if exports.until is not None:
        what = f"the newest Takeout that was imported ends on {exports.until}"
    put = f"put all parts into {exports.folder}" if exports.folder else "run cromwelld import with all parts"
    remedy = f"see whether Google has sent a link, or ask for an export at https://takeout.google.com; then {put}"
    says = Diagnosis(what=what, fault=Fault.NOBODY, remedy=remedy)
    yield replace(_alert(AlertKind.IMPORT_DUE, look, says), again_after=exports.every)


def _first_due_on(account: AccountNow, exports: Exports, at: dt.datetime) -> dt.date:
    """Say when the first export is due: soon where nothing else comes, as what lies there may be on its way in."""
    return (account.began_at or at).date() + (_ON_ITS_WAY if account.by_export else exports.every)


def _import_refused(look: Look) -> Iterator[Alert]:
    exports = look.account.exports
    for name, reason in sorted(exports.refused.items()) if exports is not None else ():
        remedy = "see to it; or take the files away, and it is forgotten"
        says = Diagnosis(what=f"{name}: {reason}", fault=Fault.US, remedy=remedy)
        yield _alert(AlertKind.IMPORT_REFUSED, look, says, name)


def _archive_away(look: Look) -> Iterator[Alert]:
    trouble = look.snapshot.archive
    if trouble is not None and look.snapshot.at - trouble.since >= ARCHIVE_PATIENCE:
        what = f"{trouble.sentence}; what is collected waits, and nothing is lost"
        remedy = trouble.remedy or "run cromwelld doctor: it says what to do"
        yield _alert(AlertKind.ARCHIVE_AWAY, look, Diagnosis(what=what, fault=Fault.US, remedy=remedy))


def _disk_full(look: Look) -> Iterator[Alert]:
    for disk in look.snapshot.disks:
        what = f"{disk.free / 1e9:.1f} GB are free on the disk of {disk.path} ({disk.key})"
        says = Diagnosis(what=what, fault=Fault.US, remedy="make space on that disk, or choose another")
        alert = _alert(AlertKind.DISK_FULL, look, says, disk.key)
        if disk.free < (ENOUGH_SPACE if alert.key in look.open_keys else LITTLE_SPACE):
            yield alert


def _clock_wrong(look: Look) -> Iterator[Alert]:
    for source, ahead_s in look.snapshot.clock_ahead_s.items():
        if abs(ahead_s) > CLOCK_APART_S:
            way = "ahead of" if ahead_s > 0 else "behind"
            what = f"this machine's clock is {round(abs(ahead_s) / 60)} min {way} {source}'s; nothing is sealed by it"
            says = Diagnosis(what=what, fault=Fault.US, remedy=_SET_CLOCK)
            yield _alert(AlertKind.CLOCK_WRONG, look, says, source)


OF_ACCOUNTS: tuple[Rule, ...] = (
    _day_lost,
    _login_needed,
    _login_ends,
    _data_stale,
    _not_synced,
    _not_worn,
    _import_due,
    _import_refused,
)
OF_ALL: tuple[Rule, ...] = (_archive_away, _disk_full, _clock_wrong)
