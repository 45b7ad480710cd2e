"""Push messages and pings, to real HTTP servers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from cromwelld.config import Healthchecks, Ntfy
from cromwelld.errors import CromwelldError, FarSideAway, PersonNeeded
from cromwelld.monitor.alerts.channels import NtfyChannel, Ping, Pinger
from cromwelld.monitor.alerts.letters import Letter
from tests.support.logging_in import free_port

LETTER = Letter(subject="[cromwelld] me: a login is needed", text="What: 401.\n\n", mark="ab12", kind="login_needed")
TOPIC = "/secret-topic"


@dataclass
class Server:
    """A server that answers every POST alike, and notes it."""

    status: int = 200
    text: str = "OK"
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    url: str = ""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[aiohttp.ClientSession]:
        app = web.Application()
        app.router.add_post("/{path:.*}", self._answer)
        async with TestServer(app) as server, aiohttp.ClientSession() as session:
            self.url = str(server.make_url("")).rstrip("/")
            yield session

    async def _answer(self, request: web.Request) -> web.Response:
        self.seen.append((request.path_qs, await request.text(), dict(request.headers)))
        return web.Response(status=self.status, text=self.text)


async def published(server: Server, letter: Letter = LETTER) -> None:
    async with server.serving() as session:
        await NtfyChannel(told=Ntfy(url=server.url + TOPIC), session=session, timeout_s=5.0).send(letter)


async def test_a_letter_is_published() -> None:
    server = Server()
    await published(server)
    ((path, text, headers),) = server.seen
    assert (path, text) == (TOPIC, "What: 401.")
    assert (headers["Title"], headers["Priority"], headers["Tags"]) == (LETTER.subject, "high", "warning")


async def test_a_title_may_have_any_letters() -> None:
    server = Server()
    await published(server, Letter(subject="zoë: fixed", text="é", mark="x", kind="x", urgent=False))
    ((_, text, headers),) = server.seen
    assert text == "é"
    assert headers["Title"] == "=?UTF-8?B?em/DqzogZml4ZWQ=?="
    assert headers["Tags"] == "white_check_mark"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(403, PersonNeeded), (404, PersonNeeded), (429, FarSideAway), (500, FarSideAway), (301, FarSideAway)],
)
async def test_what_a_server_answers(status: int, kind: type[CromwelldError]) -> None:
    server = Server(status=status, text="the topic secret-topic is reserved")
    with pytest.raises(CromwelldError) as caught:
        await published(server)
    assert isinstance(caught.value, kind)
    assert str(status) in caught.value.message
    assert "secret-topic" not in f"{caught.value!r} {caught.value.hint}"


async def test_a_server_that_is_not_there_is_away_and_its_address_is_not_said() -> None:
    url = f"http://127.0.0.1:{free_port()}{TOPIC}"
    async with aiohttp.ClientSession() as session:
        with pytest.raises(FarSideAway) as caught:
            await NtfyChannel(told=Ntfy(url=url), session=session, timeout_s=5.0).send(LETTER)
    assert "secret-topic" not in f"{caught.value!r} {caught.value.hint}"


# --- pings


async def pinged(server: Server, *pings: tuple[Ping, str, str], path: str = "/ping/1234") -> list[str]:
    async with server.serving() as session:
        pinger = Pinger(told=Healthchecks(url=server.url + path), session=session, timeout_s=5.0)
        for ping in pings:
            await pinger.send(*ping)
    return [path for path, _, _ in server.seen]


async def test_start_and_end_of_a_run_are_known_as_one() -> None:
    start, success, other = await pinged(
        Server(), (Ping.START, "me", "7"), (Ping.SUCCESS, "me", "7"), (Ping.FAIL, "me", "8")
    )
    assert start.startswith("/ping/1234/start?rid=")
    assert success == start.replace("/start", "")
    assert other.startswith("/ping/1234/fail?rid=")
    assert other.partition("rid=")[2] != start.partition("rid=")[2]


async def test_nothing_is_sent_along() -> None:
    server = Server()
    await pinged(server, (Ping.SUCCESS, "me", "7"))
    assert [text for _, text, _ in server.seen] == [""]


async def test_each_account_may_have_a_check_of_its_own() -> None:
    (path,) = await pinged(Server(), (Ping.SUCCESS, "zoë/x", "7"), path="/ping/key/cromwelld-{account}")
    assert path.startswith("/ping/key/cromwelld-zo%C3%AB%2Fx?rid=")


async def test_a_check_that_the_server_does_not_know_is_a_persons_business() -> None:
    with pytest.raises(PersonNeeded, match="does not know the check"):
        await pinged(Server(text="OK (not found)"), (Ping.SUCCESS, "me", "7"))
