"""One large object to a bucket, in a process of its own: upload.py ENDPOINT BUCKET PREFIX FILE.

Has sent a small object before, as a resident process has. Prints seconds, and the peak memory above what was there
after the small object, in MB.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from cromwelld.archive.bucket import Bucket
from cromwelld.archive.s3 import opened
from tests.bench.one_day import memory_kb
from tests.support.s3 import KEYS


async def upload(endpoint: str, name: str, prefix: str, file: Path) -> dict[str, float]:
    bucket = Bucket(name=name, prefix=prefix, endpoint=endpoint, region="us-east-1", keys=KEYS, path_style=True)
    small = file.with_name("small")
    small.write_bytes(b"small")
    async with opened(bucket) as store:
        await store.put("small.json.gz", small, {"sha256": "small"})
        Path("/proc/self/clear_refs").write_text("5")  # the high-water mark starts anew
        baseline_kb = memory_kb("VmRSS")
        start = time.perf_counter()
        await store.put("large.json.gz", file, {"sha256": "large"})
        seconds = time.perf_counter() - start
    return {"seconds": seconds, "memory_mb": (memory_kb("VmHWM") - baseline_kb) / 1024}


if __name__ == "__main__":
    server, bucket, below, path = sys.argv[1:]
    sys.stdout.write(json.dumps(asyncio.run(upload(server, bucket, below, Path(path)))))
