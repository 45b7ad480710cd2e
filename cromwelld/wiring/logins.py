"""A login on its way in, by a code or by a file: whose it is is known before it takes the place of another."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from cromwelld.disk import make_private
from cromwelld.errors import ConfigurationError, LoginNeeded, PersonNeeded, Refused, UsageError
from cromwelld.events import Report
from cromwelld.jobs import login as logging_in
from cromwelld.jobs.doctor import FARS
from cromwelld.jobs.places import Clock
from cromwelld.sources.client import Client
from cromwelld.sources.oauth import Tokens, TokenStore
from cromwelld.sources.oauth.consent import Consent
from cromwelld.sources.oauth.endpoint import exchange
from cromwelld.sources.oauth.sending import TokenEndpoint
from cromwelld.sources.oauth.tokens import imported
from cromwelld.wiring.access import Access, keeper_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """How logins of one account come in; `remark` hears what a login lacks that cannot even say whose it is."""

    way: Access
    state: Path
    report: Report
    clock: Clock
    remark: Callable[[str], None]

    @property
    def store(self) -> TokenStore:
        """Give the place of the login. Raises: ConfigurationError if the account has no client to log in with."""
        if self.way.store is None or not self.way.application.client_id:
            name = self.way.account.name
            message = f"accounts.{name}.client_id: a login needs the client that you registered at the vendor"
            raise ConfigurationError(message, hint="set client_id and client_secret_file")
        return self.way.store

    async def by_code(self, code: str, consent: Consent, *, replace_person: bool) -> Tokens:
        """Exchange the code that came back to a consent, and keep the login.

        Raises: UsageError if it is another person's; PersonNeeded; FarSideAway; StoreError.
        """
        arrived = self._arrived(f"new-{self.way.account.name}")
        async with aiohttp.ClientSession() as session:
            asking = exchange(self.way.provider, self.way.application, code=code, consent=consent)
            await _put(arrived, await TokenEndpoint(session=session, report=self.report).ask(asking))
            tokens = await self._named(session, arrived)
        try:
            await logging_in.keep(self.store, tokens, replace_person=replace_person)
        except UsageError:
            arrived.remove()
            raise
        arrived.remove()
        return tokens

    async def by_file(self, content: bytes, origin: Path, *, replace_person: bool) -> Tokens:
        """Take over the token file of another program, and keep the login.

        One that is imported again finds what became of it: a renewed pair is never lost on the way.

        Raises: as `by_code`; UsageError if it is no token file.
        """
        given = imported(content, origin)
        arrived = self._arrived(f"import-{hashlib.sha256(content).hexdigest()[:16]}")
        async with aiohttp.ClientSession() as session:
            if arrived.load() is None:
                await _put(arrived, given)
            tokens = await self._named(session, arrived)
        try:
            await logging_in.keep(self.store, tokens, replace_person=replace_person)
        except UsageError:
            if given.access_token == tokens.access_token:  # nothing of another person's stays that is elsewhere too
                arrived.remove()
            raise
        arrived.remove()
        return tokens

    def granted(self, tokens: Tokens) -> tuple[str, ...]:
        """Name what was granted; nothing if the vendor does not say."""
        return tuple(scope.rpartition("/")[2] for scope in (tokens.scope or "").split())

    def remarks(self, tokens: Tokens) -> Iterator[str]:
        """Say what a person should know of a login."""
        costs = FARS[self.way.account.source].costs
        return logging_in.remarks(tokens, self.way.provider, costs, self.clock())

    def _arrived(self, name: str) -> TokenStore:
        """Give the place where a login waits until it is known whose it is."""
        for folder in (self.state, self.state / "tokens"):
            make_private(folder)
        return TokenStore(self.state / "tokens" / "arriving" / f"{name}.json", self.report)

    async def _named(self, session: aiohttp.ClientSession, arrived: TokenStore) -> Tokens:
        who = await self._identity(session, arrived)
        return logging_in.named(_read(arrived), self.state, self.way.provider, who)

    async def _identity(self, session: aiohttp.ClientSession, arrived: TokenStore) -> str:
        """Ask whose login it is; one whose access token has ended is renewed first, and on disk before it is used.

        Raises: PersonNeeded if the login lacks what it takes to say; what it lacks besides is remarked.
        """
        vendor = self.way.vendor
        async with keeper_of(self.way, arrived, session, report=self.report, clock=self.clock) as keeper:
            client = Client(
                session=session,
                base_url=self.way.base_url,
                token=keeper.current,
                renew=keeper.renewed,
                report=self.report,
                judge=vendor.judge,
                vendor_hosts=vendor.hosts,
            )
            try:
                return await logging_in.identity(client, self.way.provider)
            except Refused as err:
                for remark in self.remarks(_read(arrived)):
                    self.remark(remark)
                message = "the login lacks what it takes to know whose it is; nothing was stored"
                raise PersonNeeded(message, hint="log in again and tick every box") from err


async def _put(store: TokenStore, tokens: Tokens) -> None:
    async with store.lock():
        store.save(tokens)


def _read(store: TokenStore) -> Tokens:
    tokens = store.load()
    if tokens is None:
        raise LoginNeeded(f"the login that arrived is gone: {store.path}", hint="run cromwelld login again")
    return tokens
