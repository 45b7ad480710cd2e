"""The checks of what lies on this machine: settings, folders, locks, login, ledger, what waits."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from cromwelld.config import read_secret, warnings
from cromwelld.config.secrets import locate
from cromwelld.disk import check_readable, check_writable, user, write_bytes
from cromwelld.errors import ConfigurationError, DamagedFile, Held, LoginNeeded
from cromwelld.events import ignore
from cromwelld.jobs.doctor.archive import PROBE
from cromwelld.jobs.doctor.case import Case
from cromwelld.jobs.doctor.findings import Finding, ill, of_error, warned, well
from cromwelld.jobs.importing.standing import standing
from cromwelld.lake.layout import LOCK
from cromwelld.lake.writer import Lake
from cromwelld.locks import held
from cromwelld.outbox import Outbox
from cromwelld.state import Ledger

_GB = 1_000_000_000
_OTHERS = 0o077
_NO_BACKUP = "archive.folder: "
_LATEST_END = dt.timedelta(hours=36)  # a date ends last twelve hours after its end in UTC


def configuration(case: Case) -> Finding:
    """Tell what the settings ask for that cannot be done, or that deserves a word."""
    if case.mistake is not None:
        return of_error(case.mistake)
    notes = [note.rpartition("; ") for note in warnings(case.settings) if not note.startswith(_NO_BACKUP)]
    if notes:
        return warned("; ".join(note for note, _, _ in notes), notes[0][2])
    return well(f"{case.config} is right")


def client(case: Case) -> Finding:
    """See that the client's secret can be read, by nobody else, and is a secret."""
    secret = case.account.client_secret
    if secret is None:
        return well("no client secret is configured")
    path = locate(secret, case.environ)
    if read_secret(secret, case.environ).startswith("{"):
        remedy = "keep only the text of client_secret in that file"
        return ill(f"{path} holds JSON, not a secret", remedy, code=ConfigurationError.exit_code)
    return _private(path) or well(f"the client's secret is in {path}")


def _private(path: Path) -> Finding | None:
    """Say that others can read a file, if they can."""
    if os.name == "nt" or not path.stat().st_mode & _OTHERS:
        return None
    return warned(f"others can read {path}", f"chmod 600 {path}")


def login(case: Case) -> Finding:
    """See that there is a login, that it can be read, and by nobody else."""
    if case.far is None:
        return well("none is needed: the data come by exports of Google Takeout")
    if isinstance(case.login, LoginNeeded):
        return of_error(case.login, case.log_in)
    return _private(case.login.file) or well(f"{case.login.file} is there; only its owner can read it")


def exports(case: Case) -> Finding:
    """See that the daemon can look for exports where they are expected, and what is not in."""
    account = case.account
    found = standing(case.settings.state_dir, account, case.settings.alerts.import_reminder_after_s)
    if found is None:
        return well("none is expected")
    if account.import_from is None:
        return warned("nobody looks for them", f"set accounts.{account.name}.import_from, or run cromwelld import")
    check_readable(account.import_from)
    if found.refused:
        name, reason = next(iter(found.refused.items()))
        return warned(f"{name}: {reason}", "see to it; or take the files away, and it is forgotten")
    until = "none was imported yet" if found.until is None else f"they reach to {found.until}"
    return well(f"{account.import_from} is looked into; {until}")


def state_folder(case: Case) -> Finding:
    """See to the folder of logins and ledger."""
    return _folder(case.settings.state_dir)


def data_folder(case: Case) -> Finding:
    """See to the folder of the tables."""
    return _folder(case.account.data_dir)


def archive(case: Case) -> Finding:
    """See to the folder of the archive, or list its bucket."""
    return _folder(case.settings.archive.folder) if case.bucket is None else case.bucket.listing


def _folder(folder: Path) -> Finding:
    """See that files can be made in a folder, or that it can be made, and how much space there is."""
    there = _existing(folder)
    check_writable(there)
    free = shutil.disk_usage(there).free
    space = f"{free / _GB:.1f} GB free"
    if free < _GB:
        return warned(f"{folder}: only {space}", "make space on that disk, or choose another in the configuration")
    if there != folder:
        return well(f"{folder} is made when it is needed, by {user()}; {space}")
    return well(f"{folder}: {user()} can write there; {space}")


def _existing(folder: Path) -> Path:
    """Give a folder, or the nearest one above it that is there."""
    return next(place for place in (folder, *folder.parents) if os.path.lexists(place))


def tables(case: Case) -> Finding:
    """See that no other program keeps the data folder."""
    count = len(Lake(case.account.data_dir, report=ignore).digests())
    return well(f"dates in the tables: {count}" if count else "there are no tables yet")


def backup(case: Case) -> Finding:
    """See that the archive is on another disk than the tables."""
    key = f"accounts.{case.account.name}.data_dir"
    for note in warnings(case.settings):
        if note.startswith(_NO_BACKUP) and key in note:
            sentence, _, remedy = note.removeprefix(_NO_BACKUP).rpartition("; ")
            return warned(f"the archive is {sentence}", remedy)
    if case.bucket is not None:
        return well("the archive is in a bucket")
    return well("the archive is on another disk than the tables")


def locks(case: Case) -> Finding:
    """Say who is at work on the state or the tables."""
    for lock in (case.settings.state_dir / "lock", case.account.data_dir / LOCK):
        busy = _busy(lock)
        if busy is not None:
            return warned(busy.message, busy.hint)
    return well("nobody else is at work")


def _busy(lock: Path) -> Held | None:
    """Tell who holds a lock. One whose file is empty is free: it is not taken, so that nobody meets us there."""
    if not lock.exists() or not lock.stat().st_size:
        return None
    try:
        with held(lock, "cromwelld doctor"):
            return None
    except Held as err:
        return err


def store(case: Case) -> Finding:
    """Write, read, compare and delete a small object beside the dates; folders made for it go again."""
    if case.bucket is not None:
        return case.bucket.probe
    folder = case.settings.archive.folder / case.account.prefix
    probe = folder / f"doctor-{secrets.token_hex(4)}.probe"
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        write_bytes(probe, PROBE)
        found = probe.read_bytes()
        probe.unlink()
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)
            for place in made:
                place.rmdir()
    if found != PROBE:
        return of_error(DamagedFile(f"what was written to {folder} came back changed", hint="see to that disk"))
    return well(f"an object in {folder} was written, read, compared and deleted")


def ledger(case: Case) -> Finding:
    """See that the ledger opens."""
    path = case.settings.state_dir / "ledger.sqlite"
    if not path.exists():
        return well("there is none yet: the first collection makes it")
    found = Ledger(path)
    try:
        found.last_zone(case.account.name)
    finally:
        found.close()
    return well(f"{path} opens")


def outbox(case: Case) -> Finding:
    """Count what waits to be stored; of dates that are over nothing should."""
    box = Outbox(case.settings.state_dir / "outbox" / case.account.name)
    waiting = {date: len(box.waiting(date)) for date in box.dates()}
    over = [date for date in waiting if case.clock().date() > date and case.clock() - _midnight(date) > _LATEST_END]
    late = sum(waiting[date] for date in over)
    if late:
        sentence = f"answers that wait to be stored: {late}, of dates that are over: {len(over)}"
        return warned(sentence, "run cromwelld collect yesterday: it stores what waits")
    count = sum(waiting.values())
    return well(f"answers that wait for the end of their date: {count}" if count else "nothing waits")


def _midnight(date: dt.date) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(), tzinfo=dt.UTC)
