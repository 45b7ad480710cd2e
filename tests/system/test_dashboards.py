"""Every expression of the dashboards, as Grafana asks it, on a real Prometheus with the rules that are shipped."""

from __future__ import annotations

import asyncio
import math
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

import pytest

from cromwelld.events import Event, Kind
from cromwelld.jobs.importing.standing import Exports
from cromwelld.monitor.metrics import Metrics
from cromwelld.monitor.snapshot import AccountNow, Disk, Login, Snapshot
from tests.support.cli import Vendor, home
from tests.support.dashboards import PATHS, Target, chosen, dashboard, filled_in, panels, targets
from tests.support.logging_in import free_port
from tests.support.prometheus import FOLDER, RULES, Prometheus, ruling
from tests.support.running import running
from tests.unit.monitor.test_metrics import AT, HOUR, ME, REQUEST

pytestmark = pytest.mark.system
SHIPPED = (FOLDER / RULES).read_text("utf-8")
AT_ONCE = re.sub(r"^        for: .*\n", "", SHIPPED, flags=re.MULTILINE)
NOBODY = "127.0.0.1:9"
# What Grafana makes of a view of six hours on a wide screen, with a scrape each 30 s.
OF_GRAFANA = {"__rate_interval": "2m", "__interval": "30s", "__range": "6h"}
ALL = {"instance": ".*", "account": ".*", **OF_GRAFANA}
EVERYBODY = list(targets())
Found = list[tuple[Mapping[str, str], float]]


# What a sound daemon in its first minute rightly has none of: the panel, and why.
NOTHING_WRONG = "nothing is wrong"
RIGHTLY_EMPTY = {
    "What is wrong, whose fault it is, and what to do": NOTHING_WRONG,
    "Alerts": NOTHING_WRONG,
    "Streams that could not be had": NOTHING_WRONG,
    "Records that were left out": NOTHING_WRONG,
    "Events that need a person": NOTHING_WRONG,
    "Starts of the daemon": "it was not started again",
    "Exports reach to": "none is expected",
    "Exports not imported": "none is expected",
    "The login ends": "the vendor does not say when",
}


def asked(server: Prometheus, target: Target, variables: Mapping[str, str]) -> Found:
    """Ask as Grafana does: now, or over the last minute for a graph; give labels and the last value of each series."""
    expr, now = filled_in(target.expr, variables), time.time()
    if target.instant:
        return list(server.query(expr))
    window = {"query": expr, "start": now - 60, "end": now, "step": 5}
    result = server.told(f"query_range?{urlencode(window)}")["result"]
    return [(one["metric"], float(one["values"][-1][1])) for one in result]


def known(found: Found) -> Found:
    return [(labels, value) for labels, value in found if not math.isnan(value)]


def lacking(server: Prometheus, variables: Mapping[str, str]) -> set[str]:
    """Name the expressions that give nothing, or nothing that is known."""
    return {one.name for one in EVERYBODY if not known(asked(server, one, variables))}


# --- a household in which everything happens


class Household:
    """Metrics of a daemon that meets everything again and again: once more before each time that it is scraped."""

    def __init__(self) -> None:
        self.metrics = Metrics(["me", "partner"], ["sleep"], clock=AT.timestamp)
        self._trouble = {**REQUEST.fields, "outcome": "failed", "cause": "timeout", "kind": "data_stale", "records": 2}
        self._stages = {"dates": 3, "unsound": 0, "fetch_s": 3.0, "store_s": 0.5, "read_back_s": 9.0, "bytes": 99}

    def text(self) -> bytes:
        for account in ("me", "partner"):
            fields = {**self._trouble, **self._stages, "account": account}
            for kind in Kind:
                self.metrics.report(Event(kind, fields, {"SleepLevels": 5}))
            self.metrics.report(Event(Kind.REQUEST_ANSWERED, {**fields, "class": "5xx"}))
        login = Login(needed="it was revoked", access_ends_at=AT, refresh_ends_at=AT + HOUR)
        disk = Disk(key="state_dir", path="/var/lib/cromwelld", free=500_000_000, total=9_000_000_000)
        now = replace(ME, login=login, exports=Exports(until=AT.date()))
        self.metrics.show(Snapshot(at=AT, accounts={"me": now, "partner": now}, disks=(disk,)))
        self.metrics.lag(0.01)
        return asyncio.run(self.metrics.rendered())


@contextmanager
def told(text: Callable[[], bytes]) -> Iterator[str]:
    """Serve a text to whoever asks for anything; give the host and port."""

    class Teller(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(text())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Teller) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that scrapes two daemons, each with two accounts of the same names."""
    folder = tmp_path_factory.mktemp("busy") / "prometheus"
    with (
        told(Household().text) as one,
        told(Household().text) as other,
        ruling(folder, [one, other], NOBODY, AT_ONCE) as server,
    ):
        assert server.until("count(count by (instance) (ALERTS{alertstate='firing'}) > 3) == 2", bool)
        assert server.until("count(sum by (instance) (increase(cromwelld_retries_total[1m])) > 1) == 2", bool)
        assert server.until("count(cromwelld:api_errors:ratio_rate1h > 0) == 4", bool)
        yield server


def test_every_expression_has_data_when_everything_happens(busy: Prometheus) -> None:
    assert lacking(busy, ALL) == {f"{name}: Starts of the daemon mark" for name in PATHS}


def test_choosing_those_who_are_there_gives_the_same_and_choosing_others_nothing(busy: Prometheus) -> None:
    instance = busy.query("up")[0][0]["instance"]
    ours = {**ALL, "instance": chosen(instance), "account": f"({chosen('me')}|{chosen('a.b')})"}
    assert lacking(busy, ours) == lacking(busy, ALL)
    assert lacking(busy, {**ALL, "instance": chosen("127.0.0.1:80")}) == {one.name for one in EVERYBODY}


@pytest.mark.parametrize("name", PATHS)
def test_what_can_be_chosen_is_what_there_is(busy: Prometheus, name: str) -> None:
    queries = {one["name"]: one["query"]["query"] for one in dashboard(name)["templating"]["list"][1:]}
    found = {one: values(busy, filled_in(query, ALL)) for one, query in queries.items()}
    instances = sorted(labels["instance"] for labels, _ in busy.query("up"))
    assert found == {"instance": instances, "account": ["me", "partner"]}


def values(server: Prometheus, query: str) -> list[str]:
    """Ask for the values of a variable as Grafana does."""
    series, label = query.removeprefix("label_values(").removesuffix(")").rsplit(", ", 1)
    found: list[str] = server.told(f"label/{label}/values?{urlencode({'match[]': series})}")
    return found


def test_legends_and_columns_are_of_labels_that_there_are(busy: Prometheus) -> None:
    for one in EVERYBODY:
        wanted = set(re.findall(r"\{\{(\w+)\}\}", one.legend))
        found = asked(busy, one, ALL)
        assert all(wanted <= {*labels, "account"} for labels, _ in found), one.name
        assert all(labels.get(label) for labels, _ in found for label in wanted - {"account"}), one.name


def said(legend: str, labels: Mapping[str, str]) -> str:
    return re.sub(r"\{\{(\w+)\}\}", lambda label: labels.get(label[1], ""), legend)


def test_no_two_series_of_a_panel_have_the_same_legend(busy: Prometheus) -> None:
    for one in EVERYBODY:
        legends = [said(one.legend, labels) for labels, _ in asked(busy, one, ALL)]
        assert one.table or len(set(legends)) == len(legends), one.name


@pytest.mark.parametrize("name", ["operations", "accounts"])
def test_the_columns_of_tables_are_what_comes(busy: Prometheus, name: str) -> None:
    tables = [panel for panel in panels(name) if panel["type"] == "table"]
    assert tables
    for panel in tables:
        asking = [one for one in EVERYBODY if one.dashboard == name and one.panel == panel["title"]]
        labels = {label for one in asking for found, _ in asked(busy, one, ALL) for label in found}
        values = {f"Value #{one.ref}" for one in asking} if len(asking) > 1 else {"Value"}
        organize = panel["transformations"][-1]["options"]
        assert {*organize["excludeByName"], *organize["indexByName"]} == {"Time"} | values | labels, panel["title"]
        left = {organize["renameByName"][one] for one in organize["indexByName"]}
        assert {one["matcher"]["options"] for one in panel["fieldConfig"]["overrides"]} <= left


def test_every_alert_that_fires_says_whose_fault_it_is(busy: Prometheus) -> None:
    (table,) = (one for one in EVERYBODY if one.panel.startswith("What is wrong"))
    rows = [labels for labels, _ in asked(busy, table, ALL)]
    assert {"CromwelldLoginNeeded", "CromwelldDiskFull", "CromwelldNoDailyRun"} <= {row["fault"] for row in rows}
    assert all(row["fault"] == row["remedy"] == row["alertname"] for row in rows)
    assert first_row(busy)["Is everything well?"] == len(rows)
    assert first_row(busy)["You: login and pause"] == 2


# --- a real daemon, a fresh install, and no daemon at all


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that scrapes a daemon since before it fetched a day again."""
    folder, vendor, port = tmp_path_factory.mktemp("sound"), Vendor(), free_port()
    with vendor.serving(), ruling(folder / "prometheus", [f"127.0.0.1:{port}"], NOBODY, SHIPPED) as server:
        place = home(folder / "home", vendor.url, leave_out=("gps",))
        with place.config.open("a") as config:
            config.write(f'\n[http]\nlisten = "127.0.0.1:{port}"\n')
        with running(place.config) as daemon:
            daemon.event("run.ended", account="me")
            assert server.until("count_over_time(cromwelld:last_success:age_seconds[1m]) > 2", bool)
            assert place.collect("yesterday").code == 0
            assert server.until("cromwelld:api_errors:ratio_rate1h >= 0", bool)
            for counted in ("event_loop_lag", "run_duration"):
                assert server.until(f"sum(increase(cromwelld_{counted}_seconds_count[1m])) > 0", bool)
            yield server
            assert daemon.stop() == 0


def test_every_expression_has_data_of_a_real_daemon_or_is_rightly_empty(sound: Prometheus) -> None:
    empty = {name.partition(": ")[2].rpartition(" ")[0] for name in lacking(sound, ALL)}
    assert empty == set(RIGHTLY_EMPTY)


def test_all_is_well_with_a_sound_daemon(sound: Prometheus) -> None:
    assert first_row(sound)["Is everything well?"] == 0
    assert first_row(sound)["cromwelld"] == 1
    assert first_row(sound)["You: login and pause"] == 0
    assert first_row(sound)["The vendor: requests that failed"] == 0


def first_row(server: Prometheus, variables: Mapping[str, str] = ALL) -> dict[str, float]:
    """Give the tiles of the first row that have a value."""
    tiles = {panel["title"] for panel in panels("operations") if panel["type"] == "stat" and panel["gridPos"]["y"] < 9}
    found = {one.panel: known(asked(server, one, variables)) for one in EVERYBODY if one.panel in tiles}
    return {title: values[0][1] for title, values in found.items() if values}


def new(exports: Exports | None = None) -> Callable[[], bytes]:
    """Give the metrics of a daemon that has just begun, or of one that lives by exports."""
    fresh = Metrics(["me"], ["sleep"])
    if exports is not None:
        fresh.show(Snapshot(at=AT, accounts={"me": AccountNow(source="import", exports=exports)}))
    return lambda: asyncio.run(fresh.rendered())


def test_the_verdict_is_that_all_is_well_once_something_has_come(tmp_path: Path) -> None:
    with (
        told(new()) as begun,
        told(new(Exports())) as awaiting,
        told(new(Exports(until=AT.date()))) as imported,
        ruling(tmp_path / "prometheus", [begun, awaiting, imported], NOBODY, SHIPPED) as server,
    ):
        assert server.until("cromwelld:last_success:age_seconds", lambda found: len(found) == 3)
        lacking(server, ALL)  # every expression is valid
        of = {one: first_row(server, {**ALL, "instance": chosen(one)}) for one in (begun, awaiting, imported)}
        assert of[begun] == {"Is everything well?": -1, "cromwelld": 1}
        assert of[awaiting]["Is everything well?"] == -1
        assert of[imported]["Is everything well?"] == 0


def test_nobody_says_that_all_is_well_where_nothing_is_scraped_or_no_rules_are_loaded(tmp_path: Path) -> None:
    with told(Household().text) as target:
        with ruling(tmp_path / "none", [], NOBODY, SHIPPED) as server:
            assert lacking(server, ALL) == {one.name for one in EVERYBODY}
        with ruling(tmp_path / "unruled", [target], NOBODY, "groups: []") as server:
            assert server.until("up", lambda values: values == [1])
            assert "Is everything well?" not in first_row(server)
