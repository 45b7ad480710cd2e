"""What the login server knows and gives, as values; every time is aware and of the simulated clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

CODE_LIFE_S = 600
TESTING_LIFE_S = 604_800


class Denied(Exception):
    """Refuse what was asked of the login server: `error` is the word of RFC 6749, `text` a sentence for people."""

    def __init__(self, error: str, text: str, *, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.text = text
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Choose what is not the same for every application.

    `testing`: the application is in Testing status, and a consent ends after seven days. `replay_grace_s`: for how
    long a refresh token that was used once is answered again with the same pair; 0 is never, which is what is known.
    """

    testing: bool = False
    replay_grace_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a person allowed once: `account` is the person's name here. All tokens of a grant die together."""

    number: int
    account: str
    scopes: tuple[str, ...]
    since: datetime
    offline: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code that waits to be exchanged; `challenge` is empty where none was sent."""

    grant: Grant
    redirect_uri: str
    challenge: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One access token's life."""

    grant: Grant
    issued: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """A refresh token that was rotated away, with the answer that it got."""

    at: datetime
    answer: Mapping[str, object]


@dataclass(slots=True, kw_only=True)
class State:
    """Everything that a login server must not forget."""

    issued: int = 0
    codes: dict[str, Code] = field(default_factory=dict)
    accesses: dict[str, Access] = field(default_factory=dict)
    refreshes: dict[str, Grant] = field(default_factory=dict)
    used: dict[str, Used] = field(default_factory=dict)
    consented: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Tokens as a test gets them without the steps of a browser."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    scope: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One answer of the token endpoint: `outcome` is `ok` or the error's word."""

    at: datetime
    asked: str
    outcome: str
