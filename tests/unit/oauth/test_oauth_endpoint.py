from __future__ import annotations

import base64
import datetime as dt
import json

import pytest

from cromwelld.errors import CromwelldError, FarSideAway, LoginNeeded, PersonNeeded, Retired
from cromwelld.sources.oauth.consent import Consent
from cromwelld.sources.oauth.endpoint import exchange, refresh, verdict
from cromwelld.sources.oauth.provider import FITBIT, GOOGLE, Application, Provider
from cromwelld.sources.oauth.tokens import Tokens
from tests.support.reference import reference
from tests.unit.oauth.token_house import APPLICATION, HTML, NOW, told

BEFORE = Tokens(
    access_token="old",
    refresh_token="kept",
    scope="sleep",
    person="hash",
    refresh_expires_at=NOW + dt.timedelta(days=3),
)
CONSENT = Consent(redirect_uri="http://127.0.0.1:1/", verifier="SECRET-v", state="SECRET-s")


def judged(status: int, body: bytes, before: Tokens | None = BEFORE) -> Tokens | CromwelldError:
    return verdict(status, {}, body=body, now=NOW, before=before)


# --- what is asked


def test_google_is_asked_with_the_secret_in_the_form() -> None:
    asking = exchange(GOOGLE, APPLICATION, code="SECRET-code", consent=CONSENT)
    assert asking.url == "https://oauth2.googleapis.com/token"
    assert asking.form == {
        "grant_type": "authorization_code",
        "code": "SECRET-code",
        "code_verifier": "SECRET-v",
        "redirect_uri": "http://127.0.0.1:1/",
        "client_id": "23ABCD",
        "client_secret": "SECRET-of-the-client",
    }
    assert "Authorization" not in asking.headers
    told(asking)


def test_fitbit_is_asked_with_the_secret_in_a_header() -> None:
    asking = refresh(FITBIT, APPLICATION, refresh_token="SECRET-r")
    assert asking.url == "https://api.fitbit.com/oauth2/token"
    assert asking.form == {"grant_type": "refresh_token", "refresh_token": "SECRET-r", "client_id": "23ABCD"}
    assert base64.b64decode(asking.headers["Authorization"].removeprefix("Basic ")) == b"23ABCD:SECRET-of-the-client"
    told(asking)


@pytest.mark.parametrize("provider", [FITBIT, GOOGLE])
def test_a_client_without_secret_names_itself_only(provider: Provider) -> None:
    asking = refresh(provider, Application(client_id="x"), refresh_token="r")
    assert asking.form["client_id"] == "x"
    assert "Authorization" not in asking.headers
    assert "client_secret" not in asking.form


# --- good answers


def test_googles_exchange() -> None:
    tokens = judged(200, reference("google-health/samples/oauth.token-exchange.json").read_bytes(), None)
    assert isinstance(tokens, Tokens)
    assert (tokens.access_token, tokens.refresh_token) == ("ya29.SYNTHETIC", "1//SYNTHETIC")
    assert tokens.expires_at == dt.datetime(2026, 1, 15, 11, 39, 59, tzinfo=dt.UTC)
    assert tokens.refresh_expires_at is None
    assert tokens.obtained_at == NOW
    assert tokens.scope is not None
    assert len(tokens.scope.split()) == 6


def test_googles_testing_status_ends_after_seven_days() -> None:
    body = reference("google-health/samples/oauth.token-exchange.testing-status.json").read_bytes()
    tokens = judged(200, body, None)
    assert isinstance(tokens, Tokens)
    assert tokens.refresh_expires_at == dt.datetime(2026, 1, 22, 10, 39, 59, tzinfo=dt.UTC)


def test_googles_refresh_keeps_the_old_refresh_token_and_its_end() -> None:
    tokens = judged(200, reference("google-health/samples/oauth.token-refresh.json").read_bytes())
    assert isinstance(tokens, Tokens)
    assert (tokens.access_token, tokens.refresh_token) == ("ya29.SYNTHETIC-2", "kept")
    assert tokens.refresh_expires_at == BEFORE.refresh_expires_at
    assert tokens.person == "hash"


def test_fitbits_refresh_brings_a_new_pair() -> None:
    tokens = judged(200, reference("fitbit-web/synthetic/oauth-token-response.json").read_bytes())
    assert isinstance(tokens, Tokens)
    assert (tokens.access_token, tokens.refresh_token) == ("SYNTHETIC.ACCESS.TOKEN", "SYNTHETIC_REFRESH_TOKEN")
    assert tokens.expires_at == dt.datetime(2026, 1, 15, 18, 40, tzinfo=dt.UTC)
    assert tokens.refresh_expires_at is None
    assert tokens.person == "hash"


def test_scopes_that_are_not_said_again_stay() -> None:
    tokens = judged(200, b'{"access_token":"a"}')
    assert isinstance(tokens, Tokens)
    assert (tokens.scope, tokens.expires_at) == ("sleep", None)


@pytest.mark.parametrize("nonsense", ["soon", -1, 0, None, True, 1e300, "1e9999", [], float("inf")])
def test_a_nonsensical_life_is_unknown(nonsense: object) -> None:
    tokens = judged(200, json.dumps({"access_token": "a", "expires_in": nonsense}).encode())
    assert isinstance(tokens, Tokens)
    assert tokens.expires_at is None


def test_a_life_may_be_text() -> None:
    tokens = judged(200, b'{"access_token":"a","expires_in":"60"}')
    assert isinstance(tokens, Tokens)
    assert tokens.expires_at == NOW + dt.timedelta(seconds=60)


# --- refusals


@pytest.mark.parametrize(
    ("status", "sample"),
    [
        (400, "google-health/samples/oauth.token-refresh.invalid_grant.json"),
        (400, "fitbit-web/synthetic/error-400-invalid-grant.json"),
    ],
)
def test_A9_a_dead_refresh_token_in_either_vendors_body(status: int, sample: str) -> None:  # noqa: N802
    found = judged(status, reference(sample).read_bytes())
    assert type(found) is LoginNeeded
    assert found.message.startswith("400 invalid_grant: ")
    assert "cromwelld login" in found.hint
    assert "SYNTHETIC" not in found.message


def test_A9_a_wrong_client_in_fitbits_body_is_a_matter_of_the_configuration() -> None:  # noqa: N802
    found = judged(401, reference("fitbit-web/synthetic/error-401-invalid-client.json").read_bytes())
    assert type(found) is PersonNeeded
    assert "client_id or client_secret" in found.message
    assert "configuration" in found.hint


def test_A12_a_changed_application_is_told_from_a_dead_token() -> None:  # noqa: N802
    body = b'{"errors":[{"errorType":"invalid_token"},{"errorType":"invalid_grant","message":"SECRET"}]}'
    found = judged(400, body)
    assert type(found) is LoginNeeded
    assert "dev.fitbit.com" in found.hint


def test_a_code_that_is_used_up() -> None:
    found = judged(400, b'{"error":"invalid_grant"}', None)
    assert type(found) is LoginNeeded
    assert "code" in found.message


@pytest.mark.parametrize("word", ["invalid_request", "invalid_scope", "org_internal"])
def test_other_refusals_want_a_person_too(word: str) -> None:
    found = judged(400, json.dumps({"error": word, "error_description": "SECRET"}).encode())
    assert type(found) is PersonNeeded
    assert word in found.message
    told(found)


def test_I13_a_vendor_that_is_gone() -> None:  # noqa: N802
    found = judged(410, b"whatever it may be")
    assert type(found) is Retired
    assert "Takeout" in found.hint


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, HTML),
        (200, b'{"access_token":"SECRET'),
        (200, b'{"access_token":""}'),
        (200, b'{"access_token":"two words"}'),
        (200, b'{"token_type":"Bearer"}'),
        (200, b"[]"),
        (204, b""),
        (302, b""),
        (400, b""),
        (400, HTML),
        (400, b'{"errors":[]}'),
        (400, b'{"error":"SECRET.1"}'),
        (403, HTML),
        (404, HTML),
        (408, b'{"error":"invalid_grant"}'),
        (429, b'{"error":"rate_limit_exceeded"}'),
        (429, b'{"errors":[{"errorType":"system"}]}'),
        (500, b'{"error":"internal_failure"}'),
        (500, b'{"error":"invalid_grant"}'),
        (502, HTML),
        (503, b""),
        (520, HTML),
    ],
)
def test_A6_anything_else_is_passing_and_no_dead_token(status: int, body: bytes) -> None:  # noqa: N802
    found = judged(status, body)
    assert type(found) is FarSideAway
    told(found)


def test_a_busy_endpoint_may_name_its_time() -> None:
    found = verdict(429, {"retry-after": "30"}, body=b"", now=NOW)
    assert isinstance(found, FarSideAway)
    assert found.retry_after_s == 30.0
