"""The dashboards as Grafana reads them: whole, said in words, and of nothing but what the daemon tells."""

from __future__ import annotations

import asyncio
import math
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from cromwelld.events import Kind, Level
from cromwelld.jobs.states import STATES
from cromwelld.monitor.metrics import FAMILIES, PREFIX, Metrics
from cromwelld.pieces import Outcome
from tests.support.composed import mounts_of, services
from tests.support.dashboards import FOLDER, PATHS, Json, dashboard, laid_out, panels, targets

DEPLOY = FOLDER.parent
RULES = (DEPLOY / "prometheus" / "cromwelld.rules.yml").read_text("utf-8")
MONITORING = (DEPLOY / "MONITORING.md").read_text("utf-8")
PROVISIONING = FOLDER / "provisioning"
AGAIN = "write them again: python -m tests.support.dashboards"
SILENT = {"row", "text"}  # panels that show no numbers
# Those of Grafana's units that are used: a slip of the pen is shown as a suffix, not refused.
UNITS = {"none", "short", "s", "percentunit", "bytes", "decbytes", "reqps", "dateTimeFromNow"}
SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\{([^}]*)\}")
VALUES = re.compile(r'\b(?!account|instance|alertname)(\w+)=~?"([^"$]+)"')
OF_PROMETHEUS = {"up": {"job"}, "ALERTS": {"alertname", "alertstate", "account", "severity"}}
BUILT_IN = {"__rate_interval", "__interval", "__range"}

both = pytest.mark.parametrize("name", PATHS)


def shown(name: str) -> list[dict[str, Any]]:
    return [panel for panel in panels(name) if panel["type"] not in SILENT]


def titles(found: list[dict[str, Any]]) -> list[str]:
    return [panel["title"] for panel in found]


def expressions() -> list[str]:
    return [target.expr for target in targets()]


@cache
def series() -> dict[str, set[str]]:
    """Give every series that may be named, with its own labels."""
    found = {PREFIX + one.name: set(one.labels) for one in FAMILIES if not one.buckets}
    for one in FAMILIES:
        for end in ("_bucket", "_sum", "_count") if one.buckets else ():
            found[PREFIX + one.name + end] = {*one.labels, *(("le",) if end == "_bucket" else ())}
    text = asyncio.run(Metrics([], []).rendered()).decode()
    processes = {one.name: {"job"} for one in text_string_to_metric_families(text) if one.name.startswith("process_")}
    processes["process_cpu_seconds_total"] = processes.pop("process_cpu_seconds")
    recorded = {name: {"account"} for name in re.findall(r"^ +- record: (\S+)$", RULES, re.MULTILINE)}
    return found | processes | recorded | OF_PROMETHEUS


# --- each dashboard


def test_there_are_two() -> None:
    assert {dashboard(name)["title"] for name in PATHS} == {"cromwelld: Operations", "cromwelld: Accounts"}


@both
def test_it_is_laid_out_so_that_differences_can_be_read(name: str) -> None:
    assert PATHS[name].read_text("utf-8") == laid_out(dashboard(name)) + "\n", AGAIN


@both
def test_it_is_known_by_a_name_of_ours_and_has_no_number_of_a_server(name: str) -> None:
    found = dashboard(name)
    assert found["uid"] == f"cromwelld-{name}"
    assert found["schemaVersion"] == 39  # of Grafana 11.0; a newer one brings it up to its own
    assert "id" not in found


@both
def test_every_panel_says_what_it_shows(name: str) -> None:
    asked = [panel for panel in panels(name) if panel["type"] != "row"]
    assert titles([panel for panel in asked if len(panel["description"].split()) < 4]) == []
    assert titles([panel for panel in asked if not panel["description"].endswith((".", "NAME.", "err."))]) == []


@both
def test_every_panel_has_a_unit_that_grafana_knows(name: str) -> None:
    overridden = [one["properties"] for panel in shown(name) for one in panel["fieldConfig"]["overrides"]]
    units = [one["value"] for properties in overridden for one in properties if one["id"] == "unit"]
    units += [panel["fieldConfig"]["defaults"]["unit"] for panel in shown(name)]
    assert [unit for unit in units if unit not in UNITS and not unit.startswith("suffix:")] == []


@both
def test_every_panel_says_in_words_that_there_is_nothing(name: str) -> None:
    """Where nothing is told, nothing is known: that nothing is wrong cannot be said."""
    careful = re.compile(
        r"not known|nobody knows|not scraped|is known|(answer|record|event) was counted in", re.IGNORECASE
    )
    said = {one["title"]: one["fieldConfig"]["defaults"]["noValue"] for one in shown(name)}
    assert {title: words for title, words in said.items() if not careful.search(words)} == {}


@both
def test_what_is_not_known_is_said_in_words_not_as_nan(name: str) -> None:
    """A graph has a gap there; what shows one value says it, unless its expression can have none."""
    never = {"Is everything well?", "cromwelld"}
    bare = [one for one in shown(name) if one["type"] not in {"timeseries", "state-timeline"} and not _says_nan(one)]
    assert set(titles(bare)) <= never


def _says_nan(panel: Json) -> bool:
    mappings = panel["fieldConfig"]["defaults"].get("mappings", [])
    return any(one["type"] == "special" and one["options"]["match"] == "null+nan" for one in mappings)


@both
def test_panels_have_numbers_of_their_own_and_do_not_overlap(name: str) -> None:
    found = panels(name)
    assert len({panel["id"] for panel in found}) == len(found)
    assert [panel["title"] for panel in found if panel["gridPos"]["x"] + panel["gridPos"]["w"] > 24] == []
    overlaps = [(a["title"], b["title"]) for a, b in combinations(found, 2) if _overlap(a["gridPos"], b["gridPos"])]
    assert overlaps == []
    assert [panel["gridPos"]["y"] for panel in found] == sorted(panel["gridPos"]["y"] for panel in found)


def _overlap(one: Json, other: Json) -> bool:
    beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
    return not beside and one["y"] < other["y"] + other["h"] and other["y"] < one["y"] + one["h"]


@both
def test_every_panel_asks_the_chosen_prometheus(name: str) -> None:
    wanted = {"type": "prometheus", "uid": "${datasource}"}
    asked = [one["datasource"] for one in (*shown(name), *dashboard(name)["templating"]["list"][1:])]
    assert [one for one in asked if one != wanted] == []


@both
def test_every_variable_that_is_used_is_there_and_every_one_that_is_there_is_used(name: str) -> None:
    text = PATHS[name].read_text("utf-8")
    own = {one["name"] for one in dashboard(name)["templating"]["list"]}
    assert own == {"datasource", "instance", "account"}
    assert set(re.findall(r"\$\{?([a-z_]\w+)", text)) - {"__all"} <= own | BUILT_IN
    assert own <= set(re.findall(r"\$\{?([a-z]\w+)", text))


@both
def test_its_links_lead_to_the_other_dashboard_and_to_the_runbook(name: str) -> None:
    links = {one["title"]: one["url"] for one in dashboard(name)["links"]}
    other = next(one for one in PATHS if one != name)
    (runbook,) = (one for one in panels("operations") if one["type"] == "text")
    assert links == {
        dashboard(other)["title"].partition(": ")[2]: f"/d/cromwelld-{other}",
        "Runbook": f"/d/cromwelld-operations?viewPanel=panel-{runbook['id']}",
    }


@both
def test_what_is_now_is_asked_for_now(name: str) -> None:
    """A value of the past must not pass for the present when the daemon has ended since."""
    graphs = {"timeseries", "state-timeline"}
    wrong = [one for one in shown(name) if any(t["instant"] is (one["type"] in graphs) for t in one["targets"])]
    assert titles(wrong) == []


# --- every expression


def test_every_series_is_one_that_there_is_with_labels_that_it_has() -> None:
    known = series()
    for expr in expressions():
        for name, matchers in SELECTOR.findall(expr):
            labels = set(re.findall(r"(\w+)(?:=~|!~|!=|=)", re.sub(r'"[^"]*"', "", matchers)))
            assert labels - {"instance"} <= known[name], expr


def test_no_series_is_asked_for_without_the_chosen_daemons_and_accounts() -> None:
    known = series()
    for expr in expressions():
        assert not re.search(r"\b(cromwelld\w*|process_\w+|up|ALERTS)\b", SELECTOR.sub("", expr)), expr
        for name, matchers in SELECTOR.findall(expr):
            assert 'instance=~"$instance"' in matchers, expr
            assert ("account" not in known[name]) or 'account=~"$account' in matchers, expr
            assert name.startswith(("cromwelld", "ALERTS")) or 'job="cromwelld"' in matchers, expr


def test_every_metric_is_shown_somewhere() -> None:
    named = {name for expr in expressions() for name, _ in SELECTOR.findall(expr)}
    shown_by_rule = set(re.findall(r"cromwelld_\w+", RULES.partition("- name: cromwelld\n")[0]))
    plain = {re.sub("_(bucket|sum|count)$", "", name) for name in named | shown_by_rule}
    # Tokens renew themselves: only that a login is needed, or ends, is anybody's business.
    assert {PREFIX + one.name for one in FAMILIES} - plain == {PREFIX + "access_token_expires_timestamp_seconds"}


def test_the_words_that_series_are_chosen_by_are_of_the_closed_lists() -> None:
    closed = {
        "state": set(STATES),
        "outcome": {one.value for one in Outcome},
        "event": {one.label for one in Kind},
        "alertstate": {"pending", "firing"},
        "job": {"cromwelld"},
    }
    chosen = {(one[0], word) for e in expressions() for one in re.findall(VALUES, e) for word in one[1].split("|")}
    assert {label for label, _ in chosen} == set(closed)
    assert {(label, word) for label, word in chosen if word not in closed[label]} == set()


def test_the_events_that_need_a_person_are_all_of_them() -> None:
    (expr,) = (one.expr for one in targets() if one.panel == "Events that need a person")
    (names,) = re.findall(r'event=~"([^"]*)"', expr)
    assert names.split("|") == [kind.label for kind in Kind if kind.level is Level.ERROR]


def test_every_alert_has_its_fault_and_its_remedy() -> None:
    (table,) = (one for one in panels("operations") if one["title"].startswith("What is wrong"))
    told = [set(mapping["options"]) for mapping in _mappings(table, "Whose fault", "What to do")]
    assert told == [set(re.findall(r"- alert: (\w+)", RULES))] * 2


def _mappings(panel: Json, *columns: str) -> Iterator[dict[str, Any]]:
    for override in panel["fieldConfig"]["overrides"]:
        if override["matcher"]["options"] in columns:
            yield from (m for one in override["properties"] if one["id"] == "mappings" for m in one["value"])


@pytest.mark.parametrize(
    ("title", "alert", "limit"),
    [
        ("The watch: heart rate behind the sync", "CromwelldStale", "> 36 * 3600"),
        ("The archive: longest wait", "CromwelldOutboxGrows", "> 60 * 3600"),
        ("This machine: free disk", "CromwelldDiskFull", "< 1e9"),
        ("This machine: clock", "CromwelldClockWrong", "> 300"),
    ],
)
def test_a_tile_is_red_where_its_alert_fires(title: str, alert: str, limit: str) -> None:
    rule = RULES.partition(f"- alert: {alert}\n")[2].partition("\n        labels:")[0]
    assert re.search(rf"{re.escape(limit)}\n", rule)
    (panel,) = (one for one in panels("operations") if one["title"] == title)
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    number = math.prod(float(factor) for factor in limit[2:].split(" * "))
    if limit[0] == ">":
        assert steps[-1] == {"color": "red", "value": number}
    else:
        assert [step["color"] for step in steps[:2]] == ["red", "yellow"]
        assert steps[1]["value"] == number


def test_the_runbook_is_that_of_the_page() -> None:
    (panel,) = (one for one in panels("operations") if one["type"] == "text")
    paragraphs = re.split(r"^### ", panel["options"]["content"], flags=re.MULTILINE)[1:]
    assert [one.partition("\n")[0] for one in paragraphs] == re.findall(
        r"^### (Cromwelld\w+)$", MONITORING, re.MULTILINE
    )
    assert all(f"\n### {one.rstrip()}\n" in MONITORING for one in paragraphs), AGAIN


# --- provisioning


def read(*path: str) -> str:
    return Path(PROVISIONING, *path).read_text("utf-8")


def test_the_dashboards_are_looked_for_where_they_are_put() -> None:
    (provider,) = yaml.safe_load(read("dashboards", "cromwelld.yaml"))["providers"]
    mounts = mounts_of(services()["grafana"])
    assert mounts[provider["options"]["path"]] == ("../grafana/dashboards", False)
    assert mounts["/etc/grafana/provisioning"] == ("../grafana/provisioning", False)


def test_the_datasource_is_the_one_that_the_dashboards_begin_with() -> None:
    sources = yaml.safe_load(read("datasources", "cromwelld.yaml"))["datasources"]
    (uid,) = (one["uid"] for one in sources if one["type"] == "prometheus")
    assert {dashboard(name)["templating"]["list"][0]["current"]["value"] for name in PATHS} == {uid}


@pytest.mark.parametrize("folder", ["prometheus", "container"])
def test_the_datasource_knows_how_often_prometheus_scrapes(folder: str) -> None:
    config = yaml.safe_load((DEPLOY / folder / "prometheus.yml").read_text("utf-8"))
    source = yaml.safe_load(read("datasources", "cromwelld.yaml"))["datasources"][0]
    assert source["jsonData"]["timeInterval"] == config["global"]["scrape_interval"]
    assert [one["job_name"] for one in config["scrape_configs"] if one["job_name"] == "cromwelld"]


# --- the pages


def test_every_row_is_told_in_order() -> None:
    section = MONITORING.partition("\n## Grafana\n")[2]
    told = re.findall(r"^\| (Operations|Accounts) \| (.+?) \|", section, re.MULTILINE)
    rows = [(name.title(), row["title"]) for name in PATHS for row in panels(name) if row["type"] == "row"]
    assert sorted(told) == sorted(rows)
    assert [row for _, row in told if _ == "Operations"] == [row for _, row in rows if _ == "Operations"]


def test_what_the_guide_says_puts_everything_where_it_is_looked_for(tmp_path: Path) -> None:
    guide = (DEPLOY / "README.md").read_text("utf-8")
    lines = re.findall(r"^<!-- run: grafana[a-z ]* -->\n```sh\n([^`]*)```$", guide, re.MULTILINE)
    assert [line.split()[0] for line in lines] == ["install", "sed"]  # nothing else is run here
    script = re.sub(r"/(etc|var/lib)/grafana", rf"{tmp_path}\g<0>", "".join(lines))
    folders = [tmp_path / "etc/grafana/provisioning" / one for one in ("dashboards", "datasources")]
    folders[1].mkdir(parents=True)  # Grafana's own package has it
    subprocess.run(["sh", "-euc", script], cwd=DEPLOY.parent, check=True)
    assert (folders[0] / "cromwelld.yaml").read_text("utf-8") == read("dashboards", "cromwelld.yaml")
    assert re.findall(r"url: (\S+)", (folders[1] / "cromwelld.yaml").read_text("utf-8")) == [
        "http://localhost:9090",
        "http://localhost:9093",
    ]
    assert sorted(one.name for one in (tmp_path / "var/lib/grafana/dashboards").iterdir()) == [
        "accounts.json",
        "operations.json",
    ]
