"""Every alert, as it comes and goes: real daemons in trouble, a real Prometheus and Alertmanager, and who is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.alertmanager import FIRING, RESOLVED, Receiver, Told, alerting, suppressed
from tests.support.hasty_rules import hasty
from tests.support.prometheus import Prometheus, ruling
from tests.support.troubled import Household, household, small_disk
from tests.support.troubles import ACCOUNTS, TROUBLES, fars, heartless

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]
# Whoever must log in gets nothing else: Alertmanager keeps to itself what follows from that.
BESIDE = {("CromwelldNoDailyRun", "revoked"), ("CromwelldDayFailed", "revoked")}


@dataclass
class Watched:
    """A household that is scraped, and who hears of its troubles."""

    home: Household
    prometheus: Prometheus
    alertmanager: str
    receiver: Receiver


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    receiver = Receiver()
    with (
        household(tmp_path / "home", ACCOUNTS, fars()) as home,
        small_disk(home.data("away")),
        receiver.serving() as url,
    ):
        home.laid_out()
        heartless(home)
        with (
            alerting(tmp_path / "alertmanager", url) as address,
            ruling(tmp_path / "prometheus", [home.target], address, hasty()) as prometheus,
        ):
            yield Watched(home, prometheus, address, receiver)


def test_each_trouble_is_told_and_so_is_its_end(watched: Watched) -> None:
    home, receiver = watched.home, watched.receiver
    with home.living("healthy") as daemon:
        daemon.until(lambda: {one["account"] for one in daemon.events("run.ended")} >= home.accounts)
        assert watched.prometheus.until("count_over_time(up[4s])", lambda found: found == [4]) == [4]
        assert daemon.stop() == 0
    assert receiver.told == []
    for one in TROUBLES:
        one.make(home)
    with home.living("troubled") as daemon:
        home.collect(daemon, *(one.wanted for one in TROUBLES if one.wanted))
        for one in TROUBLES:
            check_letter(receiver.until(FIRING, one.alert, one.labels), home)
        assert suppressed(watched.alertmanager) == BESIDE
        for one in TROUBLES:
            one.mend(home)
        home.collect(daemon)
        for one in TROUBLES:
            receiver.until(RESOLVED, one.alert, one.labels)
        assert daemon.stop() == 0
    named = {(one.name, one.labels.get("account", "")) for one in receiver.told}
    assert named - BESIDE == {(one.alert, one.labels.get("account", "")) for one in TROUBLES}


def check_letter(told: Told, home: Household) -> None:
    """See that a person can make something of what an alert says."""
    assert told.labels["instance"] == home.target
    assert told.labels["job"] == "cromwelld"
    assert told.labels["severity"] in {"critical", "warning"}
    assert told.annotations.keys() == {"summary", "description", "runbook"}
    assert told.annotations["runbook"].endswith(f"#{told.name.lower()}")
    about = {told.labels.get(name) for name in ("account", "folder", "instance")}
    assert any(word in told.annotations["summary"] for word in about if word), told
    assert "<no value>" not in "".join(told.annotations.values())
