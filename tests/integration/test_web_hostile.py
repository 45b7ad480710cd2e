"""Hostile requests over a raw socket: no fault of ours, and no effect; the real daemon gets two thousand of them."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, note, settings

from cromwelld.events import Event, Kind
from cromwelld.web import Limits
from tests.support.daemon import FakeDaemon, fake_daemon, served
from tests.support.hostile import GOOD, Sent, built, hostile

COUNT = 200
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3}) ")
_QUICK = Limits(head_s=0.2, body_s=0.2, answer_s=5)


@dataclass
class House:
    port: int
    daemon: FakeDaemon
    events: list[Event]

    def ask(self, raw: bytes) -> bytes:
        """Send bytes, and give all that comes until the server hangs up."""
        got = bytearray()
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as line:
            try:
                line.sendall(raw)
                while piece := line.recv(1 << 16):
                    got += piece
            except ConnectionError:
                pass  # cut in the middle: that is an answer too
        return bytes(got)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    ready, ended = threading.Event(), threading.Event()
    found: list[House] = []

    async def serve(state: Path) -> None:
        with fake_daemon(state) as daemon:
            async with served(daemon, limits=_QUICK) as here:
                found.append(House(here.port, daemon, here.events))
                ready.set()
                while not ended.is_set():
                    await asyncio.sleep(0.01)

    thread = threading.Thread(target=lambda: asyncio.run(serve(tmp_path_factory.mktemp("state"))), daemon=True)
    thread.start()
    assert ready.wait(20)
    yield found[0]
    ended.set()
    thread.join(20)


def check(house: House, sent: Sent) -> None:
    raw = sent.raw()
    note(repr(raw[:600]))
    got = house.ask(raw)
    note(repr(got[:600]))
    assert [status for status in _STATUS.findall(got) if status >= b"500"] == []
    assert house.daemon.done == []
    assert house.daemon.wished == []
    assert [event for event in house.events if event.kind is Kind.HTTP_FAILED] == []
    assert b"Traceback" not in got
    first = _STATUS.match(got)
    if first is not None and first[1] >= b"400":
        assert b"application/problem+json" in got.partition(b"\r\n\r\n")[0]


@settings(max_examples=COUNT, suppress_health_check=list(HealthCheck))
@given(hostile())
def test_hostile_requests_have_no_effect(house: House, sent: Sent) -> None:
    check(house, sent)


def test_afterwards_it_answers_as_before(house: House) -> None:
    assert house.ask(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").startswith(
        b"HTTP/1.1 200"
    )


def test_the_same_requests_with_nothing_wrong_are_answered(tmp_path: Path) -> None:
    """Show that what is hostile about the others is what keeps them out."""

    async def ask_all() -> list[int]:
        statuses = []
        with fake_daemon(tmp_path) as daemon:
            async with served(daemon) as here:
                for method, target, body in GOOD:
                    reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
                    writer.write(built(method, target, body).raw())
                    statuses.append(int((await reader.readline()).split()[1]))
                    writer.close()
                assert len(daemon.done) == sum(method != "GET" for method, _, _ in GOOD)
        return statuses

    found = {target: status for (_, target, _), status in zip(GOOD, asyncio.run(ask_all()), strict=True)}
    nothing_yet = {"/v1/runs/1/report", "/v1/runs/1?wait=0", "/v1/verifications/1"}
    assert {target for target, status in found.items() if status not in {200, 201, 202}} == nothing_yet
