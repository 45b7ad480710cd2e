"""The one place that makes the real things: sessions, folders, stores, sources."""

from __future__ import annotations

import asyncio
import datetime as dt
import math
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from cromwelld import localtime
from cromwelld.archive.bucket import Bucket, Keys, bucket_at
from cromwelld.archive.folder import FolderStore
from cromwelld.archive.objects import Archive
from cromwelld.archive.store import Store
from cromwelld.config import Account, Settings, find, load, read_secret
from cromwelld.config import Archive as ArchiveSettings
from cromwelld.disk import check_writable, make_private
from cromwelld.errors import CromwelldError, LoginNeeded, OutOfBudget, UsageError
from cromwelld.events import Report, about
from cromwelld.jobs.places import Clock, Places
from cromwelld.jobs.zones import Zones
from cromwelld.lake.writer import Lake
from cromwelld.outbox import Outbox
from cromwelld.state import Ledger

_LATEST_ZONE = "Etc/GMT-14"  # where a date begins first


def now() -> dt.datetime:
    """Give the present instant, UTC."""
    return dt.datetime.now(dt.UTC)


def settings_from(config: Path | None, environ: dict[str, str]) -> Settings:
    """Read the configuration from where it is looked for.

    Raises: ConfigurationError.
    """
    return load(find(config, environ))


def account_of(settings: Settings, name: str | None) -> Account:
    """Choose the account that is named, or the only one.

    Raises: UsageError.
    """
    names = ", ".join(settings.accounts)
    if name is None and len(settings.accounts) > 1:
        raise UsageError("there are several accounts", hint=f"say which: --account NAME, one of {names}")
    chosen = next(iter(settings.accounts.values())) if name is None else settings.accounts.get(name)
    if chosen is None:
        raise UsageError(f"there is no account {name!r}", hint=f"the configuration has: {names}")
    return chosen


def check_kinds(settings: Settings) -> None:
    """Refuse secrets of the archive that cannot be read, before anything is made on the disk.

    Raises: ConfigurationError.
    """
    if settings.archive.store == "s3":
        for account in settings.accounts.values():
            bucket_of(settings, account)


def bucket_of(settings: Settings, account: Account) -> Bucket:
    """Give the place of an account in the bucket that the settings name, with the keys read.

    Raises: ConfigurationError.
    """
    told = settings.archive
    return Bucket(
        name=str(told.bucket),
        prefix=account.prefix,
        endpoint=told.endpoint,
        region=told.region,
        profile=told.profile,
        keys=_keys(told),
        path_style=told.path_style,
        storage_class=told.storage_class,
        encryption=told.server_side_encryption,
        kms_key=told.kms_key_id,
    )


def _keys(told: ArchiveSettings) -> Keys | None:
    if told.access_key is None or told.secret_key is None:
        return None
    environ = dict(os.environ)
    return Keys(access=read_secret(told.access_key, environ), secret=read_secret(told.secret_key, environ))


@asynccontextmanager
async def store_of(settings: Settings, account: Account) -> AsyncIterator[Store]:
    """Open the place of an account's objects, as far as it can be done on this machine: no server is asked.

    Raises: NotWritable; ConfigurationError.
    """
    if settings.archive.store == "folder":
        check_writable(settings.archive.folder)
        yield FolderStore(settings.archive.folder, account.prefix)
        return
    from cromwelld.archive import s3  # its library is slow to import, and a folder needs none

    async with s3.opened(bucket_of(settings, account)) as store:
        yield store


@asynccontextmanager
async def store_at(address: str) -> AsyncIterator[Store]:
    """Open the bucket at `s3://bucket/prefix`, with the keys and the server that the environment tells.

    Raises: UsageError if it is no such address; ConfigurationError.
    """
    bucket = bucket_at(address)
    from cromwelld.archive import s3  # see store_of

    async with s3.opened(bucket) as store:
        yield store


def archive_place(settings: Settings, account: Account) -> str:
    """Name the place of an account's objects for people."""
    told = settings.archive
    if told.store == "folder":
        return str(told.folder / account.prefix)
    return Bucket(name=str(told.bucket), prefix=account.prefix).place()


@asynccontextmanager
async def places_of(settings: Settings, account: Account, report: Report, clock: Clock) -> AsyncIterator[Places]:
    """Open an account's folders, archive, tables and ledger, having shown that what is local can be written.

    A bucket is not asked: one that is away must not keep anybody from collecting.

    Raises: NotWritable; ForeignFolder; DamagedFile; ConfigurationError.
    """
    state, report = settings.state_dir, about(account.name, report)
    lake = Lake(account.data_dir, report=report)
    await asyncio.to_thread(_show_usable, lake, state, account.data_dir)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(store_of(settings, account))
        ledger = stack.enter_context(closing(await asyncio.to_thread(Ledger, state / "ledger.sqlite")))
        yield Places(
            account=account.name,
            outbox=Outbox(state / "outbox" / account.name),
            archive=Archive(store),
            lake=lake,
            ledger=ledger,
            drafts=state / "drafts" / account.name,
            label=account.device or "",
            clock=clock,
            report=report,
            zones=Zones(stays=account.lived_in),
        )


def _show_usable(lake: Lake, state: Path, data: Path) -> None:
    """See that tables and state can be used, before anything is asked."""
    pa.array([1.0])  # the first array imports pandas, about a second: now, not while a day is written
    lake.digests()  # a folder of another program is refused now, not after everything was asked
    make_private(state)
    for folder in (state, data):
        check_writable(folder)


def with_remedy(err: CromwelldError | None, account: Account) -> CromwelldError | None:
    """Give an error that ended a collection its remedy."""
    if isinstance(err, LoginNeeded):
        return LoginNeeded(err.message, hint=f"run: cromwelld login --account {account.name}")
    if isinstance(err, OutOfBudget) and err.retry_after_s is not None:
        minutes = math.ceil(err.retry_after_s / 60)
        hint = f"what was collected is kept; run it again in {minutes} minutes"
        return OutOfBudget(err.message, hint=hint, retry_after_s=err.retry_after_s)
    return err


def latest_today(clock: Clock) -> dt.date:
    """Give the date that it is where dates begin first."""
    return clock().astimezone(ZoneInfo(_LATEST_ZONE)).date()


def today_of(account: Account, ledger: Ledger, clock: Clock) -> dt.date:
    """Give today's date where the person is, as far as it is known; else where this machine is."""
    return today_in(account.timezone or ledger.last_zone(account.name), clock)


def today_in(zone: str | None, clock: Clock) -> dt.date:
    """Give today's date in a zone; None is that of this machine."""
    return clock().astimezone().date() if zone is None else localtime.local_date(clock(), zone)
