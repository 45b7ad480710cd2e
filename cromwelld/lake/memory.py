"""Memory of columns given back, for processes that work through years of them."""

from __future__ import annotations

import ctypes
import gc
import sys
from importlib.abc import MetaPathFinder

import pyarrow as pa

_UNWANTED = {"pandas", "rich"}
_ARENA_MAX, _ARENAS = -8, 2  # of glibc: each thread's own arena would keep what it once had


def stay_small() -> None:
    """Take memory for columns where it can be given back from any thread; the process decides it once, at its start.

    What is there by then stays: to look through it for garbage again and again takes its time.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    gc.freeze()


class _NotFound(MetaPathFinder):
    """Find no library that others look for and nobody needs here."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        """Refuse these; anything else is for the other finders."""
        del path, target
        if fullname in _UNWANTED:
            raise ModuleNotFoundError(f"this process does without {fullname}", name=fullname)


def stay_for_long() -> None:
    """Prepare a process that idles for months: few arenas, and no libraries that nobody needs; call it early.

    pyarrow looks for pandas with its first array, which takes 40 MB and most of a second; structlog looks for rich.
    """
    _glibc("mallopt", _ARENA_MAX, _ARENAS)
    sys.meta_path.insert(0, _NotFound())


def give_back() -> None:
    """Give the system what was freed."""
    pa.default_memory_pool().release_unused()
    _glibc("malloc_trim", 0)


def _glibc(function: str, *values: int) -> None:
    """Call a function of the C library, where it is one that has it."""
    if sys.platform == "linux":
        call = getattr(ctypes.CDLL(None), function, None)
        if call is not None:
            call(*values)
