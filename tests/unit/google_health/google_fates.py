"""Error bodies as they are sent, and what must become of each."""

from __future__ import annotations

import json
from dataclasses import dataclass

from cromwelld.errors import CromwelldError, LoginNeeded, OutOfBudget, PersonNeeded
from cromwelld.pieces import Answer, Outcome
from cromwelld.sources.google_health.streams import STREAMS
from tests.unit.google_health.google_reading import (
    Circumstances,
    Vendor,
    error,
    points,
    sample,
    sent,
)

EMPTY, OK, FAILED, REFUSED = Outcome.EMPTY, Outcome.OK, Outcome.FAILED, Outcome.REFUSED
UNSUPPORTED = Outcome.UNSUPPORTED
HRV = points("daily-heart-rate-variability")
SLEEP, EXERCISE = points("sleep"), points("exercise")
STEPS = points("steps", "dailyRollUp")
ONE_AT_A_TIME = Circumstances(concurrency=1)
FILTER_REASONS = (
    "INVALID_DATA_POINT_FILTER",
    "INVALID_DATA_POINT_FILTER_DATA_TYPE_MEMBER",
    "INVALID_DATA_POINT_FILTER_RESTRICTION_COMPARATOR",
    "INVALID_DATA_POINT_FILTER_EXPRESSION_STRUCTURE",
    "INVALID_DATA_POINT_FILTER_MIXED_TIME_RESTRICTIONS",
    "INVALID_DATA_POINT_FILTER_COLLECTION_MISMATCH",
)


def refusal(code: int, status: str, reason: str = "", **metadata: str) -> bytes:
    """Write an error body as the errors page documents it."""
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "domain": "health.googleapis.com"}
    details = [{**info, "reason": reason, "metadata": {"note": "echoed 71.3 kg", **metadata}}] if reason else []
    text = "The value 71.3 of users/1234567890 is wrong, see https://example.com/x."
    return json.dumps({"error": {"code": code, "message": text, "status": status, "details": details}}).encode()


def body_of(name: str) -> bytes:
    return sample(name) if name.startswith("error.") else error(name)


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What becomes of a body with its status: an end, or one stream's outcome; how often it is sent; what is said."""

    status: int
    says: str
    outcome: Outcome = FAILED
    ends: type[CromwelldError] | None = None
    times: int = 1


BODIES: dict[str, Fate] = {
    "400_account_not_linked": Fate(status=400, ends=PersonNeeded, says="no Google Health profile"),
    "400_account_not_linked.live": Fate(status=400, ends=PersonNeeded, says="no Google Health profile"),
    "401_unauthenticated": Fate(status=401, ends=LoginNeeded, says="login"),
    "403_access_token_scope_insufficient": Fate(status=403, outcome=REFUSED, says="log in again and tick"),
    "403_permission_denied": Fate(status=403, outcome=REFUSED, says="does not let this project read"),
    "403_service_disabled": Fate(status=403, ends=PersonNeeded, says="not enabled in your Google Cloud project"),
    "429_resource_exhausted": Fate(status=429, ends=OutOfBudget, says="quota"),
    "oauth_insufficient_scope": Fate(status=403, outcome=REFUSED, says="log in again and tick"),
    # of a daily type, whose filter has no other form: it is not asked a second time
    "error.400.invalid_filter_member": Fate(status=400, says="takes the request for wrong"),
    "error.400.invalid_rollup_query_duration": Fate(status=400, says="takes the request for wrong"),
    "error.401.invalid_token": Fate(status=401, ends=LoginNeeded, says="login"),
    "error.503.unavailable": Fate(status=503, says="away or busy", times=3),
}
ENDING = {name: fate for name, fate in BODIES.items() if fate.ends is not None}
PASSING = {name: fate for name, fate in BODIES.items() if fate.ends is None}


def lay_data(vendor: Vendor) -> None:
    """Lay out something to find beside what fails."""
    vendor.lay(points("heart-rate"), sent(sample("heart-rate.reconcile")))
    vendor.lay(points("daily-respiratory-rate"), sent(sample("daily-respiratory-rate.list")))
    vendor.lay(points("total-calories", "dailyRollUp"), sent(sample("total-calories.dailyRollUp")))


def assert_nothing_else_failed(found: dict[tuple[str, str], Answer], *failing: str) -> None:
    rest = {stream: answer.outcome for (stream, _), answer in found.items() if stream not in failing}
    assert rest.keys() == STREAMS.keys() - set(failing)
    expected = {"heart_rate": OK, "breathing_rate": OK, "total_calories": OK}
    assert rest == {stream: expected.get(stream, EMPTY) for stream in rest}
