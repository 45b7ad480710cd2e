"""The Fitbit Web API's error bodies."""

from __future__ import annotations

from cromwelld.simulator.fitbit_web.options import Failure
from cromwelld.simulator.front.refusing import VendorRefusal

LEARN_MORE = (
    "Visit https://dev.fitbit.com/docs/oauth2 for more information on the Fitbit Web API authorization process."
)
HTML = "<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>Error {status}</h1></body></html>"
GOOGLE_STATUS = {401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}
LEGACY = {
    400: ("validation", "n/a", "The request is not valid."),
    401: ("expired_token", None, f"Access token expired: SYNTHETIC. {LEARN_MORE}"),
    403: ("insufficient_scope", None, f"This application does not have permission to access the data. {LEARN_MORE}"),
    404: ("not_found", "n/a", "The API you are requesting could not be found."),
    410: ("request", "410", "The Fitbit Web API has been retired."),
    422: ("validation", "Request", "The number of data points queried exceeds limit."),
    429: ("system", "n/a", "Too Many Requests"),
}
LEGACY_WITHOUT_SUCCESS = 422
SERVER_ERROR = "An error occurred with the Fitbit Web API while processing the request. Error id: SYNTHETIC"


class Refusal(VendorRefusal):
    """Refuse a request with a status and a legacy error body.

    Source: https://dev.fitbit.com/build/reference/web-api/troubleshooting-guide/error-messages
    """

    def __init__(self, status: int, *, kind: str | None = None, field: str | None = None, text: str = "") -> None:
        super().__init__(status)
        default_kind, default_field, default_text = LEGACY.get(status, ("request", str(status), SERVER_ERROR))
        self.status = status
        self.kind = kind or default_kind
        self.field = field or default_field
        self.text = text or default_text

    def body(self) -> dict[str, object]:
        """Write the body; an answer 422 leaves out `success`, as seen in the field."""
        named = {"fieldName": self.field} if self.field else {}
        error = {"errorType": self.kind, **named, "message": self.text}
        return {"errors": [error]} if self.status == LEGACY_WITHOUT_SUCCESS else {"errors": [error], "success": False}


def invalid(field: str, text: str) -> Refusal:
    """Refuse a bad parameter."""
    return Refusal(400, kind="validation", field=field, text=text)


def no_scope(scope: str) -> Refusal:
    """Refuse a token that was not granted a scope. Source: .../troubleshooting-guide/error-messages."""
    return Refusal(403, text=f"This application does not have permission to access {scope} data. {LEARN_MORE}")


def google_body(status: int) -> dict[str, object]:
    """Write an error as Google's front end does."""
    message = {403: "The caller does not have permission"}.get(status, "The request failed")
    return {"error": {"code": status, "message": message, "status": GOOGLE_STATUS.get(status, "UNAVAILABLE")}}


def legacy_body(failure: Failure) -> dict[str, object]:
    """Write the legacy body of a failure."""
    return Refusal(failure.status, kind=failure.error_type).body()
