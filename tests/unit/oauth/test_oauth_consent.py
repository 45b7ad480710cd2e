from __future__ import annotations

from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cromwelld.errors import CromwelldError, FarSideAway, PersonNeeded, UsageError
from cromwelld.sources.fitbit_web import endpoints
from cromwelld.sources.google_health import scopes
from cromwelld.sources.oauth.consent import Consent, address, new_consent, read_code
from cromwelld.sources.oauth.provider import FITBIT, GOOGLE, Application, Provider
from tests.unit.oauth.token_house import told

BACK = "http://127.0.0.1:8378/"
# Source: RFC 7636, appendix B.
VERIFIER, CHALLENGE = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
ONE = Consent(redirect_uri=BACK, verifier=VERIFIER, state="SECRET_state-1")
CODE = "4/0AbCdEf_ghiJKL-mnop"


def query(found: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(found).query).items()}


def test_the_challenge_is_that_of_the_standard() -> None:
    assert ONE.challenge == CHALLENGE


def test_every_attempt_has_secrets_of_its_own_and_shows_none() -> None:
    one, other = new_consent(BACK), new_consent(BACK)
    assert one.verifier != other.verifier
    assert one.state != other.state
    assert 43 <= len(one.verifier) <= 128
    assert one.verifier not in repr(one)
    assert one.state not in repr(one)
    told(ONE)


def test_googles_address() -> None:
    found = address(GOOGLE, "x.apps.googleusercontent.com", ONE)
    assert found.startswith("https://accounts.google.com/o/oauth2/v2/auth?")
    prefix = "https://www.googleapis.com/auth/googlehealth."
    assert query(found) == {
        "response_type": "code",
        "client_id": "x.apps.googleusercontent.com",
        "redirect_uri": BACK,
        "scope": f"{prefix}activity_and_fitness.readonly {prefix}health_metrics_and_measurements.readonly "
        f"{prefix}sleep.readonly {prefix}settings.readonly {prefix}location.readonly",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "state": "SECRET_state-1",
        "access_type": "offline",
        "prompt": "consent",
    }
    assert VERIFIER not in found


def test_fitbits_address() -> None:
    found = address(FITBIT, "23ABCD", ONE)
    assert found.startswith("https://www.fitbit.com/oauth2/authorize?")
    assert query(found).keys() == {
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "code_challenge",
        "code_challenge_method",
        "state",
    }


def test_what_is_asked_for_is_what_the_sources_need() -> None:
    assert set(GOOGLE.scopes) == set(scopes.SCOPES)
    assert set(FITBIT.scopes) == set(endpoints.SCOPES)


@pytest.mark.parametrize("base", ["http://127.0.0.1:9/fitbit", "http://127.0.0.1:9/fitbit/"])
def test_a_gateway_moves_every_address(base: str) -> None:
    moved = FITBIT.at(base)
    assert moved.authorize_url == "http://127.0.0.1:9/fitbit/oauth2/authorize"
    assert moved.token_url == "http://127.0.0.1:9/fitbit/oauth2/token"
    assert moved.revoke_url == "http://127.0.0.1:9/fitbit/oauth2/revoke"
    assert moved.scopes == FITBIT.scopes


def test_googles_addresses_below_a_base() -> None:
    moved: Provider = GOOGLE.at("http://h:1")
    assert (moved.authorize_url, moved.token_url, moved.revoke_url) == (
        "http://h:1/o/oauth2/v2/auth",
        "http://h:1/token",
        "http://h:1/revoke",
    )


def test_an_application_does_not_show_its_secret() -> None:
    told(Application(client_id="x", client_secret="SECRET"))


@pytest.mark.parametrize(
    "pasted",
    [
        f"{BACK}?code={CODE}&state=SECRET_state-1",
        f"{BACK}?state=SECRET_state-1&code=4%2F0AbCdEf_ghiJKL-mnop&scope=a%20b",
        f"  {BACK}?code={CODE}&state=SECRET_state-1#_=_\n",
        f"<{BACK}?code={CODE}&sta\n   te=SECRET_state-1#_=_>",
        f"?code={CODE}&state=SECRET_state-1",
        f"code={CODE}&state=SECRET_state-1",
        f"http://[::1/?code={CODE}&state=SECRET_state-1",
        CODE,
        f"{CODE}#_=_",
        "4%2F0AbCdEf_ghiJKL-mnop",
        f'"{CODE}"',
    ],
)
def test_the_code_is_found_however_it_is_pasted(pasted: str) -> None:
    assert read_code(pasted, ONE) == CODE


@pytest.mark.parametrize(
    ("pasted", "error", "sentence"),
    [
        (f"{BACK}?code={CODE}&state=SECRET_other", UsageError, "another attempt"),
        (f"{BACK}?code={CODE}", UsageError, "another attempt"),
        (f"{BACK}?code={CODE}&state=", UsageError, "another attempt"),
        (f"{BACK}?code={CODE}&state=SECRET_state-\u00e9", UsageError, "another attempt"),
        (f"{BACK}?error=access_denied&state=SECRET_other", UsageError, "another attempt"),
        (f"{BACK}?state=SECRET_state-1", UsageError, "no code"),
        ("", UsageError, "no code"),
        ("yes", UsageError, "no code"),
        (BACK, UsageError, "no code"),
        (address(GOOGLE, "x", ONE), UsageError, "the address to open"),
        (f"{BACK}?error=access_denied&state=SECRET_state-1", PersonNeeded, "not granted .access_denied"),
        (f"{BACK}?error=SECRET+1&state=SECRET_state-1", PersonNeeded, "not granted .an unknown error"),
        (f"{BACK}?error=temporarily_unavailable&state=SECRET_state-1", FarSideAway, "temporarily_unavailable"),
    ],
)
def test_what_is_no_code_gets_a_sentence(pasted: str, error: type[CromwelldError], sentence: str) -> None:
    with pytest.raises(error, match=sentence) as caught:
        read_code(pasted, ONE)
    assert caught.value.hint
    told(caught.value)
    assert CODE not in f"{caught.value}{caught.value.hint}"


@given(st.text(max_size=80))
def test_any_text_gives_a_code_or_a_sentence(pasted: str) -> None:
    with suppress(UsageError, PersonNeeded, FarSideAway):
        read_code(pasted, ONE)
