"""A login server of either vendor, on the same address as its API."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import msgspec
from aiohttp import web
from multidict import MultiDict, MultiMapping

from cromwelld.simulator.front import Allowed, Clock
from cromwelld.simulator.oauth import consent
from cromwelld.simulator.oauth.book import Answer, Book
from cromwelld.simulator.oauth.manners import MEMBERS, Client, Manners
from cromwelld.simulator.oauth.values import Access, Denied, Pair, Rules, State, Told

NEEDED: Mapping[str, tuple[str, ...]] = {
    "authorization_code": ("code", "redirect_uri"),
    "refresh_token": ("refresh_token",),
}


class LoginServer:
    """Log people in, and say what a token opens; several applications, and one after the other, can share it.

    `clock` gives an aware time: codes and tokens expire by it. `said` tells every answer about tokens.
    """

    def __init__(
        self,
        manners: Manners,
        *,
        clock: Clock,
        client: Client | None = None,
        rules: Rules | None = None,
    ) -> None:
        self.manners = manners
        self.client = client or manners.client
        self.said: list[Told] = []
        self._clock = clock
        self._members = {member.name: member for member in MEMBERS}
        user_ids = {member.name: member.user_id for member in MEMBERS}
        self._book = Book(manners, rules or Rules(), user_ids)

    def issue(self, *, scopes: Collection[str] | None = None, account: str = MEMBERS[0].name) -> Pair:
        """Give a pair of tokens without the steps of a browser; by default for every scope."""
        answer = self._book.issue(account, sorted(self.manners.scopes if scopes is None else scopes), self._clock())
        return msgspec.convert(answer, Pair)

    def allowed(self, access_token: str) -> Allowed | Literal["expired", "unknown"]:
        """Tell what an access token opens."""
        access = self._book.access(access_token)
        if access is None:
            return "unknown"
        if self._clock() >= access.until:
            return "expired"
        member = self._members[access.grant.account]
        scopes = frozenset(access.grant.scopes)
        return Allowed(user_id=member.user_id, health_user_id=member.health_user_id, scopes=scopes)

    def expire(self, access_token: str) -> None:
        """Let an access token be over before its time; its refresh token lives. Raises: KeyError: there is none."""
        accesses = self._book.state.accesses
        accesses[access_token] = replace(accesses[access_token], until=self._clock())

    def withdraw(self, account: str = MEMBERS[0].name) -> None:
        """End everything that a person allowed, as in the vendor's own settings."""
        self._book.withdraw(account)

    def save(self, path: Path) -> None:
        """Write everything down that must not be forgotten."""
        path.write_bytes(msgspec.json.encode(self._book.state))

    def load(self, path: Path) -> None:
        """Go on from what was saved."""
        self._book.state = msgspec.json.decode(path.read_bytes(), type=State)

    def owns(self, path: str) -> bool:
        """Tell whether a path is one of the login's."""
        manners = self.manners
        return path in {manners.authorize, manners.token, manners.revoke, manners.introspect}

    def routes(self) -> Sequence[web.RouteDef]:
        """Give the pages and the endpoints."""
        manners = self.manners
        routes = [
            web.get(manners.authorize, self._authorize, allow_head=False),
            web.post(manners.authorize, self._authorize),
            web.post(manners.token, self._token),
            web.post(manners.revoke, self._revoke),
        ]
        return [*routes, web.post(manners.introspect, self._introspect)] if manners.introspect else routes

    async def _authorize(self, request: web.Request) -> web.StreamResponse:
        """Show the page, or go back with what was chosen on it."""
        form = request.query if request.method == "GET" else await _form(request)
        asked = {name: form[name] for name in consent.CARRIED if name in form}
        try:
            scopes = consent.check(asked, self.manners, self.client)
        except Denied as denied:
            return web.Response(text=consent.problem(denied), content_type="text/html", status=denied.status)
        if "consent" not in form:
            text = consent.page(asked, scopes, self.manners, list(self._members.values()))
            return web.Response(text=text, content_type="text/html")
        return self._chosen(asked, scopes, _choice(form, has_boxes=request.method == "POST"))

    def _chosen(self, asked: Mapping[str, str], scopes: Sequence[str], choice: consent.Choice) -> web.Response:
        allowed = choice.scopes(scopes)
        if not allowed or choice.account not in self._members:
            return _redirect(consent.back(asked, self.manners, error="access_denied"))
        code = self._book.consent(choice.account, allowed, asked, self._clock())
        return _redirect(consent.back(asked, self.manners, code=code))

    async def _token(self, request: web.Request) -> web.StreamResponse:
        """Exchange a code, or renew a login."""
        form = dict(await _form(request))
        asked = form.get("grant_type", "")
        try:
            self._check_client(request, form)
            answer = self._tokens(asked, form)
        except Denied as denied:
            return self._denied(asked, denied)
        self._tell(asked, "ok")
        return web.json_response(answer)

    def _tokens(self, asked: str, form: Mapping[str, str]) -> Answer:
        """Give what is asked for. Raises: Denied."""
        text = self.manners.wording
        if asked not in NEEDED:
            raise Denied("unsupported_grant_type" if asked else "invalid_request", text["grant_type"].format(asked))
        missing = [name for name in NEEDED[asked] if not form.get(name)]
        if missing:
            raise Denied("invalid_request", text["missing"].format(missing[0]))
        if asked == "refresh_token":
            return self._book.refresh(form["refresh_token"], self._clock())
        return self._book.exchange(form, self._clock())

    async def _revoke(self, request: web.Request) -> web.StreamResponse:
        """End a whole grant by one of its tokens; only Fitbit asks who wants it."""
        form = dict(await _form(request))
        try:
            if self.manners.basic:
                self._check_client(request, form)
            if not self._book.revoke(form.get("token", "")) and not self.manners.basic:
                raise Denied("invalid_token", "Token expired or revoked")  # noqa: TRY301 - answered in one place
        except Denied as denied:
            return self._denied("revoke", denied)
        self._tell("revoke", "ok")
        return web.Response() if self.manners.basic else web.json_response({})

    async def _introspect(self, request: web.Request) -> web.StreamResponse:
        """Tell about a token to whoever holds a living one.

        Source: https://dev.fitbit.com/build/reference/web-api/authorization/introspect/
        """
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if isinstance(self.allowed(bearer), str):
            return self._denied("introspect", Denied("invalid_token", f"Access token invalid: {bearer}", status=401))
        token = (await _form(request)).get("token", "")
        access = self._book.access(token)
        if access is None or isinstance(self.allowed(token), str):
            return web.json_response({"active": False})
        return web.json_response(self._introspected(access))

    def _introspected(self, access: Access) -> Answer:
        scope = ", ".join(f"{name.upper()}=READ" for name in access.grant.scopes)
        return {
            "active": True,
            "scope": f"{{{scope}}}",
            "client_id": self.client.id,
            "user_id": self._members[access.grant.account].user_id,
            "token_type": "access_token",
            "exp": round(access.until.timestamp() * 1000),
            "iat": round(access.issued.timestamp() * 1000),
        }

    def _check_client(self, request: web.Request, form: Mapping[str, str]) -> None:
        """Check who asks. Raises: Denied."""
        client, sent = self.client, form.get("client_id")
        if self.manners.basic and client.secret is not None:
            pair = base64.b64encode(f"{client.id}:{client.secret}".encode()).decode()
            is_right = request.headers.get("Authorization") == f"Basic {pair}" and sent in {None, client.id}
        else:
            is_right = sent == client.id and form.get("client_secret") == client.secret
        if not is_right:
            raise Denied("invalid_client", self.manners.wording["client"], status=401)

    def _denied(self, asked: str, denied: Denied) -> web.Response:
        self._tell(asked, denied.error)
        return web.json_response(self.manners.refusal(denied), status=denied.status)

    def _tell(self, asked: str, outcome: str) -> None:
        self.said.append(Told(at=self._clock(), asked=asked, outcome=outcome))


async def _form(request: web.Request) -> MultiMapping[str]:
    """Read a form; what is none is empty."""
    return MultiDict((name, value) for name, value in (await request.post()).items() if isinstance(value, str))


def _choice(form: MultiMapping[str], *, has_boxes: bool) -> consent.Choice:
    """Read what was chosen; an address has no boxes, so that it can be written by hand with `untick`."""
    return consent.Choice(
        consent=form["consent"],
        account=form.get("account", MEMBERS[0].name),
        ticked=tuple(form.getall("tick", [])) if has_boxes else None,
        unticked=frozenset(form.getall("untick", [])),
    )


def _redirect(address: str) -> web.Response:
    return web.Response(status=302, headers={"Location": address})
