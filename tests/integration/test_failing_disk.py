"""A disk that does not keep what was written: it is said, nothing is half-written, the next run makes up for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cli import LONGEST_S, Home, Ran, Vendor, environment, home
from tests.support.parts import missing, program
from tests.support.places import files_of

DATE = "2025-10-08"
VOLATILE = {"data/compilation_state.json"}
# what cannot be brought to the disk, and the word for it
PLACES = {
    "an object": ("archive/fitbit/.fitbit_backup_2025-10-08.json.gz.tmp", "fsync"),
    "the folder of the objects": ("archive/fitbit", "fsync"),
    "a table": ("data/.tmp/.sleep_levels.parquet.tmp", "fsync"),
    "the state of the tables": ("data/.tmp/.compilation_state.json.tmp", "fsync"),
    "a piece": ("state/outbox/me/2025-10-08", "fsync"),
    "the ledger": ("state/ledger.sqlite-wal", "pwrite64"),
}


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    made = Vendor()
    with made.serving():
        yield made


@pytest.fixture(scope="module")
def strace() -> str:
    found = program("strace", "apt-get install strace")
    if subprocess.run([found, "-f", "-e", "trace=fsync", "true"], check=False, capture_output=True).returncode:
        missing("the right to trace a process", "allow ptrace")
    return found


def collect(mine: Home, *before: object) -> Ran:
    command = [*before, sys.executable, "-m", "cromwelld", "collect", DATE, "--config", mine.config]
    done = subprocess.run(
        [str(word) for word in command],
        check=False, capture_output=True, text=True, timeout=LONGEST_S, env=environment(),
    )  # fmt: skip
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("place", list(PLACES))
def test_what_the_disk_does_not_keep_is_said_and_made_up_for(
    tmp_path: Path, vendor: Vendor, strace: str, place: str
) -> None:
    undisturbed, mine = home(tmp_path / "undisturbed", vendor.url), home(tmp_path / "mine", vendor.url)
    assert collect(undisturbed).code == 0
    path, call = PLACES[place]
    (mine.root / path).parent.mkdir(parents=True, exist_ok=True)
    inject = f"inject={call}:error=EIO:when=1"
    log = tmp_path / "calls"
    ran = collect(mine, strace, "-f", "-o", log, "-P", mine.root / path, "-e", f"trace={call}", "-e", inject)
    assert "INJECTED" in log.read_text()
    assert ran.code != 0
    assert "Input/output error" in ran.out + ran.err or "disk I/O error" in ran.out + ran.err
    whole = files_of(undisturbed.root)
    for name, content in files_of(mine.root).items():
        assert name.endswith(".parquet") or name in VOLATILE or content == whole[name], name
    assert collect(mine).code == 0
    found = files_of(mine.root)
    assert found.keys() == whole.keys()
    assert {name for name in found if found[name] != whole[name]} <= VOLATILE
