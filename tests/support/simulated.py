"""The simulated vendor, served to a test over real HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp

from cromwelld.simulator.fitbit_web import Options, application
from cromwelld.simulator.person import Person
from cromwelld.simulator.serve import serving
from tests.support.reference import reference

PERSON = Person()
NOW = datetime(2025, 11, 3, 9, 7, 31, tzinfo=UTC)
ANY_TOKEN = "any"
ACTIVITIES = "/1/user/-/activities"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - a test looks into it by hand
        return json.loads(self.text)


class Client:
    """Ask a served application with a token."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str) -> None:
        self.session = session
        self.base_url = base_url

    async def get(self, path: str, *, token: str | None = ANY_TOKEN) -> Answer:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        url = path if path.startswith("http") else self.base_url + path
        async with self.session.get(url, headers=headers) as got:
            found = {name.lower(): value for name, value in got.headers.items()}
            return Answer(got.status, found, await got.text())

    async def json(self, path: str) -> Any:  # noqa: ANN401
        answer = await self.get(path)
        assert answer.status == 200, answer.text
        assert answer.headers["content-type"].startswith("application/json")
        return answer.json


@asynccontextmanager
async def vendor(
    options: Options | Callable[[], Options] | None = None, *, now: datetime = NOW, person: Person = PERSON
) -> AsyncIterator[Client]:
    app = application(person, clock=lambda: now, options=options or Options(quota=None))
    async with serving(app) as base_url, aiohttp.ClientSession() as session:
        yield Client(session, base_url)


def synthetic(name: str) -> Any:  # noqa: ANN401
    return json.loads(reference(f"fitbit-web/synthetic/{name}").read_text(encoding="utf-8"))


def keys(value: object) -> object:
    """Keep the names of a body; a list stands for its first element."""
    if isinstance(value, dict):
        return {name: keys(inner) for name, inner in value.items()}
    return [keys(value[0])] if isinstance(value, list) and value else None
