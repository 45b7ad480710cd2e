"""A process that is to be small takes no library that it does not need, and memory where it can be given back."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

_STAYING = """
from cromwelld.lake.frugal import stay_for_long
stay_for_long()
"""
_IMPORTING = """
import contextlib
from cromwelld import cli
cli.cromwelld.main = lambda *_, **__: 0  # what the command does is not asked for here
sys.argv[1:] = ["import", "an-export.zip"]
with contextlib.suppress(SystemExit):
    cli.main()
"""
_PROGRAM = """
import sys
{begin}
import pyarrow as pa
import pyarrow.parquet
pa.array([1.0, 2.0])
print(pa.default_memory_pool().backend_name)
print(*sorted({{"pandas", "rich", "pyarrow._s3fs", "pyarrow._gcsfs", "pyarrow.dataset"}} & set(sys.modules)))
"""


@pytest.mark.parametrize(("begin", "taken"), [(_STAYING, ""), (_IMPORTING, "pyarrow._gcsfs pyarrow._s3fs")])
def test_it_does_without_what_is_large_and_takes_memory_from_the_system(begin: str, taken: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "ARROW_DEFAULT_MEMORY_POOL"}
    command = [sys.executable, "-c", _PROGRAM.format(begin=begin)]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.splitlines() == ["system", taken]


_BEGUN_AGAIN = """
import os
from cromwelld.lake.frugal import begin_again
begin_again()
print(os.getpid(), os.environ["PYTHONMALLOC"])
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives back parts of what it has")
@pytest.mark.parametrize(("chosen", "found"), [(None, "malloc"), ("pymalloc", "pymalloc")])
def test_it_begins_once_more_as_the_same_process_unless_the_memory_is_chosen(chosen: str | None, found: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONMALLOC"}
    environment |= {} if chosen is None else {"PYTHONMALLOC": chosen}
    command = [sys.executable, "-c", _BEGUN_AGAIN]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as program:
        out, _ = program.communicate(timeout=20)
    assert out == f"{program.pid} {found}\n"
