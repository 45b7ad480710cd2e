"""What the daemon offers to those who ask it by HTTP."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from cromwelld.jobs.days import DateState
from cromwelld.jobs.overview import Overview
from cromwelld.monitor.health import Health
from cromwelld.state import Run, RunWish


class Probe(Enum):
    """What monitors ask: is it alive, can it work, are the data fresh."""

    ALIVE = "healthz"
    READY = "readyz"
    FRESH = "freshz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many of the answers of a piece of work have come."""

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginBegun:
    """An attempt to log in: its name, which nobody can guess, and the address that a person opens in a browser."""

    id: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """A login that is kept: where, the scopes that were granted, and what a person should know of it."""

    account: str
    place: str
    granted: tuple[str, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillWish:
    """Dates to be fetched when the budget allows it, both ends included; a `dry_run` only plans."""

    account: str
    first: dt.date
    last: dt.date
    dry_run: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillPlan:
    """What a backfill costs: dates that lack something, requests by stream, hours at the quota of the vendor."""

    account: str
    first: dt.date
    last: dt.date
    dates: int
    requests: Mapping[str, int]
    hours: float
    entered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsound:
    """One thing that does not fit on a date: where it is wrong, what is wrong, whether it was mended, what to do."""

    date: dt.date
    place: str
    what: str
    mended: bool
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """One reading back of everything: `state` is running, done or failed, `reason` why it failed."""

    id: int
    account: str
    repair: bool
    state: str
    reason: str = ""
    progress: Progress | None = None
    dates: int = 0
    records: int = 0
    findings: tuple[Unsound, ...] = ()

    @property
    def ended(self) -> bool:
        """Tell whether nothing more becomes of it."""
        return self.state != "running"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """From now on an account is not collected, until a time (UTC), or until it is resumed; `paused` False: it is."""

    account: str
    paused: bool
    until: dt.datetime | None = None


class Watched(Protocol):
    """What monitors and people look at."""

    @property
    def accounts(self) -> Mapping[str, Collection[str]]:
        """Give the accounts by name, each with the streams that it can be asked for."""

    def health(self, probe: Probe) -> Health:
        """Say at once what is known; nothing is asked of anybody."""

    async def metrics(self) -> bytes:
        """Give the metrics in the text format of Prometheus, version 0.0.4."""

    async def overview(self) -> Overview:
        """Say how everything stands. Raises: DamagedFile."""


class Collecting(Protocol):
    """Runs, and what has become of dates."""

    @property
    def accounts(self) -> Mapping[str, Collection[str]]:
        """Give the accounts by name, each with the streams that it can be asked for."""

    async def ask_run(self, wish: RunWish) -> Run:
        """Enter a wish; it is durable when this returns. Raises: NotWritable; DamagedFile."""

    async def runs(self, account: str | None, most: int) -> Sequence[Run]:
        """Give the newest runs, newest first. Raises: DamagedFile."""

    async def run(self, run: int) -> Run | None:
        """Give a run; None if there is none of that number. Raises: DamagedFile."""

    async def run_report(self, run: int) -> str:
        """Give what a person is told of a run that has ended, as a JSON text; "" if there is nothing (any more)."""

    def run_progress(self, run: int) -> Progress | None:
        """Say how far a run is; None if it is not being worked on."""

    async def run_ended(self, run: int) -> None:
        """Wait until a run has ended; the caller limits the time."""

    async def days(self, account: str, first: dt.date, last: dt.date) -> Sequence[DateState]:
        """Tell how each date stands, both ends included, oldest first. Raises: DamagedFile."""


class LoggingIn(Protocol):
    """Logins that a person gives in a browser, or brings in a file."""

    async def begin_login(self, account: str, redirect_uri: str) -> LoginBegun:
        """Begin an attempt. Raises: ConfigurationError if the account has no client."""

    async def finish_login(self, login: str, answer: str, *, replace_person: bool) -> LoggedIn:
        """Take what the browser ended on, and keep the login.

        Raises: UsageError if it is no answer to this attempt, there is no such attempt, or it is another person's;
        PersonNeeded; FarSideAway; StoreError.
        """

    async def import_login(self, account: str, content: str, *, replace_person: bool) -> LoggedIn:
        """Take over the token file of another program. Raises: as `finish_login`."""


class Tending(Protocol):
    """What people do now and then: fill up, hold against each other, settle, pause."""

    async def backfill(self, wish: BackfillWish) -> BackfillPlan:
        """Plan a backfill, and enter it unless it is a dry run. Raises: UsageError; StoreError."""

    async def ask_verification(self, account: str, *, repair: bool) -> Verification:
        """Begin to read everything back, or give the reading that runs already for that account and purpose."""

    async def verification(self, verification: int) -> Verification | None:
        """Give a reading back; None if there is none of that number (any more)."""

    async def verification_ended(self, verification: int) -> None:
        """Wait until a reading back has ended; the caller limits the time."""

    async def accept(self, account: str, date: dt.date, streams: Collection[str]) -> Sequence[str]:
        """Settle streams of a date as they are, all of them if none is named; give those that were settled.

        Raises: UsageError if there is nothing to settle; StoreError.
        """

    async def pause(self, account: str, until: dt.datetime | None) -> Pause:
        """Collect nothing for an account until a time, or until it is resumed. Raises: StoreError."""

    async def resume(self, account: str) -> Pause:
        """Collect for an account again. Raises: StoreError."""


class Daemon(Watched, Collecting, LoggingIn, Tending, Protocol):
    """Everything that the daemon offers."""
