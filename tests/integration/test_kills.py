"""A collection that is killed between any two steps ends, when it is run again, in the bytes of an undisturbed one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cromwelld.lake.reader import load_date
from tests.support import killed
from tests.support.places import files_of

_PROJECT = Path(__file__).resolve().parents[2]
_VOLATILE = "data/compilation_state.json"


def _kills(root: Path, first: int, last: int, stride: int) -> int:
    arguments = [sys.executable, "-m", "tests.support.killed", str(root), str(first), str(last), str(stride)]
    environment = {**os.environ, "PYTHONPATH": str(_PROJECT)}
    done = subprocess.run(arguments, check=False, capture_output=True, text=True, cwd=_PROJECT, env=environment)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def _compare(root: Path, steps: int) -> None:
    undisturbed = root / "undisturbed"
    killed.run(undisturbed, killed.EARLIER)
    killed.run(undisturbed, killed.LATER)
    expected = files_of(undisturbed)
    assert any(name.startswith("archive/fitbit/replaced/2025-10-08/") for name in expected)
    found = [folder for folder in sorted(root.iterdir()) if folder != undisturbed]
    assert len(found) >= steps
    for folder in found:
        files = files_of(folder)
        assert files.keys() == expected.keys(), folder.name
        assert {name for name in files if files[name] != expected[name]} <= {_VOLATILE}, folder.name
        assert _state(files[_VOLATILE]) == _state(expected[_VOLATILE]), folder.name
        assert not list((folder / "state" / "outbox").rglob("*.arrow")), folder.name
    assert load_date("2025-10-09", undisturbed / "data")["HeartRate_Intraday"].shape[0] == 140


def _state(content: bytes) -> dict[str, object]:
    return {key: value for key, value in json.loads(content).items() if key != "last_updated"}


@pytest.mark.timeout(120)
def test_twenty_kills_spread_over_the_steps_of_a_collection(tmp_path: Path) -> None:
    assert _kills(tmp_path, 3, 10_000, 7) >= 20
    _compare(tmp_path, 20)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_kill_before_every_step(tmp_path: Path) -> None:
    done = _kills(tmp_path, 1, 10_000, 1)
    assert done >= 100
    _compare(tmp_path, done)
