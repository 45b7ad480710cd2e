"""What the daemon takes of the machine while it has nothing to do, for an hour after it has stored a day.

The real program, before the simulated vendor as a program of its own, with everything that a person can have; scraped
as often as deploy/prometheus does it. CROMWELLD_IDLE_S is another length than the hour.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.support.cli import ROOT, Home, environment, home
from tests.support.running import Running, running

SECONDS = int(os.environ.get("CROMWELLD_IDLE_S", "3600"))
MOST_MB, MOST_OF_A_CORE = 150.0, 0.002
STALL_S = "0.05"
CALM_S = 15  # after the day: its threads and connections end
HTTP = '\n[http]\nlisten = "127.0.0.1:0"\n'

pytestmark = [pytest.mark.soak, pytest.mark.timeout(SECONDS + 300)]


@dataclass(frozen=True)
class Reading:
    """What a program and all its children take: memory in MB, of it what is theirs alone, and seconds of a core."""

    resident_mb: float
    anonymous_mb: float
    cpu_s: float
    processes: int


def tree(pid: int) -> list[int]:
    """Give a process and all that it started."""
    parents = {}
    for found in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(found.parent.name)] = int(found.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has just ended
    family = [pid]
    for one in family:
        family += [child for child, parent in parents.items() if parent == one]
    return family


def taken(pid: int) -> Reading:
    family = tree(pid)
    told = "".join(Path(f"/proc/{one}/status").read_text("ascii") for one in family)
    ticks = sum(
        sum(map(int, Path(f"/proc/{one}/stat").read_text("ascii").rpartition(")")[2].split()[11:15])) for one in family
    )

    def megabytes(key: str) -> float:
        return sum(map(int, re.findall(rf"{key}:\s+(\d+)", told))) / 1024

    return Reading(megabytes("VmRSS"), megabytes("RssAnon"), ticks / os.sysconf("SC_CLK_TCK"), len(family))


@contextmanager
def vendor(api: str) -> Iterator[str]:
    command = [sys.executable, "-m", "cromwelld", "simulate", "--api", api]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as program:
        assert program.stdout is not None
        try:
            yield program.stdout.readline().split()[2]
        finally:
            program.kill()


def full(root: Path, url: str, api: str) -> Home:
    """Lay out a home from which nothing is left out."""
    place = home(root, url, leave_out=())
    secret = place.root / "secret"
    secret.write_text("invented", "utf-8")
    client = f'client_id = "invented"\nclient_secret_file = "{secret}"\n' if api == "google_health" else ""
    text = place.config.read_text("utf-8").replace("fitbit_web", api)
    place.config.write_text(text.replace("[archive]", f"{client}\n[archive]") + HTTP, "utf-8")
    return place


def scrape_interval_s() -> int:
    told = (ROOT / "deploy/prometheus/prometheus.yml").read_text("utf-8")
    (seconds,) = re.findall(r"scrape_interval: (\d+)s", told)
    return int(seconds)


def scrape(port: int) -> str:
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        assert answer.status == 200
        return answer.read().decode()


def idle(daemon: Running, seconds: int) -> list[Reading]:
    """Read what it takes now and after each scrape, until the time is over."""
    every_s, begin, port = scrape_interval_s(), time.monotonic(), daemon.event("daemon.ready")["port"]
    readings = [taken(daemon.program.pid)]
    while (passed := time.monotonic() - begin) < seconds:
        time.sleep(min(every_s, seconds - passed))
        scrape(port)
        readings.append(taken(daemon.program.pid))
    return readings


def stalls(metrics: str) -> tuple[int, int]:
    """Give how many turns the loop took, and how many of them were longer than it may stall."""
    name = "cromwelld_event_loop_lag_seconds"
    found = dict(re.findall(rf"^{name}_(count|bucket{{le=\"{STALL_S}\"}}) (\S+)$", metrics, re.MULTILINE))
    every, short = float(found["count"]), float(found[f'bucket{{le="{STALL_S}"}}'])
    return int(every), int(every - short)


@pytest.mark.parametrize("api", ["google_health", "fitbit_web"])
def test_an_hour_after_a_day_it_takes_next_to_nothing(api: str, tmp_path: Path) -> None:
    with vendor(api) as url:
        place = full(tmp_path / "home", url, api)
        with running(place.config) as daemon:
            daemon.ready().event("run.ended", account="me")
            time.sleep(CALM_S)
            readings = idle(daemon, SECONDS)
            runs = len(daemon.events("run.ended")) - 1
            turns, long_turns = stalls(scrape(daemon.event("daemon.ready")["port"]))
            assert daemon.stop() == 0
    first, last = readings[0], readings[-1]
    of_a_core = (last.cpu_s - first.cpu_s) / SECONDS
    sys.stdout.write(
        f"\n{api}: {first} {CALM_S} s after the day; {last} {SECONDS} s later; at most"
        f" {max(one.resident_mb for one in readings):.1f} MB; {len(readings) - 1} scrapes, {runs} more runs;"
        f" {last.cpu_s - first.cpu_s:.2f} s of a core, {100 * of_a_core:.3f} %; {turns} turns"
        f" of the loop since the start, {long_turns} of them longer than {STALL_S} s\n"
    )
    assert last.resident_mb <= MOST_MB
    assert of_a_core < MOST_OF_A_CORE
