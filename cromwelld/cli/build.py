"""The one place that makes the real things: sessions, folders, stores, sources."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import pyarrow as pa

from cromwelld import localtime
from cromwelld.archive.folder import FolderArchive
from cromwelld.config import Account, Settings, find, load
from cromwelld.disk import check_writable, make_private
from cromwelld.errors import ConfigurationError, CromwelldError, LoginNeeded, OutOfBudget, UsageError
from cromwelld.events import Report
from cromwelld.jobs.collect import Source
from cromwelld.jobs.places import Clock, Places
from cromwelld.lake.writer import Lake
from cromwelld.outbox import Outbox
from cromwelld.sources.client import Client
from cromwelld.sources.fitbit_web import FitbitWeb
from cromwelld.sources.fitbit_web import Settings as SourceSettings
from cromwelld.sources.fitbit_web.endpoints import ENDPOINTS
from cromwelld.state import Ledger

VENDOR_URL = "https://api.fitbit.com"
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


def check_kinds(settings: Settings, account: Account) -> None:
    """Refuse settings that a later version will know, before anything is made on the disk.

    Raises: ConfigurationError.
    """
    if settings.archive.store != "folder":
        raise ConfigurationError("archive.store: this version keeps the archive in a folder only", hint='set "folder"')
    if account.source != "fitbit_web":
        sentence = f"accounts.{account.name}.source: this version collects from fitbit_web only, not {account.source}"
        raise ConfigurationError(sentence, hint='set "fitbit_web", or wait for the next version')
    if account.steps_from != "watch":
        sentence = (
            f"accounts.{account.name}.steps_from: fitbit_web counts as the watch does, not {account.steps_from!r}"
        )
        raise ConfigurationError(sentence, hint='set "watch"')
    unknown = [name for name in account.leave_out if name not in ENDPOINTS]
    if unknown:
        sentence = f"accounts.{account.name}.leave_out: there is no stream {', '.join(unknown)}"
        raise ConfigurationError(sentence, hint=f"the streams are: {', '.join(ENDPOINTS)}")


@asynccontextmanager
async def places_of(settings: Settings, account: Account, report: Report, clock: Clock) -> AsyncIterator[Places]:
    """Open an account's folders, archive, tables and ledger, having shown that they can be written.

    Raises: NotWritable; ForeignFolder; DamagedFile.
    """
    pa.array([1.0])  # the first array imports pandas, about a second: now, not while a day is written
    state = settings.state_dir
    lake = Lake(account.data_dir, report=report)
    lake.digests()  # a folder of another program is refused now, not after everything was asked
    make_private(state)
    for folder in (state, account.data_dir, settings.archive.folder):
        check_writable(folder)
    ledger = Ledger(state / "ledger.sqlite")
    try:
        yield Places(
            account=account.name,
            outbox=Outbox(state / "outbox" / account.name),
            archive=FolderArchive(settings.archive.folder, account.prefix),
            lake=lake,
            ledger=ledger,
            drafts=state / "drafts",
            label=account.device or "",
            clock=clock,
            report=report,
        )
    finally:
        ledger.close()


@asynccontextmanager
async def source_of(account: Account, places: Places, *, base_url: str, token: str) -> AsyncIterator[Source]:
    """Open an account's source, at `base_url`."""

    async def current() -> str:
        return token

    async with aiohttp.ClientSession() as session:
        client = Client(session=session, base_url=base_url, token=current, report=places.report, clock=places.clock)
        settings = SourceSettings(
            zone_of=zone_of(account, places.ledger),
            last_zone=lambda: places.ledger.last_zone(account.name),
            report=places.report,
            leave_out=frozenset(account.leave_out),
        )
        yield FitbitWeb(client, settings)


def zone_of(account: Account, ledger: Ledger) -> Callable[[dt.date], str | None]:
    """Give the zone of a date as far as it is known here: the one stored with it, else the configured one."""
    return lambda date: ledger.zone(account.name, date) or account.timezone


def token_file(state: Path, account: str) -> Path:
    """Say where the login of an account lies."""
    return state / "tokens" / f"{account}.json"


def with_remedy(err: CromwelldError | None, settings: Settings, account: Account) -> CromwelldError | None:
    """Give an error that ended a collection the remedy that this version has."""
    if isinstance(err, LoginNeeded):
        file = token_file(settings.state_dir, account.name)
        return LoginNeeded(err.message, hint=f"put a new access token into {file}")
    if isinstance(err, OutOfBudget) and err.retry_after_s is not None:
        minutes = math.ceil(err.retry_after_s / 60)
        hint = f"what was collected is kept; run it again in {minutes} minutes"
        return OutOfBudget(err.message, hint=hint, retry_after_s=err.retry_after_s)
    return err


def access_token(path: Path, account: str) -> str:
    """Read the access token of an account.

    Raises: LoginNeeded.
    """
    hint = 'put the login there as JSON: {"access_token": "..."}, readable by this user only'
    try:
        token = json.loads(path.read_bytes())["access_token"]
    except FileNotFoundError as err:
        raise LoginNeeded(f"account {account} has no login: {path} does not exist", hint=hint) from err
    except (OSError, ValueError, KeyError, TypeError) as err:
        raise LoginNeeded(f"the login of account {account} cannot be read: {path}", hint=hint) from err
    if not isinstance(token, str) or not token:
        raise LoginNeeded(f"the login of account {account} holds no access token: {path}", hint=hint)
    return token


def latest_today(clock: Clock) -> dt.date:
    """Give the date that it is where dates begin first."""
    return clock().astimezone(ZoneInfo(_LATEST_ZONE)).date()


def today_of(account: Account, ledger: Ledger, clock: Clock) -> dt.date:
    """Give today's date where the person is, as far as it is known; else where dates begin first."""
    zone = account.timezone or ledger.last_zone(account.name)
    return latest_today(clock) if zone is None else localtime.local_date(clock(), zone)
