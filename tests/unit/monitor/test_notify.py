"""The notify protocol, against a real socket."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cromwelld.monitor.notify import Notifier, watchdog_s


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "notify")


@pytest.fixture
def manager(path: str) -> Iterator[socket.socket]:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as receiver:
        receiver.bind(path)
        receiver.settimeout(5)
        yield receiver


@pytest.fixture
def notifier(path: str) -> Notifier:
    return Notifier.of({"NOTIFY_SOCKET": path})


def heard(manager: socket.socket) -> str:
    return manager.recv(4096).decode()


def test_ready_with_words(manager: socket.socket, notifier: Notifier) -> None:
    assert notifier.ready("waiting for 03:00")
    assert heard(manager) == "READY=1\nSTATUS=waiting for 03:00"


def test_words_are_one_line_and_hold_no_secret(manager: socket.socket, notifier: Notifier) -> None:
    notifier.status("fetching\nREADY=1\r\x0b code=abcdefgh " + "x" * 1000)
    told = heard(manager)
    assert told.startswith("STATUS=fetching READY=1 code=<redacted> xxx")
    assert len(told.splitlines()) == 1
    assert len(told) < 500


def test_a_reload_tells_its_time_on_the_monotonic_clock(manager: socket.socket, notifier: Notifier) -> None:
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    notifier.reloading()
    first, second = heard(manager).splitlines()
    name, _, told = second.partition("=")
    assert (first, name) == ("RELOADING=1", "MONOTONIC_USEC")
    assert before <= int(told) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


def test_the_other_words_of_the_protocol(manager: socket.socket, notifier: Notifier) -> None:
    notifier.stopping("finishing 2025-10-08")
    notifier.extend_timeout(30.5)
    notifier.watchdog()
    assert heard(manager) == "STOPPING=1\nSTATUS=finishing 2025-10-08"
    assert heard(manager) == "EXTEND_TIMEOUT_USEC=30500000"
    assert heard(manager) == "WATCHDOG=1"


def test_an_abstract_address() -> None:
    name = f"cromwelld-{secrets.token_hex(8)}"
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as receiver:
        receiver.bind("\0" + name)
        receiver.settimeout(5)
        assert Notifier.of({"NOTIFY_SOCKET": f"@{name}"}).watchdog()
        assert heard(receiver) == "WATCHDOG=1"


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "vsock:2:1234"}])
def test_without_a_manager_nothing_is_said(environ: dict[str, str]) -> None:
    notifier = Notifier.of(environ)
    assert not notifier.ready("x")


def test_a_manager_that_is_gone_hurts_nobody(path: str) -> None:
    assert not Notifier.of({"NOTIFY_SOCKET": path}).watchdog()


def test_a_manager_that_does_not_read_is_not_waited_for(manager: socket.socket, notifier: Notifier) -> None:
    del manager
    began = time.monotonic()
    while notifier.status("x" * 300) and time.monotonic() - began < 30:
        pass
    assert not notifier.watchdog()


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "1500000", "WATCHDOG_PID": str(os.getpid())}, 1.5),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid() + 1)}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_when_the_watchdog_waits(environ: dict[str, str], seconds: float | None) -> None:
    assert watchdog_s(environ) == seconds
