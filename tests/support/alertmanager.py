"""A real Alertmanager on loopback, and the receiver that it tells."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.support.logging_in import free_port
from tests.support.parts import program

REMEDY = "apt-get install prometheus-alertmanager"
CONFIGURATION = Path(__file__).parents[2] / "deploy" / "prometheus" / "alertmanager.yml"
FIRING, RESOLVED = "firing", "resolved"
NO_LABELS: Mapping[str, str] = {}
_LONGEST_S = 40.0
# What is other in a test: nobody waits for a minute, and all of it comes to the receiver of the test.
_WAITS = re.compile(r"^( +(?:group_wait|group_interval): )\w+", re.MULTILINE)


@dataclass(frozen=True)
class Told:
    """One alert as the receiver heard of it."""

    status: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.labels["alertname"]


@dataclass
class Receiver:
    """Take what Alertmanager posts, in order."""

    told: list[Told] = field(default_factory=list)

    def until(self, status: str, alert: str, labels: Mapping[str, str] = NO_LABELS) -> Told:
        """Wait until it has heard this of an alert with such labels."""
        wanted, deadline = {"alertname": alert, **labels}, time.monotonic() + _LONGEST_S
        while True:
            heard = [one for one in list(self.told) if wanted.items() <= one.labels.items() and one.status == status]
            if heard:
                return heard[-1]
            assert time.monotonic() < deadline, f"no word of {wanted} {status}; but of {self.told}"
            time.sleep(0.1)

    def now(self, status: str, alert: str) -> bool:
        """Tell whether this is the last that it has heard of an alert."""
        return [one.status for one in list(self.told) if one.name == alert][-1:] == [status]

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Listen on a free port; gives the address."""
        hear = self._hear

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hear(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
            thread.start()
            yield f"http://127.0.0.1:{server.server_port}/"
            server.shutdown()
            thread.join(_LONGEST_S)

    def _hear(self, letter: dict[str, Any]) -> None:
        self.told += [Told(one["status"], one["labels"], one["annotations"]) for one in letter["alerts"]]


def hasty() -> str:
    """Give the configuration that is shipped, without any waiting for what has one cause."""
    return _WAITS.sub(r"\g<1>1s", CONFIGURATION.read_text(encoding="utf-8"))


def configuration(url: str) -> str:
    """Give the hasty configuration with a receiver at `url`."""
    receiver = f"  - name: test\n    webhook_configs: [{{url: {url}, send_resolved: true}}]\n"
    return hasty().replace("\n  receiver: mail\n", "\n  receiver: test\n") + receiver


@contextmanager
def alerting(folder: Path, text: str, **variables: str) -> Iterator[str]:
    """Start a server with a configuration; gives its host and port."""
    command, port = program("prometheus-alertmanager", REMEDY), free_port()
    folder.mkdir(parents=True)
    (folder / "alertmanager.yml").write_text(text, encoding="utf-8")
    options = [
        f"--config.file={folder}/alertmanager.yml",
        f"--storage.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([command, *options], stdout=log, stderr=log, env={**os.environ, **variables})
    try:
        _wait_for(f"http://127.0.0.1:{port}/-/ready")
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(_LONGEST_S)


def suppressed(address: str) -> set[tuple[str, str]]:
    """List the alerts that Alertmanager knows of and keeps to itself: name, and account or an empty text."""
    with urlopen(f"http://{address}/api/v2/alerts?inhibited=true", timeout=10) as answer:
        found: list[dict[str, Any]] = json.load(answer)
    kept = (one["labels"] for one in found if one["status"]["state"] == "suppressed")
    return {(labels["alertname"], labels.get("account", "")) for labels in kept}


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + _LONGEST_S
    while True:
        try:
            with urlopen(url, timeout=10):  # noqa: S310
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
