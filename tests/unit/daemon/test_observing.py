"""What the probes learn of the loop: the real one is told of every turn that it takes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from cromwelld.config import Settings
from cromwelld.daemon.observing import Observer
from cromwelld.events import ignore
from cromwelld.web.protocol import Probe


async def test_a_loop_that_stood_still_is_told_for_a_minute(tmp_path: Path) -> None:
    now = dt.datetime(2025, 10, 9, 3, tzinfo=dt.UTC)
    observer = Observer(Settings(state_dir=tmp_path, accounts={}), ignore, lambda: now)
    observer.turned(9.0)
    assert observer.health(Probe.ALIVE).ok
    observer.turned(10.5)
    observer.turned(0.001)
    now += dt.timedelta(seconds=59)
    assert [reason.code for reason in observer.health(Probe.ALIVE).reasons] == ["loop_stalled"]
    now += dt.timedelta(seconds=2)
    assert observer.health(Probe.ALIVE).ok
    assert b"cromwelld_event_loop_lag_seconds_count 3.0" in await observer.metrics.rendered()
