"""The book of a login server: who allowed what, and which tokens live; the time is passed in, and nothing is sent."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from cromwelld.simulator.oauth.manners import Manners, TokenKind
from cromwelld.simulator.oauth.values import (
    CODE_LIFE_S,
    TESTING_LIFE_S,
    Access,
    Code,
    Denied,
    Grant,
    Rules,
    State,
    Used,
)

Answer = dict[str, object]


class Book:
    """Keep a vendor's consents and tokens; the texts of tokens follow from the order in which they are made."""

    def __init__(self, manners: Manners, rules: Rules, user_ids: Mapping[str, str], state: State | None = None) -> None:
        self.state = state or State()
        self._manners = manners
        self._rules = rules
        self._user_ids = user_ids

    def consent(self, account: str, scopes: Sequence[str], asked: Mapping[str, str], now: datetime) -> str:
        """Write down that a person allowed something, and give the code for it."""
        grant = self._grant(account, scopes, now, offline=self._brings_refresh(account, asked))
        self.state.consented.add(account)
        code = self._new("code")
        self.state.codes[code] = Code(
            grant=grant,
            redirect_uri=asked["redirect_uri"],
            challenge=asked.get("code_challenge", ""),
            until=now + timedelta(seconds=CODE_LIFE_S),
        )
        return code

    def issue(self, account: str, scopes: Sequence[str], now: datetime) -> Answer:
        """Give tokens without the steps before."""
        return self._exchanged(self._grant(account, scopes, now, offline=True), now)

    def exchange(self, form: Mapping[str, str], now: datetime) -> Answer:
        """Exchange a code, once. Raises: Denied."""
        text = self._manners.wording
        code = self.state.codes.pop(form["code"], None)
        if code is None:
            raise Denied("invalid_grant", text["code"].format(form["code"]))
        if now >= code.until:
            raise Denied("invalid_grant", text["late"].format(form["code"]))
        if form["redirect_uri"] != code.redirect_uri:
            error = "invalid_grant" if self._manners.basic else "redirect_uri_mismatch"
            raise Denied(error, text["redirect"].format(form["redirect_uri"]))
        verifier = form.get("code_verifier", "")
        if code.challenge and not hmac.compare_digest(challenge_of(verifier), code.challenge):
            raise Denied("invalid_grant", text["verifier"].format(verifier))
        return self._exchanged(code.grant, now)

    def refresh(self, refresh_token: str, now: datetime) -> Answer:
        """Give a new access token, and where they rotate a new refresh token. Raises: Denied."""
        used = self.state.used.get(refresh_token)
        if used is not None and now < used.at + timedelta(seconds=self._rules.replay_grace_s):
            return dict(used.answer)
        grant = self.state.refreshes.get(refresh_token)
        if grant is None or self._is_over(grant, now):
            raise Denied("invalid_grant", self._manners.wording["refresh"].format(refresh_token))
        if not self._manners.rotates:
            return self._access(grant, now)
        del self.state.refreshes[refresh_token]
        answer = self._access(grant, now) | self._refresh(grant)
        self.state.used[refresh_token] = Used(at=now, answer=answer)
        return answer

    def access(self, text: str) -> Access | None:
        """Find an access token, expired or not."""
        return self.state.accesses.get(text)

    def revoke(self, token: str) -> bool:
        """End the grant of an access or refresh token; False where it has none."""
        access = self.state.accesses.get(token)
        grant = access.grant if access else self.state.refreshes.get(token)
        if grant is not None:
            self._end({grant.number})
        return grant is not None

    def withdraw(self, account: str) -> None:
        """End everything that a person allowed, as in the vendor's own settings."""
        state = self.state
        codes, accesses = state.codes.values(), state.accesses.values()
        grants = [*state.refreshes.values(), *(one.grant for one in codes), *(one.grant for one in accesses)]
        self._end({grant.number for grant in grants if grant.account == account})

    def _end(self, numbers: set[int]) -> None:
        state = self.state
        state.accesses = {text: one for text, one in state.accesses.items() if one.grant.number not in numbers}
        state.codes = {text: one for text, one in state.codes.items() if one.grant.number not in numbers}
        state.refreshes = {text: one for text, one in state.refreshes.items() if one.number not in numbers}
        state.used.clear()

    def _brings_refresh(self, account: str, asked: Mapping[str, str]) -> bool:
        """Tell whether a consent brings a refresh token: at Google, without asking for it again, only the first.

        Source: https://developers.google.com/identity/protocols/oauth2/web-server (access_type, prompt)
        """
        is_first = account not in self.state.consented or asked.get("prompt") == "consent"
        return self._manners.rotates or (asked.get("access_type") == "offline" and is_first)

    def _is_over(self, grant: Grant, now: datetime) -> bool:
        return self._rules.testing and now >= grant.since + timedelta(seconds=TESTING_LIFE_S)

    def _grant(self, account: str, scopes: Sequence[str], now: datetime, *, offline: bool) -> Grant:
        self.state.issued += 1
        return Grant(number=self.state.issued, account=account, scopes=tuple(scopes), since=now, offline=offline)

    def _exchanged(self, grant: Grant, now: datetime) -> Answer:
        answer = self._access(grant, now) | (self._refresh(grant) if grant.offline else {})
        return answer | ({"refresh_token_expires_in": TESTING_LIFE_S - 1} if self._rules.testing else {})

    def _access(self, grant: Grant, now: datetime) -> Answer:
        text, life_s = self._new("access"), self._manners.access_life_s
        self.state.accesses[text] = Access(grant=grant, issued=now, until=now + timedelta(seconds=life_s))
        whose = {"user_id": self._user_ids[grant.account]} if self._manners.basic else {}
        scope = " ".join(grant.scopes)
        return {"access_token": text, "expires_in": life_s, "scope": scope, "token_type": "Bearer", **whose}

    def _refresh(self, grant: Grant) -> Answer:
        text = self._new("refresh")
        self.state.refreshes[text] = grant
        return {"refresh_token": text}

    def _new(self, kind: TokenKind) -> str:
        self.state.issued += 1
        digest = sha256(f"{self._manners.token}:{kind}:{self.state.issued}".encode()).hexdigest()
        return self._manners.forge(kind, digest)


def challenge_of(verifier: str) -> str:
    """Give the S256 challenge of a verifier. Source: RFC 7636, 4.2."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
