"""What sets each vendor apart for the checks: what is asked, what stands in the way, what each permission is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from cromwelld.errors import BadAnswer, CromwelldError, FarSideAway, LoginNeeded, PersonNeeded, Refused, Retired
from cromwelld.sources.fitbit_web import endpoints, profile
from cromwelld.sources.google_health import scopes, settings, streams
from cromwelld.sources.oauth.provider import FITBIT, GOOGLE
from cromwelld.sources.raw import Request

# The vendor's own codes, as the messages of its judge begin with them.
_API = frozenset({"SERVICE_DISABLED", "USER_PROJECT_DENIED"})


@dataclass(frozen=True, slots=True)
class Gate:
    """One thing without which nothing is answered: its name, which errors mean that it is shut, and what open means."""

    name: str
    shut_by: Callable[[CromwelldError], bool]
    open_sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Far:
    """One vendor: what is asked of it, and its gates in the order in which it looks at them.

    `costs` says which streams need a permission; `zone_scope` is the one that the time zone needs.
    """

    identity: Request
    identity_keys: tuple[str, ...]
    settings: Request
    zone: Callable[[bytes], str]
    gates: tuple[Gate, ...]
    costs: Mapping[str, tuple[str, ...]]
    zone_scope: str
    tick: Callable[[Sequence[str]], str]

    def shut(self, err: CromwelldError) -> Gate:
        """Find the gate that an error means: the first, that the vendor answers at all, if no other."""
        return next((gate for gate in self.gates if gate.shut_by(err)), self.gates[0])


def _away(err: CromwelldError) -> bool:
    return isinstance(err, FarSideAway | Retired | BadAnswer)


def _no_login(err: CromwelldError) -> bool:
    return isinstance(err, LoginNeeded)


def _no_api(err: CromwelldError) -> bool:
    return not _API.isdisjoint(err.message.partition(":")[0].split())


def _refused(err: CromwelldError) -> bool:
    return isinstance(err, PersonNeeded | Refused)


def _costs(needs: Iterable[tuple[str, Sequence[str]]]) -> dict[str, tuple[str, ...]]:
    """Turn what each stream needs round: the streams by permission."""
    found: dict[str, tuple[str, ...]] = {}
    for stream, wanted in needs:
        for scope in wanted:
            found[scope] = (*found.get(scope, ()), stream)
    return found


def _tick_google(lacking: Sequence[str]) -> str:
    refusal = scopes.missing(lacking, ())
    return "" if refusal is None else refusal.hint


def _allow_fitbit(lacking: Sequence[str]) -> str:
    return f"log in again and allow {', '.join(lacking)} on Fitbit's page"


_LOGIN = Gate("login accepted", _no_login, "the vendor takes the login")

FARS: Mapping[str, Far] = {
    "google_health": Far(
        identity=Request(path=GOOGLE.identity_path),
        identity_keys=GOOGLE.identity_keys,
        settings=Request(path="/v4/users/me/settings"),
        zone=settings.time_zone,
        gates=(
            Gate("vendor", _away, "the Google Health API answers"),
            _LOGIN,
            Gate("api", _no_api, "the Google Health API is enabled in your project"),
            Gate("account", _refused, "the account has a Google Health profile"),
        ),
        costs=_costs(
            [
                *((name, one.scopes) for name, one in streams.DATA_STREAMS.items()),
                (streams.GPS.name, streams.TRACK_SCOPES),
                (streams.DEVICES.name, streams.DEVICE_SCOPES),
            ]
        ),
        zone_scope=scopes.SETTINGS,
        tick=_tick_google,
    ),
    "fitbit_web": Far(
        identity=Request(path=FITBIT.identity_path),
        identity_keys=FITBIT.identity_keys,
        settings=Request(path=FITBIT.identity_path),
        zone=profile.time_zone,
        gates=(
            Gate("vendor", _away, "the Fitbit Web API answers"),
            _LOGIN,
            Gate("account", _refused, "the account shows its profile"),
        ),
        costs=_costs((name, one.address.scopes) for name, one in endpoints.ENDPOINTS.items()),
        zone_scope="profile",
        tick=_allow_fitbit,
    ),
}
