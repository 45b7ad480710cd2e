"""A vendor that has switched its API off: said once, and asked nothing any more, by later processes neither."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.cli import HEAVY, home
from tests.support.running import running


class Gone(BaseHTTPRequestHandler):
    """Answer everything with 410."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(410)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the library has it
        """Say nothing."""


@pytest.fixture
def gone() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    handler = type("Handler", (Gone,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def test_it_is_said_once_and_remembered_by_the_next_process(tmp_path: Path, gone: tuple[str, list[str]]) -> None:
    url, asked = gone
    place = home(tmp_path / "home", url, leave_out=(*HEAVY, "gps"))
    with place.config.open("a", encoding="utf-8") as config:
        config.write('\n[http]\nlisten = "127.0.0.1:0"\n')
    with running(place.config) as daemon:
        daemon.ready().event("api.retired", account="me", source="fitbit_web")
        daemon.event("run.unfinished", account="me", state="failed")
        assert asked
        assert daemon.stop() == 0
    asked.clear()
    with running(place.config, name="next") as daemon:
        daemon.ready().hang_up()  # somebody wishes yesterday
        daemon.event("run.unfinished", account="me", wished_by="signal")
        assert daemon.events("api.retired") == []
        assert daemon.stop() == 0
    assert asked == []
