"""The rules of Prometheus: checked, tested, and told of."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support import alertmanager
from tests.support.hasty_rules import ALERTS, HASTE, hasty
from tests.support.hasty_rules import SHIPPED as RULES
from tests.support.parts import program
from tests.support.prometheus import FOLDER, ruling

ROOT = FOLDER.parents[1]
MONITORING = (ROOT / "deploy" / "MONITORING.md").read_text(encoding="utf-8")
TESTED = (FOLDER / "cromwelld.rules.test.yml").read_text(encoding="utf-8")

pytestmark = pytest.mark.system


def promtool(*arguments: str) -> str:
    command = [program("promtool", "apt install prometheus"), *arguments]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_configuration_and_the_rules_are_sound() -> None:
    assert "SUCCESS" in promtool("check", "config", "prometheus.yml")
    assert f"{len(ALERTS) + 4} rules found" in promtool("check", "rules", "cromwelld.rules.yml")


def test_every_alert_fires_and_does_not_and_is_silent_on_a_fresh_install() -> None:
    assert "SUCCESS" in promtool("test", "rules", "cromwelld.rules.test.yml")
    for alert in ALERTS:
        assert f"- name: {alert} fires\n" in TESTED
        assert f"- name: {alert} does not\n" in TESTED
        assert TESTED.count(f"alertname: {alert}\n") >= 3


@pytest.mark.parametrize("alert", ALERTS)
def test_every_alert_has_a_paragraph_that_it_points_at(alert: str) -> None:
    section = MONITORING.partition(f"\n### {alert}\n")[2].partition("\n#")[0]
    assert len(section.split()) > 10
    assert f"runbook: deploy/MONITORING.md#{alert.lower()}\n" in RULES


def test_every_metric_of_the_rules_is_one_that_the_daemon_has() -> None:
    used = set(re.findall(r"\bcromwelld_[a-z_]+", RULES))
    told = set(re.findall(r"^\| `(cromwelld_[a-z_]+)` \|", MONITORING, re.MULTILINE))
    assert used <= told


def test_the_hasty_copy_differs_in_waits_and_windows_alone(tmp_path: Path) -> None:
    """What Prometheus itself has read of both is compared."""
    shipped, copy = (_read(tmp_path / str(number), text) for number, text in enumerate((RULES, hasty())))
    assert [_masked(rule) for rule in copy] == [_masked(rule) for rule in shipped]
    changed = {
        rule["name"]: [key for key in rule if rule[key] != other[key]]
        for rule, other in zip(shipped, copy, strict=True)
        if rule != other
    }
    assert changed.keys() == HASTE.keys()
    for alert, keys in changed.items():
        assert keys == ["query"] * bool(HASTE[alert].window) + ["duration"] * (alert != "CromwelldRestarts"), alert


def _read(folder: Path, rules: str) -> list[dict[str, Any]]:
    """Give the rules as Prometheus has read them; not what it has made of them since."""
    kept = ("type", "name", "query", "duration", "labels", "annotations")
    with ruling(folder, [], "127.0.0.1:9", rules) as server:
        groups = server.told("rules")["groups"]
    return [{key: rule[key] for key in kept if key in rule} for group in groups for rule in group["rules"]]


def _masked(rule: dict[str, Any]) -> dict[str, Any]:
    """Leave out how long is waited, and how far an expression looks back."""
    return {**rule, "duration": None, "query": re.sub(r"\[[\w:]+\]", "[]", rule["query"])}


def test_the_configuration_of_alertmanager_is_sound(tmp_path: Path) -> None:
    amtool = program("amtool", alertmanager.REMEDY)
    derived = tmp_path / "alertmanager.yml"
    derived.write_text(alertmanager.configuration("http://127.0.0.1:9/"), encoding="utf-8")
    for file in (alertmanager.CONFIGURATION, derived):
        done = subprocess.run([amtool, "check-config", str(file)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "2 inhibit rules" in done.stdout


@pytest.mark.parametrize("alert", ALERTS)
def test_every_alert_comes_to_a_person(alert: str) -> None:
    amtool = program("amtool", alertmanager.REMEDY)
    severity = re.findall(rf"- alert: {alert}\n(?:.*\n)*?        labels: {{severity: (\w+)}}", RULES)[0]
    command = [amtool, "config", "routes", "test", f"--config.file={alertmanager.CONFIGURATION}"]
    done = subprocess.run(
        [*command, f"alertname={alert}", f"severity={severity}"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "mail")
