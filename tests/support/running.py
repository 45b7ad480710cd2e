"""`cromwelld run` as a real program, with a service manager's socket and a journal that read what it says."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.cli import TOKEN, environment

# What the daemon does for itself as it begins, for programs that are to be like it.
PREPARED = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2", "PYTHONMALLOC": "malloc"}
_LONGEST_S = 45.0
_SLICE_S = 0.02


class Manager:
    """The service manager's end of the notify socket: every message, in order, with when it came."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.messages: list[tuple[float, str]] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while content := self._socket.recv(4096):
            self.messages.append((time.monotonic(), content.decode()))

    def lines(self) -> list[str]:
        return [line for _, message in list(self.messages) for line in message.splitlines()]

    def times(self, line: str) -> list[float]:
        return [at for at, message in list(self.messages) if line in message.splitlines()]

    def close(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"", str(self.path))
        self._socket.close()


@dataclass
class Running:
    """A daemon that was started; its log is JSON, as the journal has it."""

    program: subprocess.Popen[bytes]
    manager: Manager
    log: Path
    config: Path

    def text(self) -> str:
        return self.log.read_text("utf-8")

    def events(self, name: str = "") -> list[dict[str, Any]]:
        """Give what was logged, in order; only complete lines."""
        lines = self.text().split("\n")[:-1]
        found = [json.loads(line.partition(">")[2]) for line in lines if line.startswith("<")]
        return [one for one in found if not name or one["event"] == name]

    def until(self, what: Callable[[], object], longest_s: float = _LONGEST_S) -> Any:  # noqa: ANN401
        """Wait until something is there, and give it."""
        deadline = time.monotonic() + longest_s
        while not (found := what()):
            assert self.program.poll() is None, f"it ended with {self.program.returncode}: {self.text()}"
            assert time.monotonic() < deadline, self.text()
            time.sleep(_SLICE_S)
        return found

    def ready(self) -> Running:
        self.until(lambda: "READY=1" in self.manager.lines())
        return self

    def event(self, name: str, **fields: object) -> dict[str, Any]:
        """Wait for an event with such fields."""

        def found() -> list[dict[str, Any]]:
            return [one for one in self.events(name) if fields.items() <= one.items()]

        one: dict[str, Any] = self.until(found)[0]
        return one

    def hang_up(self) -> None:
        """Send SIGHUP and wait until it says that it is ready again."""
        before = len(self.manager.times("READY=1"))
        self.program.send_signal(signal.SIGHUP)
        self.until(lambda: len(self.manager.times("READY=1")) > before)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Tell it to stop, and wait for its end."""
        self.program.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        code = self.program.wait(_LONGEST_S)
        assert "Traceback" not in self.text(), self.text()
        assert TOKEN not in self.text()
        return code

    @property
    def url(self) -> str:
        ready = self.event("daemon.ready")
        return f"http://127.0.0.1:{ready['port']}"


@contextmanager
def running(config: Path, *, name: str = "run", **variables: str) -> Iterator[Running]:
    """Start the daemon with a configuration; it is ended when the block is."""
    root = config.parent
    log, manager = root / f"{name}.log", Manager(root / f"{name}.notify")
    with log.open("wb") as stderr:
        told = os.fstat(stderr.fileno())
        more = {
            "NOTIFY_SOCKET": str(manager.path),
            "JOURNAL_STREAM": f"{told.st_dev}:{told.st_ino}",
            **variables,
        }
        command = [sys.executable, "-m", "cromwelld", "run", "--config", str(config)]
        program = subprocess.Popen(command, stdout=stderr, stderr=stderr, env=environment(more))
    try:
        yield Running(program=program, manager=manager, log=log, config=config)
    finally:
        program.send_signal(signal.SIGCONT)
        program.kill()
        program.wait()
        manager.close()
