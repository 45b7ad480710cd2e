"""Logins that a person gives in a browser, or brings in a file."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cromwelld.daemon.desk.ground import Ground, Standing
from cromwelld.errors import ConfigurationError, PersonNeeded, UsageError
from cromwelld.sources.oauth import Tokens
from cromwelld.sources.oauth.consent import Consent, address, new_consent, read_code
from cromwelld.web.protocol import LoggedIn, LoginBegun
from cromwelld.wiring.access import access_of
from cromwelld.wiring.logins import Arrival

_GOOD_FOR = dt.timedelta(minutes=30)
_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    account: str
    consent: Consent = field(repr=False)
    begun_at: dt.datetime


class LoggingIn(Standing):
    """Remember the attempts that are under way; each can be finished once, within half an hour."""

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self._attempts: dict[str, _Attempt] = {}

    async def begin_login(self, account: str, redirect_uri: str) -> LoginBegun:
        """Begin an attempt. Raises: ConfigurationError if the account has no client."""
        arrival = self._arrival(account, [])
        consent = new_consent(redirect_uri)
        url = address(arrival.way.provider, arrival.way.application.client_id, consent)
        self._forget()
        name = secrets.token_urlsafe(24)
        self._attempts[name] = _Attempt(account=account, consent=consent, begun_at=self.ground.clock())
        return LoginBegun(id=name, address=url)

    async def finish_login(self, login: str, answer: str, *, replace_person: bool) -> LoggedIn:
        """Take what the browser ended on, and keep the login.

        Raises: UsageError if it is no answer to this attempt, there is no such attempt, or it is another person's;
        PersonNeeded; FarSideAway; StoreError.
        """
        self._forget()
        attempt = self._attempts.get(login)
        if attempt is None:
            raise UsageError("there is no such attempt to log in (any more)", hint="begin again: cromwelld login")
        code = read_code(answer, attempt.consent)
        del self._attempts[login]
        remarks: list[str] = []
        arrival = self._arrival(attempt.account, remarks)
        try:
            tokens = await arrival.by_code(code, attempt.consent, replace_person=replace_person)
        except PersonNeeded as err:
            raise PersonNeeded("; ".join((err.message, *remarks)), hint=err.hint) from err
        return self._kept(arrival, tokens)

    async def import_login(self, account: str, content: str, *, replace_person: bool) -> LoggedIn:
        """Take over the token file of another program. Raises: as `finish_login`."""
        arrival = self._arrival(account, [])
        file = Path("the token file")
        return self._kept(arrival, await arrival.by_file(content.encode(), file, replace_person=replace_person))

    def _arrival(self, account: str, remarks: list[str]) -> Arrival:
        """Open the way in for a login of an account. Raises: UsageError; ConfigurationError."""
        member, settings = self.member(account), self.ground.household.settings
        if member.line is None:
            raise ConfigurationError(f"account {account}: {member.account.source!r} needs no login")
        arrival = Arrival(
            way=access_of(settings, member.account, member.places.report),
            state=settings.state_dir,
            report=member.places.report,
            clock=self.ground.clock,
            remark=remarks.append,
        )
        _ = arrival.store  # an account without a client cannot even begin
        return arrival

    def _kept(self, arrival: Arrival, tokens: Tokens) -> LoggedIn:
        """Tell of a login that is kept, and let the account go on."""
        self.member(arrival.way.account.name).wanted.ring()
        return LoggedIn(
            account=arrival.way.account.name,
            place=str(arrival.store.path),
            granted=arrival.granted(tokens),
            remarks=tuple(arrival.remarks(tokens)),
        )

    def _forget(self) -> None:
        """Forget attempts that are too old, and the oldest where there are very many."""
        now = self.ground.clock()
        fresh = {name: one for name, one in self._attempts.items() if now - one.begun_at < _GOOD_FOR}
        self._attempts = dict(list(fresh.items())[-_MOST:])
