"""How long the daemon takes from its start until it says READY: the real program, started again and again."""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

import pytest

from tests.support.cli import home
from tests.support.running import running

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

RUNS, MOST_S = 5, 3.0
NOWHERE = "http://127.0.0.1:9"  # READY needs only what is local


def test_a_start_is_ready_within_seconds(tmp_path: Path) -> None:
    place = home(tmp_path / "home", NOWHERE, leave_out=())
    with place.config.open("a", encoding="utf-8") as config:
        config.write('\n[http]\nlisten = "127.0.0.1:0"\n')
    took = []
    for number in range(RUNS + 1):  # the first one warms
        began = time.monotonic()
        with running(place.config, name=f"run{number}") as daemon:
            took.append(daemon.ready().manager.times("READY=1")[0] - began)
            assert daemon.stop() == 0
    warm = sorted(took[1:])
    sys.stdout.write(f"\n{took[0]:.2f} s the first time; then {', '.join(f'{one:.2f}' for one in warm)} s\n")
    assert statistics.median(warm) < MOST_S
