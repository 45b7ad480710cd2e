"""Locks between processes, which say who holds them."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cromwelld.disk import writing
from cromwelld.errors import Held

_RETRY_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A process that holds a lock, and what it does."""

    pid: int
    what: str


@contextmanager
def held(path: Path, purpose: str, *, wait_s: float = 0.0) -> Iterator[None]:
    """Hold the lock at `path` while the block runs, waiting at most `wait_s` for another holder.

    Raises: Held naming the holder; NotWritable if the file cannot be made.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _acquire(handle, path, wait_s)
        with _signed(handle, purpose):
            yield
    finally:
        os.close(handle)  # closing gives the lock back


def _acquire(handle: int, path: Path, wait_s: float) -> None:
    deadline = time.monotonic() + wait_s
    while not _try(handle):
        if time.monotonic() >= deadline:
            raise Held(
                f"{path.parent} is in use by {_holder(path)}",
                hint="wait until it has finished, or stop it; then try again",
            )
        time.sleep(_RETRY_S)


if sys.platform == "win32":

    def _try(handle: int) -> bool:
        import msvcrt  # noqa: PLC0415 - only there

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:

    def _try(handle: int) -> bool:
        import fcntl  # noqa: PLC0415 - only there

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


@contextmanager
def _signed(handle: int, purpose: str) -> Iterator[None]:
    """Say in the file who holds it, as long as it is held: only the holder may write there."""
    with suppress(OSError):  # a full disk: the lock holds all the same
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps({"pid": os.getpid(), "what": purpose}).encode(), 0)
    try:
        yield
    finally:
        with suppress(OSError):
            os.ftruncate(handle, 0)


def _holder(path: Path) -> str:
    found = _signature(path)
    return f"{found.what} (process {found.pid})" if found else "another process"


def _signature(path: Path) -> Holder | None:
    try:
        signed = json.loads(path.read_bytes())
        return Holder(pid=int(signed["pid"]), what=str(signed["what"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def holder_of(path: Path) -> Holder | None:
    """Say who holds the lock at `path`; None if nobody does.

    Raises: NotWritable if this user may not look.
    """
    with writing(path):
        try:
            handle = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            return None
    try:
        found = _signature(path)  # one that was killed has left its name there: only the lock itself is sure
        return None if found is None or _try(handle) else found
    finally:
        os.close(handle)
