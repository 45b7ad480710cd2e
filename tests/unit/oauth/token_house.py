"""A vendor's token endpoint on loopback, which really spends and rotates, and one address that wants a token."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from cromwelld.errors import CromwelldError
from cromwelld.events import Event, Kind
from cromwelld.sources.oauth.keeper import Keeper
from cromwelld.sources.oauth.provider import FITBIT, Application, Provider
from cromwelld.sources.oauth.sending import Patience
from cromwelld.sources.oauth.store import TokenStore
from cromwelld.sources.oauth.tokens import Tokens

SECRET = "SECRET"  # every secret here holds this word, and nothing else does
NOW = dt.datetime(2026, 1, 15, 10, 40, tzinfo=dt.UTC)
APPLICATION = Application(client_id="23ABCD", client_secret="SECRET-of-the-client")
HTML = b"<!DOCTYPE html><html><title>502 Bad Gateway</title></html>"


@dataclass(frozen=True)
class Fault:
    """What comes instead of an answer; `lost`: the request is done and its answer never arrives."""

    status: int = 503
    body: bytes = HTML
    headers: dict[str, str] = field(default_factory=dict)
    lost: bool = False


@dataclass
class House:
    """Serve one person's tokens in the shape of one vendor."""

    provider: Provider
    life_s: int = 3600
    live: str = "SECRET-refresh-0"
    access: str = "SECRET.access.0"
    serial: int = 0
    code: str = ""
    challenge: str = ""
    faults: list[Fault] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    spent: list[str] = field(default_factory=list)
    gate: asyncio.Event | None = None
    arrived: Callable[[], object] = lambda: None  # when a request has come
    renewed: Callable[[], object] = lambda: None  # when it is done and its answer not yet sent
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def first(self) -> Tokens:
        """Give the login that is good at the beginning."""
        return Tokens(
            access_token=self.access,
            refresh_token=self.live,
            scope="sleep",
            expires_at=NOW + dt.timedelta(seconds=self.life_s),
            obtained_at=NOW,
            person="hash-of-a-person",
        )

    def refuse_access(self) -> None:
        """Make every access token out there worthless, as after a long night."""
        self.access = "SECRET.nobody.has.this"

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_post("/token", self._token)
        app.router.add_post("/oauth2/token", self._token)
        app.router.add_get("/data", self._data)
        async with TestServer(app) as server:
            yield str(server.make_url("")).rstrip("/")

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.forms.append(form)
        self.headers.append(dict(request.headers))
        self.asked.set()
        self.arrived()
        if self.gate is not None:
            await self.gate.wait()
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None and not fault.lost:
            return web.Response(status=fault.status, body=fault.body, headers=fault.headers)
        answer = self._renew(form)
        self.renewed()
        if fault is not None and request.transport is not None:
            request.transport.close()
        return answer

    def _renew(self, form: dict[str, str]) -> web.Response:
        token = form.get("refresh_token", "")
        if form["grant_type"] == "authorization_code":
            token = self._take_code(form)
        if token != self.live:
            return self._refused(400, "invalid_grant", f"Refresh token invalid: {token}")
        self.serial += 1
        self.access = f"SECRET.access.{self.serial}"
        answer: dict[str, object] = {
            "access_token": self.access,
            "expires_in": self.life_s,
            "scope": "sleep",
            "token_type": "Bearer",
        }
        if self.provider.rotates:
            self.spent.append(token)
            self.live = f"SECRET-refresh-{self.serial}"
            answer |= {"refresh_token": self.live, "user_id": "SECRET-user"}
        return web.json_response(answer)

    def _take_code(self, form: dict[str, str]) -> str:
        """Take a code once, from whoever holds the verifier of its challenge. Source: RFC 7636, 4.6."""
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        good = (form["code"], challenge, form["redirect_uri"]) == (self.code, self.challenge, "http://127.0.0.1:1/")
        self.code = ""
        return self.live if good else ""

    def _refused(self, status: int, word: str, message: str) -> web.Response:
        """Refuse in the vendor's own shape; Fitbit's repeats the token."""
        if self.provider.basic:
            return web.json_response(
                {"errors": [{"errorType": word, "message": message}], "success": False}, status=status
            )
        return web.json_response({"error": word, "error_description": message}, status=status)

    async def _data(self, request: web.Request) -> web.Response:
        good = request.headers.get("Authorization") == f"Bearer {self.access}"
        return web.json_response({}) if good else self._refused(401, "expired_token", "Access token expired")


class Clock:
    """A clock that moves when it is told to, and that sleeps by moving."""

    def __init__(self) -> None:
        self.now = NOW
        self.slept_s: list[float] = []

    def __call__(self) -> dt.datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.move(seconds)


@dataclass
class Home:
    """One account on our side: its folder, its clock, what was reported, and how keepers are made for it."""

    house: House
    store: TokenStore
    clock: Clock
    events: list[Event]
    base_url: str
    session: aiohttp.ClientSession

    def keeper(self) -> Keeper:
        """Make a keeper, as another process would."""
        return Keeper(
            provider=self.house.provider.at(self.base_url),
            application=APPLICATION,
            store=TokenStore(self.store.path, self.events.append),
            session=self.session,
            report=self.events.append,
            patience=Patience(sleep=self.clock.sleep),
            clock=self.clock,
        )

    def kinds(self) -> list[Kind]:
        """List what was said, without what is only counted."""
        return [event.kind for event in self.events if event.kind is not Kind.REQUEST_ANSWERED]

    def classes(self) -> list[str]:
        """List what came of each request to the token endpoint, as it is counted."""
        counted = [event.fields for event in self.events if event.kind is Kind.REQUEST_ANSWERED]
        assert {(one["source"], one["stream"]) for one in counted} <= {(self.house.provider.name, "login")}
        return [str(one["class"]) for one in counted]

    async def ask(self, keeper: Keeper) -> int:
        """Ask the vendor as a client does: one more time after a 401, with headers of its own. Gives the status."""
        token = await keeper.current()
        status = await self._get(token)
        return status if status != 401 else await self._get(await keeper.renewed(token))

    async def _get(self, token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        async with self.session.get(f"{self.base_url}/data", headers=headers) as response:
            return response.status


@asynccontextmanager
async def at_home(folder: Path, provider: Provider = FITBIT, *, tokens: Tokens | None = None) -> AsyncIterator[Home]:
    """Serve a vendor and keep the first login (or another one) in a folder."""
    house = House(provider)
    events: list[Event] = []
    store = TokenStore(folder / "tokens" / "me.json", events.append)
    store.save(tokens or house.first)
    async with house.serving() as base_url, aiohttp.ClientSession() as session:
        yield Home(house, store, Clock(), events, base_url, session)
    told(*events)


def told(*things: object) -> None:
    """Hold that nothing of what was said holds a secret."""
    for one in things:
        text = repr(one)
        if isinstance(one, CromwelldError):
            text += f"{one}{one.hint}{one.__cause__!r}{one.__context__!r}"
        assert SECRET not in text
