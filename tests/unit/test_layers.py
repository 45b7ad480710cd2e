"""Imports go one way, and a library has one home."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# What is imported by at most one module of the package, and what by certain rooms only.
ONE_IMPORTER = ("aiobotocore", "aiosmtplib", "botocore", "matplotlib", "sqlite3")
ROOMS_OF = {
    "click": {"cli"},
    "cromwelld.plots": {"plots"},
    "cromwelld.simulator": {"cli", "jobs", "simulator"},
    "prometheus_client": {"monitor"},
    "rich": {"cli"},
    "structlog": {"monitor"},
}


@cache
def imports() -> dict[str, frozenset[str]]:
    """Give the absolute names that each module imports, wherever the import stands."""
    modules = sorted((ROOT / "cromwelld").rglob("*.py"))
    return {str(path.relative_to(ROOT)): frozenset(imported(ast.parse(path.read_text("utf-8")))) for path in modules}


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def importers(library: str) -> list[str]:
    return [module for module, names in imports().items() if any(f"{n}.".startswith(f"{library}.") for n in names)]


def test_imports_go_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120"}
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("library", ONE_IMPORTER)
def test_a_library_has_one_importer(library: str) -> None:
    assert len(importers(library)) <= 1, importers(library)


@pytest.mark.parametrize("library", ROOMS_OF)
def test_a_library_stays_in_its_rooms(library: str) -> None:
    rooms = {Path(module).parts[1].removesuffix(".py") for module in importers(library)}
    assert rooms <= ROOMS_OF[library]


def test_figures_stand_on_frames_alone() -> None:
    used = {name for module, names in imports().items() if "/plots/" in module for name in names}
    own = {name for name in used if name.startswith("cromwelld")}
    allowed = ("cromwelld.plots.", "cromwelld.localtime")
    assert own
    assert [name for name in own if not f"{name}.".startswith(allowed)] == []


def test_relative_imports_are_not_used() -> None:
    assert [module for module, names in imports().items() if any(name.startswith("None.") for name in names)] == []
