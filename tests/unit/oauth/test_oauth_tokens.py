from __future__ import annotations

import datetime as dt
import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cromwelld.errors import DamagedFile, UsageError
from cromwelld.sources.oauth.tokens import Tokens, decode, encode, imported, replaced
from tests.support.reference import reference
from tests.unit.oauth.token_house import NOW, told

PATH = Path("/state/tokens/me.json")
WHOLE = Tokens(
    access_token="SECRET.a",
    refresh_token="SECRET-r",
    scope="sleep heartrate",
    expires_at=NOW,
    refresh_expires_at=NOW + dt.timedelta(days=7),
    obtained_at=NOW - dt.timedelta(hours=8),
    person="SECRET-hash",
)


def json_bytes(content: object) -> bytes:
    return json.dumps(content).encode()


@pytest.mark.parametrize("tokens", [WHOLE, Tokens(access_token="SECRET"), Tokens(access_token="", refresh_token="r")])
def test_what_is_written_is_read(tokens: Tokens) -> None:
    content = encode(tokens, replaces="abc")
    assert decode(content, PATH) == tokens
    assert replaced(content) == "abc"


def test_the_file_says_its_format() -> None:
    assert json.loads(encode(WHOLE))["format"] == 1
    with pytest.raises(DamagedFile, match="another version"):
        decode(encode(WHOLE).replace(b'"format": 1', b'"format": 2'), PATH)


def test_no_secret_is_shown() -> None:
    told(WHOLE)
    assert "2026, 1, 15" in repr(WHOLE)


def test_a_token_response_put_there_by_hand_has_no_known_end() -> None:
    tokens = decode(reference("fitbit-web/synthetic/oauth-token-response.json").read_bytes(), PATH)
    assert tokens.access_token == "SYNTHETIC.ACCESS.TOKEN"
    assert tokens.refresh_token == "SYNTHETIC_REFRESH_TOKEN"
    assert tokens.scope is not None
    assert "oxygen_saturation" in tokens.scope.split()
    assert (tokens.expires_at, tokens.obtained_at, tokens.person) == (None, None, None)
    assert b"ABC123" not in encode(tokens)  # the vendor's user id is kept out


def test_an_access_token_alone_will_do() -> None:
    assert decode(b'{"access_token": "a"}', PATH) == Tokens(access_token="a")


BAD = [
    (b"", "it is empty"),
    (b" \n", "it is empty"),
    (b"SECRET.abc.def\n", "it holds a bare token"),
    (b'"SECRET"', "it holds a bare token"),
    (b'{"access_token": "SECRET', "it is not a whole JSON object"),
    (b"\x00" * 100, "it is not a whole JSON object"),
    (b"\xff\xfe SECRET", "it is not a whole JSON object"),
    (b"[" * 100_000, "it is not a whole JSON object"),
    (b'["SECRET"]', "it is not a whole JSON object"),
    (b"{}", "holds neither access_token nor refresh_token"),
    (b'{"access_token": null, "refresh_token": ""}', "holds neither"),
    (b'{"access_token": "SECRET with blanks"}', "an access_token that cannot be one"),
    (b'{"access_token": ["SECRET"]}', "an access_token that cannot be one"),
    (b'{"access_token": "a", "refresh_token": "SECRET\\n"}', "a refresh_token that cannot be one"),
    (b'{"access_token": "SECRET", "refresh_token": "SECRET"}', "an access token in the place of the refresh_token"),
    (b'{"refresh_token": "eyJSECRET.b.c"}', "an access token in the place of the refresh_token"),
    (b'{"refresh_token": "ya29.SECRET"}', "an access token in the place of the refresh_token"),
    (b'{"installed": {"client_id": "x", "client_secret": "SECRET"}}', "the client of your Google Cloud project"),
]


@pytest.mark.parametrize(("content", "sentence"), BAD)
def test_A11_a_bad_file_is_named_with_what_is_expected(content: bytes, sentence: str) -> None:  # noqa: N802
    for read, error in ((decode, DamagedFile), (imported, UsageError)):
        with pytest.raises(error, match=sentence) as caught:
            read(content, PATH)
        assert str(PATH) in caught.value.message
        assert '"refresh_token"' in caught.value.hint
        told(caught.value)


NAMES = st.sampled_from(["access_token", "refresh_token", "expires_at", "scope", "token", "expiry", "format"])
VALUES = st.none() | st.floats() | st.integers() | st.text(max_size=5) | st.booleans()


@given(st.binary(max_size=60) | st.dictionaries(NAMES, VALUES).map(json_bytes))
def test_nothing_else_than_our_errors_comes_of_any_file(content: bytes) -> None:
    for read in (decode, imported):
        with suppress(DamagedFile, UsageError):
            read(content, PATH)


def test_fitbit_grafanas_file_is_imported() -> None:
    content = b'{"access_token": "a", "refresh_token": "r"}'
    assert imported(content, PATH) == Tokens(access_token="a", refresh_token="r")


def test_python_fitbits_file_is_imported() -> None:
    content = {
        "access_token": "a",
        "expires_at": 1768473600.0,
        "expires_in": 28800,
        "refresh_token": "r",
        "scope": ["sleep", "heartrate"],
        "token_type": "Bearer",
        "user_id": "ABC123",
    }
    assert imported(json_bytes(content), PATH) == Tokens(
        access_token="a",
        refresh_token="r",
        scope="sleep heartrate",
        expires_at=dt.datetime(2026, 1, 15, 10, 40, tzinfo=dt.UTC),
    )


@pytest.mark.parametrize("expiry", ["2026-01-15T10:40:00Z", "2026-01-15T10:40:00", "2026-01-15T11:40:00+01:00"])
def test_googles_own_file_is_imported(expiry: str) -> None:
    content = {
        "token": "ya29.a",
        "refresh_token": "1//r",
        "token_uri": "https://oauth2.googleapis.com/token",
        "client_id": "x.apps.googleusercontent.com",
        "client_secret": "s",
        "scopes": ["one", "two"],
        "expiry": expiry,
    }
    assert imported(json_bytes(content), PATH) == Tokens(
        access_token="ya29.a", refresh_token="1//r", scope="one two", expires_at=NOW
    )


def test_an_authorized_user_without_access_token_is_imported_and_due_at_once() -> None:
    content = {"type": "authorized_user", "client_id": "x", "client_secret": "s", "refresh_token": "1//r"}
    tokens = imported(json_bytes(content), PATH)
    assert tokens == Tokens(access_token="", refresh_token="1//r")
    assert tokens.due(NOW, margin_s=0)


@pytest.mark.parametrize("nonsense", ["soon", True, [], 1e300, -1e300, "9999-99-99", float("nan")])
def test_a_nonsensical_end_is_unknown(nonsense: object) -> None:
    assert imported(json_bytes({"access_token": "a", "expires_at": nonsense}), PATH).expires_at is None


@pytest.mark.parametrize(
    ("left_s", "life_s", "due"),
    [
        (601, 28_800, False),
        (600, 28_800, True),
        (0, 28_800, True),
        (-1, 28_800, True),
        (31, 60, False),  # a gateway's short tokens are not renewed at every request
        (30, 60, True),
    ],
)
def test_a_token_is_due_before_its_end(left_s: int, life_s: int, due: bool) -> None:  # noqa: FBT001 - a case
    ends = NOW + dt.timedelta(seconds=left_s)
    tokens = Tokens(access_token="a", expires_at=ends, obtained_at=ends - dt.timedelta(seconds=life_s))
    assert tokens.due(NOW, margin_s=600) is due
    assert tokens.valid(NOW) is (left_s > 0)


def test_a_token_without_known_end_is_never_due() -> None:
    assert not Tokens(access_token="a").due(NOW, margin_s=600)
