"""`cromwelld alert-test` against servers that take the trial, refuse it, or are not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.support.cli import call
from tests.support.logging_in import free_port

ACCOUNT = '[accounts.me]\nsource = "import"\ndata_dir = "{root}/data"\nprefix = "p"\n'


class _Taking(BaseHTTPRequestHandler):
    seen: list[str]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.seen.append(self.path)
        self.send_response(403 if self.path == "/closed" else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def serving() -> Iterator[tuple[str, list[str]]]:
    class Handler(_Taking):
        seen: list[str] = []  # noqa: RUF012 - one list for all requests of this server

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", Handler.seen
        finally:
            server.shutdown()
            thread.join()


def config(root: Path, alerts: str) -> Path:
    path = root / "config.toml"
    path.write_text(f'state_dir = "{root}/state"\n' + ACCOUNT.format(root=root) + alerts)
    return path


def test_every_channel_is_tried_and_said(tmp_path: Path) -> None:
    with serving() as (url, seen):
        alerts = f'[alerts.ntfy]\nurl = "{url}/topic"\n[alerts.healthchecks]\nurl = "{url}/ping/1234"\n'
        ran = call("alert-test", "--config", config(tmp_path, alerts))
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "sent     ntfy: see whether it has arrived",
        "sent     healthchecks: see whether it has arrived",
    ]
    assert seen[0] == "/topic" or seen[1] == "/topic"
    assert any(path.startswith("/ping/1234/log?rid=") for path in seen)


def test_a_refusal_and_an_absence_are_told_with_their_remedies(tmp_path: Path) -> None:
    with serving() as (url, _):
        alerts = (
            f'[alerts.ntfy]\nurl = "{url}/closed"\n'
            f'[alerts.mail]\nto = ["me@example.org"]\nserver = "127.0.0.1:{free_port()}"\n'
        )
        path = config(tmp_path, alerts)
        ran, told = call("alert-test", "--config", path), call("alert-test", "--json", "--config", path)
    assert ran.code == told.code == 77
    mail, ntfy = ran.out.splitlines()
    assert mail.startswith("failed   mail: the mail server 127.0.0.1:")
    assert ntfy == "failed   ntfy: the ntfy server refuses the message (403) -> set alerts.ntfy.url right"
    assert [(one["channel"], one["sent"]) for one in told.json["channels"]] == [("mail", False), ("ntfy", False)]
    assert url not in ran.out + ran.err + told.out


@pytest.mark.parametrize("alerts", ["", "[alerts]\n"])
def test_without_a_channel_there_is_nothing_to_try(tmp_path: Path, alerts: str) -> None:
    ran = call("alert-test", "--config", config(tmp_path, alerts))
    assert ran.code == 2
    assert "no channel for alerts is configured" in ran.err
