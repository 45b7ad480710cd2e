from __future__ import annotations

import datetime as dt

import pytest

from cromwelld.errors import (
    BadAnswer,
    CromwelldError,
    FarSideAway,
    LoginNeeded,
    OutOfBudget,
    Refused,
    Retired,
    TooLong,
)
from cromwelld.sources.verdict import judge

NOW = dt.datetime(2026, 1, 15, 10, 40, tzinfo=dt.UTC)
TOKEN = "eyJhbGciOiJIUzI1NiJ9.SECRET.39ab9109aba"


@pytest.mark.parametrize(
    ("status", "body", "error", "label"),
    [
        (400, b'{"errors":[{"errorType":"validation"}]}', BadAnswer, "400 validation: "),
        (401, b'{"errors":[{"errorType":"expired_token"}]}', LoginNeeded, "401 expired_token: "),
        (403, b'{"errors":[{"errorType":"insufficient_scope"}]}', Refused, "403 insufficient_scope: "),
        (403, b'{"error":{"code":403,"status":"PERMISSION_DENIED"}}', Refused, "403 PERMISSION_DENIED: "),
        (404, b'{"errors":[{"errorType":"not_found"}]}', BadAnswer, "404 not_found: "),
        (409, b"", BadAnswer, "409: "),
        (410, b"whatever it may be", Retired, "410: "),
        (422, b'{"errors":[{"errorType":"validation","fieldName":"Request"}]}', TooLong, "422 validation: "),
        (429, b"", OutOfBudget, "429: "),
        (500, b'{"errors":[{"errorType":"request","fieldName":"500"}]}', FarSideAway, "500 request: "),
        (502, b"<html>Bad Gateway</html>", FarSideAway, "502: "),
        (503, b"", FarSideAway, "503: "),
        (520, b"<!DOCTYPE html><title>520</title>", FarSideAway, "520: "),
        (302, b"", FarSideAway, "302: "),
        (204, b"", BadAnswer, "204: "),
        (418, b"[]", BadAnswer, "418: "),
    ],
)
def test_the_status_decides_and_the_body_refines(
    status: int, body: bytes, error: type[CromwelldError], label: str
) -> None:
    found = judge(status, {}, body=body, now=NOW)
    assert type(found) is error
    assert str(found).startswith(label)


def test_200_is_good() -> None:
    assert judge(200, {}, body=b"", now=NOW) is None


def test_a_retired_api_names_the_ways_that_are_left() -> None:
    found = judge(410, {}, body=b"", now=NOW)
    assert isinstance(found, Retired)
    assert "Google" in found.hint
    assert "Takeout" in found.hint


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"errors":[]}',
        b'{"errors":{"errorType":"x"}}',
        b'{"errors":["x"]}',
        b'{"errors":[{"errorType":5}]}',
        b'{"error":"x"}',
        b'{"error":{"status":null}}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_a_body_of_any_shape_is_survived(body: bytes) -> None:
    assert str(judge(403, {}, body=body, now=NOW)).startswith("403: ")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429, 500])
@pytest.mark.parametrize("field", ["errorType", "message", "fieldName"])
def test_no_token_gets_into_a_message(status: int, field: str) -> None:
    body = f'{{"errors":[{{"{field}":"Access token expired: {TOKEN}"}},{{"errorType":"{TOKEN}"}}]}}'.encode()
    found = judge(status, {"authorization": f"Bearer {TOKEN}"}, body=body, now=NOW)
    assert found is not None
    for secret in (TOKEN, "SECRET", "39ab9109aba"):
        assert secret not in f"{found} {found.hint} {found!r}"


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"fitbit-rate-limit-reset": "1201"}, 1201.0),
        ({"fitbit-rate-limit-reset": "1201", "retry-after": "9"}, 1201.0),
        ({"retry-after": "90"}, 90.0),
        ({"fitbit-rate-limit-reset": "soon", "retry-after": "90"}, 90.0),
        ({"fitbit-rate-limit-reset": "0", "retry-after": "90"}, 90.0),
        ({"fitbit-rate-limit-reset": str(int(NOW.timestamp()) + 600)}, 600.0),
        ({"fitbit-rate-limit-reset": "-5"}, 1200.0),
        ({"fitbit-rate-limit-reset": "99999999999999999999"}, 1200.0),
        ({"retry-after": "Thu, 15 Jan 2026 11:00:00 GMT"}, 1200.0),
        ({"fitbit-rate-limit-reset": "nan", "retry-after": "inf"}, 1200.0),
        ({}, 1200.0),
    ],
)
def test_how_long_a_spent_quota_is_waited_for(headers: dict[str, str], wait_s: float) -> None:
    found = judge(429, headers, body=b"", now=NOW)
    assert isinstance(found, OutOfBudget)
    assert found.retry_after_s == wait_s


def test_a_busy_vendor_may_name_its_time() -> None:
    found = judge(503, {"retry-after": "7"}, body=b"", now=NOW)
    assert isinstance(found, FarSideAway)
    assert found.retry_after_s == 7.0
