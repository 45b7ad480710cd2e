from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from cromwelld import load_date
from cromwelld.simulator.fitbit_web import Options
from tests.support.cli import LONGEST_S, TOKEN, Vendor, call, ended, environment, home, started

NOBODY = 65534
DATES = "2025-10-06..2025-10-08"


def on_terminal(*arguments: object, columns: int = 80) -> tuple[int, str]:
    """Run the real program on a terminal of a given width and give what it wrote there."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    command = [sys.executable, "-m", "cromwelld", *map(str, arguments)]
    env = environment({"TERM": "xterm-256color"})
    env = {name: value for name, value in env.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}}
    written = bytearray()
    with subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=env) as program:
        os.close(its)
        while chunk := _read(ours):
            written += chunk
        code = program.wait(LONGEST_S)
    os.close(ours)
    return code, written.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that nobody has the other end any more
        return b""


def shown(text: str) -> list[str]:
    """Give the lines that stay on a terminal, without escape codes."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text.replace("\r\n", "\n"))
    return [line.rpartition("\r")[2] for line in plain.split("\n")]


def test_the_table_fits_a_terminal_of_eighty_columns(tmp_path: Path) -> None:
    code, written = on_terminal("demo", "--days", 5, "--data-dir", tmp_path / "D")
    assert code == 0
    assert "collecting" in written, "the bar"
    lines = shown(written)
    table = [line for line in lines if line.startswith("  ") and len(line.split()) == 6]
    assert table[0].split() == ["measurement", "10-06", "10-07", "10-08", "10-09", "10-10"]
    assert len({len(line) for line in table}) == 1, "the columns stand below one another"
    assert max(map(len, table)) <= 80
    assert "  Activity-minutesLightlyActive" in "\n".join(lines)
    assert "…" not in written
    assert "\x1b[1A\x1b[2K" in written.rpartition("collecting")[2], "the bar goes when it is done"


def fetched(url: str) -> tuple[int, bytes]:
    request = urllib.request.Request(url, headers={"Authorization": "Bearer any"})  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as err:
        with err:
            return err.code, err.read()


def url_of(program: subprocess.Popen[str]) -> str:
    assert program.stdout is not None
    found = re.search(r"http://127\.0\.0\.1:[1-9]\d*", program.stdout.readline())
    assert found
    return found[0]


@pytest.mark.parametrize(
    ("api", "path"), [("fitbit_web", "/1/user/-/devices.json"), ("google_health", "/v4/users/me/pairedDevices")]
)
def test_simulate_says_where_it_serves_and_stops_on_ctrl_c(api: str, path: str) -> None:
    program = started("simulate", "--api", api, "--port", 0, "--now", "2025-10-09T03:00:00+01:00")
    status, body = fetched(f"{url_of(program)}{path}")
    program.send_signal(signal.SIGINT)
    ran = ended(program)
    assert status == 200
    assert json.loads(body)
    assert (ran.code, ran.err) == (0, "")


def test_simulate_serves_recorded_answers_and_stops_on_sigterm(tmp_path: Path) -> None:
    entries = [{"method": "GET", "path": "/1/user/-/devices.json", "body": "devices.json"}]
    (tmp_path / "index.json").write_text(json.dumps(entries), encoding="utf-8")
    (tmp_path / "devices.json").write_bytes(b'[{"battery": "High"}]\n')
    program = started("simulate", "--api", "fitbit_web", "--replay", tmp_path)
    url = url_of(program)
    listed, other = fetched(f"{url}/1/user/-/devices.json"), fetched(f"{url}/1/user/-/profile.json")
    program.terminate()
    ran = ended(program)
    assert listed == (200, b'[{"battery": "High"}]\n')
    assert other[0] == 404
    assert "errors" in json.loads(other[1])
    assert (ran.code, ran.err) == (0, "")


def test_every_mistake_of_an_index_is_named(tmp_path: Path) -> None:
    entries = [{"method": "FETCH", "path": "no-slash", "body": "gone.json"}, 5]
    (tmp_path / "index.json").write_text(json.dumps(entries), encoding="utf-8")
    ran = call("simulate", "--replay", tmp_path)
    assert (ran.code, ran.out) == (2, "")
    for words in ("entry 1: method", "entry 1: path", "entry 1: body: gone.json", "entry 2: must be an object"):
        assert words in ran.err
    assert "simulate --help" in ran.err


@pytest.mark.parametrize("index", [None, "{", '{"entries": []}'])
def test_an_index_that_is_none_is_named(index: str | None, tmp_path: Path) -> None:
    if index is not None:
        (tmp_path / "index.json").write_text(index, encoding="utf-8")
    ran = call("simulate", "--replay", tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert str(tmp_path / "index.json") in ran.err


def test_a_taken_port_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = call("simulate", "--port", port)
    assert (ran.code, ran.out) == (1, "")
    assert str(port) in ran.err
    assert "--port 0" in ran.err


@pytest.mark.parametrize("instant", ["2025-10-09", "2025-10-09T03:00:00", "now"])
def test_a_clock_without_an_offset_is_a_usage_error(instant: str) -> None:
    ran = call("simulate", "--now", instant)
    assert (ran.code, ran.out) == (2, "")
    assert instant in ran.err


class Stalling:
    """A vendor that answers some requests and is then slow, and says when that begins."""

    def __init__(self, quick: int) -> None:
        self.vendor = Vendor()
        self.reached = threading.Event()
        self._quick = quick

    def asked(self) -> None:
        self._quick -= 1
        if self._quick <= 0:
            self.vendor.options = Options(quota=None, latency_s=LONGEST_S)
            self.reached.set()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_collector_that_is_stopped_leaves_whole_files_and_a_sentence(number: signal.Signals, tmp_path: Path) -> None:
    stalling = Stalling(6)
    stalling.vendor.asked = stalling.asked
    with stalling.vendor.serving():
        mine = home(tmp_path, stalling.vendor.url)
        program = started("collect", DATES, "--config", mine.config)
        assert stalling.reached.wait(LONGEST_S)
        second = mine.collect(DATES)
        program.send_signal(number)
        ran = ended(program)
        assert second.code == 1
        assert f"in use by cromwelld collect {DATES} (process {program.pid})" in second.err
        assert ran.code == 130
        assert ran.err.strip() == "cromwelld: stopped; what was done is kept, and running it again goes on from there"
        assert not [path for path in tmp_path.rglob("*.tmp") if path.is_file()]
        stalling.vendor.asked, stalling.vendor.options = (lambda: None), Options(quota=None)
        assert mine.collect(DATES).code == 0
    assert mine.objects() == ["2025-10-06", "2025-10-07", "2025-10-08"]
    assert {"SleepSummary", "HRV", "SPO2_Daily"} <= set(load_date("2025-10-07", mine.data))


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Give a folder that other users may enter."""
    folder = Path(tempfile.mkdtemp(prefix="cromwelld-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def as_nobody(*command: object) -> subprocess.CompletedProcess[str]:
    other = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
    env = environment({"HOME": "/"})
    words = [*other, sys.executable, *map(str, command)]
    return subprocess.run(words, env=env, capture_output=True, text=True, timeout=LONGEST_S, check=False)


def test_a_folder_of_another_user_is_told_with_path_user_and_remedy(open_folder: Path) -> None:
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("setpriv is not here")
    if as_nobody("-c", "import cromwelld.cli, pyarrow").returncode != 0:
        pytest.skip("another user may not read this environment")
    mine = home(open_folder, "http://127.0.0.1:9")
    for path in (mine.state, *mine.state.rglob("*")):
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)
    mine.data.mkdir()
    mine.data.chmod(0o555)
    ran = as_nobody("-m", "cromwelld", "collect", "2025-10-08", "--config", mine.config)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert f"cannot write {mine.data}: Permission denied (user '" in ran.stderr
    assert "the right to write there" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert TOKEN not in ran.stderr
    assert list(mine.data.iterdir()) == []
    assert not mine.archive.exists()
    assert sorted(path.name for path in mine.state.rglob("*")) == ["me.json", "tokens"], "nothing is half-made"
