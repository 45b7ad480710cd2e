"""The daemon as another machine scrapes it: by name, out of a network of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cli import HEAVY, Home, Vendor, home
from tests.support.logging_in import free_port
from tests.support.namespace import Namespace, namespace
from tests.support.prometheus import serving
from tests.support.running import running

pytestmark = pytest.mark.system
ALLOWED, UNKNOWN = "cromwelld.home", "elsewhere.home"
CONFIGURATION = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: cromwelld
    static_configs: [{{targets: {targets}}}]
"""


@pytest.fixture
def elsewhere() -> Iterator[Namespace]:
    with namespace([ALLOWED, UNKNOWN]) as made:
        yield made


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    made = Vendor()
    with made.serving():
        yield made


def listening(made: Home, port: int, *names: str) -> None:
    """Let a home be asked by other machines, by these names."""
    token = made.root / "http_token"
    token.touch(mode=0o600)
    token.write_text("a-synthetic-token-of-thirty-two-characters\n", encoding="utf-8")
    http = f'\n[http]\nlisten = "0.0.0.0:{port}"\ntoken_file = "{token}"\nallowed_hosts = {json.dumps(names)}\n'
    made.config.write_text(made.config.read_text(encoding="utf-8") + http, encoding="utf-8")


def test_a_name_that_is_allowed_is_scraped_and_another_is_refused_and_said_once(
    tmp_path: Path, vendor: Vendor, elsewhere: Namespace
) -> None:
    port, place = free_port(), home(tmp_path / "home", vendor.url, leave_out=(*HEAVY, "gps"))
    listening(place, port, "localhost", "127.0.0.1", ALLOWED)
    folder, targets = tmp_path / "prometheus", [f"{name}:{port}" for name in (ALLOWED, UNKNOWN)]
    folder.mkdir()
    (folder / "prometheus.yml").write_text(CONFIGURATION.format(targets=json.dumps(targets)), encoding="utf-8")
    with running(place.config) as daemon:
        daemon.ready().event("run.ended", account="me")
        with serving(folder, *elsewhere.enter, host=elsewhere.own) as server:
            assert server.until(f'up{{instance="{targets[0]}"}}', lambda values: values == [1]) == [1]
            (age_s,) = server.until("time() - cromwelld_last_success_timestamp_seconds", lambda found: len(found) == 1)
            assert 0 <= age_s < 60
            often = server.until(f'count_over_time(up{{instance="{targets[1]}"}}[1m])', lambda found: found > [2])
            assert often > [2]
            assert server.query(f'max_over_time(up{{instance="{targets[1]}"}}[1m])')[0][1] == 0
            (told,) = daemon.events("host.refused")
            assert (told["host"], told["key"]) == (targets[1], "http.allowed_hosts")
        assert daemon.stop() == 0
