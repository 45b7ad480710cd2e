"""The images of the Containerfile, built once on this machine, and containers of them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cromwelld.locks import held
from tests.support.boot import CACHE, LONGEST_S, ROOT, root_file_system
from tests.support.parts import missing, program

IMAGE = "localhost/cromwelld"
TARGETS = ("built", "systemd", "plain")
LOCKS = tuple(ROOT / "deploy" / "container" / name for name in ("requirements.lock", "build.lock"))
PIP_CONF = "# this-must-stay-outside\n[install]\nno-index = true\nfind-links = /wheels\n"
PYTHON = (3, 11)  # of Debian 12
# Of the machine, not of the image: without systemd nothing asks for health by itself, limits cannot be raised, and the
# simulated vendor is on its loopback.
RUNS_HERE = ("--runtime=runc", "--cgroup-manager=cgroupfs", "--events-backend=file")
STARTS_HERE = (
    "--ulimit=nofile=4096:4096",
    "--ulimit=nproc=4096:4096",
    "--health-interval=disable",
    "--pull=never",
    "--network=host",
)


def _store() -> list[str]:
    return [f"--root={CACHE / 'containers'}", f"--runroot={CACHE / 'containers-run'}"]


def buildah(*arguments: str, cwd: Path = ROOT) -> str:
    """Call buildah in a store of our own; give what it says."""
    command = [program("buildah", "apt install buildah"), *_store(), *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=LONGEST_S, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def podman(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Call podman in the same store; what it says of the machine's lack of systemd is in stderr."""
    command = [program("podman", "apt install podman runc"), *_store(), *RUNS_HERE, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_S, check=False)


def wheels() -> Path:
    """Fetch exactly what the locks name, once; a build or an installation then needs no network for it."""
    if sys.version_info[:2] != PYTHON:
        missing("Python 3.11", "it fetches the packages for the Python of Debian 12")
    digest = hashlib.sha256(b"".join(lock.read_bytes() for lock in LOCKS)).hexdigest()[:12]
    folder, half = CACHE / f"wheels-{digest}", CACHE / "wheels-half"
    with held(CACHE / "wheels-lock", "the fetching of packages", wait_s=LONGEST_S):
        if not folder.is_dir():
            subprocess.run(["rm", "-rf", str(half)], check=True)
            exactly = ["--require-hashes", "--no-deps", "--only-binary", ":all:"]
            locks = [word for lock in LOCKS for word in ("-r", str(lock))]
            fetch = [sys.executable, "-m", "pip", "download", "-q", *exactly, "-d", str(half), *locks]
            subprocess.run(fetch, check=True, capture_output=True, timeout=LONGEST_S)
            half.rename(folder)
    return folder


def _base() -> str:
    """Make the image to begin with from the file system that the machines of the other tests boot."""
    root = root_file_system()
    name = f"localhost/bookworm-systemd:{root.name}"
    if name not in buildah("images", "--format", "{{.Name}}:{{.Tag}}").splitlines():
        container = buildah("from", "scratch")
        buildah("add", "-q", container, str(root), "/")
        buildah("commit", "-q", "--rm", container, name)
    return name


def images(context: Path) -> dict[str, str]:
    """Build the targets from a copy of the source: target and image. What did not change is not built again."""
    build = ["bud", "--isolation=chroot", "--pull=never", "--layers", "--format=docker"]
    with held(CACHE / "containers-lock", "the building of images", wait_s=LONGEST_S):
        (CACHE / "pip.conf").write_text(PIP_CONF, encoding="utf-8")
        build += [f"--build-arg=BASE={_base()}", f"--secret=id=pip,src={CACHE / 'pip.conf'}"]
        build += [f"--volume={wheels()}:/wheels:ro"]
        for target in TARGETS:
            chosen = [] if target == TARGETS[-1] else [f"--target={target}"]  # the last one is what nobody has to name
            buildah(*build, *chosen, f"--tag={IMAGE}:{target}", ".", cwd=context)
        buildah("rmi", "--prune")
    return {target: f"{IMAGE}:{target}" for target in TARGETS}


def described(image: str) -> dict[str, Any]:
    """Tell what an image says of itself: user, command, volumes, signal, labels."""
    config: dict[str, Any] = json.loads(buildah("inspect", "--type=image", image))["Docker"]["config"]
    return config


def layers(image: str) -> list[Path]:
    """List the folders in which the layers of an image lie, the newest first; the base is not among them."""
    store = CACHE / "containers"
    kept = json.loads((store / "overlay-layers/layers.json").read_text("utf-8"))
    parents = {layer["id"]: layer.get("parent", "") for layer in kept}
    found, at, last = [], _top(image), _top(_base())
    while at != last:
        found.append(store / "overlay" / at / "diff")
        at = parents[at]
    return found


def _top(image: str) -> str:
    kept = json.loads((CACHE / "containers/overlay-images/images.json").read_text("utf-8"))
    return next(str(one["layer"]) for one in kept if image in one.get("names", ()))


@dataclass(frozen=True)
class Container:
    """A container that runs."""

    name: str

    def type(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in it, as its user."""
        return podman("exec", self.name, *command)

    def typed(self, *command: str) -> str:
        """Run a command that must succeed; give what it says."""
        done = self.type(*command)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def healthy(self) -> bool:
        """Ask as the image says that it is asked."""
        return podman("healthcheck", "run", self.name).returncode == 0

    def until_healthy(self, longest_s: float = 60.0) -> None:
        """Wait until it is well, or say what it said."""
        deadline = time.monotonic() + longest_s
        while not self.healthy():
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.2)

    def said(self) -> str:
        """Give its log."""
        done = podman("logs", self.name)
        return done.stdout + done.stderr

    def stop(self) -> int:
        """Stop it as the image says that it is stopped; give the exit code."""
        podman("stop", "--time=60", self.name)
        return int(podman("inspect", "--format={{.State.ExitCode}}", self.name).stdout)


@contextmanager
def running(name: str, image: str, options: Sequence[str] = (), command: Sequence[str] = ()) -> Iterator[Container]:
    """Run a container for a while; nothing of it stays but what lies in folders of ours."""
    full = f"cromwelld-test-{name}"
    here = ["--detach", *STARTS_HERE, f"--name={full}"]
    podman("rm", "--force", "--volumes", "--time=0", full)
    done = podman("run", *options, *here, image, *command)
    assert done.returncode == 0, done.stderr
    try:
        yield Container(full)
    finally:
        podman("rm", "--force", "--volumes", "--time=0", full)


def once(image: str, options: Sequence[str], command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a container to its end."""
    return podman("run", *options, *STARTS_HERE, image, *command)
