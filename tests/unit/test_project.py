"""The project keeps its own promises: versions, pins, commands, sizes, and nothing of the machine it was made on."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cromwelld

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PINS = (ROOT / "deploy/constraints.txt").read_text("utf-8")

README_TEST_COMMAND = (
    'python3 -m venv .venv && .venv/bin/pip install -q -c deploy/constraints.txt -e ".[dev]" && .venv/bin/pytest'
)
LONGEST_FUNCTION = 45
LONGEST_MODULE = 400

# Written in halves, so that this file does not find itself.
HOSTS = ("py" + "pi.org", "python" + "hosted", "deb.debian" + ".org", "registry.npm" + "js")
MACHINE_PATHS = ("/wo" + "rk/", "/ro" + "ot/", "/op" + "t/wheels", "/op" + "t/py" + "pi", "/tm" + "p/w/")


def requirements() -> list[str]:
    project: dict[str, Any] = PROJECT["project"]
    extras = [name for extra in project["optional-dependencies"].values() for name in extra]
    return [*project["dependencies"], *extras]


def project_files() -> list[Path]:
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git clone: its files cannot be told from others")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", (node.end_lineno or 0) - node.lineno + 1


def fresh_python(code: str) -> str:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_package_is_cheap_to_import() -> None:
    heavy = ("aiohttp", "pandas", "pyarrow", "numpy", "click", "asyncio")
    code = f"import sys, cromwelld; print([name for name in {heavy!r} if name in sys.modules])"
    assert fresh_python(code) == "[]"


def test_reading_needs_no_network_library() -> None:
    heavy = ("aiohttp", "aiobotocore", "aiosmtplib", "matplotlib", "sqlite3")
    code = f"import sys; from cromwelld import load_date; print([name for name in {heavy!r} if name in sys.modules])"
    assert fresh_python(code) == "[]"


@pytest.mark.parametrize("name", ["available_dates", "load_date", "load_days", "load_range"])
def test_the_readers_are_exported(name: str) -> None:
    assert callable(getattr(cromwelld, name))
    assert name in dir(cromwelld)


def test_what_is_not_exported_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'load_everything'"):
        _ = cromwelld.load_everything


def test_the_changelog_begins_with_this_version() -> None:
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0] == cromwelld.__version__


def test_every_dependency_is_pinned() -> None:
    pinned = set(re.findall(r"^([a-z0-9-]+)==", PINS, re.MULTILINE))
    assert {name.partition("[")[0] for name in requirements()} <= pinned


def test_the_pins_name_no_place() -> None:
    options = [line for line in PINS.splitlines() if line.startswith("-")]
    assert options == []
    assert "://" not in PINS


def test_every_rule_that_is_off_has_its_reason() -> None:
    lint = (ROOT / "pyproject.toml").read_text("utf-8").partition("[tool.ruff.lint]")[2].partition("[tool.mypy]")[0]
    rules = re.findall(r'^    "[A-Z]+[0-9]*",.*$', lint, re.MULTILINE)
    assert rules
    assert [line for line in rules if not re.search(r"# \w", line)] == []


def test_the_readme_says_how_to_run_the_tests() -> None:
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    assert [line for line in lines if "/pytest" in line] == [README_TEST_COMMAND]


def test_ci_runs_the_command_of_the_readme() -> None:
    script = (ROOT / ".ci/run").read_text("utf-8")
    pattern = re.search(r"grep -m1 -E '(.+)' README.md", script)
    assert pattern is not None
    assert re.search(pattern[1], README_TEST_COMMAND)


def test_no_file_names_a_machine_or_a_package_index() -> None:
    found = []
    for path in project_files():
        text = path.read_text("utf-8", errors="ignore")
        found += [f"{path.relative_to(ROOT)}: {mark}" for mark in (*HOSTS, *MACHINE_PATHS) if mark in text]
    assert found == []


def test_functions_stay_short() -> None:
    package = sorted((ROOT / "cromwelld").rglob("*.py"))
    assert [name for path in package for name, lines in functions(path) if lines > LONGEST_FUNCTION] == []


def test_modules_stay_short() -> None:
    package = sorted((ROOT / "cromwelld").rglob("*.py"))
    assert [path.name for path in package if len(path.read_text("utf-8").splitlines()) > LONGEST_MODULE] == []
