"""How an account reaches its vendor: address, login, budget."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import aiohttp

from cromwelld.config import Account, Settings, read_secret
from cromwelld.errors import LoginNeeded
from cromwelld.events import Report, about
from cromwelld.jobs.fetching import Source
from cromwelld.jobs.performing import Sources
from cromwelld.jobs.places import Clock, Places
from cromwelld.planner.backfill import Rate
from cromwelld.sources.budget import Budget
from cromwelld.sources.client import Client, Limits, Retries
from cromwelld.sources.oauth import Application, Keeper, Provider, Tokens, TokenStore
from cromwelld.sources.purse import Purse
from cromwelld.sources.telling import Settings as SourceSettings
from cromwelld.state import Ledger, Left
from cromwelld.wiring.vendors import VENDORS, Granted, Vendor, vendor_of


async def _at_once(_: float) -> None:
    """Wait for no time."""
    await asyncio.sleep(0)


_PATIENT = Retries(attempts=6, quota_wait_s=3700.0, sleep=_at_once)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One account's way to its vendor; `store` None is the simulated vendor, which takes any token."""

    account: Account
    vendor: Vendor
    base_url: str
    store: TokenStore | None
    application: Application = field(default_factory=lambda: Application(client_id=""))

    @property
    def provider(self) -> Provider:
        """Give the vendor's side of the login; at another base it is asked there too."""
        own = self.base_url == self.vendor.url
        return self.vendor.provider if own else self.vendor.provider.at(self.base_url)

    @property
    def rate(self) -> Rate | None:
        """Give how many requests older dates may cost in a window; None if nobody counts."""
        quota = self.vendor.quota
        return None if quota is None else Rate(requests=quota.most - quota.reserve, window_s=quota.window_s)


def token_file(state: Path, account: str) -> Path:
    """Say where the login of an account lies."""
    return state / "tokens" / f"{account}.json"


def login_word(settings: Settings, account: Account) -> str:
    """Say in a word whether an account has a login; that the vendor still takes it is another matter."""
    if account.source not in VENDORS:
        return "not needed"
    return "kept" if token_file(settings.state_dir, account.name).exists() else "none"


def access_of(settings: Settings, account: Account, report: Report) -> Access:
    """Give an account's access as it is configured.

    Raises: ConfigurationError if the source cannot be collected from, or the client's secret cannot be read.
    """
    vendor = vendor_of(account)
    return Access(
        account=account,
        vendor=vendor,
        base_url=account.base_url or vendor.url,
        store=TokenStore(token_file(settings.state_dir, account.name), about(account.name, report)),
        application=_application(account),
    )


def simulated(account: Account, base_url: str) -> Access:
    """Give access to a simulated vendor, which needs no login; waiting for it takes no time."""
    vendor = replace(vendor_of(account), limits=Limits(), retries=_PATIENT, quota=None)
    return Access(account=account, vendor=vendor, base_url=base_url, store=None)


def stored_login(access: Access) -> Tokens | None:
    """Read an account's login; None for the simulated vendor.

    Raises: LoginNeeded if there is none.
    """
    if access.store is None:
        return None
    tokens = access.store.load()
    if tokens is None:
        message = f"account {access.account.name} has no login: {access.store.path} does not exist"
        raise LoginNeeded(message, hint=f"run: cromwelld login --account {access.account.name}")
    return tokens


@dataclass(slots=True, kw_only=True)
class Line:
    """One account's open way to its vendor: one session, one login, one budget, shared by all that is asked over it.

    `zone` is where the dates were spent, if a person says so; else it is the one that is stored or configured.
    """

    access: Access
    places: Places
    client: Client
    keeper: Keeper | None
    zone: str = ""
    _made: tuple[str | None, Sources] | None = field(default=None, init=False)

    async def source(self) -> Source:
        """Give the source that may use the whole budget; see `sources`."""
        return (await self.sources()).urgent

    async def sources(self) -> Sources:
        """Give the source as the login of today allows it, in both ways; with the same scopes it is the same one.

        Raises: LoginNeeded if there is no login; DamagedFile.
        """
        tokens = await asyncio.to_thread(stored_login, self.access)
        scope = None if tokens is None else tokens.scope
        if self._made is None or self._made[0] != scope:
            patient = replace(self.client, urgent=False)
            self._made = (scope, Sources(urgent=self._make(self.client, scope), patient=self._make(patient, scope)))
        return self._made[1]

    def offered(self) -> Source:
        """Give a source to look at what it has, whatever the login allows."""
        return self._make(self.client, None)

    def _make(self, client: Client, scope: str | None) -> Source:
        settings = _source_settings(self.access.account, self.places, self.zone)
        return self.access.vendor.make(client, settings, self.access.account, Granted(scope))


def _source_settings(account: Account, places: Places, zone: str) -> SourceSettings:
    return SourceSettings(
        zone_of=lambda date: zone or places.ledger.zone(account.name, date) or account.timezone,
        last_zone=lambda: places.ledger.last_zone(account.name),
        report=places.report,
        leave_out=frozenset(account.leave_out),
    )


@asynccontextmanager
async def source_of(access: Access, places: Places, zone: str = "") -> AsyncIterator[Source]:
    """Open an account's source for one collection; dates were spent in `zone`, if one is told.

    Raises: LoginNeeded.
    """
    async with line_of(access, places) as line:
        yield await replace(line, zone=zone).source()


@asynccontextmanager
async def line_of(access: Access, places: Places) -> AsyncIterator[Line]:
    """Open an account's way to its vendor; nothing is asked yet, and a login need not be there."""
    async with aiohttp.ClientSession() as session:
        # By itself it sends a request again after a lost connection, behind the back of the budget.
        session._retry_connection = False  # noqa: SLF001
        client = _client(access, places, session)
        if access.store is None:
            yield Line(access=access, places=places, client=client, keeper=None)
            return
        async with keeper_of(access, access.store, session, report=places.report, clock=places.clock) as keeper:
            signed = replace(client, token=keeper.current, renew=keeper.renewed)
            yield Line(access=access, places=places, client=signed, keeper=keeper)


def _client(access: Access, places: Places, session: aiohttp.ClientSession) -> Client:
    vendor = access.vendor
    return Client(
        session=session,
        base_url=access.base_url,
        token=_any_token,
        report=places.report,
        source=access.account.source,
        purse=_purse(access, places),
        judge=vendor.judge,
        vendor_hosts=vendor.hosts,
        retries=vendor.retries,
        limits=vendor.limits,
        clock=places.clock,
    )


def keeper_of(
    access: Access, store: TokenStore, session: aiohttp.ClientSession, *, report: Report, clock: Clock
) -> Keeper:
    """Make the keeper of an account's login, to be used as a context."""
    return Keeper(
        provider=access.provider,
        application=access.application,
        store=store,
        session=session,
        report=about(access.account.name, report),
        clock=clock,
    )


async def _any_token() -> str:
    return "simulated"


def _purse(access: Access, places: Places) -> Purse | None:
    quota = access.vendor.quota
    if quota is None:
        return None
    kept = _Kept(places.ledger, access.account.name, access.vendor.provider.name)
    return Purse(quota=quota, told=access.vendor.told, clock=places.clock, kept=kept)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A budget in the state file."""

    ledger: Ledger
    account: str
    origin: str

    def load(self) -> Budget | None:
        """Give the budget as it was last saved; None if there is none."""
        found = self.ledger.budgets.load(self.account, self.origin)
        return None if found is None else Budget(**found._asdict())

    def save(self, budget: Budget) -> None:
        """Keep a budget."""
        left = Left(budget.left, budget.resets_at, budget.silent_until, budget.late)
        self.ledger.budgets.save(self.account, self.origin, left)


def _application(account: Account) -> Application:
    secret = account.client_secret
    return Application(
        client_id=account.client_id or "",
        client_secret=None if secret is None else read_secret(secret, dict(os.environ)),
    )
