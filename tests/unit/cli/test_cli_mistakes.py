"""A mistake of ours is a sentence with its place and the way to it, and never tells what was worked on."""

from __future__ import annotations

from pathlib import Path

import pytest

import cromwelld.cli.check_config
from cromwelld.daemon.supervisor import reasons
from cromwelld.errors import NotWritable
from cromwelld.events import Kind
from tests.support.cli import call


def _wrong(*_: object, **__: object) -> None:
    raise KeyError("a-secret")


def test_a_mistake_in_a_command_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cromwelld.cli.check_config, "load", _wrong)
    ran = call("check-config", "--config", tmp_path / "config.toml")
    assert ran.code == 1
    sentence, way = ran.err.splitlines()
    assert sentence.startswith("cromwelld: a mistake in cromwelld itself (KeyError in test_cli_mistakes.py, line ")
    assert way.endswith(" _wrong")
    assert "a-secret" not in ran.err


def test_every_part_that_died_is_told_with_its_remedy() -> None:
    died = BaseExceptionGroup(
        "", [ExceptionGroup("", [NotWritable("cannot write /srv", hint="make room")]), KeyError("x")]
    )
    first, second = reasons(died)
    assert (first.kind, first.fields) == (Kind.DAEMON_FAILED, {"problem": "cannot write /srv", "hint": "make room"})
    assert second.fields["problem"] == "a mistake in cromwelld itself (KeyError): please report it"
