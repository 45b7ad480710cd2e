"""Grafana's dashboards as they lie in deploy/, how they are laid out, and how Grafana fills in variables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "deploy" / "grafana"
MONITORING = FOLDER.parent / "MONITORING.md"
PATHS = {path.stem: path for path in sorted((FOLDER / "dashboards").glob("*.json"))}
_WIDTH = 120
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One expression of a panel, an annotation or a variable."""

    dashboard: str
    panel: str
    ref: str
    expr: str
    legend: str = ""
    instant: bool = False
    table: bool = False

    @property
    def name(self) -> str:
        return f"{self.dashboard}: {self.panel} {self.ref}"


def dashboard(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(PATHS[name].read_text("utf-8"))
    return loaded


def panels(name: str) -> list[dict[str, Any]]:
    """Give every panel, rows and what is folded into them included."""
    top: list[dict[str, Any]] = dashboard(name)["panels"]
    return [one for panel in top for one in (panel, *panel.get("panels", ()))]


def targets() -> Iterator[Target]:
    """Give every expression of every dashboard."""
    for name in PATHS:
        for panel in panels(name):
            for one in panel.get("targets", ()):
                yield Target(
                    dashboard=name,
                    panel=panel["title"],
                    ref=one["refId"],
                    expr=one["expr"],
                    legend=one.get("legendFormat", ""),
                    instant=one["instant"],
                    table=one.get("format") == "table",
                )
        for one in dashboard(name)["annotations"]["list"]:
            if "target" in one:
                expr, legend = one["target"]["expr"], one["titleFormat"]
                yield Target(dashboard=name, panel=one["name"], ref="mark", expr=expr, legend=legend)


def laid_out(value: object, room: int = _WIDTH, depth: int = 0) -> str:
    """Write JSON with sorted keys, what fits on a line on one line, so that differences can be read."""
    flat = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if len(flat) <= room or not isinstance(value, dict | list) or not value:
        return flat
    pad, inner = "  " * depth, "  " * (depth + 1)
    if isinstance(value, list):
        lines = [laid_out(one, _WIDTH - len(inner) - 1, depth + 1) for one in value]
        return "[\n" + ",\n".join(inner + line for line in lines) + f"\n{pad}]"
    pairs = [(json.dumps(key, ensure_ascii=False) + ": ", one) for key, one in sorted(value.items())]
    lines = [key + laid_out(one, _WIDTH - len(inner) - len(key) - 1, depth + 1) for key, one in pairs]
    return "{\n" + ",\n".join(inner + line for line in lines) + f"\n{pad}}}"


def runbook() -> str:
    """Give the paragraphs on the alerts, which a panel of the operations repeats."""
    section = MONITORING.read_text("utf-8").partition("\n## Prometheus and its alerts\n")[2].partition("\n## ")[0]
    return "### Cromwelld" + section.partition("\n### Cromwelld")[2].rstrip() + "\n"


def write_again() -> None:
    """Lay every dashboard out anew, with the runbook as it is now: one may have been changed by hand, or in Grafana."""
    for name, path in PATHS.items():
        whole = dashboard(name)
        whole.pop("id", None)
        for panel in whole["panels"]:
            if panel["type"] == "text":
                panel["options"]["content"] = runbook()
        path.write_text(laid_out(whole) + "\n", "utf-8")


def filled_in(expr: str, variables: Mapping[str, str]) -> str:
    """Put values in the place of variables; `$1` is a group of PromQL's own. Raises: KeyError for an unknown one."""
    return re.sub(r"\$(?!\d)\{?(\w+)\}?", lambda found: variables[found[1]], expr)


def chosen(value: str) -> str:
    """Write one chosen value of a variable that may have many, as Grafana does for Prometheus."""
    return re.sub(r"[$^*{}\[\]'+?.()|]", r"\\\\\g<0>", value.replace("\\", "\\\\\\\\"))


if __name__ == "__main__":
    write_again()
