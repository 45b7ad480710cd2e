"""A real Prometheus on loopback that scrapes one address."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

from tests.support.logging_in import free_port
from tests.support.parts import program

REMEDY = "apt-get install prometheus"
_LONGEST_S = 40.0
_CONFIGURATION = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: cromwelld
    static_configs: [{{targets: ["{target}"]}}]
"""


@dataclass(frozen=True)
class Prometheus:
    """The server as it runs."""

    url: str

    def query(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """Evaluate an expression now: labels and value of each series."""
        with urlopen(f"{self.url}/api/v1/query?{urlencode({'query': expression})}", timeout=10) as answer:  # noqa: S310
            result: list[dict[str, Any]] = json.load(answer)["data"]["result"]
        return [(one["metric"], float(one["value"][1])) for one in result]

    def until(self, expression: str, holds: Callable[[list[float]], bool]) -> list[float]:
        """Wait until the values of an expression are as they should be; give what they are in the end."""
        deadline = time.monotonic() + _LONGEST_S
        while True:
            values = [value for _, value in self.query(expression)]
            if holds(values) or time.monotonic() > deadline:
                return values
            time.sleep(0.2)


@contextmanager
def scraping(folder: Path, url: str) -> Iterator[Prometheus]:
    """Start a server that scrapes `url` once a second."""
    command, port = program("prometheus", REMEDY), free_port()
    folder.mkdir(parents=True)
    config = folder / "prometheus.yml"
    config.write_text(_CONFIGURATION.format(target=urlsplit(url).netloc))
    options = [
        f"--config.file={config}",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([command, *options], stdout=log, stderr=log)
    try:
        found = Prometheus(f"http://127.0.0.1:{port}")
        _wait_for(found)
        yield found
    finally:
        server.terminate()
        server.wait(_LONGEST_S)


def _wait_for(server: Prometheus) -> None:
    deadline = time.monotonic() + _LONGEST_S
    while True:
        try:
            server.query("vector(1)")
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
