"""A collection that is killed between any two steps ends, when it is run again, in the bytes of an undisturbed one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from itertools import takewhile
from pathlib import Path

import pytest

from cromwelld.lake.reader import load_date
from cromwelld.simulator.person import Person
from tests.support import killed
from tests.support.places import files_of, places_in

_PROJECT = Path(__file__).resolve().parents[2]
_HOLDS = {"import": "archive/fitbit/fitbit_backup_2025-10-08"}
_BEATS = {"import": len(Person().heart_rate(killed.WISH.last).bpm)}
_VOLATILE = "data/compilation_state.json"


def _kills(job: str, root: Path, strides: range) -> int:
    numbers = [str(number) for number in (strides.start, strides.stop, strides.step)]
    arguments = [sys.executable, "-m", "tests.support.killed", job, str(root), *numbers]
    environment = {**os.environ, "PYTHONPATH": str(_PROJECT)}
    done = subprocess.run(arguments, check=False, capture_output=True, text=True, cwd=_PROJECT, env=environment)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def _compare(job: str, root: Path, kills: int) -> None:
    undisturbed = root / "undisturbed"
    for step in (killed.JOBS[job].prepare, killed.JOBS[job].act):
        assert killed.in_child(lambda step=step: step(undisturbed)) == 0  # type: ignore[misc]
    expected = files_of(undisturbed)
    assert any(name.startswith(_HOLDS.get(job, "archive/fitbit/replaced/2025-10-08/")) for name in expected)
    folders = [folder for folder in sorted(root.iterdir()) if folder.is_dir()]
    found = [folder for folder in folders if folder not in {undisturbed, root / killed.EXPORT}]
    assert len(found) >= kills
    for folder in found:
        files = files_of(folder)
        assert files.keys() == expected.keys(), folder.name
        assert {name for name in files if files[name] != expected[name]} <= {_VOLATILE}, folder.name
        assert _state(files[_VOLATILE]) == _state(expected[_VOLATILE]), folder.name
        assert not list((folder / "state" / "outbox").rglob("*.arrow")), folder.name
        assert _ledger(folder) == _ledger(undisturbed), folder.name
    if job == "import":
        _compare_reads(root, undisturbed)
    assert load_date("2025-10-09", undisturbed / "data")["HeartRate_Intraday"].shape[0] == _BEATS.get(job, 140)


def _compare_reads(root: Path, undisturbed: Path) -> None:
    """See that of an export no file is read twice but the one that was being read, or had just been.

    Killed when all was imported and what had been read was being forgotten, it is imported once more, as a whole.
    """
    once = _reads(undisturbed)
    assert set(once.values()) == {1}
    folders = [folder for folder in sorted(root.glob("[0-9]*")) if folder.is_dir()]
    reads = [_reads(folder) for folder in folders]
    assert all(found.keys() == once.keys() for found in reads)
    again = [found.total() - once.total() for found in reads]
    going_on = list(takewhile(lambda more: more <= 1, again))
    assert len(going_on) > len(again) / 2
    assert set(again[len(going_on) :]) <= {once.total()}


def _reads(folder: Path) -> Counter[str]:
    return Counter(killed.reads_of(folder).read_text("utf-8").splitlines())


def _state(content: bytes) -> dict[str, object]:
    return {key: value for key, value in json.loads(content).items() if key != "last_updated"}


def _ledger(folder: Path) -> list[tuple[object, ...]]:
    with places_in(folder) as places:
        entries = places.ledger.entries("me", killed.WISH.first, killed.WISH.last)
        dates = [(date, kept.zone, kept.digest) for date, kept in places.ledger.dates("me").items()]
    return [*dates, *((e.date, e.stream, e.outcome, e.records, e.source, e.stored) for e in entries)]


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("job", list(killed.JOBS))
def test_twenty_kills_spread_over_the_steps_of_a_job(tmp_path: Path, job: str) -> None:
    stride = {"collect": 7, "sync": 3, "compile": 3, "import": 25}[job]
    assert _kills(job, tmp_path, range(3, 10_000, stride)) >= 20
    _compare(job, tmp_path, 20)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("job", list(killed.JOBS))
def test_a_kill_before_every_step(tmp_path: Path, job: str) -> None:
    done = _kills(job, tmp_path, range(1, 10_000))
    assert done >= 40
    _compare(job, tmp_path, done)
