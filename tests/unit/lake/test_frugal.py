"""A process that stays for long takes no library that it does not need, and memory where it can be given back."""

from __future__ import annotations

import os
import subprocess
import sys

_PROGRAM = """
import sys
from cromwelld.lake.frugal import stay_for_long
stay_for_long()
import pyarrow as pa
import pyarrow.parquet
pa.array([1.0, 2.0])
print(pa.default_memory_pool().backend_name)
print(*sorted({"pandas", "rich", "pyarrow._s3fs", "pyarrow._gcsfs", "pyarrow.dataset"} & set(sys.modules)))
"""


def test_it_does_without_pandas_and_buckets_and_takes_memory_from_the_system() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "ARROW_DEFAULT_MEMORY_POOL"}
    command = [sys.executable, "-c", _PROGRAM]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.splitlines() == ["system", ""]
