"""A process that is to be small is prepared, before any library for columns is there."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Collection
from importlib.abc import MetaPathFinder

_UNWANTED = {"pandas", "rich", "pyarrow._azurefs", "pyarrow._gcsfs", "pyarrow._hdfs", "pyarrow._s3fs"}
_ARENA_MAX, _ARENAS = -8, 2  # of glibc: each thread's own arena would keep what it once had
_POOL, _ALLOCATOR = "ARROW_DEFAULT_MEMORY_POOL", "PYTHONMALLOC"


class _NotFound(MetaPathFinder):
    """Find no library that others look for and nobody needs here."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        """Refuse these; anything else is for the other finders."""
        del path, target
        if fullname in self._names:
            raise ModuleNotFoundError(f"this process does without {fullname}", name=fullname)


def begin_again() -> None:
    """Let this program begin once more, with objects in the memory of the C library; an environment that chose stays.

    Python's own way to memory keeps a megabyte for each object that outlived a busy hour in it: after some days 22 MB
    of nothing. The process stays the same one. Nothing may be open yet.
    """
    if _ALLOCATOR not in os.environ and _has("malloc_trim") and sys.executable:
        os.environ[_ALLOCATOR] = "malloc"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - this very program


def stay_for_long() -> None:
    """Keep few arenas, and load no libraries that nobody needs; call it before pyarrow is imported.

    pyarrow looks for pandas with its first array, which takes 40 MB and most of a second, and for its own ways to four
    kinds of buckets, which take 4 MB; structlog looks for rich. What pyarrow takes for its own sake comes from the pool
    that the environment names as it is loaded: its usual one kept 14 MB of a day for ever.
    """
    _prepare(_ARENAS, _UNWANTED)


def stay_narrow() -> None:
    """Keep one arena for threads that work in turn, and do without pandas; call it before pyarrow is imported."""
    _prepare(1, {"pandas"})


def _prepare(arenas: int, unwanted: Collection[str]) -> None:
    os.environ.setdefault(_POOL, "system")
    glibc("mallopt", _ARENA_MAX, arenas)
    sys.meta_path.insert(0, _NotFound(unwanted))


def glibc(function: str, *values: int) -> None:
    """Call a function of the C library, where it is one that has it."""
    if _has(function):
        getattr(ctypes.CDLL(None), function)(*values)


def _has(function: str) -> bool:
    return sys.platform == "linux" and hasattr(ctypes.CDLL(None), function)
