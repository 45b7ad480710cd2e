"""The rules that are shipped, in a hurry: a copy in which nothing but waits and windows is shorter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tests.support.prometheus import FOLDER, RULES

SHIPPED = (FOLDER / RULES).read_text(encoding="utf-8")
ALERTS = tuple(re.findall(r"^      - alert: (\w+)$", SHIPPED, re.MULTILINE))


@dataclass(frozen=True)
class Haste:
    """What stands in the place of an alert's `for`, and of the window in its expression."""

    wait: str = "1s"
    window: str = ""


# A restart takes some seconds, in which the daemon does not answer. Thresholds stay as they are.
HASTE: Mapping[str, Haste] = {
    **{alert: Haste() for alert in ALERTS},
    "CromwelldDown": Haste(wait="6s"),
    "CromwelldDayFailed": Haste(window="4s"),
    "CromwelldBudgetSpent": Haste(window="4s:1s"),
    "CromwelldRestarts": Haste(window="40s"),
}
_RULE = re.compile(r"(?<=^      - alert: )(\w+)\n.*?(?=^$|\Z)", re.MULTILINE | re.DOTALL)


def hasty() -> str:
    """Make the copy."""
    return _RULE.sub(_hastened, SHIPPED)


def _hastened(found: re.Match[str]) -> str:
    haste = HASTE[found[1]]
    text = re.sub(r"^(        for: )\w+$", rf"\g<1>{haste.wait}", found[0], flags=re.MULTILINE)
    return re.sub(r"\[[\w:]+\]", f"[{haste.window}]", text) if haste.window else text
