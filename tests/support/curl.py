"""The real curl, as a stranger types it."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import Any

from tests.support.parts import program

_LAST_LINE = "\n%{http_code} %{content_type}"


@dataclass(frozen=True)
class Got:
    status: int
    kind: str
    body: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - a test looks into it by hand
        return json.loads(self.body)


def curl(method: str, address: str, *more: str, body: object = None) -> Got:
    """Ask, with a body as JSON if there is one."""
    command = [program("curl", "apt install curl"), "-q", "-s", "-S", "--noproxy", "*", "-w", _LAST_LINE]
    command += [*(["-I"] if method == "HEAD" else ["-X", method]), *more]
    if body is not None:
        command += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
    ran = subprocess.run([*command, address], capture_output=True, check=False, timeout=40)
    assert (ran.returncode, ran.stderr) == (0, b"")
    text, _, last = ran.stdout.decode().rpartition("\n")
    status, _, kind = last.partition(" ")
    return Got(int(status), kind, text)
