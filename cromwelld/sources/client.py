"""The one way to a vendor's API: bounded, retried, recorded."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import aiohttp
import msgspec
import tenacity
from yarl import URL

from cromwelld.errors import BadAnswer, Cause, CromwelldError, FarSideAway, LoginNeeded, OutOfBudget
from cromwelld.events import Event, Kind, Report
from cromwelld.sources.counting import answered, retried
from cromwelld.sources.pace import Pace
from cromwelld.sources.purse import Purse
from cromwelld.sources.raw import JSON, RawAnswer, Request
from cromwelld.sources.verdict import judge

VENDOR_HOSTS = frozenset({"api.fitbit.com"})
_CHUNK_BYTES = 65_536
_BOM = b"\xef\xbb\xbf"
_HTML = (b"<!doctype html", b"<html")
_TRACK, _TRACK_ENDS = b"<TrainingCenterDatabase", (b"</TrainingCenterDatabase>", b"<TrainingCenterDatabase/>")
_HEAD_BYTES = 1000


class Judge(Protocol):
    """Decide what an answer means; pure."""

    def __call__(
        self, status: int, headers: Mapping[str, str], *, body: bytes, now: dt.datetime
    ) -> CromwelldError | None:
        """Give None for a good answer, else the error to raise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How often a request is sent while the far side is away, and how long is waited in between.

    A spent quota is waited for if it comes back within `quota_wait_s`; else it ends the fetch.
    """

    attempts: int = 3
    quota_wait_s: float = 0.0
    first_wait_s: float = 0.5
    longest_wait_s: float = 20.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is too much, for one client and for one answer.

    All requests of a day (19) go out at once by default: a smaller number doubles the time that the day takes.
    `per_minute` None is no limit.
    """

    concurrency: int = 20
    per_minute: int | None = None
    body_bytes: int = 64 * 1024 * 1024
    total_s: float = 60.0


def _proceed() -> None:
    """Let every request be sent."""


def utc_now() -> dt.datetime:
    """Read the machine's clock."""
    return dt.datetime.now(dt.UTC)


@dataclass(slots=True, kw_only=True)
class Client:
    """Send requests over one session; headers are built for each attempt from the current token.

    `base_url` may have a path in front (gateways). Every request is taken out of the `purse`; one that is not `urgent`
    leaves its reserve alone. `renew` gives another token for one that was refused: the request is
    sent once more with it. `record` is shown every raw answer, good or bad. `source` is the vendor's name in what is
    counted. `ahead_s` is how far our clock was before the vendor's when it answered last, None as long as nobody knows.
    """

    session: aiohttp.ClientSession
    base_url: str
    token: Callable[[], Awaitable[str]]
    report: Report
    source: str = ""
    renew: Callable[[str], Awaitable[str]] | None = None
    purse: Purse | None = None
    urgent: bool = True
    judge: Judge = judge
    vendor_hosts: frozenset[str] = VENDOR_HOSTS
    retries: Retries = field(default_factory=Retries)
    limits: Limits = field(default_factory=Limits)
    record: Callable[[RawAnswer], None] | None = None
    clock: Callable[[], dt.datetime] = utc_now
    ahead_s: float | None = field(default=None, init=False)
    _slots: asyncio.Semaphore = field(init=False)
    _pace: Pace | None = field(init=False)

    def __post_init__(self) -> None:
        self._slots = asyncio.Semaphore(self.limits.concurrency)
        self._pace = None if self.limits.per_minute is None else Pace(self.limits.per_minute)

    async def send(self, request: Request, *, permit: Callable[[], None] = _proceed) -> RawAnswer:
        """Ask for something below the base and give the answer, which is always a good one.

        `permit` is called just before each sending and may raise to hold it back.

        Raises: PersonNeeded, Retired, OutOfBudget, Refused, BadAnswer as the vendor answers; FarSideAway when all
        attempts met an absent or confused far side.
        """
        again = tenacity.AsyncRetrying(
            sleep=self.retries.sleep,
            stop=tenacity.stop_after_attempt(self.retries.attempts),
            wait=self._wait,
            retry=tenacity.retry_if_exception(self._passing),
            before_sleep=self._say_retried,
            reraise=True,
        )
        return await again(functools.partial(self._attempt, request, permit))

    def follow(self, link: str) -> tuple[str, dict[str, str]]:
        """Turn an absolute link out of an answer into path and query below the base.

        Raises: BadAnswer if it leads to a host that is neither the vendor's nor the base's.
        """
        try:
            url, base = URL(link), URL(self.base_url)
        except ValueError as err:
            raise self._refused_link() from err
        own = (url.host, url.port) == (base.host, base.port)
        if not (own or url.host in self.vendor_hosts):
            raise self._refused_link()
        prefix = base.path.rstrip("/")
        path = url.path.removeprefix(prefix) if own and url.path.startswith(prefix + "/") else url.path
        return path, dict(url.query)

    def _refused_link(self) -> BadAnswer:
        self.report(Event(Kind.LINK_REFUSED))
        return BadAnswer("the answer has a link to a foreign host, which was not followed")

    def _passing(self, err: BaseException) -> bool:
        """Tell whether a failure may be over before we have waited our longest."""
        if not isinstance(err, FarSideAway):
            return False
        if isinstance(err, OutOfBudget):
            return err.retry_after_s is not None and err.retry_after_s <= self.retries.quota_wait_s
        return (err.retry_after_s or 0.0) <= self.retries.longest_wait_s

    def _wait(self, state: tenacity.RetryCallState) -> float:
        first_s, longest_s = self.retries.first_wait_s, self.retries.longest_wait_s
        backoff = tenacity.wait_exponential(multiplier=first_s, max=longest_s) + tenacity.wait_random(0, first_s)
        err = state.outcome.exception() if state.outcome is not None else None
        asked_s = err.retry_after_s if isinstance(err, FarSideAway) else None
        return max(backoff(state), asked_s or 0.0)

    def _say_retried(self, state: tenacity.RetryCallState) -> None:
        self.report(retried(state))

    async def _attempt(self, request: Request, permit: Callable[[], None]) -> RawAnswer:
        async with self._slots:
            await self._admitted(permit)
            token = await self.token()
            answer, error = await self._asked(request, token)
            if isinstance(error, LoginNeeded) and self.renew is not None:
                token = await self.renew(token)
                await self._admitted(permit)
                answer, error = await self._asked(request, token)
        if error is not None:
            raise error
        return answer

    async def _admitted(self, permit: Callable[[], None]) -> None:
        """Wait until one more request may be sent; the token is asked for after that, so that it is not old by then."""
        await self._keep_pace()
        permit()
        if self.purse is not None:
            await self._claimed(self.purse)
            permit()

    async def _claimed(self, purse: Purse) -> None:
        """Take one request out of the budget; what is not there is waited for, if it comes back soon enough."""
        while True:
            try:
                return await purse.claim(urgent=self.urgent)
            except OutOfBudget as err:
                waiting_s = err.retry_after_s or 0.0
                if waiting_s > self.retries.quota_wait_s:
                    raise
                self.report(Event(Kind.BUDGET_WAITS, {"seconds": round(waiting_s)}))
                await self.retries.sleep(waiting_s)

    async def _asked(self, request: Request, token: str) -> tuple[RawAnswer, CromwelldError | None]:
        """Send once, and say what is wrong with the answer, if anything is."""
        answer = await self._counted(request, token)
        if self.record is not None:
            self.record(answer)
        error = self.judge(answer.status, answer.headers, body=answer.body, now=self.clock())
        return answer, error or _unexpected(answer.body, request.accept)

    async def _counted(self, request: Request, token: str) -> RawAnswer:
        """Send once, and let the budget know what came of it."""
        if self.purse is None:
            return await self._timed(request, token)
        try:
            answer = await self._timed(request, token)
        except BaseException:
            await self.purse.forfeit()
            raise
        await self.purse.settle(answer.status, answer.headers)
        return answer

    async def _timed(self, request: Request, token: str) -> RawAnswer:
        """Send once, and say what came of it and how long it took; one that is cancelled is not spoken of."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            answer = await self._send(request, token)
        except CromwelldError:
            self._say_answered(request, None, loop.time() - began)
            raise
        self._say_answered(request, answer, loop.time() - began)
        return answer

    def _say_answered(self, request: Request, answer: RawAnswer | None, seconds: float) -> None:
        said = answered(self.source, request.stream, None if answer is None else answer.status, seconds)
        sent_at = None if answer is None else answer.sent_at
        if sent_at is not None:
            self.ahead_s = (self.clock() - sent_at).total_seconds()
            said = replace(said, fields={**said.fields, "ahead_s": round(self.ahead_s, 3)})
        self.report(said)

    async def _keep_pace(self) -> None:
        wait_s = 0.0 if self._pace is None else self._pace.claim(asyncio.get_running_loop().time())
        if wait_s > 0:
            await self.retries.sleep(wait_s)

    async def _send(self, request: Request, token: str) -> RawAnswer:
        headers = {"Authorization": f"Bearer {token}", "Accept": request.accept}
        url = URL(self.base_url.rstrip("/") + request.path).with_query(dict(request.query))
        timeout = aiohttp.ClientTimeout(total=self.limits.total_s)
        try:
            async with self.session.request(
                request.method, url, json=request.body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                return RawAnswer(
                    request=request,
                    status=response.status,
                    headers={name.lower(): value for name, value in response.headers.items()},
                    body=await self._body(response),
                )
        except (aiohttp.ClientError, OSError) as err:
            raise FarSideAway.connection("the connection failed", err) from err

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        """Read the body, unpacked, as far as it is allowed to go."""
        body = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            body += chunk
            if len(body) > self.limits.body_bytes:
                raise BadAnswer(f"the answer is larger than {self.limits.body_bytes} bytes")
        return bytes(body)


def _unexpected(body: bytes, accept: str) -> CromwelldError | None:
    """Notice a good status whose body is not what was asked for: an error page, or JSON cut short."""
    if accept != JSON:
        return _unexpected_track(body.strip())
    try:
        msgspec.json.decode(body.removeprefix(_BOM), type=msgspec.Raw)
    except RecursionError:
        return BadAnswer("the answer is nested too deeply")
    except ValueError:
        return None if _lenient(body) else FarSideAway("the answer is not whole JSON", cause=Cause.NONSENSE)
    return None


def _unexpected_track(body: bytes) -> CromwelldError | None:
    """Notice a track that is a web page, or was cut short; nothing at all is no track, and JSON may hold one."""
    if body[:200].lower().startswith(_HTML):
        return FarSideAway("the vendor sent a web page instead of data", cause=Cause.NONSENSE)
    whole = not body or body.startswith(b"{") or _TRACK not in body[:_HEAD_BYTES] or body.endswith(_TRACK_ENDS)
    return None if whole else FarSideAway("the track is not whole", cause=Cause.NONSENSE)


def _lenient(body: bytes) -> bool:
    """Tell whether Python reads what msgspec does not, such as NaN; the parsers see to the rest."""
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True
