"""What writes exports knows nothing of what reads them: an oracle that shares code with what it judges is none."""

from __future__ import annotations

import ast
from pathlib import Path

WRITERS = Path(__file__).parents[2] / "support" / "takeout"
ALLOWED = ("cromwelld.simulator", "tests.support.takeout")


def test_the_export_is_written_from_the_persons_truth_alone() -> None:
    imported = {
        name
        for path in WRITERS.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in names(node)
        if name.partition(".")[0] in {"cromwelld", "tests"}
    }
    assert "cromwelld.simulator.person" in imported
    assert [name for name in imported if not name.startswith(ALLOWED)] == []


def names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
