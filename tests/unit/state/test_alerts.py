"""Alerts that outlive the process, with what was told of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from cromwelld.state import Ledger, Phase, Raised

NOW = dt.datetime(2025, 10, 12, 9, 0, tzinfo=dt.UTC)
STALE = Raised(
    key="data_stale:me",
    kind="data_stale",
    account="me",
    what="nobody answered for 37 h",
    fault="us",
    remedy="run cromwelld doctor",
    raised_at=NOW,
)
DISK = replace(STALE, key="disk_full:state_dir", kind="disk_full", account="", raised_at=NOW - dt.timedelta(hours=1))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with closing(Ledger(path)) as opened:
        yield opened


def test_what_was_raised_is_there_after_a_restart_oldest_first(path: Path) -> None:
    told = replace(STALE, told=frozenset({(Phase.RAISED, "mail"), (Phase.FIXED, "ntfy")}), gone_at=NOW)
    with closing(Ledger(path)) as ledger:
        ledger.alerts.save([told, DISK])
    with closing(Ledger(path)) as ledger:
        assert ledger.alerts.load() == [DISK, told]


def test_what_is_saved_takes_the_place_of_what_was(ledger: Ledger) -> None:
    ledger.alerts.save([replace(STALE, told=frozenset({(Phase.RAISED, "mail")})), DISK])
    ledger.alerts.save([STALE])
    assert ledger.alerts.load() == [STALE]
    ledger.alerts.save([])
    assert ledger.alerts.load() == []
