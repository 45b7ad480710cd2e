"""What is this vendor's own at the door: its hourly quota, its tokens' refusals, its failures."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiohttp import web

from cromwelld.simulator.fitbit_web.options import Options
from cromwelld.simulator.fitbit_web.quota import HOUR_S, HourlyQuota
from cromwelld.simulator.fitbit_web.refusals import HTML, LEARN_MORE, Refusal, google_body, legacy_body
from cromwelld.simulator.front import Allowed, Budget, Guard, VendorRefusal, Voice, failed
from cromwelld.simulator.front.window import Window

ALLOWED = web.RequestKey("ALLOWED", Allowed)
OPTIONS = web.RequestKey("OPTIONS", Options)
RESET = "fitbit-rate-limit-reset"


def error(status: int, shape: str) -> web.Response:
    """Answer with the error of a status as the vendor's front end (`google`) or the vendor itself does."""
    return web.json_response(google_body(status) if shape == "google" else Refusal(status).body(), status=status)


VOICE = Voice(html=HTML, cut='{"activities-heart":[{"date', error=error)


@dataclass(frozen=True, slots=True)
class Vendor:
    """Keep this vendor's door."""

    guard: Guard | None
    quota: HourlyQuota = field(default_factory=HourlyQuota)

    def count(self, now: datetime, options: Options) -> Budget:
        """Count a request in the running hour."""
        spent = self.quota.spend(now, options.quota)
        left = None if options.quota is None else spent.remaining + (not spent.refused)
        return Budget(left=left, refused=spent.refused, headers=spent.headers())

    def stop(self, request: web.Request, options: Options, budget: Budget | None) -> web.StreamResponse | None:
        """Stop a request that is one too many, that is to fail, or that brings no token. Raises: Refusal."""
        request[OPTIONS] = options
        if budget is not None and budget.refused:
            raise Refusal(429)
        failure = options.failure(request.path)
        if failure is not None:
            body = google_body(failure.status) if failure.shape == "google" else legacy_body(failure)
            return failed(failure, VOICE, body)
        if budget is not None:
            self._check(request, options)
        return None

    def refused(self, refusal: VendorRefusal, _: Options) -> web.Response:
        """Write a refusal."""
        return web.json_response(refusal.body(), status=refusal.status, headers=refusal.headers())

    def missing(self) -> web.Response:
        """Answer in JSON."""
        return web.json_response(Refusal(404).body(), status=404)

    def silent_until(self, answer: web.StreamResponse, now: datetime) -> datetime | None:
        """Read what a client is to obey: Reset, then Retry-After, then the next full hour.

        Source: https://dev.fitbit.com/build/reference/web-api/developer-guide/application-design
        """
        for name in (RESET, "retry-after"):
            if answer.headers.get(name, "").isdigit():
                return now + timedelta(seconds=int(answer.headers[name]))
        return now + timedelta(seconds=Window(HOUR_S).ends_in_s(now))

    def _check(self, request: web.Request, options: Options) -> None:
        """Let a request through that brings a token. Raises: Refusal."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise Refusal(401, kind="invalid_request", field="n/a", text="Authorization header required.")
        if self.guard is None:
            if options.bearer is not None and token != options.bearer:
                raise _invalid("SYNTHETIC")
            return
        allowed = self.guard.allowed(token)
        if allowed == "expired":
            raise Refusal(401, text=f"Access token expired: {token}. {LEARN_MORE}")
        if allowed == "unknown":
            raise _invalid(token)
        request[ALLOWED] = allowed


def _invalid(token: str) -> Refusal:
    """Refuse a token that never was one, or was revoked; the vendor repeats it in its message."""
    return Refusal(401, kind="invalid_token", field="n/a", text=f"Access token invalid: {token}. {LEARN_MORE}")
