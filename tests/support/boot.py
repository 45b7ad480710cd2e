"""A Debian with systemd as its first process, booted on this machine; what is typed in it is typed as root."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cromwelld.locks import held
from tests.support.parts import missing, program

ROOT = Path(__file__).parents[2]
CACHE = Path(tempfile.gettempdir()) / "cromwelld-bookworm"
SOURCES = (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list"))
INSIDE = "systemd,systemd-sysv,dbus,python3,python3-venv,iproute2,ca-certificates,procps,tzdata,curl,cron"
LONGEST_S = 300
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Machine:
    """A booted machine: its first process, and its disk as it lies here. Its network is that of this one."""

    pid: int
    root: Path

    def _shell(self, *options: str) -> list[str]:
        enter = ["nsenter", "-t", str(self.pid), "-m", "-p", "-n", "-u", "-i"]
        return [*enter, "env", "-i", "HOME=/root", "LANG=C.UTF-8", f"PATH={_PATH}", "bash", *options]

    def begun(self, script: str) -> subprocess.Popen[str]:
        """Type lines in it, and do not wait for their end."""
        pipe = subprocess.PIPE
        return subprocess.Popen(self._shell("-c", script), stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True)

    def type(self, script: str) -> subprocess.CompletedProcess[str]:
        """Type lines in it, as root; what they say on both channels is in stdout."""
        return subprocess.run(
            self._shell("-s"),
            input=script,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST_S,
            check=False,
        )

    def typed(self, script: str) -> str:
        """Type lines of which each must succeed."""
        done = self.type(f"set -e\n{script}")
        assert done.returncode == 0, done.stdout
        return done.stdout

    def until(self, script: str, wanted: str, longest_s: float = 60.0) -> None:
        """Type lines again and again until they say what is wanted."""
        deadline = time.monotonic() + longest_s
        while (said := self.type(script).stdout.strip()) != wanted:
            assert time.monotonic() < deadline, said
            time.sleep(0.2)


def root_file_system() -> Path:
    """Make the file system of a small Debian, once on this machine."""
    if os.geteuid() != 0:
        missing("root", "a machine can only be booted by root")
    build = program("mmdebstrap", "apt install mmdebstrap")
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = CACHE / f"root-{hashlib.sha256(INSIDE.encode()).hexdigest()[:8]}"
    with held(CACHE / "lock", "the making of a Debian", wait_s=LONGEST_S):
        if not folder.is_dir():
            sources = [str(path) for path in SOURCES if path.is_file()][:1]
            half = CACHE / "half"
            subprocess.run(["rm", "-rf", str(half)], check=True)
            command = [
                build,
                "--mode=root",
                "--variant=minbase",
                f"--include={INSIDE}",
                "bookworm",
                str(half),
                *sources,
            ]
            subprocess.run(command, check=True, capture_output=True, timeout=LONGEST_S)
            half.rename(folder)
    return folder


@contextmanager
def disk() -> Iterator[Path]:
    """Give the disk of a machine: a small Debian, and in memory what is changed of it, for as many boots as wanted."""
    with tempfile.TemporaryDirectory(prefix="cromwelld-disk-") as name:
        yield from _laid(root_file_system(), Path(name))


def _laid(lower: Path, place: Path) -> Iterator[Path]:
    upper, work, root = (place / name for name in ("upper", "work", "root"))
    with _mounted(place, "-t", "tmpfs", "-o", "mode=755", "tmpfs"):
        for folder in (upper, work, root):
            folder.mkdir()
        layers = f"lowerdir={lower},upperdir={upper},workdir={work}"
        with _mounted(root, "-t", "overlay", "-o", layers, "overlay"):
            yield root


@contextmanager
def _mounted(place: Path, *what: str) -> Iterator[None]:
    done = subprocess.run(["mount", *what, str(place)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        missing("a machine's disk", f"mount says: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


@contextmanager
def booted(root: Path, *binds: str) -> Iterator[Machine]:
    """Boot a machine from its disk for a while; afterwards it is off, and the disk is as it left it."""
    spawn = program("systemd-nspawn", "apt install systemd-container")
    command = [
        spawn,
        "--boot",
        f"--directory={root}",
        "--register=no",
        "--keep-unit",
        "--machine=cromwelld-test",
        "--console=pipe",
        "--link-journal=no",
        *(f"--bind-ro={bind}" for bind in binds),
    ]
    with (
        held(CACHE / "lock", "a booted Debian", wait_s=LONGEST_S),
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as launcher,
    ):
        machine = Machine(_first_process(launcher), root)
        try:
            machine.until("systemctl is-system-running --wait", "running")
            yield machine
        finally:
            os.kill(machine.pid, signal.SIGRTMIN + 4)  # power off
            launcher.communicate(timeout=LONGEST_S)


def _first_process(launcher: subprocess.Popen[bytes]) -> int:
    """Find the first process of a machine: the child of its launcher that is systemd."""
    deadline = time.monotonic() + LONGEST_S
    children = Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children")
    while time.monotonic() < deadline and launcher.poll() is None:
        for child in children.read_text().split():
            try:
                if str(Path(f"/proc/{child}/exe").readlink()).endswith("/systemd/systemd"):
                    return int(child)
            except OSError:
                continue
        time.sleep(0.1)
    said = launcher.stdout.read().decode("utf-8", "replace") if launcher.poll() is not None and launcher.stdout else ""
    return missing("a machine that boots", f"systemd-nspawn says: {said.strip() or 'nothing'}")
