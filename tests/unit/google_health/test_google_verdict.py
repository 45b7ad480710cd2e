"""What an answer of Google means, row by row of the reference's table of errors, as a pure function."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from cromwelld.errors import (
    BadAnswer,
    CromwelldError,
    FarSideAway,
    LoginNeeded,
    OutOfBudget,
    PersonNeeded,
    Refused,
    Retired,
    Unsupported,
    WrongRequest,
)
from cromwelld.sources.google_health.verdict import judge
from tests.unit.google_health.google_reading import error, sample

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
JSON = {"content-type": "application/json; charset=UTF-8"}
SECRET = "ya29.SECRET-39ab9109aba"


def body(status: str, reason: str = "", **metadata: str) -> bytes:
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "metadata": metadata}
    return json.dumps({"error": {"code": 0, "status": status, "details": [info] if reason else []}}).encode()


def told(status: int, content: bytes, **headers: str) -> CromwelldError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    found = judge(status, {**JSON, **named}, body=content, now=NOW)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("status", "content", "kind", "label"),
    [
        (400, body("INVALID_ARGUMENT", "INVALID_DATA_POINT_FILTER"), WrongRequest, "INVALID_DATA_POINT_FILTER: "),
        (400, body("INVALID_ARGUMENT", "INVALID_TIME_RANGE"), WrongRequest, "INVALID_ARGUMENT INVALID_TIME_RANGE: "),
        (400, body("INVALID_ARGUMENT", "INVALID_ROLLUP_QUERY_DURATION"), WrongRequest, "QUERY_DURATION: "),
        (400, body("INVALID_ARGUMENT", "INVALID_PARENT_DATA_TYPE_COLLECTION"), Unsupported, "_COLLECTION: "),
        (400, body("INVALID_ARGUMENT"), WrongRequest, "400 INVALID_ARGUMENT: "),
        (400, body("FAILED_PRECONDITION", "ACCOUNT_NOT_LINKED"), PersonNeeded, "ACCOUNT_NOT_LINKED: "),
        (401, body("UNAUTHENTICATED"), LoginNeeded, "401 UNAUTHENTICATED: "),
        (401, body("UNAUTHENTICATED", "CREDENTIALS_MISSING"), LoginNeeded, "CREDENTIALS_MISSING: "),
        (403, body("PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"), Refused, "_SCOPE_INSUFFICIENT: "),
        (403, body("PERMISSION_DENIED", "MISSING_OAUTH_SCOPE"), Refused, "MISSING_OAUTH_SCOPE: "),
        (403, body("PERMISSION_DENIED", "SERVICE_DISABLED"), PersonNeeded, "SERVICE_DISABLED: "),
        (403, body("PERMISSION_DENIED", "USER_PROJECT_DENIED"), Refused, "USER_PROJECT_DENIED: "),
        (403, body("PERMISSION_DENIED"), Refused, "403 PERMISSION_DENIED: "),
        (403, b"", Refused, "403: "),
        (404, body("NOT_FOUND"), WrongRequest, "404 NOT_FOUND: "),
        (409, b"", BadAnswer, "409: "),
        (410, b"", Retired, "410: "),
        (412, body("FAILED_PRECONDITION"), Refused, "412 FAILED_PRECONDITION: "),
        (418, b"[]", BadAnswer, "418: "),
        (429, body("RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"), OutOfBudget, "RATE_LIMIT_EXCEEDED: "),
        (429, b"", OutOfBudget, "429: "),
        (408, b"", FarSideAway, "408: "),
        (500, body("INTERNAL"), FarSideAway, "500 INTERNAL: "),
        (502, b"", FarSideAway, "502: "),
        (503, body("UNAVAILABLE"), FarSideAway, "503 UNAVAILABLE: "),
        (504, body("DEADLINE_EXCEEDED"), FarSideAway, "504 DEADLINE_EXCEEDED: "),
        (302, b"", FarSideAway, "302: "),
        (204, b"", BadAnswer, "204: "),
    ],
)
def test_the_status_decides_and_the_reason_refines(
    status: int, content: bytes, kind: type[CromwelldError], label: str
) -> None:
    found = told(status, content)
    assert type(found) is kind
    assert str(found).startswith(str(status))
    assert label in str(found)


def test_200_is_good() -> None:
    assert judge(200, JSON, body=b"{}", now=NOW) is None


@pytest.mark.parametrize(
    ("status", "content", "remedy"),
    [
        (400, "400_account_not_linked", "Google Health app"),
        (400, "400_account_not_linked.live", "right account"),
        (401, "401_unauthenticated", "log in again"),
        (403, "403_access_token_scope_insufficient", "tick"),
        (403, "oauth_insufficient_scope", "tick"),
        (403, "403_permission_denied", "Google Cloud project"),
        (403, "403_service_disabled", "enable it"),
    ],
)
def test_a_person_is_told_the_one_thing_to_do(status: int, content: str, remedy: str) -> None:
    assert remedy in told(status, error(content)).hint


def test_a_profile_that_is_not_set_up_has_its_remedy() -> None:
    assert "Google Health app" in told(412, body("FAILED_PRECONDITION")).hint


def test_an_account_that_was_not_moved_has_its_remedy() -> None:
    assert "move the old Fitbit account" in told(403, body("PERMISSION_DENIED")).hint


def test_the_reason_of_a_wrong_request_can_be_acted_upon() -> None:
    found = told(400, sample("error.400.invalid_rollup_query_duration"))
    assert isinstance(found, WrongRequest)
    assert (found.reason, found.details) == ("INVALID_ROLLUP_QUERY_DURATION", {"maxDurationDays": "14"})
    other = told(400, sample("error.400.invalid_filter_member"))
    assert isinstance(other, WrongRequest)
    assert (other.reason, other.details) == ("INVALID_DATA_POINT_FILTER_DATA_TYPE_MEMBER", {})


def test_the_reason_is_found_behind_other_details() -> None:
    help_first = {"@type": "type.googleapis.com/google.rpc.Help", "links": [{"url": "https://example.com"}]}
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED"}
    content = {"error": {"status": "PERMISSION_DENIED", "details": [help_first, None, 5, info]}}
    assert type(told(403, json.dumps(content).encode())) is PersonNeeded


def test_a_page_of_the_web_is_no_json() -> None:
    """A path that does not exist answers with a page; its text is never read, whatever it looks like."""
    found = judge(404, {"content-type": "text/html; charset=UTF-8"}, body=body("NOT_FOUND", "X"), now=NOW)
    assert type(found) is BadAnswer
    assert str(found).startswith("404: ")
    linked = body("FAILED_PRECONDITION", "ACCOUNT_NOT_LINKED")
    for headers in ({}, {"content-type": "text/html"}):
        found = judge(400, headers, body=linked, now=NOW)
        assert found is not None
        assert "ACCOUNT_NOT_LINKED" not in str(found)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"5",
        b'"x"',
        b'{"error":null}',
        b'{"error":[]}',
        b'{"error":"x y"}',
        b'{"error":{"status":null,"details":null}}',
        b'{"error":{"status":5,"details":5}}',
        b'{"error":{"status":["x"],"details":["x",null,{"reason":5},{"reason":null},[]]}}',
        b'{"error":{"details":[{"reason":"a b"},{"reason":"A1B2"},{"reason":""}]}}',
        b'{"error":{"details":{"reason":"X"}}}',
        b"[" * 100_000,
        b'{"error":' * 50_000,
        b"\xff\xfe",
        b'{"error":{"status":"\\ud800"}}',
    ],
)
@pytest.mark.parametrize("status", [400, 403, 404, 412, 429, 500])
def test_a_body_of_any_shape_is_survived(status: int, content: bytes) -> None:
    assert str(told(status, content)).startswith((f"{status}: ", f"{status} NOT_FOUND: "))


@pytest.mark.parametrize(
    "metadata", [None, [], 5, "x", {"maxDurationDays": 14}, {"maxDurationDays": "14 days"}, {"a": []}]
)
def test_details_of_any_shape_are_survived(metadata: object) -> None:
    info = {"reason": "INVALID_ROLLUP_QUERY_DURATION", "metadata": metadata}
    found = told(400, json.dumps({"error": {"status": "INVALID_ARGUMENT", "details": [info]}}).encode())
    assert isinstance(found, WrongRequest)
    assert found.details == {}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 429, 500])
@pytest.mark.parametrize("place", ["status", "message", "reason", "domain", "metadata"])
def test_no_token_gets_into_a_message(status: int, place: str) -> None:
    info = {
        "reason": SECRET if place == "reason" else "X",
        "domain": SECRET,
        "metadata": {SECRET: SECRET, "id": "1" * 9},
    }
    content = {"code": status, "message": SECRET, "status": SECRET if place == "status" else "Y", "details": [info]}
    found = told(status, json.dumps({"error": content}).encode(), authorization=f"Bearer {SECRET}")
    details = found.details if isinstance(found, WrongRequest) else {}
    for secret in (SECRET, "SECRET", "39ab9109aba", "111111111"):
        assert secret not in f"{found} {found.hint} {found!r} {details}"


@pytest.mark.parametrize(
    ("said", "wait_s"),
    [
        (None, 60.0),
        ("7", 7.0),
        ("90", 90.0),
        ("3600", 3600.0),
        ("3601", 60.0),
        ("0", 60.0),
        ("-5", 60.0),
        ("soon", 60.0),
        ("inf", 60.0),
        ("nan", 60.0),
        ("99999999999999999999", 60.0),
        ("Thu, 15 Jan 2026 11:00:00 GMT", 60.0),
    ],
)
def test_how_long_a_spent_quota_is_waited_for(said: str | None, wait_s: float) -> None:
    """A minute, for quotas are by the minute; Retry-After is not documented: obeyed only as far as it makes sense."""
    headers = JSON if said is None else {**JSON, "retry-after": said}
    found = judge(429, headers, body=error("429_resource_exhausted"), now=NOW)
    assert isinstance(found, OutOfBudget)
    assert found.retry_after_s == wait_s


def test_a_busy_vendor_may_name_its_time() -> None:
    found = told(503, sample("error.503.unavailable"), retry_after="7")
    assert isinstance(found, FarSideAway)
    assert found.retry_after_s == 7.0
