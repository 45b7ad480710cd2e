"""The current access token of one account: renewed once for everybody who waits, and on disk before it is used."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Self

import aiohttp

from cromwelld.errors import CromwelldError, FarSideAway, LoginNeeded, PersonNeeded, Retired, StoreError
from cromwelld.events import Event, Kind, Report
from cromwelld.sources.oauth.endpoint import LOG_IN, refresh
from cromwelld.sources.oauth.provider import Application, Provider
from cromwelld.sources.oauth.resting import Rest
from cromwelld.sources.oauth.sending import Patience, TokenEndpoint, utc_now
from cromwelld.sources.oauth.store import Mark, TokenStore
from cromwelld.sources.oauth.threads import finished
from cromwelld.sources.oauth.tokens import Tokens

_STOPPING_S = 30.0
_YOUNG_S, _MOST_YOUNG = 60.0, 20
_LATER = "nothing to do: it is tried again later"


@dataclass(slots=True, kw_only=True)
class Keeper:
    """Give out one account's access token, and renew it when it is due or was refused.

    Use it as an asynchronous context manager around everything that asks it, inside the session's own: on leaving, a
    refresh whose request was sent is waited for and saved.
    """

    provider: Provider
    application: Application
    store: TokenStore
    session: aiohttp.ClientSession
    report: Report
    patience: Patience = field(default_factory=Patience)
    clock: Callable[[], dt.datetime] = utc_now
    _known: Tokens | None = field(default=None, init=False, repr=False)
    _running: asyncio.Task[Tokens] | None = field(default=None, init=False, repr=False)
    _unsaved: tuple[str, Tokens] | None = field(default=None, init=False, repr=False)
    _ended: tuple[Mark | None, CromwelldError] | None = field(default=None, init=False, repr=False)
    _rest: Rest = field(default_factory=Rest, init=False)
    _mark: Mark | None = field(default=None, init=False, repr=False)
    _young: int = field(default=0, init=False)
    _idle: bool = field(default=True, init=False)
    _closing: bool = field(default=False, init=False)

    @property
    def known(self) -> Tokens | None:
        """Give the login as it was last read or renewed, for those who show its scopes and when it ends."""
        return self._known

    async def current(self) -> str:
        """Give the access token for the next request; call it before every one.

        A token that is due is renewed first; if that cannot be done now, one that is still valid is given all the same.

        Raises: LoginNeeded, PersonNeeded, Retired: at once and without any request, once the vendor has said so, until
        the file changes. FarSideAway, StoreError if the token cannot be renewed now and is not valid any more.
        """
        tokens = await self._login()
        if self._serves(tokens):
            return tokens.access_token
        try:
            return (await self._renewal(tokens.access_token)).access_token
        except (FarSideAway, StoreError):
            if tokens.valid(self.clock()):
                return tokens.access_token
            raise

    async def renewed(self, rejected: str) -> str:
        """Give another access token than the one that the vendor has just refused.

        Whoever comes with a token that is no longer the current one gets the current one; all the others share one
        refresh. Cancelling a caller leaves the refresh alone.

        Raises: as `current`.
        """
        tokens = await self._login()
        if tokens.access_token != rejected:
            return await self.current()
        if self._running is None or self._running.done():
            self._count_young(tokens)
        return (await self._renewal(rejected)).access_token

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End a refresh that has sent nothing yet; wait for one that has, until its answer is saved.

        Tokens that no disk would take are tried once more.
        """
        self._closing = True
        if self._running is not None:
            if self._idle:
                self._running.cancel()
            await asyncio.wait({self._running}, timeout=_STOPPING_S)
        if self._unsaved is not None:
            with suppress(StoreError, LoginNeeded):
                async with self.store.lock():
                    await self._caught_up()

    def _serves(self, tokens: Tokens) -> bool:
        """Tell whether an access token need not be renewed; one that cannot be is used until it is refused."""
        if tokens.refresh_token is None:
            return True
        return not tokens.due(self.clock(), margin_s=self.provider.margin_s)

    async def _login(self) -> Tokens:
        """Give the login as this process knows it. Raises: what has ended it, until the file changes."""
        if self._ended is not None:
            mark, error = self._ended
            if mark == self.store.mark():
                raise _again(error)
            self._ended = self._known = None
        if self._known is None:
            self._known = await self._read()
        return self._known

    async def _read(self) -> Tokens:
        """Read the login from disk. Raises: LoginNeeded if there is none."""
        self._mark = self.store.mark()
        reason = await finished(self.store.ended)
        if reason is not None:
            self._ended = (self._mark, LoginNeeded(reason, hint=LOG_IN))
            raise LoginNeeded(reason, hint=LOG_IN)
        tokens = await finished(self.store.load)
        if tokens is None:
            raise LoginNeeded(f"there is no login: {self.store.path} does not exist", hint=LOG_IN)
        return tokens

    def _renewal(self, unwanted: str) -> Awaitable[Tokens]:
        """Join the refresh that is under way, or begin one; the caller may be cancelled, the refresh is not."""
        if self._running is None or self._running.done():
            self._running = asyncio.ensure_future(self._renew(unwanted))
            self._running.add_done_callback(_retrieved)
        return asyncio.shield(self._running)

    async def _renew(self, unwanted: str) -> Tokens:
        """Renew the login and remember how it went."""
        left_s = self._rest.left_s(self.clock())
        if left_s:
            raise FarSideAway("the login could not be renewed a while ago", hint=_LATER, retry_after_s=left_s)
        self._idle = True
        try:
            async with self.store.lock():
                self._known = await self._replace(unwanted)
        except (PersonNeeded, Retired) as err:
            self._end(err)
            raise
        except FarSideAway as err:
            self._wait(err)
            raise
        self._rest = Rest()
        return self._known

    async def _replace(self, unwanted: str) -> Tokens:
        """Give other tokens than the unwanted: from disk if another process was first, else from the vendor."""
        tokens = await self._caught_up()
        if self._other(tokens, unwanted):
            return tokens
        try:
            return await self._refresh(tokens)
        except LoginNeeded:
            changed = await self._read()  # by a program that does not take our lock, or by hand
            if changed.refresh_token == tokens.refresh_token:
                raise
        return changed if self._other(changed, unwanted) else await self._refresh(changed)

    async def _caught_up(self) -> Tokens:
        """Read the login, and first save what followed from it and could not be saved."""
        tokens = await self._read()
        if self._unsaved is None or self._unsaved[0] != tokens.refresh_token:
            return tokens
        return await self._save(*self._unsaved)

    def _other(self, tokens: Tokens, unwanted: str) -> bool:
        return tokens.access_token != unwanted and self._serves(tokens)

    async def _refresh(self, tokens: Tokens) -> Tokens:
        if tokens.refresh_token is None:
            raise LoginNeeded("the access token has ended and there is no refresh token", hint=LOG_IN)
        await finished(self.store.check)  # no refresh token is spent whose successor could not be kept
        endpoint = TokenEndpoint(
            session=self.session,
            report=self.report,
            patience=replace(self.patience, sleep=self._pause),
            clock=self.clock,
        )
        asking = refresh(self.provider, self.application, refresh_token=tokens.refresh_token)
        self._idle = False
        fresh = await endpoint.ask(asking, before=tokens)
        return await self._save(tokens.refresh_token, fresh)

    async def _save(self, spent: str, fresh: Tokens) -> Tokens:
        """Bring new tokens to the disk; if that fails they are saved before anything is asked again."""
        self._idle = False
        self._unsaved = (spent, fresh)
        await finished(lambda: self.store.save(fresh))
        self._unsaved = None
        self.report(Event(Kind.TOKEN_REFRESHED, {"source": self.provider.name}))
        return fresh

    async def _pause(self, wait_s: float) -> None:
        """Sleep between two attempts, unless the keeper is being closed."""
        if self._closing:
            raise FarSideAway("the login could not be renewed before the end of the process", hint=_LATER)
        self._idle = True
        await self.patience.sleep(wait_s)
        self._idle = False

    def _count_young(self, tokens: Tokens) -> None:
        """Notice a vendor that refuses every token as soon as it has given it. Raises: LoginNeeded."""
        age_s = _YOUNG_S if tokens.obtained_at is None else (self.clock() - tokens.obtained_at).total_seconds()
        self._young = self._young + 1 if 0 <= age_s < _YOUNG_S else 0
        if self._young > _MOST_YOUNG:
            raise LoginNeeded("the vendor refuses access tokens that it has just given", hint=LOG_IN)

    def _end(self, error: CromwelldError) -> None:
        """Remember that nothing more is to be asked until the file changes, and say it once."""
        self._ended = (self._mark, error)
        if isinstance(error, LoginNeeded):
            with suppress(StoreError):  # the note saves a later process a request, no more
                self.store.end(error.message)
        self.report(Event(Kind.LOGIN_NEEDED, {"source": self.provider.name, "reason": error.message}))

    def _wait(self, error: FarSideAway) -> None:
        first_s, longest_s = self.patience.first_rest_s, self.patience.longest_rest_s
        self._rest = self._rest.longer(error, now=self.clock(), first_s=first_s, longest_s=longest_s)
        fields: dict[str, str | int | float] = {"source": self.provider.name, "reason": error.message}
        self.report(Event(Kind.TOKEN_WAITS, {**fields, "seconds": round(self._rest.left_s(self.clock()))}))


def _again(error: CromwelldError) -> CromwelldError:
    """Make an error anew: one instance, raised many times, would grow its traceback each time."""
    return type(error)(error.message, hint=error.hint)


def _retrieved(done: asyncio.Task[Tokens]) -> None:
    """Look at the outcome of a refresh whose callers may all have been cancelled: what it says was reported."""
    if not done.cancelled():
        done.exception()
