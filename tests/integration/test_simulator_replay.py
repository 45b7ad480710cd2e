"""Recorded answers served again, and how a server starts and stops."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from cromwelld.simulator.faces import FACES
from cromwelld.simulator.replay import application
from cromwelld.simulator.serve import serving

SERVER = """
from pathlib import Path
from cromwelld.simulator import replay, serve
from cromwelld.simulator.faces import FACES
app = replay.application(Path({folder!r}), unknown=FACES["fitbit_web"].unknown)
serve.run(app, announce=lambda url: print(url, flush=True))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    entries = [
        {"method": "GET", "path": "/1/user/-/hrv/date/2025-10-08/2025-10-08.json", "body": "hrv.json"},
        {"method": "GET", "path": "/list.json", "query": "offset=0&sort=asc", "body": "first.json"},
        {"method": "GET", "path": "/list.json", "query": {"sort": "asc", "offset": "2"}, "body": "second.json"},
        {"method": "GET", "path": "/list.json", "query": "", "body": "bare.json"},
        {"method": "GET", "path": "/any.json", "body": "first.json"},
        {"method": "GET", "path": "/any.json", "query": "a=1", "body": "second.json"},
        {"method": "POST", "path": "/any.json", "status": 201, "headers": {"X-Kept": "yes"}, "body": "bare.json"},
        {"method": "GET", "path": "/refused.json", "status": 403, "body": "bare.json"},
        {"method": "GET", "path": "/track.tcx", "body": "track.tcx"},
    ]
    (tmp_path / "index.json").write_text(json.dumps(entries), encoding="utf-8")
    for name in ("hrv", "first", "second", "bare"):
        (tmp_path / f"{name}.json").write_text(f'{{ "is":  "{name}" }}\n', encoding="utf-8")
    (tmp_path / "track.tcx").write_text("<a/>", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/1/user/-/hrv/date/2025-10-08/2025-10-08.json", 200, "hrv"),
        ("GET", "/1/user/-/hrv/date/2025-10-08/2025-10-08.json?any=thing", 200, "hrv"),
        ("GET", "/list.json?sort=asc&offset=0", 200, "first"),
        ("GET", "/list.json?sort=asc&offset=2", 200, "second"),
        ("GET", "/list.json", 200, "bare"),
        ("GET", "/list.json?sort=asc", 404, None),
        ("GET", "/any.json?a=1", 200, "second"),
        ("GET", "/any.json?a=2", 200, "first"),
        ("POST", "/any.json", 201, "bare"),
        ("GET", "/refused.json", 403, "bare"),
        ("GET", "/1/user/-/hrv/date/2025-10-09/2025-10-09.json", 404, None),
        ("DELETE", "/any.json", 404, None),
    ],
)
async def test_method_path_and_query_are_compared(
    folder: Path, method: str, path: str, status: int, said: str | None
) -> None:
    async with (
        serving(application(folder, unknown=FACES["fitbit_web"].unknown)) as base_url,
        aiohttp.ClientSession() as session,
        session.request(method, base_url + path) as got,
    ):
        body = await got.read()
        assert got.status == status
        assert got.content_type == "application/json"
    if said is None:
        assert json.loads(body)["errors"][0]["errorType"] == "not_found"
    else:
        assert body == f'{{ "is":  "{said}" }}\n'.encode(), "the body is untouched"


async def test_headers_are_those_recorded(folder: Path) -> None:
    async with (
        serving(application(folder, unknown=FACES["fitbit_web"].unknown)) as base_url,
        aiohttp.ClientSession() as session,
    ):
        async with session.post(f"{base_url}/any.json") as got:
            assert got.headers["X-Kept"] == "yes"
        async with session.get(f"{base_url}/track.tcx") as got:
            assert got.content_type == "application/vnd.garmin.tcx+xml"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_server_cleanly(folder: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVER.format(folder=str(folder))],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline().startswith("http://127.0.0.1:")
        server.send_signal(number)
        _, errors = server.communicate(timeout=10)
    assert (server.returncode, errors) == (0, "")


async def test_a_taken_port_is_said(folder: Path) -> None:
    async with serving(application(folder, unknown=FACES["fitbit_web"].unknown)) as base_url:
        port = int(base_url.rsplit(":", 1)[1])
        with pytest.raises(OSError, match="address already in use"):
            async with serving(application(folder, unknown=FACES["fitbit_web"].unknown), port=port):
                pass
