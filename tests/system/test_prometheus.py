"""The metrics before Prometheus' own tools."""

from __future__ import annotations

import asyncio
import subprocess

import pytest

from cromwelld.events import Event, Kind
from cromwelld.monitor.metrics import Metrics
from cromwelld.monitor.snapshot import Snapshot
from tests.support.parts import program
from tests.unit.monitor.test_metrics import AT, ME, REQUEST

pytestmark = pytest.mark.system
REMEDY = "apt-get install prometheus"


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
