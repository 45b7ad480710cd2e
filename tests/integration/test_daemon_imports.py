"""A daemon whose account has no API: exports that are put into its folder are imported, and no login is ever asked."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.support.cli import call
from tests.support.exports import zipped
from tests.support.running import Running, running

pytestmark = pytest.mark.slow

STEPS = "Takeout/Google Health/Physical Activity_GoogleData/steps_2025-10-01.csv"
TEXT = """
state_dir = "{root}/state"
[accounts.me]
source = "import"
data_dir = "{root}/data"
prefix = "me"
timezone = "Europe/Berlin"
import_from = "{root}/takeout"
[archive]
folder = "{root}/archive"
[http]
listen = "127.0.0.1:0"
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(TEXT.format(root=tmp_path))
    (tmp_path / "takeout").mkdir()
    return tmp_path


def put(place: Path, name: str, *dates: str) -> Path:
    """Put an export into the folder that has lain there for an hour."""
    rows = "".join(f"{date}T{hour:02d}:00:00Z,7,Charge 6\n" for date in dates for hour in range(8, 20))
    part = zipped(place / name, {STEPS: f"timestamp,steps,data source\n{rows}"})
    os.utime(part, (time.time() - 3600,) * 2)
    return part.rename(place / "takeout" / name)


def stored(place: Path) -> list[str]:
    return sorted(path.name[14:24] for path in (place / "archive" / "me").glob("fitbit_backup_*"))


def probe(daemon: Running, path: str) -> tuple[int, list[str]]:
    status, body = asked(daemon, path)
    return status, [reason["code"] for reason in json.loads(body)["reasons"]]


def asked(daemon: Running, path: str) -> tuple[int, str]:
    connection = HTTPConnection(daemon.url.removeprefix("http://"))
    connection.request("GET", path)
    answer = connection.getresponse()
    with closing(connection):
        return answer.status, answer.read().decode()


def metric(daemon: Running, name: str) -> str:
    lines = asked(daemon, "/metrics")[1].splitlines()
    return next(line.rpartition(" ")[2] for line in lines if line.startswith(f"cromwelld_{name}{{"))


def test_exports_are_imported_once_and_nothing_else_is_asked(place: Path) -> None:
    config = place / "config.toml"
    put(place, "takeout-20251003T120000Z-001.zip", "2025-10-01", "2025-10-02")
    with running(config) as daemon:
        daemon.ready().event("export.imported", export="takeout-20251003T120000Z-001.zip", dates=2)
        assert stored(place) == ["2025-10-01", "2025-10-02"]
        put(place, "takeout-20251005T120000Z-001.zip", "2025-10-01", "2025-10-02", "2025-10-03")
        put(place, "takeout-20251007T120000Z-001.zip").write_bytes(b"torn")
        os.utime(place / "takeout/takeout-20251007T120000Z-001.zip", (0, 0))
        daemon.hang_up()  # it looks at once
        daemon.event("export.imported", export="takeout-20251005T120000Z-001.zip", changed=2)
        daemon.event("export.refused", export="takeout-20251007T120000Z-001.zip")
        daemon.until(lambda: metric(daemon, "exports_refused") == "1.0")
        assert stored(place) == ["2025-10-01", "2025-10-02", "2025-10-03"]
        told = call("status", "--config", config).out
        assert "me: from exports of Google Takeout, which need no login" in told
        assert "up to 2025-10-03, there in part; the next one is due on 2025-12-03" in told
        assert "takeout-20251007T120000Z-001.zip: not imported, or not all of it" in told
        assert probe(daemon, "/readyz") == (200, [])
        assert probe(daemon, "/freshz") == (503, ["export_late"])
        assert metric(daemon, "exports_until_timestamp_seconds") == "1.7594496e+09"  # 2025-10-03
        refused = call("import", "--config", config, place / "takeout/takeout-20251005T120000Z-001.zip")
        assert refused.code == 1
        assert f"put all parts into {place}/takeout" in refused.err
        assert daemon.stop() == 0
    with running(config, name="again") as daemon:
        daemon.ready().hang_up()
        daemon.until(lambda: metric(daemon, "exports_refused") == "1.0")
        assert [one["event"] for one in daemon.events() if one["event"].startswith(("export.", "run.", "login."))] == []
        assert daemon.stop() == 0


def test_killed_while_it_imports_it_goes_on_when_it_is_started_again(place: Path) -> None:
    put(place, "takeout-20251003T120000Z-001.zip", "2025-10-01", "2025-10-02")
    with running(place / "config.toml") as daemon:
        daemon.ready().event("export.begun")
        daemon.program.send_signal(signal.SIGKILL)
        daemon.program.wait()
    with running(place / "config.toml", name="again") as daemon:
        daemon.ready()
        daemon.until(lambda: stored(place) == ["2025-10-01", "2025-10-02"])
        daemon.until((place / "state/imports/me.json").exists)
        daemon.until(lambda: json.loads((place / "state/imports/me.attempts.json").read_text()) == [])
        assert daemon.stop() == 0
