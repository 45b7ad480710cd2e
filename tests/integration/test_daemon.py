"""The daemon as a service manager meets it: a real process, its socket, its signals."""

from __future__ import annotations

import datetime as dt
import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.support.cli import HEAVY, Home, Vendor, call, environment, home
from tests.support.logging_in import Far, place_of
from tests.support.running import running

ZONE = ZoneInfo("Europe/London")  # the invented person's
HTTP = '\n[http]\nlisten = "127.0.0.1:0"\n'


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    made = Vendor()
    with made.serving():
        yield made


@pytest.fixture
def place(tmp_path: Path, vendor: Vendor) -> Home:
    made = home(tmp_path / "home", vendor.url, leave_out=(*HEAVY, "gps"))
    with made.config.open("a", encoding="utf-8") as config:
        config.write(HTTP)
    return made


def yesterday() -> str:
    return (dt.datetime.now(ZONE).date() - dt.timedelta(days=1)).isoformat()


def has_yesterday(place: Home, before: str) -> bool:
    """Tell whether yesterday was collected; since `before` was yesterday there may have been a midnight."""
    return not {before, yesterday()}.isdisjoint(place.all_objects())


def test_it_is_ready_collects_yesterday_and_says_what_it_is_at(place: Home) -> None:
    before = yesterday()
    with running(place.config) as daemon:
        daemon.ready().event("run.ended", account="me")
        assert has_yesterday(place, before)
        assert any("me: collecting" in line for line in daemon.manager.lines())
        daemon.until(lambda: any("waiting; me is next at" in line for line in daemon.manager.lines()))
        assert daemon.stop() == 0
        assert "STOPPING=1" in daemon.manager.lines()


def test_a_second_daemon_or_a_collection_beside_it_is_refused_and_told_who_is_there(place: Home) -> None:
    with running(place.config) as daemon:
        daemon.ready()
        with running(place.config, name="second") as second:
            assert second.program.wait(30) == 1
            assert f"cromwelld run (process {daemon.program.pid})" in second.text()


def test_what_is_wrong_here_ends_the_start_with_its_remedy(place: Home) -> None:
    place.config.write_text(place.config.read_text("utf-8") + "\nnonsense = 1\n", "utf-8")
    with running(place.config) as daemon:
        assert daemon.program.wait(30) == 2
        assert "READY=1" not in daemon.manager.lines()
        events = daemon.events()
        assert {(one["event"], one["level"]) for one in events} == {("daemon.failed", "error")}
        assert any("nonsense" in one["problem"] for one in events)
        assert all("cromwelld check-config" in one["hint"] for one in events)


_BROKEN = """
import sys
import cromwelld.daemon.supervisor as supervisor
from cromwelld.cli import main

def wrong(*_):
    raise TypeError("a-secret")

supervisor.Ledger = wrong
main(["run", "--config", sys.argv[1]])
"""


@pytest.mark.slow
def test_a_mistake_of_ours_at_the_start_is_one_line_of_the_log(place: Home) -> None:
    command = [sys.executable, "-c", _BROKEN, str(place.config)]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False, timeout=40)
    assert (ran.returncode, ran.stdout) == (1, "")
    (line,) = ran.stderr.splitlines()
    assert "level=error event=daemon.failed" in line
    assert "a mistake in cromwelld itself (TypeError in <string>, line 7): please report it" in line
    assert "supervisor.py:" in line
    assert "a-secret" not in line


def test_a_login_that_is_missing_is_lived_with_and_the_vendor_is_left_alone(place: Home, vendor: Vendor) -> None:
    asked: list[None] = []
    vendor.asked = lambda: asked.append(None)
    (place.state / "tokens/me.json").unlink()
    with running(place.config) as daemon:
        daemon.ready().event("login.needed", account="me")
        daemon.event("run.unfinished", account="me")
        assert asked == []
        (place.state / "tokens/me.json").write_text(json.dumps({"access_token": "another"}), "utf-8")
        daemon.hang_up()  # whatever wakes it: it looks, and the login is there
        daemon.event("run.ended", account="me")
        assert daemon.stop() == 0


# --- SIGHUP


def test_hanging_up_collects_yesterday(place: Home) -> None:
    with running(place.config) as daemon:
        daemon.ready().event("run.ended")
        daemon.hang_up()
        assert daemon.event("run.started", wished_by="signal")["dates"] == 1
        daemon.until(lambda: len(daemon.events("run.ended")) > 1)
        assert "RELOADING=1" in daemon.manager.lines()


def test_hanging_up_with_a_file_collects_its_dates_and_deletes_it(place: Home) -> None:
    with running(place.config) as daemon:
        daemon.ready().event("run.ended")
        (place.state / "rerun").write_text("me 2025-10-08\n2025-10-06\nnonsense\n", "utf-8")
        daemon.hang_up()
        daemon.until(lambda: {"2025-10-06", "2025-10-08"} <= set(place.objects()))
        assert "2025-10-07" not in place.objects()
        assert daemon.event("rerun.refused")["problem"].startswith("line 3")
        assert not list(place.state.glob("rerun*"))
        assert daemon.stop() == 0


def test_a_file_that_a_kill_left_set_aside_is_not_forgotten(place: Home) -> None:
    place.state.mkdir(exist_ok=True)
    (place.state / "rerun.taken").write_text("2025-10-08\n", "utf-8")
    with running(place.config) as daemon:
        daemon.ready()
        daemon.until(lambda: "2025-10-08" in place.objects())
        daemon.until(lambda: not list(place.state.glob("rerun*")))


def test_a_bad_configuration_is_survived_and_a_good_one_is_taken_on(place: Home) -> None:
    good = place.config.read_text("utf-8")
    with running(place.config) as daemon:
        daemon.ready().event("run.ended")
        place.config.write_text(good.replace('source = "fitbit_web"', 'source = "fitbitt"'), "utf-8")
        daemon.hang_up()
        assert "accounts.me.source" in daemon.event("settings.refused")["problem"]
        place.config.write_text(
            f'{good}[schedule]\ndaily_at = "04:30"\n'.replace("127.0.0.1:0", "127.0.0.1:1"), "utf-8"
        )
        daemon.hang_up()
        changed = daemon.event("setting.changed", key="schedule.daily_at")
        assert (changed["old"], changed["new"]) == ("03:00:00", "04:30:00")
        assert daemon.event("setting.waits", key="http.listen")["new"] == "127.0.0.1:1"
        assert daemon.stop() == 0


def readiness(port: int) -> list[dict[str, str]]:
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as asking:
        asking.request("GET", "/readyz")
        found: list[dict[str, str]] = json.loads(asking.getresponse().read())["reasons"]
    return found


@pytest.mark.slow
def test_the_folders_of_an_account_that_is_new_are_looked_after(place: Home) -> None:
    text = place.config.read_text("utf-8")
    (me,) = re.findall(r"(?s)\[accounts\.me\].*?(?=\[archive\])", text)
    folder = place.root / "partner"
    new = me.replace("[accounts.me]", "[accounts.partner]").replace('"fitbit"', '"partner"')
    new = new.replace(str(place.data), str(folder))
    with running(place.config) as daemon:
        port = daemon.ready().event("daemon.ready")["port"]
        daemon.event("run.ended", account="me")
        (place.state / "tokens/partner.json").write_text(json.dumps({"access_token": "another"}), "utf-8")
        place.config.write_text(text.replace("[archive]", f"{new}\n[archive]"), "utf-8")
        daemon.hang_up()
        daemon.event("run.ended", account="partner")
        daemon.until(lambda: readiness(port) == [])
        folder.rename(place.root / "elsewhere")
        folder.write_text("in the way", "utf-8")
        daemon.hang_up()
        told = daemon.until(lambda: readiness(port))
        assert [one["code"] for one in told] == ["folder_not_writable"]
        assert str(folder) in told[0]["sentence"]


def test_a_folder_that_cannot_be_used_is_a_bad_configuration(place: Home) -> None:
    good = place.config.read_text("utf-8")
    with running(place.config) as daemon:
        daemon.ready().event("run.ended")
        (place.root / "file").write_text("in the way", "utf-8")
        place.config.write_text(good.replace(f'"{place.data}"', f'"{place.root / "file"}"'), "utf-8")
        daemon.hang_up()
        assert str(place.root / "file") in daemon.event("settings.refused")["problem"]
        daemon.until(lambda: len(daemon.events("run.ended")) > 1)  # yesterday, into the old folder


# --- the end


class HeldUp:
    """A vendor that stops answering within a day, until it may go on."""

    def __init__(self, vendor: Vendor) -> None:
        self._asked = 0
        self._going_on = threading.Event()
        vendor.asked = self._hear

    def _hear(self) -> None:
        self._asked += 1
        if self._asked > 2:
            self._going_on.wait(60)

    def __call__(self) -> bool:
        return self._asked > 2

    def go_on(self) -> None:
        self._going_on.set()


@pytest.fixture
def held_up(vendor: Vendor) -> Iterator[HeldUp]:
    made = HeldUp(vendor)
    yield made
    made.go_on()


def goes_on(place: Home, held_up: HeldUp) -> None:
    before = yesterday()
    held_up.go_on()
    with running(place.config, name="next") as daemon:
        assert daemon.ready().event("run.started")["wished_by"] == "schedule"
        daemon.event("run.ended", account="me")
        assert has_yesterday(place, before)
        assert daemon.stop() == 0
    assert call("verify", "--config", place.config).code == 0


def test_stopped_in_mid_day_the_next_start_finishes(place: Home, held_up: HeldUp) -> None:
    with running(place.config) as daemon:
        daemon.ready().until(held_up)
        daemon.program.send_signal(signal.SIGTERM)
        daemon.event("daemon.stops")
        daemon.until(lambda: any(line.startswith("EXTEND_TIMEOUT_USEC=") for line in daemon.manager.lines()))
        assert daemon.stop() == 0  # the second time it does not wait for the day's end
        assert place.all_objects() == []
    goes_on(place, held_up)


def test_killed_in_mid_day_the_next_start_finishes(place: Home, held_up: HeldUp) -> None:
    with running(place.config) as daemon:
        daemon.ready().until(held_up)
    goes_on(place, held_up)


def test_a_process_that_stands_still_feeds_no_watchdog(place: Home) -> None:
    with running(place.config, WATCHDOG_USEC="1000000") as daemon:
        daemon.ready()
        daemon.until(lambda: len(daemon.manager.times("WATCHDOG=1")) > 2)
        daemon.program.send_signal(signal.SIGSTOP)
        time.sleep(0.2)
        before = len(daemon.manager.times("WATCHDOG=1"))
        time.sleep(1.5)
        assert len(daemon.manager.times("WATCHDOG=1")) == before
        daemon.program.send_signal(signal.SIGCONT)
        daemon.until(lambda: len(daemon.manager.times("WATCHDOG=1")) > before)
        assert daemon.stop() == 0


# --- several people


def test_a_dead_login_delays_nobody_else_and_its_vendor_is_left_alone(place: Home, tmp_path: Path) -> None:
    far = Far("fitbit_web")
    with far.serving():
        lost = place_of(tmp_path / "partner", far)
        (account,) = re.findall(r"(?s)\[accounts\.me\].*?(?=\[archive\])", lost.config.read_text("utf-8"))
        account = account.replace("[accounts.me]", "[accounts.partner]").replace('"fitbit"', '"partner"')
        place.config.write_text(place.config.read_text("utf-8").replace("[archive]", f"{account}\n[archive]"), "utf-8")
        dead = {"format": 1, "access_token": "dead", "refresh_token": "gone", "expires_at": "2020-01-01T00:00:00+00:00"}
        (place.state / "tokens/partner.json").write_text(json.dumps(dead), "utf-8")
        before = yesterday()
        with running(place.config) as daemon:
            daemon.ready().event("login.needed", account="partner")
            daemon.event("run.ended", account="me")
            assert has_yesterday(place, before)
            daemon.hang_up()  # somebody asks for both once more
            daemon.until(lambda: len(daemon.events("run.unfinished")) > 1)
            daemon.until(lambda: len(daemon.events("run.ended")) > 1)
            assert daemon.stop() == 0
        assert far.received == [far.token_path], daemon.events("login.needed")
