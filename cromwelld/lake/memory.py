"""Memory of columns given back, for processes that work through years of them."""

from __future__ import annotations

import gc

import pyarrow as pa

from cromwelld.lake.frugal import glibc


def stay_small() -> None:
    """Take memory for columns where it can be given back from any thread; the process decides it once, at its start.

    What is there by then stays: to look through it for garbage again and again takes its time.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    gc.freeze()


def give_back() -> None:
    """Give the system what was freed."""
    pa.default_memory_pool().release_unused()
    glibc("malloc_trim", 0)
