"""A kill between any two steps of saving a login leaves the newest that had reached the disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_i01_a_kill_before_every_step_of_a_save(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.unit.oauth.killed_saving", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    kills = [line.split() for line in done.stdout.splitlines()]
    assert len(kills) >= 24
    for text, reached, without, with_lock in kills:
        earlier = int(text)
        old, new = "-" if earlier == 0 else f"a{earlier - 1}", f"a{earlier}"
        assert without in {old, new}
        assert with_lock == (new if reached == "1" else old)
    for earlier in range(3):
        assert {reached for text, reached, *_ in kills if int(text) == earlier} == {"0", "1"}
