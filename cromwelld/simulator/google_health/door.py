"""What is this vendor's own at the door: its quota of the minute, its tokens' and accounts' refusals, its failures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiohttp import web

from cromwelld.simulator.front import Allowed, Budget, Guard, VendorRefusal, Voice, failed
from cromwelld.simulator.google_health.options import Options
from cromwelld.simulator.google_health.quota import MinuteQuota
from cromwelld.simulator.google_health.refusals import ACCOUNTS, HTML, Refusal, dead_token, info, no_quota, no_token

ALLOWED = web.RequestKey("ALLOWED", Allowed)
OPTIONS = web.RequestKey("OPTIONS", Options)


OWN: Mapping[int, Callable[[], Refusal]] = {401: dead_token, 403: ACCOUNTS["not_migrated"], 429: no_quota}


def error(status: int, _: str) -> web.Response:
    """Answer with the error of a status; the vendor has one shape."""
    refusal = OWN[status]() if status in OWN else Refusal(status)
    return web.json_response(refusal.body(), status=status, headers=refusal.headers())


VOICE = Voice(html=HTML, cut='{"dataPoints":[{"heartRate', error=error)


@dataclass(frozen=True, slots=True)
class Vendor:
    """Keep this vendor's door."""

    guard: Guard | None
    quota: MinuteQuota = field(default_factory=MinuteQuota)

    def count(self, now: datetime, options: Options) -> Budget:
        """Count a request in the running minute; the vendor has no headers for it."""
        has_room = self.quota.spend(now, options.quota)
        left = None if options.quota is None else options.quota - self.quota.spent + has_room
        return Budget(left=left, refused=not has_room)

    def stop(self, request: web.Request, options: Options, budget: Budget | None) -> web.StreamResponse | None:
        """Stop a request that is to fail, that is one too many, or whose token or account does not work.

        Raises: Refusal.
        """
        request[OPTIONS] = options
        failure = options.failure(request.path)
        if failure is not None:
            details = [info(failure.reason)] if failure.reason else []
            return failed(failure, VOICE, Refusal(failure.status, details=details).body())
        if budget is not None:
            self._check(request, options, budget)
        return None

    def refused(self, refusal: VendorRefusal, options: Options) -> web.Response:
        """Write a refusal; that for the quota may say when to come again."""
        answer = web.json_response(refusal.body(), status=refusal.status, headers=refusal.headers())
        if refusal.status == web.HTTPTooManyRequests.status_code and options.quota_retry_after is not None:
            answer.headers["Retry-After"] = options.quota_retry_after
        return answer

    def missing(self) -> web.Response:
        """Answer with a page."""
        return VOICE.page(404)

    def silent_until(self, answer: web.StreamResponse, now: datetime) -> datetime | None:
        """Read Retry-After, which is not documented, where it is sent."""
        told = answer.headers.get("Retry-After", "")
        return now + timedelta(seconds=int(told)) if told.isdigit() else None

    def _check(self, request: web.Request, options: Options, budget: Budget) -> None:
        """Let a request through for which there is room, with a token, to an account that works. Raises: Refusal."""
        if budget.refused:
            raise no_quota()
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise no_token()
        if self.guard is not None:
            request[ALLOWED] = _allowed(self.guard, token)
        elif options.bearer is not None and token != options.bearer:
            raise dead_token()
        if options.account != "ready":
            refusal = ACCOUNTS[options.account]()
            raise refusal


def _allowed(guard: Guard, token: str) -> Allowed:
    """Find what a token opens; one that expired and one that never was are refused alike. Raises: Refusal."""
    allowed = guard.allowed(token)
    if isinstance(allowed, str):
        raise dead_token()
    return allowed
