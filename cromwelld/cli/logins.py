"""The login of an account, as it lies in the state folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from cromwelld.errors import LoginNeeded

_HINT = 'put the login there as JSON, as the token endpoint gave it: {"access_token": "...", "scope": "..."}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """An access token, and the scopes that the token response granted: None if it does not say."""

    token: str
    scope: str | None = None


def token_file(state: Path, account: str) -> Path:
    """Say where the login of an account lies."""
    return state / "tokens" / f"{account}.json"


def read_login(path: Path, account: str) -> Login:
    """Read the login of an account.

    Raises: LoginNeeded.
    """
    try:
        content = json.loads(path.read_bytes())
        token, scope = content["access_token"], content.get("scope")
    except FileNotFoundError as err:
        raise LoginNeeded(f"account {account} has no login: {path} does not exist", hint=_HINT) from err
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as err:
        raise LoginNeeded(f"the login of account {account} cannot be read: {path}", hint=_HINT) from err
    if not isinstance(token, str) or not token:
        raise LoginNeeded(f"the login of account {account} holds no access token: {path}", hint=_HINT)
    return Login(token=token, scope=scope if isinstance(scope, str) else None)
