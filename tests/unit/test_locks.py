"""Two processes and one lock."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cromwelld.errors import Held, NotWritable
from cromwelld.locks import held, holder_of

ROOT = Path(__file__).resolve().parents[2]
HOLDER = """
import sys
from pathlib import Path
from cromwelld.locks import held, holder_of
with held(Path(sys.argv[1]), "collect for me"):
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def another_process(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Hold the lock in a real second process until the block ends or a line is sent to it."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def release(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_the_second_process_is_told_who_holds_it_every_time(tmp_path: Path) -> None:
    path = tmp_path / "state" / "lock"
    with another_process(path) as holder:
        for _ in range(3):
            with pytest.raises(Held) as caught, held(path, "another"):
                pytest.fail("two held it")
            assert str(tmp_path / "state") in caught.value.message
            assert f"collect for me (process {holder.pid})" in caught.value.message
            assert "wait until it has finished" in caught.value.hint


def test_a_lock_is_free_when_its_holder_ends_or_dies(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with another_process(path) as holder:
        release(holder)
        assert holder.wait(20) == 0
    with held(path, "next"):
        pass
    with another_process(path) as holder:
        holder.kill()
        holder.wait(20)
        with held(path, "next"):
            assert b"next" in path.read_bytes()


def test_waiting_ends_when_the_holder_does(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with another_process(path) as holder:
        release(holder)
        with held(path, "patient", wait_s=30.0):
            assert b"patient" in path.read_bytes()
    assert path.read_bytes() == b""


def test_waiting_ends_when_its_time_is_up(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with held(path, "first"):
        start = time.monotonic()
        with pytest.raises(Held), held(path, "second", wait_s=0.25):
            pytest.fail("two held it")
        assert time.monotonic() - start >= 0.25


def test_an_error_in_the_block_gives_the_lock_back(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with pytest.raises(ZeroDivisionError), held(path, "first"):
        raise ZeroDivisionError
    with held(path, "second"):
        pass


def test_a_holder_that_signed_nothing_is_another_process(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with held(path, "first"):
        for junk in (b"", b"junk", b"[]", b'{"pid": 1}', b"\xff"):
            path.write_bytes(junk)
            with pytest.raises(Held, match="another process"), held(path, "second"):
                pytest.fail("two held it")


def test_a_lock_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(NotWritable, match="taken/lock"), held(tmp_path / "taken" / "lock", "x"):
        pytest.fail("held")


def test_who_holds_a_lock_can_be_asked_without_taking_it(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    assert holder_of(lock) is None
    assert not lock.exists()
    with another_process(lock) as process:
        found = holder_of(lock)
        assert found is not None
        assert (found.pid, found.what) == (process.pid, "collect for me")
        process.kill()
        process.wait()
        assert lock.read_bytes() != b""  # its name is still there
        assert holder_of(lock) is None
    with held(lock, "another"):
        assert holder_of(lock) is not None
    assert holder_of(lock) is None
