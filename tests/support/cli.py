"""The command line as a stranger meets it: called in this process, or as a program; and a vendor to collect from."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cromwelld.cli import main
from cromwelld.simulator.fitbit_web import Options, application
from cromwelld.simulator.front import RECEIVED, Received
from cromwelld.simulator.person import Person
from cromwelld.simulator.serve import serving
from cromwelld.sources.fitbit_web.endpoints import ENDPOINTS
from tests.support.s3 import KEYS, Server

ROOT = Path(__file__).parents[2]
TOKEN = "eyJ-do-not-show-this-token"
LIGHT = ("sleep", "hrv", "spo2", "weight")  # no devices: they speak of today, whatever was asked
HEAVY = tuple(sorted(set(ENDPOINTS) - set(LIGHT)))
LONGEST_S = 40


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - a test looks into it by hand
        return json.loads(self.out)


def _decent(ran: Ran) -> Ran:
    assert "Traceback" not in ran.out + ran.err, ran.err
    assert TOKEN not in ran.out + ran.err
    return ran


def call(*arguments: object) -> Ran:
    """Run a command in this process, with its output in pipes."""
    out, err = io.StringIO(), io.StringIO()
    code: object = None
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code
    assert isinstance(code, int)
    return _decent(Ran(code, out.getvalue(), err.getvalue()))


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default", **(more or {})}


def started(*arguments: object, **options: Any) -> subprocess.Popen[str]:  # noqa: ANN401
    """Start the real program."""
    command = [sys.executable, "-m", "cromwelld", *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment(), **options)


def ended(program: subprocess.Popen[str]) -> Ran:
    """Wait for the end of a program and take its output."""
    with program:
        try:
            out, err = program.communicate(timeout=LONGEST_S)
        finally:
            program.kill()
    return _decent(Ran(program.returncode, out, err))


def run(*arguments: object, **options: Any) -> Ran:  # noqa: ANN401
    """Run the real program to its end."""
    return ended(started(*arguments, **options))


class Vendor:
    """The simulated vendor on a port of its own, in a thread; `options` may be changed between requests."""

    def __init__(self) -> None:
        self.options = Options(quota=None)
        self.url = ""
        self.received: list[Received] = []
        self.asked: Callable[[], None] = lambda: None
        self._ready = threading.Event()
        self._stop: Callable[[], object] = lambda: None

    def _told(self) -> Options:
        self.asked()
        return self.options

    @contextmanager
    def serving(self) -> Iterator[None]:
        thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        thread.start()
        assert self._ready.wait(10)
        try:
            yield
        finally:
            self._stop()
            thread.join(10)

    async def _serve(self) -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        self._stop = lambda: loop.call_soon_threadsafe(stop.set)
        app = application(Person(), clock=lambda: dt.datetime.now(dt.UTC), options=self._told)
        self.received = app[RECEIVED]
        async with serving(app) as self.url:
            self._ready.set()
            await stop.wait()


@dataclass(frozen=True)
class Home:
    """The folders, the login and the configuration of one person."""

    root: Path
    config: Path
    state: Path
    data: Path
    archive: Path

    def collect(self, dates: str, *more: object) -> Ran:
        return call("collect", dates, "--config", self.config, *more)

    def untouched(self) -> bool:
        return not any(folder.exists() for folder in (self.data, self.archive))

    def objects(self) -> list[str]:
        """List the dates asked that have an object; a battery reading is of the date of its own sync, which is now."""
        return [date for date in self.all_objects() if date < "2026"]

    def all_objects(self) -> list[str]:
        """List every date that has an object."""
        return sorted(path.name[14:24] for path in (self.archive / "fitbit").glob("*.json.gz"))


def home(root: Path, base_url: str, *, leave_out: tuple[str, ...] = HEAVY, login: bool = True) -> Home:
    """Lay out a home whose one account, me, is collected from `base_url`."""
    made = Home(root, root / "config.toml", root / "state", root / "data", root / "archive")
    root.mkdir(parents=True, exist_ok=True)
    made.config.write_text(
        f"""state_dir = "{made.state}"

[accounts.me]
source = "fitbit_web"
base_url = "{base_url}"
data_dir = "{made.data}"
prefix = "fitbit"
leave_out = {json.dumps(leave_out)}

[archive]
folder = "{made.archive}"
""",
        encoding="utf-8",
    )
    if login:
        tokens = made.state / "tokens"
        tokens.mkdir(parents=True)
        (tokens / "me.json").write_text(json.dumps({"access_token": TOKEN}), encoding="utf-8")
    return made


def in_bucket(made: Home, server: Server) -> Home:
    """Let a home keep its archive in the bucket of a server; `archive` becomes the prefix there."""
    archive = bucket_lines(made.root, server)
    text = made.config.read_text(encoding="utf-8").partition("[archive]")[0]
    prefix = server.bucket("fitbit").prefix
    made.config.write_text(text.replace('prefix = "fitbit"', f'prefix = "{prefix}"') + archive, encoding="utf-8")
    return replace(made, archive=Path(prefix))


def bucket_lines(root: Path, server: Server) -> str:
    """Lay the keys of a server below `root`, and give the lines that make its bucket the archive."""
    for name, text in (("access", KEYS.access), ("secret", KEYS.secret)):
        (root / name).write_text(text, encoding="utf-8")
    return f"""[archive]
store = "s3"
bucket = "{server.name}"
endpoint = "{server.url}"
region = "us-east-1"
path_style = true
access_key_file = "{root / "access"}"
secret_key_file = "{root / "secret"}"
"""
