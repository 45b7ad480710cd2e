"""Three days of the whole daemon, of ten people before vendors that fail: nothing is left over, and nothing grows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cli import ROOT, environment
from tests.support.running import PREPARED
from tests.support.soaking import DAY_S, DAYS, PEOPLE, SCRAPED_S, WATCHDOG_S


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_three_days_of_ten_people_leave_nothing_over(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.support.soaking", str(tmp_path)]
    ran = subprocess.run(command, cwd=ROOT, env=environment(PREPARED), stdout=subprocess.PIPE, text=True, check=True)
    sys.stdout.write(f"\n{ran.stdout}\n")
    told = json.loads(ran.stdout)
    first, last = told["weights"][0], told["weights"][-1]
    assert last["memory_kb"] <= 1.1 * first["memory_kb"]
    assert last["tasks"] <= first["tasks"] + 2 * PEOPLE  # of connections that are kept open for a while
    assert last["files"] <= first["files"] + 4 * PEOPLE
    assert told["files_left"] <= 0
    assert [path for path in tmp_path.rglob("*") if path.name.endswith(".tmp") and not path.is_dir()] == []
    assert {path.name for folder in tmp_path.rglob(".tmp") for path in folder.iterdir()} <= {"lock"}
    assert set(told["scrapes"]) == {"200"}
    assert told["scrapes"]["200"] >= 2 * DAYS * DAY_S / SCRAPED_S * 0.95
    assert told["signs_of_life"] >= DAYS * DAY_S / (WATCHDOG_S / 2) * 0.95
    assert told["stopping"] == 1
    assert told["letters"]
    for number in range(PEOPLE):
        objects = sorted((tmp_path / "archive" / f"person{number}").glob("fitbit_backup_*"))
        assert {"2025-10-23", "2025-10-24", "2025-10-25", "2025-10-26"} <= {one.name[14:24] for one in objects}
