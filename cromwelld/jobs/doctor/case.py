"""What the checks look at: one account's set-up, and what the vendor said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cromwelld.config import Account, Settings
from cromwelld.errors import ConfigurationError, LoginNeeded
from cromwelld.jobs.doctor.archive import Bucket
from cromwelld.jobs.doctor.far import Far
from cromwelld.jobs.doctor.replies import Replies


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A login that is there: its file, and the permissions that it says were granted, None if it does not say."""

    file: Path
    granted: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Unasked:
    """Why the vendor was not asked, and what to do so that it is."""

    reason: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One account to be examined.

    `mistake` is what the settings ask for that cannot be done. `far` is None where the source asks nobody. `log_in` is
    the remedy for everything that a new login cures. `bucket` is what an archive in S3 said, None if it is a folder.
    """

    config: Path
    settings: Settings
    account: Account
    mistake: ConfigurationError | None
    login: Login | LoginNeeded
    log_in: str
    far: Far | None
    replies: Replies | Unasked
    clock: Callable[[], dt.datetime]
    bucket: Bucket | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
