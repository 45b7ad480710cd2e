"""The rules of Prometheus: checked, tested, and told of."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.parts import program

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "prometheus"
RULES = (FOLDER / "cromwelld.rules.yml").read_text(encoding="utf-8")
MONITORING = (ROOT / "deploy" / "MONITORING.md").read_text(encoding="utf-8")
ALERTS = re.findall(r"^      - alert: (\w+)$", RULES, re.MULTILINE)
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
