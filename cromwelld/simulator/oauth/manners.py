"""What differs between the logins of the two vendors, as values."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from cromwelld.simulator.oauth.values import Denied

TokenKind = Literal["code", "access", "refresh"]
LEARN_MORE = (
    "Visit https://dev.fitbit.com/docs/oauth2 for more information on the Fitbit Web API authorization process."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The application that is registered; without redirect addresses any on loopback will do, else only these."""

    id: str
    secret: str | None = field(default=None, repr=False)
    redirect_uris: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person with an account, by the ids of both vendors."""

    name: str
    user_id: str
    health_user_id: str


MEMBERS = (
    Member(name="first", user_id="SYNTH1", health_user_id="1000000007"),
    Member(name="second", user_id="SYNTH2", health_user_id="1000000008"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """Say how a vendor logs people in.

    `basic`: a client's secret comes in a header, else in the form. `rotates`: a refresh token works once. `wording`
    finds the vendor's own words for a refusal, `refusal` writes the body; `forge` makes a token's text from a digest.
    `tail` stands behind every redirect address.
    """

    authorize: str
    token: str
    revoke: str
    introspect: str = ""
    scopes: frozenset[str]
    access_life_s: int
    basic: bool
    rotates: bool
    client: Client
    wording: Mapping[str, str]
    refusal: Callable[[Denied], dict[str, object]]
    forge: Callable[[TokenKind, str], str]
    tail: str = ""


def _fitbit_refusal(denied: Denied) -> dict[str, object]:
    """Write a refusal that is not of RFC 6749, and that repeats the token."""
    return {"errors": [{"errorType": denied.error, "message": f"{denied.text}. {LEARN_MORE}"}], "success": False}


def _google_refusal(denied: Denied) -> dict[str, object]:
    return {"error": denied.error, "error_description": denied.text}


def _fitbit_text(kind: TokenKind, digest: str) -> str:
    """Write an access token that looks like a JWT, a refresh token of 64 and a code of 40 hexadecimal digits."""
    if kind == "access":
        claims = urlsafe_b64encode(f'{{"jti":"{digest[:24]}"}}'.encode()).decode().rstrip("=")
        return f"eyJhbGciOiJIUzI1NiJ9.{claims}.{digest[:43]}"
    return digest if kind == "refresh" else digest[:40]


def _google_text(kind: TokenKind, digest: str) -> str:
    return {"access": "ya29.a0", "refresh": "1//0", "code": "4/0A"}[kind] + digest


# Source: https://dev.fitbit.com/build/reference/web-api/authorization/, .../developer-guide/best-practices
FITBIT = Manners(
    authorize="/oauth2/authorize",
    token="/oauth2/token",  # noqa: S106 - a path
    revoke="/oauth2/revoke",
    introspect="/1.1/oauth2/introspect",
    scopes=frozenset(
        {
            "activity",
            "cardio_fitness",
            "electrocardiogram",
            "heartrate",
            "irregular_rhythm_notifications",
            "location",
            "nutrition",
            "oxygen_saturation",
            "profile",
            "respiratory_rate",
            "settings",
            "sleep",
            "social",
            "temperature",
            "weight",
        }
    ),
    access_life_s=28_800,
    basic=True,
    rotates=True,
    client=Client(id="23SYNT", secret="0123456789abcdef0123456789abcdef"),  # noqa: S106 - invented
    wording={
        "client": "Invalid authorization header",
        "code": "Authorization code invalid: {0}",
        "late": "Authorization code expired: {0}",
        "redirect": "Redirect_uri mismatch: {0}",
        "verifier": "The code_verifier is invalid: {0}",
        "refresh": "Refresh token invalid: {0}",
        "missing": "Missing parameters: {0}",
        "grant_type": "Invalid grant_type: {0}",
    },
    refusal=_fitbit_refusal,
    forge=_fitbit_text,
    tail="#_=_",
)

# Source: https://developers.google.com/health/scopes, https://developers.google.com/identity/protocols/oauth2/web-server
GOOGLE = Manners(
    authorize="/o/oauth2/v2/auth",
    token="/token",  # noqa: S106 - a path
    revoke="/revoke",
    scopes=frozenset(
        f"https://www.googleapis.com/auth/googlehealth.{name}.readonly"
        for name in (
            "activity_and_fitness",
            "ecg",
            "health_metrics_and_measurements",
            "irn",
            "location",
            "nutrition",
            "profile",
            "settings",
            "sleep",
        )
    ),
    access_life_s=3599,
    basic=False,
    rotates=False,
    client=Client(id="123456789-synthetic.apps.googleusercontent.com", secret="GOCSPX-synthetic"),  # noqa: S106
    wording={
        "client": "Unauthorized",
        "code": "Malformed auth code.",
        "late": "Malformed auth code.",
        "redirect": "Bad Request",
        "verifier": "Invalid code verifier.",
        "refresh": "Token has been expired or revoked.",
        "missing": "Missing required parameter: {0}",
        "grant_type": "Invalid grant_type: {0}",
    },
    refusal=_google_refusal,
    forge=_google_text,
)
