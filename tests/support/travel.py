"""A person who is elsewhere for some dates, as the Fitbit Web API would tell: two simulated clouds at one address."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from cromwelld.simulator.front.refusing import VendorRefusal

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATED = ("dateTime", "dateOfSleep", "date", "startTime")
_OF_NOW = ("/profile.json", "/devices.json")


@dataclass(frozen=True, kw_only=True)
class Travel:
    """The dates from `first` to `last` are told by the cloud at `elsewhere`, all others by the one at home."""

    first: dt.date
    last: dt.date
    elsewhere: str
    now: Callable[[], dt.datetime]
    session: aiohttp.ClientSession

    def away(self, text: str) -> bool:
        return self.first.isoformat() <= text[:10] <= self.last.isoformat()

    def middleware(self) -> Middleware:
        @web.middleware
        async def split(request: web.Request, handler: Handler) -> web.StreamResponse:
            dates = _DATE.findall(request.path)
            if request.path.endswith(_OF_NOW):
                there = self.away(self.now().date().isoformat())
                return await self._forwarded(request) if there else await handler(request)
            if len(dates) == 1:
                return await self._forwarded(request) if self.away(dates[0]) else await handler(request)
            if request.path.endswith(".tcx"):
                return await self._track(request, handler)
            here = await handler(request)
            told = dates or [request.query.get("afterDate", ""), "9999"]
            if max(told) < self.first.isoformat() or min(told) > self.last.isoformat() or self._before():
                return here
            known = here.status == HTTPStatus.OK and isinstance(here, web.Response)
            return await self._joined(request, here) if known and isinstance(here, web.Response) else here

        return split

    async def _track(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Look for an activity here, then elsewhere."""
        try:
            return await handler(request)
        except VendorRefusal:
            return await self._forwarded(request)

    def _before(self) -> bool:
        return self.now().date() < self.first

    async def _forwarded(self, request: web.Request) -> web.Response:
        status, kind, body = await self._asked(request)
        return web.Response(status=status, body=body, content_type=kind)

    async def _asked(self, request: web.Request) -> tuple[int, str, bytes]:
        headers = {"Authorization": request.headers.get("Authorization", "")}
        async with self.session.get(f"{self.elsewhere}{request.path_qs}", headers=headers) as got:
            return got.status, got.content_type, await got.read()

    async def _joined(self, request: web.Request, here: web.Response) -> web.Response:
        """Take what lies on travelled dates from elsewhere, and the rest from here."""
        home = json.loads(here.text or "")
        away = json.loads((await self._asked(request))[2])
        if isinstance(home, list):
            return web.json_response(self._merged(home, away))
        return web.json_response({name: self._merged(value, away.get(name)) for name, value in home.items()})

    def _merged(self, home: Any, away: Any) -> Any:  # noqa: ANN401 - a body of the vendor's
        if not isinstance(home, list) or not isinstance(away, list):
            return home
        kept = [one for one in home if not self.away(_when(one))] + [one for one in away if self.away(_when(one))]
        return sorted(kept, key=_when)


def _when(one: dict[str, Any]) -> str:
    return str(next(one[name] for name in _DATED if name in one))
