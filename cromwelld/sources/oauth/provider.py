"""The vendors that a person can log in to, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from yarl import URL


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The client that a person registered at the vendor; the secret may be absent and is not in the repr."""

    client_id: str
    client_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One vendor's side of a login.

    `identity_path` lies below the API's base URL; `identity_keys` lead to the account id in its answer. With `basic` a
    client that has a secret sends it in a header, else in the form. `rotates`: a refresh token works once. An access
    token is renewed `margin_s` before its end.
    """

    name: str
    authorize_url: str
    token_url: str
    revoke_url: str
    identity_path: str
    identity_keys: tuple[str, ...]
    scopes: tuple[str, ...]
    extra: Mapping[str, str] = field(default_factory=dict)
    basic: bool = False
    rotates: bool = False
    margin_s: float = 300.0

    def at(self, base_url: str) -> Provider:
        """Move every address below another base, for gateways and simulators; the paths stay."""
        return replace(
            self,
            authorize_url=_moved(self.authorize_url, base_url),
            token_url=_moved(self.token_url, base_url),
            revoke_url=_moved(self.revoke_url, base_url),
        )


def _moved(url: str, base_url: str) -> str:
    return base_url.rstrip("/") + URL(url).raw_path


_GOOGLE_SCOPE = "https://www.googleapis.com/auth/googlehealth."

# Without both extra parameters a second consent brings no refresh token. `include_granted_scopes` is left out: old
# grants that it mixes in make the Health API refuse the token.
# Source: https://developers.google.com/identity/protocols/oauth2/native-app, https://developers.google.com/health/scopes
GOOGLE = Provider(
    name="google_health",
    authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
    token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
    revoke_url="https://oauth2.googleapis.com/revoke",
    identity_path="/v4/users/me/identity",
    identity_keys=("healthUserId",),
    scopes=tuple(
        f"{_GOOGLE_SCOPE}{name}.readonly"
        for name in ("activity_and_fitness", "health_metrics_and_measurements", "sleep", "settings", "location")
    ),
    extra={"access_type": "offline", "prompt": "consent"},
)

# Source: https://dev.fitbit.com/build/reference/web-api/authorization/, .../developer-guide/best-practices
FITBIT = Provider(
    name="fitbit_web",
    authorize_url="https://www.fitbit.com/oauth2/authorize",
    token_url="https://api.fitbit.com/oauth2/token",  # noqa: S106 - an address
    revoke_url="https://api.fitbit.com/oauth2/revoke",
    identity_path="/1/user/-/profile.json",
    identity_keys=("user", "encodedId"),
    scopes=(
        "activity",
        "heartrate",
        "location",
        "oxygen_saturation",
        "profile",
        "respiratory_rate",
        "settings",
        "sleep",
        "temperature",
        "weight",
    ),
    basic=True,
    rotates=True,
    margin_s=600.0,
)
