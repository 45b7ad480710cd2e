"""The metrics before Prometheus' own tools."""

from __future__ import annotations

import asyncio
import subprocess
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from cromwelld.events import Event, Kind
from cromwelld.monitor.metrics import Metrics
from cromwelld.monitor.snapshot import Snapshot
from tests.support.cli import HEAVY, Vendor, home
from tests.support.parts import program
from tests.support.prometheus import REMEDY, scraping
from tests.support.running import running
from tests.unit.monitor.test_metrics import AT, ME, REQUEST

pytestmark = pytest.mark.system
HTTP = '\n[http]\nlisten = "127.0.0.1:0"\n'


def checked(text: bytes) -> subprocess.CompletedProcess[str]:
    promtool = program("promtool", REMEDY)
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def everything() -> bytes:
    metrics = Metrics(["me"], ["sleep"])
    for kind in Kind:
        metrics.report(Event(kind, {"account": "me"}))
    metrics.report(REQUEST)
    metrics.show(Snapshot(at=AT, accounts={"me": ME}))
    metrics.lag(0.01)
    return asyncio.run(metrics.rendered())


def test_promtool_finds_nothing_to_say() -> None:
    done = checked(everything())
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_promtool_finds_what_is_wrong() -> None:
    done = checked(b"# TYPE cromwelld_things counter\ncromwelld_things 1\n")
    assert done.returncode != 0


def test_a_daemon_is_scraped_while_it_works(tmp_path: Path) -> None:
    vendor = Vendor()
    with vendor.serving():
        place = home(tmp_path / "home", vendor.url, leave_out=(*HEAVY, "gps"))
        with place.config.open("a") as config:
            config.write(HTTP)
        with running(place.config) as daemon, scraping(tmp_path / "prometheus", daemon.ready().url) as server:
            daemon.event("run.ended", account="me")
            assert server.until("up", lambda values: values == [1]) == [1]
            (age_s,) = server.until("time() - cromwelld_last_success_timestamp_seconds", _young)
            assert 0 <= age_s < 60
            requests = server.until("sum(cromwelld_api_requests_total{class='2xx'})", lambda values: sum(values) > 3)
            assert sum(requests) == sum(value for _, value in server.query("sum(cromwelld_api_requests_total)"))
            assert server.query("cromwelld_records_total{measurement='SleepLevels', account='me'} > 10")
            assert server.query("histogram_quantile(0.99, cromwelld_event_loop_lag_seconds_bucket)")
            (uploaded,) = server.query("cromwelld_archive_last_upload_timestamp_seconds")
            assert time.time() - 60 < uploaded[1] <= time.time()
            with urlopen(f"{daemon.url}/metrics", timeout=10) as answer:  # noqa: S310
                done = checked(answer.read())
            assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
            assert daemon.stop() == 0


def _young(values: list[float]) -> bool:
    return len(values) == 1 and values[0] < 60
