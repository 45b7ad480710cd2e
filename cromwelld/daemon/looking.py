"""How everything stands just now, gathered from the ledger, the outboxes, the logins and the disks. Blocks."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow.parquet as pq

from cromwelld.config import Settings
from cromwelld.daemon import obstacles
from cromwelld.daemon.member import Member
from cromwelld.daemon.pending import Pending
from cromwelld.errors import CromwelldError
from cromwelld.jobs.importing.standing import standing
from cromwelld.jobs.lost import lost
from cromwelld.jobs.states import ACCEPTED, INCOMPLETE
from cromwelld.monitor.snapshot import AccountNow, Disk, Login, account_from
from cromwelld.state import Left, Obstacle, Run

_RUNS = 100


def accounts(members: Iterable[Member], pending: Pending) -> dict[str, AccountNow]:
    """Look at every account. Raises: DamagedFile."""
    return {member.name: _account(member, pending) for member in members}


def _account(member: Member, pending: Pending) -> AccountNow:
    places, name = member.places, member.name
    runs = places.ledger.runs.newest(_RUNS, account=name)
    in_the_way = obstacles.known(member)
    return replace(
        account_from(places.ledger, name, member.account.source),
        began_at=places.ledger.runs.first_asked(name) or (member.opened_at if member.account.by_export else None),
        login=_login(member, {one.obstacle: one.reason for one in in_the_way}),
        paused=any(one.obstacle is Obstacle.PAUSED for one in in_the_way),
        last_success_at=places.ledger.runs.last_done(name),
        refusal=_refusal(runs),
        budgets=_budgets(member),
        outbox=places.outbox.held(),
        lost=lost(places.ledger, name, places.clock()),
        exports=standing(member.settings.state_dir, member.account, member.settings.alerts.import_reminder_after_s),
        dates=_dates(member.account.data_dir / "days.parquet", places.ledger.open_work.accepted(name)),
        backfill_dates=pending.of(member.account, places, member.today()),
    )


def _login(member: Member, reasons: Mapping[Obstacle, str]) -> Login:
    """Tell what is known of the login on disk: a new one is in use only when the old one is due.

    One that cannot be read is needed, unless it is in use.
    """
    needed = reasons.get(Obstacle.LOGIN, "") or reasons.get(Obstacle.PERSON, "")
    if member.line is None or member.line.access.store is None:
        return Login(needed=needed)
    in_use = member.line.keeper.known if member.line.keeper is not None else None
    try:
        known = member.line.access.store.load() or in_use
    except CromwelldError as err:
        if in_use is None:
            return Login(needed=needed or err.message)
        known = in_use
    if known is None:
        return Login(needed=needed or "there is no login")
    return Login(needed=needed, access_ends_at=known.expires_at, refresh_ends_at=known.refresh_expires_at)


def _refusal(runs: Iterable[Run]) -> str:
    """Say why the vendor said nothing the last time; nothing if it did."""
    ended = next((run for run in runs if run.state.ended), None)
    return "" if ended is None or ended.counts.answered else ended.reason


def _budgets(member: Member) -> dict[str, Left]:
    if member.line is None:
        return {}
    origin = member.line.access.vendor.provider.name
    found = member.places.ledger.budgets.load(member.name, origin)
    return {} if found is None else {origin: found}


def _dates(days: Path, accepted: Collection[dt.date]) -> dict[str, int] | None:
    """Count the dates by how they stand, and what a person has accepted apart; None if the tables do not say."""
    taken = {date.isoformat() for date in accepted}
    with suppress(OSError, ValueError, KeyError):  # what pyarrow raises; others report what is wrong with a table
        found = pq.ParquetFile(days).read(["date", "state"]).to_pydict()
        told = zip(found["date"], found["state"], strict=True)
        return dict(Counter(ACCEPTED if state == INCOMPLETE and date in taken else state for date, state in told))
    return None


@dataclass(frozen=True, slots=True)
class _Folder:
    key: str
    path: Path


def disks(settings: Settings) -> tuple[Disk, ...]:
    """Look at the disks of the folders that are written to; one that cannot be looked at is passed over."""
    return tuple(disk for folder in _folders(settings) if (disk := _disk(folder)) is not None)


def _folders(settings: Settings) -> Iterator[_Folder]:
    yield _Folder("state_dir", settings.state_dir)
    for name, account in settings.accounts.items():
        yield _Folder(f"accounts.{name}.data_dir", account.data_dir)
    if settings.archive.store == "folder":
        yield _Folder("archive.folder", settings.archive.folder)


def _disk(folder: _Folder) -> Disk | None:
    try:
        found = shutil.disk_usage(folder.path)
    except OSError:
        return None
    return Disk(key=folder.key, path=str(folder.path), free=found.free, total=found.total)
