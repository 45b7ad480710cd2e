from __future__ import annotations

import pytest

from cromwelld import __version__
from cromwelld.cli import main
from tests.support.cli import call

COMMANDS = (
    "demo",
    "init",
    "login",
    "doctor",
    "check-config",
    "collect",
    "rerun",
    "compile",
    "notebook",
    "simulate",
    "status",
    "runs",
)


def test_version_is_said() -> None:
    ran = call("--version")
    assert (ran.code, ran.out.split()[-1]) == (0, __version__)


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)], ids=lambda words: " ".join(words) or "top")
def test_help_teaches_with_examples_and_exit_codes(command: tuple[str, ...]) -> None:
    ran = call(*command, "--help")
    assert ran.code == 0
    assert " ".join(("  cromwelld", *command)) in ran.out.partition("Examples:")[2]
    codes = ran.out.partition("Exit codes:")[2]
    assert all(f"\n    {code} " in codes for code in ((0, 2) if command == ("check-config",) else (0, 1, 2)))
    assert max(map(len, ran.out.splitlines())) <= 80


def test_help_lists_every_command() -> None:
    assert all(f"\n  {name} " in call("--help").out for name in COMMANDS)


@pytest.mark.parametrize("arguments", [("nonsense",), ("demo", "--nonsense"), ("collect",), ("compile",)])
def test_what_is_not_there_is_a_usage_error_that_points_at_help(arguments: tuple[str, ...]) -> None:
    ran = call(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "--help" in ran.err


def test_no_command_shows_the_help() -> None:
    ran = call()
    assert ran.code == 2
    assert "Examples:" in ran.out + ran.err


def test_main_leaves_with_the_code_of_the_command() -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
