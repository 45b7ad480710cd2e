"""What may not leave the process does not, also where somebody else put it into a text."""

from __future__ import annotations

import pytest

from cromwelld.errors import BadAnswer, CromwelldError
from cromwelld.events import Event, Kind
from cromwelld.redaction import redacted

SIGNED = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJBQkMxMjMifQ.c2lnbmVkLWJ5LW5vYm9keQ"
HEX = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"Access token expired: {SIGNED}. Visit", "Access token expired: <redacted>. Visit"),
        (f"Refresh token invalid: {HEX}", "Refresh token invalid: <redacted>"),
        ("got ya29.a0Af_SYNTHETIC-x back", "got <redacted> back"),
        ("1//0gSYNTHETIC-refresh_token", "<redacted>"),
        ("secret GOCSPX-SYNTHETIC_1", "secret <redacted>"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer <redacted>"),
        ("Authorization: Basic QUJDOkRFRg==", "Authorization: Basic <redacted>"),
        ("http://127.0.0.1:8378/?state=s3cr3t&code=4%2F0AX", "http://127.0.0.1:8378/?state=<redacted>&code=<redacted>"),
        ('{"refresh_token": "abcdefg", "x": 1}', '{"refresh_token": "<redacted>", "x": 1}'),
        ("users/1234567890/dataTypes/sleep", "users/<redacted>/dataTypes/sleep"),
        ("at 56.0012345, -3.98765", "at <redacted>, <redacted>"),
    ],
)
def test_what_is_secret_is_taken_out(text: str, left: str) -> None:
    assert redacted(text) == left
    assert str(CromwelldError(text)) == BadAnswer(text).message == left
    assert Event(Kind.REQUEST_RETRIED, {"reason": text, "attempt": 2}).fields == {"reason": left, "attempt": 2}


@pytest.mark.parametrize(
    "text",
    [
        "the vendor answers with a status that is not documented",
        "403 PERMISSION_DENIED ACCESS_TOKEN_SCOPE_INSUFFICIENT: the login does not include the permission for this",
        "users/me/settings",
        "cannot write /home/you/state: Permission denied (user 'nobody')",
        "2025-10-08T12:34:56.123456+00:00",
        "/srv/cromwelld/archive/fitbit/replaced/2025-10-08/0a1b2c3d.json.gz is damaged",
        "cannot write /mnt/disk-4/fitbit_archive_of_years/1/another_long_folder",
        "1.5 GB free, 12 requests, version 0.1.0",
        'log in again and tick "sleep" on Google\'s page',
    ],
)
def test_what_is_not_stays(text: str) -> None:
    assert redacted(text) == text


def test_what_is_passed_over_quickly_holds_no_secret() -> None:
    assert redacted("heart_rate") == "heart_rate"
    assert redacted("2025-10-08") == "2025-10-08"
    assert "abcdef" not in redacted("abcdef" * 10 + "abcd")  # a refresh token may be letters alone
