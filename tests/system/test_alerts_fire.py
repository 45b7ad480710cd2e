"""Every alert, as it comes and goes: real daemons in trouble, a real Prometheus and Alertmanager, and who is told."""

from __future__ import annotations

import datetime as dt
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.support.alertmanager import FIRING, RESOLVED, Receiver, Told, alerting, configuration, suppressed
from tests.support.cli import bucket_lines
from tests.support.hasty_rules import hasty
from tests.support.prometheus import Prometheus, ruling
from tests.support.running import Running
from tests.support.s3 import SeaweedFS
from tests.support.troubled import Household, household, small_disk
from tests.support.troubles import ACCOUNTS, TROUBLES, fars, heartless

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]
# Whoever must log in gets nothing else: Alertmanager keeps to itself what follows from that. A date that had all of its
# records before it was asked again lacks nothing.
FOLLOWS = {("CromwelldNoDailyRun", "revoked")}
BESIDE = FOLLOWS | {("CromwelldDayFailed", "revoked")}
BETWEEN = {("CromwelldDown", "")}  # the daemon is started again, which on a busy machine takes its time
THREE_DAYS = dt.timedelta(days=3)
WATCHDOG_S = 2
BACKED = {"account": "backed"}
GROWING = 'ALERTS{alertname="CromwelldOutboxGrows", alertstate="firing"}'


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
            alerting(tmp_path / "alertmanager", configuration(url)) as address,
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
        daemon.until(lambda: FOLLOWS <= suppressed(watched.alertmanager) <= BESIDE)
        for one in TROUBLES:
            one.mend(home)
        home.collect(daemon)
        daemon.until(lambda: has_been_answered(home, daemon, "throttled"))
        for one in TROUBLES:
            receiver.until(RESOLVED, one.alert, one.labels)
        assert daemon.stop() == 0
    named = {(one.name, one.labels.get("account", "")) for one in receiver.told}
    assert named - BESIDE - BETWEEN == {(one.alert, one.labels.get("account", "")) for one in TROUBLES}


@pytest.fixture
def fragile(tmp_path: Path) -> Iterator[tuple[Watched, SeaweedFS]]:
    """A household whose archive is a bucket, and whose daemon dies."""
    receiver = Receiver()
    with (
        SeaweedFS.running(tmp_path / "bucket") as (server, bucket),
        household(tmp_path / "home", ("backed",)) as home,
        receiver.serving() as url,
    ):
        home.laid_out(bucket_lines(home.root, server))
        with (
            alerting(tmp_path / "alertmanager", configuration(url)) as address,
            ruling(tmp_path / "prometheus", [home.target], address, hasty()) as prometheus,
        ):
            yield Watched(home, prometheus, address, receiver), bucket


def test_a_daemon_that_dies_and_an_archive_that_is_away_are_told_and_so_is_their_end(
    fragile: tuple[Watched, SeaweedFS],
) -> None:
    watched, bucket = fragile
    home, receiver = watched.home, watched.receiver
    with home.living("first") as daemon:
        daemon.event("run.ended", account="backed")
        assert watched.prometheus.until("count_over_time(up[4s])", lambda found: found == [4]) == [4]
        assert receiver.told == []
        bucket.kill()
        home.collect(daemon)
        daemon.event("run.unfinished", account="backed")
        daemon.program.kill()
        check_letter(receiver.until(FIRING, "CromwelldDown"), home)
    home.age_outbox("backed", THREE_DAYS)  # nobody waits for them here: the times of the files are what is looked at
    for number, end in enumerate((starve, kill, kill)):
        with home.living(f"again-{number}", WATCHDOG_USEC=str(WATCHDOG_S * 10**6)) as daemon:
            meet(watched.prometheus, daemon)
            end(daemon)
    with home.living("last") as daemon:
        check_letter(receiver.until(FIRING, "CromwelldRestarts"), home)
        receiver.until(RESOLVED, "CromwelldDown")
        assert watched.prometheus.until(GROWING, lambda found: found == [1]) == [1]
        check_letter(receiver.until(FIRING, "CromwelldOutboxGrows", BACKED), home)
        daemon.until(lambda: receiver.now(FIRING, "CromwelldOutboxGrows"))
        bucket.start()
        daemon.until(lambda: has_been_answered(home, daemon, "backed"))  # it listens before it takes anything
        daemon.until(lambda: receiver.now(RESOLVED, "CromwelldOutboxGrows"))
        receiver.until(RESOLVED, "CromwelldRestarts")
        assert daemon.stop() == 0
    assert {one.name for one in receiver.told} == {"CromwelldDown", "CromwelldOutboxGrows", "CromwelldRestarts"}


def meet(prometheus: Prometheus, daemon: Running) -> None:
    """Wait until Prometheus has met this life of the daemon."""
    (mark,) = re.findall(r"^process_start_time_seconds (.*)$", metrics(daemon), re.MULTILINE)
    assert prometheus.until("process_start_time_seconds", lambda found: found == [float(mark)]) == [float(mark)]


def metrics(daemon: Running) -> str:
    with urlopen(f"{daemon.url}/metrics", timeout=10) as answer:  # noqa: S310
        return str(answer.read().decode())


def kill(daemon: Running) -> None:
    daemon.program.kill()
    daemon.program.wait()


def starve(daemon: Running) -> None:
    """Let a process stand still until it has fed its watchdog too late, and end it as a service manager does."""
    daemon.until(lambda: daemon.manager.times("WATCHDOG=1"))
    daemon.program.send_signal(signal.SIGSTOP)
    while time.monotonic() - daemon.manager.times("WATCHDOG=1")[-1] < WATCHDOG_S:
        time.sleep(0.1)
    kill(daemon)


def has_been_answered(home: Household, daemon: Running, account: str) -> bool:
    """Ask for an account whose vendor or archive cannot answer for some seconds, and tell whether a run was whole."""
    home.collect(daemon, f"{account} yesterday")
    time.sleep(1)
    return any(one["account"] == account for one in daemon.events("run.ended"))


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
