"""A collector that is killed while its tokens rotate: the login goes on, or the vendor's answer was truly lost."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import json
import random
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from cromwelld.simulator.faces import FACES
from cromwelld.simulator.oauth import LoginServer
from cromwelld.simulator.person import Person
from cromwelld.simulator.serve import serving
from tests.support.cli import LONGEST_S, call, started

DATE = "2025-10-08"
STREAMS = ("hrv", "spo2", "weight", "breathing_rate", "skin_temperature", "total_steps", "total_calories", "sleep")
SERVES = 2  # requests by one access token, until it has to be renewed
# The collector takes more renewals in a minute than this for a vendor that refuses every token.
MOST_RENEWALS = 15
SLOWEST_S = 0.02
NEEDED = 77


@dataclass
class Far:
    """The vendor in a thread of this process: its tokens live for few requests, its answers take their time."""

    dice: random.Random
    restless: bool = True
    url: str = ""
    used: set[str] = field(default_factory=set)
    arrived: int = 0
    kill_at: int = 0
    reached: threading.Event = field(default_factory=threading.Event)
    logins: LoginServer = field(init=False)
    _served: Counter[str] = field(default_factory=Counter)
    _renewals: int = 0
    _open: int = 0
    _ready: threading.Event = field(default_factory=threading.Event)
    _stop: Callable[[], object] = lambda: None

    def __post_init__(self) -> None:
        self.logins = LoginServer(FACES["fitbit_web"].manners, clock=_now)

    @contextmanager
    def serving(self) -> Iterator[None]:
        thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        thread.start()
        assert self._ready.wait(20)
        try:
            yield
        finally:
            self._stop()
            thread.join(10)

    def begin(self, kill_at: int) -> None:
        """Count from nothing until the given request."""
        self.arrived, self.kill_at, self._renewals, self.restless = 0, kill_at, 0, True
        self.reached.clear()
        self.used.clear()

    def settle(self) -> None:
        """Wait until nothing is under way; after that no token ends early."""
        self.restless = False
        waiting = threading.Event()
        for _ in range(500):
            if not self._open:
                return
            waiting.wait(0.01)
        raise AssertionError("a request was never answered")

    def lives(self, refresh_token: str) -> bool:
        return refresh_token in self.logins._book.state.refreshes  # noqa: SLF001 - nobody else can be asked

    def newest_was_used(self) -> bool:
        """Tell whether a request came with the newest access token, which must have been on disk by then."""
        return list(self.logins._book.state.accesses)[-1] in self.used  # noqa: SLF001

    async def _serve(self) -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        self._stop = lambda: loop.call_soon_threadsafe(stop.set)
        app = FACES["fitbit_web"].application(Person(), _now, quota=False, logins=self.logins)

        @web.middleware
        async def slowly(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._slowly(request, handler)

        app.middlewares.insert(0, slowly)
        async with serving(app) as self.url:
            self._ready.set()
            await stop.wait()

    async def _slowly(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self._open += 1
        try:
            self._arrive(request)
            await asyncio.sleep(self.dice.uniform(0, SLOWEST_S))
            answer = await handler(request)
            await asyncio.sleep(self.dice.uniform(0, SLOWEST_S))
        finally:
            self._open -= 1
        return answer

    def _arrive(self, request: web.Request) -> None:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not self.logins.owns(request.path):
            self.used.add(token)
            self._served[token] += 1
            if self.restless and self._served[token] == SERVES + 1 and self._renewals < MOST_RENEWALS:
                self._renewals += 1
                self.logins.expire(token)
        self.arrived += 1
        if self.arrived == self.kill_at:
            self.reached.set()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass
class House:
    """One person's folders, for one kill."""

    root: Path
    far: Far

    def __post_init__(self) -> None:
        client = self.far.logins.client
        tokens, secret = self.root / "state/tokens", self.root / "secret"
        tokens.mkdir(parents=True)
        secret.touch(mode=0o600)
        secret.write_text(client.secret or "", encoding="utf-8")
        pair = self.far.logins.issue()
        content = {"access_token": pair.access_token, "refresh_token": pair.refresh_token, "scope": pair.scope}
        self.file.write_text(json.dumps(content), encoding="utf-8")
        from cromwelld.wiring.vendors import VENDORS  # noqa: PLC0415 - what is served needs none of it

        left_out = [name for name in VENDORS["fitbit_web"].streams if name not in STREAMS]
        self.config.write_text(
            f"""state_dir = "{self.root / "state"}"
[accounts.me]
source = "fitbit_web"
client_id = "{client.id}"
client_secret_file = "{secret}"
base_url = "{self.far.url}"
data_dir = "{self.root / "data"}"
prefix = "fitbit"
leave_out = {json.dumps(left_out)}
[archive]
folder = "{self.root / "archive"}"
""",
            encoding="utf-8",
        )

    @property
    def file(self) -> Path:
        return self.root / "state/tokens/me.json"

    @property
    def config(self) -> Path:
        return self.root / "config.toml"

    def stored(self) -> list[Any]:
        """Read every generation and draft of the login. Raises: ValueError if one of the generations is damaged."""
        kept = [self.file, self.file.with_name("me.json.previous")]
        return [json.loads(path.read_bytes()) for path in kept if path.exists()]


def killed(root: Path, far: Far, dice: random.Random) -> str:
    """Kill a collector at a random instant, let another collect, and tell how it ended."""
    house = House(root, far)
    far.begin(dice.randint(1, 18))
    program = started("collect", DATE, "--config", house.config)
    try:
        far.reached.wait(LONGEST_S)
        try:
            program.wait(timeout=dice.uniform(0.0005, 0.03))
        except subprocess.TimeoutExpired:
            program.kill()
        out, err = program.communicate(timeout=LONGEST_S)
    finally:
        program.kill()
    assert "Traceback" not in out + err, err
    far.settle()
    generations = house.stored()
    assert all(one["access_token"] and one["refresh_token"] for one in generations)
    used, secrets = far.newest_was_used(), {text for one in generations for text in _secrets(one)}
    ran = call("collect", DATE, "--config", house.config)
    assert not [text for text in secrets if text in out + err + ran.out + ran.err]
    if ran.code == 0:
        return "ended" if program.returncode >= 0 else "goes on"
    assert ran.code == NEEDED, ran.err
    assert "cromwelld login --account me" in ran.err + ran.out, ran.err
    assert not used, "the login was lost though its newest token had been used"
    assert not any(far.lives(one["refresh_token"]) for one in house.stored()), "the login on disk lives"
    assert "damaged" not in ran.err, ran.err
    return "login needed"


def _secrets(one: dict[str, Any]) -> Iterator[str]:
    return (one[name] for name in ("access_token", "refresh_token"))


def kills(root: Path, count: int, seed: int) -> Counter[str]:
    dice, ends = random.Random(seed), Counter[str]()
    far = Far(random.Random(seed + 1))
    with far.serving():
        for number in itertools.islice(itertools.count(), count):
            ends[killed(root / f"{number:03d}", far, dice)] += 1
    assert [told.outcome for told in far.logins.said if told.asked == "refresh_token"].count("ok") > count
    return ends


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_kills_at_random_instants_while_tokens_rotate(tmp_path: Path) -> None:
    ends = kills(tmp_path, 20, 4)
    assert ends["goes on"] >= 10, ends


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_two_hundred_kills_while_tokens_rotate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ends = kills(tmp_path, 200, 5)
    with capsys.disabled():
        print("\n200 kills:", dict(ends))  # noqa: T201
    assert ends["goes on"] >= 100
    assert ends["login needed"], "no kill came between a rotation and its answer"
