"""`cromwelld notebook`: what it copies, what it leaves alone, and Jupyter Lab as it starts it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tomllib
import urllib.request
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.error import URLError

import pytest

from tests.support.cli import ROOT, call, environment, home
from tests.support.notebooks import FOLDER, NAMES
from tests.support.parts import missing

TOKEN = "not-a-secret-of-anybody"


def copied(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_the_notebooks_are_copied_with_what_they_import(tmp_path: Path) -> None:
    ran = call("notebook", tmp_path / "mine", "--copy-only")
    assert ran.code == 0
    assert str(tmp_path / "mine") in ran.out
    expected = {*NAMES, "functions/__init__.py", "functions/import_data.py"}
    assert copied(tmp_path / "mine") == {name: (FOLDER / name).read_bytes() for name in expected}


def test_what_is_there_is_left_as_it_is_and_named(tmp_path: Path) -> None:
    assert call("notebook", tmp_path, "--copy-only").code == 0
    (tmp_path / NAMES[0]).write_text("mine", encoding="utf-8")
    (tmp_path / NAMES[1]).unlink()
    ran = call("notebook", tmp_path, "--copy-only")
    assert f"left as they are: {NAMES[0]}\n" in ran.out
    assert (tmp_path / NAMES[0]).read_text("utf-8") == "mine"
    assert (tmp_path / NAMES[1]).read_bytes() == (FOLDER / NAMES[1]).read_bytes()


def test_without_jupyter_the_remedy_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jupyterlab", None)
    ran = call("notebook", tmp_path / "mine", "--data-dir", tmp_path)
    assert ran.code == 10
    assert "jupyterlab is not installed: pip install" in ran.err
    assert (tmp_path / "mine" / NAMES[0]).is_file()


def test_without_tables_nothing_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROMWELLD_CONFIG", str(tmp_path / "none.toml"))
    for more in ((), ("--data-dir", tmp_path / "nowhere")):
        ran = call("notebook", tmp_path / "mine", *more)
        assert ran.code == 2
        assert "--data-dir" in ran.err or "there is no folder" in ran.err
    assert not (tmp_path / "mine").exists()


def test_the_installed_package_has_the_notebooks_in_it() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]["notebooks"] == "cromwelld/notebooks"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listed(lab: subprocess.Popen[str], port: int) -> set[str]:
    """Ask for the files that the server shows; it says that it runs a moment before it listens."""
    address = f"http://127.0.0.1:{port}/api/contents?token={TOKEN}"
    while True:
        try:
            with urllib.request.urlopen(address, timeout=20) as answer:
                return {one["name"] for one in json.load(answer)["content"]}
        except URLError as err:
            if not isinstance(err.reason, ConnectionRefusedError):
                raise
            with suppress(subprocess.TimeoutExpired):
                pytest.fail(f"Jupyter Lab ended with {lab.wait(timeout=0.1)}")


@pytest.mark.slow
def test_jupyter_lab_has_the_notebooks_and_knows_the_tables(tmp_path: Path) -> None:
    if find_spec("jupyterlab") is None:
        missing("Jupyter Lab", 'pip install -c deploy/constraints.txt -e ".[dev,notebooks]"')
    mine = home(tmp_path / "me", "http://127.0.0.1:9")
    (tmp_path / "jupyter").mkdir()
    settings = {"ServerApp": {"allow_root": True}}  # a test may be run by anybody
    (tmp_path / "jupyter/jupyter_server_config.json").write_text(json.dumps(settings), encoding="utf-8")
    around = {"JUPYTER_TOKEN": TOKEN, "JUPYTER_CONFIG_DIR": str(tmp_path / "jupyter"), "HOME": str(tmp_path)}
    port = free_port()
    command = ["notebook", str(tmp_path / "books"), "--config", str(mine.config), "--no-browser", "--port", str(port)]
    with subprocess.Popen(
        [sys.executable, "-m", "cromwelld", *command], env=environment(around), stderr=subprocess.PIPE, text=True
    ) as lab:
        try:
            assert lab.stderr is not None
            assert any("is running at" in line for line in lab.stderr)
            names = listed(lab, port)
            told = Path(f"/proc/{lab.pid}/environ").read_text("utf-8").split("\0")
        finally:
            os.kill(lab.pid, signal.SIGTERM)
            lab.communicate(timeout=30)
    assert names == {*NAMES, "functions"}
    assert f"CROMWELLD_DATA_DIR={mine.data}" in told
    assert f"CROMWELLD_ARCHIVE={mine.archive / 'fitbit'}" in told
