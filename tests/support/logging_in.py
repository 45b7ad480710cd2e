"""A simulated vendor with its login, a person with a browser, and `cromwelld login` as a program between them."""

from __future__ import annotations

import asyncio
import datetime as dt
import html
import json
import queue
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from cromwelld.simulator.faces import FACES
from cromwelld.simulator.oauth import LoginServer, Rules
from cromwelld.simulator.oauth.values import Pair
from cromwelld.simulator.person import Person
from cromwelld.simulator.serve import serving
from tests.support.cli import Ran, call, run, started

APIS = ("fitbit_web", "google_health")
IDS = {"fitbit_web": ("SYNTH1", "SYNTH2"), "google_health": ("1000000007", "1000000008")}
KEPT = {
    "fitbit_web": ("sleep", "hrv", "spo2", "weight", "devices"),
    "google_health": ("sleep", "hrv", "weight", "resting_heart_rate", "devices"),
}
TOKEN_PATHS = {"fitbit_web": "/oauth2/token", "google_health": "/token"}
FIRST_PATHS = {"fitbit_web": "/1/user/-/profile.json", "google_health": "/v4/users/me/identity"}
DATE = "2025-10-08"
_PATIENCE_S = 20
_INPUT = re.compile(r'<input type="(\w+)" name="(\w+)" value="([^"]*)"( checked)?')
_ACTION = re.compile(r'action="([^"]*)"')
_SECRET_FIELDS = ("code", "code_verifier", "refresh_token", "access_token", "client_secret", "state")


class Far:
    """One simulated vendor in a thread; it notes what it received, and every secret that went over the wire."""

    def __init__(self, api: str, *, quota: bool = False, rules: Rules | None = None) -> None:
        self.api = api
        self.logins = LoginServer(FACES[api].manners, clock=self._now, rules=rules)
        self.received: list[str] = []
        self.statuses: list[int] = []
        self.away: dict[str, dict[str, str]] = {}  # path: headers of a 503
        self.secrets: set[str] = set()
        self.silent = False  # takes requests, and answers none
        self.url = ""
        self.ahead = dt.timedelta()  # of the vendor's clock
        self._quota = quota
        self._ready = threading.Event()
        self._stop: Callable[[], object] = lambda: None

    def _now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self.ahead

    @property
    def token_path(self) -> str:
        return TOKEN_PATHS[self.api]

    def asked(self) -> list[str]:
        """Give the paths of the API that were asked for: none of the login's."""
        return [path for path in self.received if not self.logins.owns(path)]

    def refreshes(self) -> list[str]:
        return [told.outcome for told in self.logins.said if told.asked == "refresh_token"]

    def issue(self, *, account: str = "first") -> Pair:
        """Give a login as cromwelld asks for it, that somebody else has made."""
        from cromwelld.wiring.vendors import VENDORS  # noqa: PLC0415 - what is served here needs none of it

        pair = self.logins.issue(account=account, scopes=VENDORS[self.api].provider.scopes)
        self.secrets |= {pair.access_token, pair.refresh_token}
        return pair

    def forget(self) -> None:
        self.received.clear()
        self.statuses.clear()
        self.logins.said.clear()

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

    async def _serve(self) -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        self._stop = lambda: loop.call_soon_threadsafe(stop.set)
        app = FACES[self.api].application(Person(), self._now, quota=self._quota, logins=self.logins)
        app.middlewares.insert(0, self._listener())
        async with serving(app) as self.url:
            self._ready.set()
            await stop.wait()

    def _listener(self) -> Middleware:
        @web.middleware
        async def listen(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._overheard(request, handler)

        return listen

    async def _overheard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.received.append(request.path)
        self._note(request.query)
        if self.logins.owns(request.path) and request.method == "POST":
            self._note({name: value for name, value in (await request.post()).items() if isinstance(value, str)})
        while self.silent:
            await asyncio.sleep(0.05)
        if request.path in self.away:
            return web.Response(status=503, headers=self.away[request.path])
        answer = await handler(request)
        self.statuses.append(answer.status)
        if request.path == self.token_path and isinstance(answer, web.Response) and isinstance(answer.body, bytes):
            self._note({name: value for name, value in json.loads(answer.body).items() if isinstance(value, str)})
        self._note({name: one[0] for name, one in parse_qs(urlsplit(answer.headers.get("Location", "")).query).items()})
        return answer

    def _note(self, fields: Mapping[str, str]) -> None:
        self.secrets.update(fields[name] for name in _SECRET_FIELDS if fields.get(name))


@contextmanager
def vendor_alone(api: str) -> Iterator[Far]:
    """Run `cromwelld simulate --login` as a program: what it receives and sends is not known here, but its client."""
    far = Far(api)
    with started("simulate", "--login", "--api", api) as program:
        try:
            assert program.stdout is not None
            lines = [program.stdout.readline() for _ in range(3)]
            client = far.logins.client
            assert lines[1:] == [f"client_id {client.id}\n", f"client_secret {client.secret}\n"]
            far.url = lines[0].split()[2]
            yield far
        finally:
            program.terminate()


@dataclass
class Place:
    """The folders and the configuration of one person, and everything that was said to them."""

    root: Path
    far: Far
    said: list[str] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def config(self) -> Path:
        return self.root / "config.toml"

    @property
    def file(self) -> Path:
        return self.root / "state/tokens/me.json"

    @property
    def stored(self) -> Any:  # noqa: ANN401 - a test looks into it by hand
        return json.loads(self.file.read_text("utf-8"))

    def change(self, **values: object) -> None:
        """Change the stored login by hand."""
        self.file.write_text(json.dumps({**self.stored, **values}), encoding="utf-8")

    def files(self) -> dict[str, bytes]:
        """Give every file but the locks, which are empty or name a holder."""
        found = sorted(path for path in self.root.rglob("*") if path.is_file() and path.suffix != ".lock")
        return {str(path.relative_to(self.root)): path.read_bytes() for path in found}

    def heard(self, ran: Ran) -> Ran:
        self.said.extend((ran.out, ran.err))
        return ran

    def collect(self, dates: str = DATE, *, process: bool = False) -> Ran:
        """Collect, in this process or in one of its own."""
        do = run if process else call
        return self.heard(do("collect", dates, "--config", self.config))

    def doctor(self) -> dict[str, dict[str, str]]:
        ran = self.heard(call("doctor", "--json", "--config", self.config))
        return {one["check"]: one for one in ran.json["findings"]} | {"exit": {"code": str(ran.code)}}

    def attempt(self, *more: object, browser: bool = False, **options: Any) -> Attempt:  # noqa: ANN401
        """Begin `cromwelld login`, on a port of its own."""
        made = Attempt(self, *more, *(() if browser else ("--no-browser",)), **options)
        self.attempts.append(made)
        return made

    def log_in(self, *more: object, **choice: Any) -> Ran:  # noqa: ANN401
        """Log in by browser from beginning to end."""
        attempt = self.attempt(*more)
        walk(attempt.address(), **choice)
        return attempt.ended()

    def import_file(self, content: object, *more: object) -> Ran:
        """Log in by importing a file: bytes as they are, anything else as JSON."""
        file = self.root.parent / "tokens.json"
        file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return self.heard(call("login", "--config", self.config, "--import", file, *more))

    @contextmanager
    def tidied(self) -> Iterator[Place]:
        """Give this place; afterwards no program runs on, and nothing was said or kept that may not be."""
        try:
            yield self
        finally:
            for attempt in self.attempts:
                attempt.kill()
        self.check_privacy()

    def given(self, *more: object, account: str = "first") -> Ran:
        """Log in the quick way: by a file with a login that somebody else has made, good for an hour."""
        pair = self.far.issue(account=account)
        ends = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)).timestamp()
        fields = {"access_token": pair.access_token, "refresh_token": pair.refresh_token, "scope": pair.scope}
        return self.import_file({**fields, "expires_at": ends}, *more)

    def check_privacy(self) -> None:
        """Look for every secret that went over the wire, and for whose it is, where neither may be."""
        said = "\n".join(self.said)
        assert not [secret for secret in (*self.far.secrets, *IDS[self.far.api]) if secret in said]
        on_disk = [name for name, content in self.files().items() if any(one.encode() in content for one in _ids(self))]
        assert not on_disk


def _ids(place: Place) -> tuple[str, ...]:
    return IDS[place.far.api]


def place_of(root: Path, far: Far) -> Place:
    """Lay out a home whose one account, me, has no login yet."""
    made = Place(root, far)
    root.mkdir(parents=True)
    client = far.logins.client
    secret = root / "secret"
    secret.touch(mode=0o600)
    secret.write_text(client.secret or "", encoding="utf-8")
    far.secrets.add(client.secret or "none")
    leave_out = [name for name in streams_of(far.api) if name not in KEPT[far.api]]
    made.config.write_text(
        f"""state_dir = "{root / "state"}"
[accounts.me]
source = "{far.api}"
client_id = "{client.id}"
client_secret_file = "{secret}"
base_url = "{far.url}"
data_dir = "{root / "data"}"
prefix = "fitbit"
leave_out = {json.dumps(leave_out)}
[archive]
folder = "{root / "archive"}"
""",
        encoding="utf-8",
    )
    return made


def streams_of(api: str) -> list[str]:
    from cromwelld.wiring.vendors import VENDORS  # noqa: PLC0415 - what is served here needs none of it

    return list(VENDORS[api].streams)


class Attempt:
    """`cromwelld login` while it waits for a person; its lines are read as they come."""

    def __init__(self, place: Place, *more: object, port: int | None = None, **options: Any) -> None:  # noqa: ANN401
        self.port = port or free_port()
        self._place = place
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._out: list[str] = []
        self._err: list[str] = []
        options = {"stdin": subprocess.PIPE, **options}
        self._program = started("login", "--config", place.config, "--port", self.port, *more, **options)
        self._readers = [
            threading.Thread(target=self._read, args=(self._program.stdout, self._out), daemon=True),
            threading.Thread(target=self._read, args=(self._program.stderr, self._err), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def address(self) -> str:
        """Wait for the address that is printed. Raises: AssertionError if the program ended without one."""
        while (line := self._lines.get(timeout=_PATIENCE_S)) is not None:
            if line.startswith("http"):
                return line.strip()
        raise AssertionError("".join(self._err))

    def paste(self, text: str) -> None:
        """Type at the terminal; it stays open."""
        assert self._program.stdin is not None
        self._program.stdin.write(text)
        self._program.stdin.flush()

    def hang_up(self) -> None:
        """Close the terminal."""
        assert self._program.stdin is not None
        self._program.stdin.close()

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._program.send_signal(signal.SIGINT)

    def ended(self) -> Ran:
        """Wait for the end."""
        try:
            code = self._program.wait(timeout=_PATIENCE_S)
        finally:
            self.kill()
        ran = Ran(code, "".join(self._out), "".join(self._err))
        assert "Traceback" not in ran.err, ran.err
        return ran

    def kill(self) -> None:
        """End the program if it runs on; of what it said, only the address may hold a secret: its state."""
        self._program.kill()
        self._program.wait()
        for reader in self._readers:
            reader.join(10)
        for pipe in (self._program.stdin, self._program.stdout, self._program.stderr):
            if pipe is not None:
                pipe.close()
        self._place.said.extend(line for line in (*self._out, *self._err) if not line.startswith("http"))

    def _read(self, pipe: IO[str], into: list[str]) -> None:
        for line in pipe:
            into.append(line)
            if into is self._out:
                self._lines.put(line)
        if into is self._out:
            self._lines.put(None)


def walk(
    address: str, *, consent: str = "allow", account: str = "first", untick: tuple[str, ...] = (), home: bool = True
) -> str:
    """Click through the vendor's page; gives where the browser was sent, and goes there if it is to come home."""
    return asyncio.run(_walk(address, consent=consent, account=account, untick=untick, home=home))


async def _walk(address: str, *, consent: str, account: str, untick: tuple[str, ...], home: bool) -> str:
    async with aiohttp.ClientSession() as session:
        async with session.get(address) as got:
            page = await got.text()
            assert got.status == 200, page
        inputs = [(kind, name, html.unescape(value)) for kind, name, value, _ in _INPUT.findall(page)]
        fields = [(name, value) for kind, name, value in inputs if kind == "hidden"]
        ticked = [value for _, name, value in inputs if name == "tick" and not value.endswith(untick or ("\0",))]
        form = [*fields, ("account", account), *(("tick", value) for value in ticked), ("consent", consent)]
        action = _ACTION.findall(page)[0]
        to = f"{address.partition('//')[0]}//{urlsplit(address).netloc}{action}"
        async with session.post(to, data=form, allow_redirects=False) as got:
            location = got.headers["Location"]
        if home:
            async with session.get(location) as got:
                assert (got.status, got.content_type) == (200, "text/html")
        return location


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
