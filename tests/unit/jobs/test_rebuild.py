"""A fresh folder takes the place of an old one only when it is whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cromwelld.errors import NotWritable
from cromwelld.lake.rebuild import rebuilt

_PROJECT = Path(__file__).resolve().parents[3]
_KILLED = """
import os, signal, sys
from pathlib import Path
from cromwelld.lake.rebuild import rebuilt
with rebuilt(Path(sys.argv[1])) as fresh:
    (fresh / "half").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def build(folder: Path, content: str) -> None:
    with rebuilt(folder) as fresh:
        (fresh / "table").write_text(content)


def build_half(folder: Path) -> None:
    with rebuilt(folder) as fresh:
        (fresh / "half").write_text("half")
        raise KeyboardInterrupt


def contents(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() for path in sorted(root.rglob("*")) if path.is_file()}


def test_a_first_folder_appears(tmp_path: Path) -> None:
    build(tmp_path / "data", "new")
    assert contents(tmp_path) == {"data/table": "new"}


def test_the_old_folder_stays_beside_each_time(tmp_path: Path) -> None:
    for content in ("first", "second", "third"):
        build(tmp_path / "data", content)
    assert contents(tmp_path) == {"data/table": "third", "data.old/table": "first", "data.old-2/table": "second"}


def test_a_failure_leaves_the_old_folder_and_nothing_else(tmp_path: Path) -> None:
    build(tmp_path / "data", "old")
    with pytest.raises(KeyboardInterrupt):
        build_half(tmp_path / "data")
    assert contents(tmp_path) == {"data/table": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_kill_leaves_the_old_folder_and_the_next_build_starts_afresh(tmp_path: Path) -> None:
    build(tmp_path / "data", "old")
    environment = {**os.environ, "PYTHONPATH": str(_PROJECT)}
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path / "data")], check=False, env=environment)
    assert killed.returncode == -signal.SIGKILL
    assert contents(tmp_path / "data") == {"table": "old"}
    build(tmp_path / "data", "new")
    assert contents(tmp_path) == {"data/table": "new", "data.old/table": "old"}


def test_what_turned_out_empty_takes_nobodys_place(tmp_path: Path) -> None:
    build(tmp_path / "data", "old")
    with rebuilt(tmp_path / "data"):
        pass
    assert contents(tmp_path) == {"data/table": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_the_folder_that_one_stands_in_is_rebuilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path / "data", "old")
    monkeypatch.chdir(tmp_path / "data")
    build(Path(), "new")
    assert contents(tmp_path) == {"data/table": "new", "data.old/table": "old"}


def test_a_link_to_the_folder_stays_a_link(tmp_path: Path) -> None:
    build(tmp_path / "disk" / "data", "old")
    (tmp_path / "data").symlink_to(tmp_path / "disk" / "data")
    build(tmp_path / "data", "new")
    assert (tmp_path / "data").is_symlink()
    assert contents(tmp_path / "disk") == {"data/table": "new", "data.old/table": "old"}


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotWritable, match="cannot write"), rebuilt(tmp_path / "file" / "data"):
        pass
