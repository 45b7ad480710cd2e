"""The vendors that can be asked: one value each, with everything that sets it apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cromwelld.config import Account
from cromwelld.errors import ConfigurationError
from cromwelld.jobs.fetching import Source
from cromwelld.pieces import Stream
from cromwelld.sources import fitbit_web, google_health
from cromwelld.sources import verdict as fitbit_verdict
from cromwelld.sources.budget import Quota, Told
from cromwelld.sources.client import Client, Judge, Limits, Retries
from cromwelld.sources.fitbit_web import endpoints
from cromwelld.sources.google_health import scopes, streams
from cromwelld.sources.google_health import verdict as google_verdict
from cromwelld.sources.oauth import FITBIT, GOOGLE, Provider
from cromwelld.sources.takeout import answers as takeout
from cromwelld.sources.telling import Settings


@dataclass(frozen=True, slots=True)
class Granted:
    """The scopes of a token response, as text; None if it did not say."""

    scope: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """One vendor: where it is, what it offers, how its answers are judged, how hard it may be asked."""

    url: str
    streams: Mapping[str, Stream]
    make: Callable[[Client, Settings, Account, Granted], Source]
    judge: Judge
    hosts: frozenset[str]
    steps_from: tuple[str, ...]
    provider: Provider
    quota: Quota | None
    told: Callable[[int, Mapping[str, str], dt.datetime], Told]
    limits: Limits = field(default_factory=Limits)
    retries: Retries = field(default_factory=Retries)


def _fitbit(client: Client, settings: Settings, account: Account, login: Granted) -> Source:
    del account, login
    return fitbit_web.FitbitWeb(client, settings)


def _google(client: Client, settings: Settings, account: Account, login: Granted) -> Source:
    granted = None if login.scope is None else scopes.granted(login.scope)
    asked = google_health.Settings(
        zone_of=settings.zone_of,
        last_zone=settings.last_zone,
        report=settings.report,
        leave_out=settings.leave_out,
        granted=granted,
        steps_from=account.steps_from,
    )
    return google_health.GoogleHealth(client, asked)


VENDORS: Mapping[str, Vendor] = {
    "google_health": Vendor(
        url="https://health.googleapis.com",
        streams=streams.STREAMS,
        make=_google,
        judge=google_verdict.judge,
        hosts=frozenset({"health.googleapis.com"}),
        steps_from=("watch", "all"),
        provider=GOOGLE,
        quota=Quota(most=150, window_s=60.0, reserve=60),  # a day costs no more than these
        told=google_verdict.told,
        # Unverified projects may ask 150 times a minute and person; a spent minute is waited out.
        limits=Limits(concurrency=10, per_minute=150),
        retries=Retries(attempts=4, first_wait_s=1.0, quota_wait_s=90.0),
    ),
    "fitbit_web": Vendor(
        url="https://api.fitbit.com",
        streams=endpoints.STREAMS,
        make=_fitbit,
        judge=fitbit_verdict.judge,
        hosts=frozenset({"api.fitbit.com"}),
        steps_from=("watch",),
        provider=FITBIT,
        quota=Quota(most=150, window_s=3600.0, reserve=40),
        told=fitbit_verdict.told,
    ),
}

STREAMS: Mapping[str, Mapping[str, Stream]] = {
    **{name: vendor.streams for name, vendor in VENDORS.items()},
    takeout.SOURCE: takeout.STREAMS,
}


def vendor_of(account: Account) -> Vendor:
    """Find the vendor of an account, having checked what the account asks of it.

    Raises: ConfigurationError.
    """
    vendor = VENDORS.get(account.source)
    if vendor is None:
        sentence = f"accounts.{account.name}.source: {account.source!r} has nothing to collect from"
        hint = f"bring an export in with `cromwelld import`, or set one of {', '.join(VENDORS)}"
        raise ConfigurationError(sentence, hint=hint)
    if account.steps_from not in vendor.steps_from:
        sentence = f"accounts.{account.name}.steps_from: {account.source} counts as the watch does, "
        raise ConfigurationError(f"{sentence}not {account.steps_from!r}", hint='set "watch"')
    unknown = [name for name in account.leave_out if name not in vendor.streams]
    if unknown:
        sentence = f"accounts.{account.name}.leave_out: {account.source} has no stream {', '.join(unknown)}"
        raise ConfigurationError(sentence, hint=f"its streams are: {', '.join(vendor.streams)}")
    return vendor
