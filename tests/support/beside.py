"""The bucket of compose.yaml, run by the program that is in its image."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support import s3
from tests.support.composed import services
from tests.support.guide import GUIDE

# What the entrypoint of the image puts before the words of compose.yaml.
ENTRYPOINT = ("-master.volumePreallocate", "-master.volumeSizeLimitMB=1024", "-volume.max=0")


@dataclass(frozen=True)
class Beside:
    """The server as it runs: where it speaks S3, and the shell that is in its image."""

    port: int
    shell: str

    def typed(self, line: str) -> str:
        """Type a line in which the shell is called `weed shell`."""
        line = line.replace("weed shell", self.shell)
        return subprocess.run(["sh", "-c", line], check=True, capture_output=True, text=True, timeout=60).stdout


def _words(port: int, identities: Path) -> list[str]:
    """Give the words of compose.yaml, with loopback and our file in place of what only compose has."""
    here = {
        "-ip=seaweedfs": "-ip=127.0.0.1",
        "-ip.bind=0.0.0.0": "-ip.bind=127.0.0.1",
        "-s3.port=8333": f"-s3.port={port}",
        "-s3.config=/run/secrets/seaweedfs.json": f"-s3.config={identities}",
    }
    told, *words = str(services()["seaweedfs"]["command"]).split()
    assert told == "server"
    assert set(here) < set(words)
    return [here.get(word, word) for word in words]


@contextmanager
def bucket_beside(folder: Path, identities: Path) -> Iterator[Beside]:
    """Run the server over a new folder, and make the bucket by the line of the guide."""
    folder.mkdir()
    master, volume, filer, port = s3.SeaweedFS(folder).ports
    weed = Path(sys.executable).with_name("weed")
    command: list[str | Path] = [
        weed,
        "-logtostderr",
        "server",
        f"-dir={folder}",
        *ENTRYPOINT,
        *_words(port, identities),
    ]
    command += [
        f"-master.port={master}",
        f"-volume.port={volume}",
        f"-filer.port={filer}",
        "-master.electionTimeout=1s",
    ]
    running = s3.Program(command, "Start Seaweed S3 API Server .* at")
    try:
        assert running.is_ready(), "".join(running.lines)
        made = Beside(port, f"{weed} shell -master=127.0.0.1:{master}")
        (told,) = re.findall(r"exec seaweedfs sh -c '(.*)'", GUIDE)
        assert told.endswith("| weed shell")
        made.typed(told)
        yield made
    finally:
        running.kill()
