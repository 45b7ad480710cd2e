"""What a login may be granted, and what a person must tick for it.

Source: https://developers.google.com/health/scopes
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from cromwelld.errors import Refused

_PREFIX = "https://www.googleapis.com/auth/googlehealth."
ACTIVITY = f"{_PREFIX}activity_and_fitness.readonly"
METRICS = f"{_PREFIX}health_metrics_and_measurements.readonly"
SLEEP = f"{_PREFIX}sleep.readonly"
SETTINGS = f"{_PREFIX}settings.readonly"
LOCATION = f"{_PREFIX}location.readonly"

SCOPES = (ACTIVITY, METRICS, SLEEP, SETTINGS, LOCATION)
_BOXES = {
    ACTIVITY: "activity and fitness",
    METRICS: "health metrics and measurements",
    SLEEP: "sleep",
    SETTINGS: "settings",
    LOCATION: "location",
}


def granted(text: str) -> frozenset[str]:
    """Read the scopes that a token response grants: names, separated by blanks."""
    return frozenset(text.split())


def missing(wanted: Iterable[str], has: Collection[str] | None) -> Refused | None:
    """Give the refusal for scopes that were not granted; None if nothing is missing, or nobody knows."""
    lacking = [] if has is None else [scope for scope in wanted if scope not in has]
    if not lacking:
        return None
    boxes = " and ".join(f'"{_BOXES[scope]}"' for scope in lacking)
    names = ", ".join(scope.removeprefix(_PREFIX) for scope in lacking)
    hint = f"log in again and tick {boxes} on Google's page"
    return Refused(f"the login does not include {names}", hint=hint)
