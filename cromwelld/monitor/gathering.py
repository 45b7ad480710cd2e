"""Gathering how everything stands, from ledger, outbox, disks and what was seen."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from cromwelld.jobs.days import days_of
from cromwelld.jobs.places import Places
from cromwelld.monitor.seen import Seen
from cromwelld.monitor.snapshot import AccountNow, Disk, Login, Snapshot, account_from
from cromwelld.planner.settling import failed_for_good
from cromwelld.planner.states import ACCEPTED
from cromwelld.sources.oauth import Tokens
from cromwelld.state import Entry, Left, Obstacle, RunState, Standing

_LOOKED_AT_RUNS = 200
_LOST_WITHIN = dt.timedelta(days=60)  # what was lost longer ago is history: the page of dates has it
_PERSON = (Obstacle.LOGIN, Obstacle.PERSON)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One account to look at: where it is kept, its source, its login, and what stands in its way now.

    `origin` is the vendor as its budget is kept; `backfill_dates` is how many dates a backfill has still to fetch.
    """

    places: Places
    source: str
    origin: str = ""
    tokens: Tokens | None = None
    obstacles: Sequence[Standing] = ()
    backfill_dates: int | None = None

    @property
    def name(self) -> str:
        """Give the account's name."""
        return self.places.account


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is counted through the whole ledger, and is worth it only when something has changed."""

    changes: int
    dates: Mapping[str, int]
    lost: Mapping[dt.date, str]
    began_at: dt.datetime | None


@dataclass(slots=True, kw_only=True)
class Gatherer:
    """Gather again and again; what takes long is done anew only after something has changed."""

    seen: Seen
    clock: Callable[[], dt.datetime]
    _kept: dict[str, _Kept] = field(default_factory=dict, init=False)

    def gather(self, accounts: Iterable[Watched], folders: Mapping[str, Path]) -> Snapshot:
        """Look at everything; `folders` by the setting that names each. Blocks.

        Raises: DamagedFile.
        """
        at = self.clock()
        return Snapshot(
            at=at,
            accounts={one.name: self._account(one, at) for one in accounts},
            disks=tuple(disk for key, path in folders.items() for disk in _disk(key, path)),
            archive=self.seen.archive,
            clock_ahead_s=dict(self.seen.clock_ahead_s),
        )

    def _account(self, one: Watched, at: dt.datetime) -> AccountNow:
        kept = self._counted(one, at)
        ledger = one.places.ledger
        return replace(
            account_from(ledger, one.name, one.source),
            began_at=kept.began_at,
            login=_login(one),
            paused=any(standing.obstacle is Obstacle.PAUSED for standing in one.obstacles),
            last_success_at=_last_success(one),
            refusal=self.seen.refusal(one.name),
            budgets=_budgets(one),
            outbox=one.places.outbox.held(),
            dates=kept.dates,
            lost=kept.lost,
            backfill_dates=one.backfill_dates,
        )

    def _counted(self, one: Watched, at: dt.datetime) -> _Kept:
        changes = self.seen.changes(one.name)
        known = self._kept.get(one.name)
        if known is None or known.changes != changes:
            known = _count(one, at, changes)
            self._kept[one.name] = known
        return known


def _count(one: Watched, at: dt.datetime, changes: int) -> _Kept:
    ledger = one.places.ledger
    dates = Counter(date.state for date in days_of(ledger, one.name, ledger.open_work.dates(one.name)))
    lost: dict[dt.date, list[str]] = {}
    for entry in ledger.failing(one.name):
        if _is_lost(entry, at):
            lost.setdefault(entry.date, []).append(f"{entry.stream}: {entry.reason}")
    told = {date: "; ".join(reasons) for date, reasons in lost.items()}
    return _Kept(changes, dates, told, ledger.first_asked_at(one.name))


def _is_lost(entry: Entry, at: dt.datetime) -> bool:
    """Tell whether a stream of a date has failed for so long that a person should know, who has not settled it."""
    lately = at.date() - entry.date <= _LOST_WITHIN
    return lately and entry.outlook.settled != ACCEPTED and failed_for_good(entry.asked_at, entry.changed_at)


def _login(one: Watched) -> Login:
    needed = next((standing.reason for standing in one.obstacles if standing.obstacle in _PERSON), "")
    tokens = one.tokens
    if tokens is None:
        return Login(needed=needed)
    return Login(needed=needed, access_ends_at=tokens.expires_at, refresh_ends_at=tokens.refresh_expires_at)


def _last_success(one: Watched) -> dt.datetime | None:
    """Give when a run last had everything that it asked for."""
    newest = one.places.ledger.runs.newest(_LOOKED_AT_RUNS, account=one.name)
    return next((run.ended_at for run in newest if run.state is RunState.DONE), None)


def _budgets(one: Watched) -> dict[str, Left]:
    left = one.places.ledger.budgets.load(one.name, one.origin) if one.origin else None
    return {} if left is None else {one.origin: left}


def _disk(key: str, path: Path) -> Iterable[Disk]:
    """Give the disk of a folder, or of the nearest one above it that is there."""
    there = next((place for place in (path, *path.parents) if place.exists()), None)
    if there is not None:
        with suppress(OSError):
            usage = shutil.disk_usage(there)
            yield Disk(key=key, path=str(path), free=usage.free, total=usage.total)
