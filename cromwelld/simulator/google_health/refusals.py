"""The error bodies of the vendor.

Source: https://developers.google.com/health/reference/rest/v4/errors
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cromwelld.simulator.front.refusing import VendorRefusal

HEALTH_DOMAIN = "health.googleapis.com"
COMMON_DOMAIN = "googleapis.com"
PROJECT = "123456789"
CONSOLE = f"https://console.developers.google.com/apis/api/health.googleapis.com/overview?project={PROJECT}"
SIGN_IN = (
    "Expected OAuth 2 access token, login cookie or other valid authentication credential. "
    "See https://developers.google.com/identity/sign-in/web/devconsole-project."
)
CANONICAL = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    412: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    504: "DEADLINE_EXCEEDED",
}
MESSAGES = {
    400: "Request contains an invalid argument.",
    404: "Requested entity was not found.",
    412: "Precondition check failed.",
    500: "Internal error encountered.",
    503: "The service is currently unavailable.",
}
HTML = (
    "<!DOCTYPE html>\n<html lang=en>\n<title>Error {status}</title>\n"
    "<p><b>{status}.</b> <ins>That\u2019s an error.</ins>\n<p>The requested URL was not found on this server.</html>\n"
)

Detail = Mapping[str, Any]


class Refusal(VendorRefusal):
    """Refuse a request with a status, its canonical name, a message and details."""

    def __init__(
        self, status: int, message: str | None = None, *, details: Sequence[Detail] = (), canonical: str | None = None
    ) -> None:
        super().__init__(status)
        self.status = status
        self.message = message or MESSAGES.get(status, "The request failed.")
        self.details = list(details)
        self.canonical = canonical or CANONICAL.get(status, "UNAVAILABLE")

    def body(self) -> dict[str, object]:
        """Write the body; an error without details has no key for them."""
        details = {"details": self.details} if self.details else {}
        return {"error": {"code": self.status, "message": self.message, "status": self.canonical, **details}}

    def headers(self) -> dict[str, str]:
        """Write the headers: a dead token is said there as well as in the status."""
        if self.canonical != "UNAUTHENTICATED":
            return {}
        error = "" if self.details else ', error="invalid_token"'
        return {"WWW-Authenticate": f'Bearer realm="https://accounts.google.com/"{error}'}


def info(reason: str, metadata: Mapping[str, str] | None = None, *, domain: str = HEALTH_DOMAIN) -> Detail:
    """Write the detail that names a reason."""
    kind = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": domain}
    return {**kind, "metadata": dict(metadata)} if metadata else kind


def invalid(reason: str, metadata: Mapping[str, str] | None = None) -> Refusal:
    """Refuse an argument, with a reason."""
    return Refusal(400, details=[info(reason, metadata)])


def malformed(text: str) -> Refusal:
    """Refuse what is no request of this method: an unknown name, or a value of the wrong type."""
    violation = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"description": text}]}
    return Refusal(400, text, details=[violation])


def not_offered(operation: str, path: str) -> Refusal:
    """Refuse an operation that the type does not have."""
    name = {"list": "List", "get": "Get", "rollUp": "Rollup", "dailyRollUp": "DailyRollup", "reconcile": "Reconcile"}
    return Refusal(400, f"{name.get(operation, operation)} is not supported for data type {path}.")


def write_only(path: str) -> Refusal:
    """Refuse to read a type that can only be written."""
    return Refusal(400, f"Operation is not supported for data type {path}; supported: create, update, batchDelete.")


def no_token() -> Refusal:
    """Refuse a request without a token."""
    message = f"Request is missing required authentication credential. {SIGN_IN}"
    return Refusal(401, message, details=[info("CREDENTIALS_MISSING", domain=COMMON_DOMAIN)])


def dead_token() -> Refusal:
    """Refuse a token that is expired or revoked."""
    return Refusal(401, f"Request had invalid authentication credentials. {SIGN_IN}")


def no_scope() -> Refusal:
    """Refuse a token that was not granted what the method needs."""
    reason = info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", domain=COMMON_DOMAIN)
    return Refusal(403, "Request had insufficient authentication scopes.", details=[reason])


def no_quota() -> Refusal:
    """Refuse a request that is one too many."""
    message = (
        "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service "
        f"'health.googleapis.com' for consumer 'project_number:{PROJECT}'."
    )
    violations = [{"subject": f"project:{PROJECT}", "description": "Quota exceeded"}]
    failure = {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": violations}
    return Refusal(429, message, details=[info("RATE_LIMIT_EXCEEDED", domain=COMMON_DOMAIN), failure])


def _not_linked() -> Refusal:
    where = {"redirect_uri": "https://fitbit.google.com/auth/signup"}
    return Refusal(
        400,
        "The account is not linked to Google Health.",
        details=[info("ACCOUNT_NOT_LINKED", where)],
        canonical="FAILED_PRECONDITION",
    )


def _api_disabled() -> Refusal:
    message = (
        f"Google Health API has not been used in project {PROJECT} before or it is disabled. Enable it by visiting "
        f"{CONSOLE} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to "
        "our systems and retry."
    )
    who = {"consumer": f"projects/{PROJECT}", "service": "health.googleapis.com"}
    links = [{"description": "Google developers console API activation", "url": CONSOLE}]
    text = {"@type": "type.googleapis.com/google.rpc.Help", "links": links}
    return Refusal(403, message, details=[info("SERVICE_DISABLED", who, domain=COMMON_DOMAIN), text])


def _not_authorized() -> Refusal:
    reason = info("USER_PROJECT_DENIED", domain=COMMON_DOMAIN)
    return Refusal(403, "User is not authorized to access health data.", details=[reason])


ACCOUNTS = {
    "not_linked": _not_linked,
    "api_disabled": _api_disabled,
    "not_migrated": lambda: Refusal(403, "The caller does not have permission"),
    "not_authorized": _not_authorized,
    "no_profile": lambda: Refusal(412),
    "dead_token": dead_token,
}
