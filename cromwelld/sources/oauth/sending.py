"""The one way to a token endpoint: bounded, and patient with a far side that is away."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp
import tenacity

from cromwelld.errors import CromwelldError, FarSideAway
from cromwelld.events import Report
from cromwelld.sources.counting import answered, retried
from cromwelld.sources.oauth.endpoint import Asking, verdict
from cromwelld.sources.oauth.tokens import Tokens
from cromwelld.sources.raw import LOGIN

_LONGEST_ANSWER = 1_000_000


def utc_now() -> dt.datetime:
    """Read the machine's clock."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often a token endpoint is asked while it is away, and how long it is left alone after that.

    All attempts together end within two minutes: a refresh whose answer was lost is sent again promptly, since a
    vendor may take a repeated one that soon. After a series that failed comes a rest, doubled each time.
    """

    attempts: int = 4
    first_wait_s: float = 1.0
    longest_wait_s: float = 20.0
    total_s: float = 20.0
    first_rest_s: float = 60.0
    longest_rest_s: float = 900.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(slots=True, kw_only=True)
class TokenEndpoint:
    """Send requests to token endpoints over one session. The session must add no credentials of its own."""

    session: aiohttp.ClientSession
    report: Report
    patience: Patience = field(default_factory=Patience)
    clock: Callable[[], dt.datetime] = utc_now

    async def ask(self, asking: Asking, *, before: Tokens | None = None) -> Tokens:
        """Ask for tokens; `before` is the login that is renewed.

        Raises: LoginNeeded, PersonNeeded, Retired as the vendor answers; FarSideAway when all attempts met an absent or
        confused far side.
        """
        again = tenacity.AsyncRetrying(
            sleep=self.patience.sleep,
            stop=tenacity.stop_after_attempt(self.patience.attempts),
            wait=self._wait,
            retry=tenacity.retry_if_exception(self._passing),
            before_sleep=self._say_retried,
            reraise=True,
        )
        return await again(self._attempt, asking, before)

    def _passing(self, err: BaseException) -> bool:
        """Tell whether a failure may be over before we have waited our longest."""
        return isinstance(err, FarSideAway) and (err.retry_after_s or 0.0) <= self.patience.longest_wait_s

    def _wait(self, state: tenacity.RetryCallState) -> float:
        first_s, longest_s = self.patience.first_wait_s, self.patience.longest_wait_s
        backoff = tenacity.wait_exponential(multiplier=first_s, max=longest_s) + tenacity.wait_random(0, first_s)
        err = state.outcome.exception() if state.outcome is not None else None
        asked_s = err.retry_after_s if isinstance(err, FarSideAway) else None
        return max(backoff(state), asked_s or 0.0)

    def _say_retried(self, state: tenacity.RetryCallState) -> None:
        self.report(retried(state))

    async def _attempt(self, asking: Asking, before: Tokens | None) -> Tokens:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            status, headers, body = await self._sent(asking)
        except FarSideAway:
            self.report(answered(asking.source, LOGIN, None, loop.time() - began))
            raise
        self.report(answered(asking.source, LOGIN, status, loop.time() - began))
        found = verdict(status, headers, body=body, now=self.clock(), before=before)
        if isinstance(found, CromwelldError):
            raise found
        return found

    async def _sent(self, asking: Asking) -> tuple[int, dict[str, str], bytes]:
        """Send once; give status, headers by small names, and body. Raises: FarSideAway."""
        timeout = aiohttp.ClientTimeout(total=self.patience.total_s)
        try:
            async with self.session.post(
                asking.url, data=asking.form, headers=asking.headers, timeout=timeout, allow_redirects=False
            ) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                return response.status, headers, await _body(response)
        except (aiohttp.ClientError, OSError) as err:
            raise FarSideAway.connection("the connection to the token endpoint failed", err) from err


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """Read the body as far as a token response may go; more of it is no token response anyway."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > _LONGEST_ANSWER:
            return b""
    return bytes(body)
