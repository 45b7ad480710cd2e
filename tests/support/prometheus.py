"""A real Prometheus on loopback: it scrapes an address, or has the configuration and rules that are shipped."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

from tests.support.logging_in import free_port
from tests.support.parts import program

REMEDY = "apt-get install prometheus"
FOLDER = Path(__file__).parents[2] / "deploy" / "prometheus"
RULES = "cromwelld.rules.yml"
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
        result: list[dict[str, Any]] = self.told(f"query?{urlencode({'query': expression})}")["result"]
        return [(one["metric"], float(one["value"][1])) for one in result]

    def told(self, path: str) -> Any:  # noqa: ANN401 - a test looks into it by hand
        """Give the data that its API has below a path."""
        with urlopen(f"{self.url}/api/v1/{path}", timeout=10) as answer:  # noqa: S310
            return json.load(answer)["data"]

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
    folder.mkdir(parents=True)
    config = folder / "prometheus.yml"
    config.write_text(_CONFIGURATION.format(target=urlsplit(url).netloc))
    with serving(folder) as found:
        yield found


@contextmanager
def ruling(folder: Path, targets: Sequence[str], alertmanager: str, rules: str) -> Iterator[Prometheus]:
    """Start a server with the configuration that is shipped, scraping and ruling once a second, and other rules."""
    folder.mkdir(parents=True)
    shipped = (FOLDER / "prometheus.yml").read_text(encoding="utf-8")
    config = re.sub(r"_interval: \w+", "_interval: 1s", shipped).replace('"localhost:9093"', f'"{alertmanager}"')
    config = config.replace('["localhost:8377"]', json.dumps(list(targets)))
    (folder / "prometheus.yml").write_text(config, encoding="utf-8")
    (folder / RULES).write_text(rules, encoding="utf-8")
    with serving(folder) as found:
        yield found


@contextmanager
def serving(folder: Path, *enter: str, host: str = "127.0.0.1") -> Iterator[Prometheus]:
    """Start a server in a folder that has its prometheus.yml, by the command `enter` if one is given, on `host`."""
    command, port = program("prometheus", REMEDY), free_port()
    options = [
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address={host}:{port}",
    ]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([*enter, command, *options], stdout=log, stderr=log)
    try:
        found = Prometheus(f"http://{host}:{port}")
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
