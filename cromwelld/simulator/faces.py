"""The APIs through which the synthetic person can be seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from cromwelld.simulator import fitbit_web, google_health
from cromwelld.simulator.faults import FaultPlan
from cromwelld.simulator.fitbit_web.door import VOICE as FITBIT_VOICE
from cromwelld.simulator.front import Clock
from cromwelld.simulator.google_health.door import VOICE as GOOGLE_VOICE
from cromwelld.simulator.google_health.person_records import records_of
from cromwelld.simulator.oauth import FITBIT, GOOGLE, LoginServer, Manners
from cromwelld.simulator.person import Person

_NOT_THERE = 404


class _Application(Protocol):
    def __call__(
        self,
        person: Person,
        clock: Clock,
        *,
        quota: bool,
        logins: LoginServer | None = None,
        faults: FaultPlan | None = None,
    ) -> web.Application:
        """Build the application of one person; without `quota` it never refuses for too many requests.

        With `logins` people log in at the same address, and no other token is taken.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One API: its application, how people log in to it, and its answer to what it does not know."""

    application: _Application
    manners: Manners
    unknown: Callable[[], web.Response]


def _google(
    person: Person, clock: Clock, *, quota: bool, logins: LoginServer | None = None, faults: FaultPlan | None = None
) -> web.Application:
    limit = google_health.DOCUMENTED_QUOTA if quota else None
    options = google_health.Options(quota=limit, faults=faults)
    return google_health.application(records_of(person, clock), clock=clock, options=options, logins=logins)


def _fitbit(
    person: Person, clock: Clock, *, quota: bool, logins: LoginServer | None = None, faults: FaultPlan | None = None
) -> web.Application:
    limit = fitbit_web.DOCUMENTED_QUOTA if quota else None
    options = fitbit_web.Options(quota=limit, faults=faults)
    return fitbit_web.application(person, clock=clock, options=options, logins=logins)


def _page() -> web.Response:
    return GOOGLE_VOICE.page(_NOT_THERE)


def _error() -> web.Response:
    return FITBIT_VOICE.error(_NOT_THERE, "legacy")


FACES: Mapping[str, Face] = {
    "google_health": Face(application=_google, manners=GOOGLE, unknown=_page),
    "fitbit_web": Face(application=_fitbit, manners=FITBIT, unknown=_error),
}
