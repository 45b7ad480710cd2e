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
    with closing(Ledger(path)) as ledger:
        ledger.alerts.raise_all([STALE, DISK])
        ledger.alerts.told(["data_stale:me"], Phase.RAISED, "mail")
    with closing(Ledger(path)) as ledger:
        assert ledger.alerts.load() == [DISK, replace(STALE, told=frozenset({(Phase.RAISED, "mail")}))]


def test_what_is_raised_already_keeps_its_time(ledger: Ledger) -> None:
    ledger.alerts.raise_all([STALE])
    ledger.alerts.raise_all([replace(STALE, raised_at=NOW + dt.timedelta(hours=1), what="otherwise")])
    assert ledger.alerts.load() == [STALE]


def test_a_cause_goes_and_comes_back(ledger: Ledger) -> None:
    ledger.alerts.raise_all([STALE, DISK])
    ledger.alerts.gone(["data_stale:me"], NOW)
    assert [one.gone_at for one in ledger.alerts.load()] == [None, NOW]
    ledger.alerts.gone(["data_stale:me"], None)
    assert [one.gone_at for one in ledger.alerts.load()] == [None, None]


def test_what_is_forgotten_can_be_raised_and_told_anew(ledger: Ledger) -> None:
    ledger.alerts.raise_all([STALE])
    ledger.alerts.told(["data_stale:me"], Phase.RAISED, "mail")
    ledger.alerts.told(["data_stale:me"], Phase.RAISED, "mail")
    ledger.alerts.forget(["data_stale:me"])
    assert ledger.alerts.load() == []
    ledger.alerts.raise_all([STALE])
    assert ledger.alerts.load() == [STALE]
