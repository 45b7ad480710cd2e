"""The methods of the vendor, as values.

Source: https://developers.google.com/health/endpoints
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from cromwelld.simulator.google_health import account, listing, rollups
from cromwelld.simulator.google_health.asking import Ask

USER = "/v4/users/me"
POINTS = USER + "/dataTypes/{type}/dataPoints"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Hold one method: its verb, its path, and what answers it."""

    path: str
    answer: Callable[[Ask], dict[str, Any] | listing.Media]
    verb: Literal["GET", "POST"] = "GET"


# the first that fits answers: an export looks like a point whose id has a colon
ENDPOINTS = (
    Endpoint(path=USER + "/identity", answer=account.identity),
    Endpoint(path=USER + "/profile", answer=account.profile),
    Endpoint(path=USER + "/settings", answer=account.settings),
    Endpoint(path=USER + "/pairedDevices", answer=account.paired_devices),
    Endpoint(path=USER + "/pairedDevices/{id}", answer=account.paired_device),
    Endpoint(path=POINTS, answer=listing.list_points),
    Endpoint(path=POINTS + ":reconcile", answer=listing.reconcile_points),
    Endpoint(path=POINTS + ":rollUp", answer=rollups.roll_up, verb="POST"),
    Endpoint(path=POINTS + ":dailyRollUp", answer=rollups.daily_roll_up, verb="POST"),
    Endpoint(path=POINTS + "/{id}:exportExerciseTcx", answer=listing.export_tcx),
    Endpoint(path=POINTS + "/{id:[^{}/:]+}", answer=listing.get_point),
)
