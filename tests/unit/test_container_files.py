"""What a container is built from: the locks hold what was tested, and the Containerfile takes in only what it may."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sysconfig
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from itertools import takewhile
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import cromwelld
from cromwelld.config import Http

ROOT = Path(__file__).resolve().parents[2]
CONTAINERFILE = (ROOT / "Containerfile").read_text("utf-8")
LOCKS = ("requirements.lock", "build.lock")
PLATFORMS: list[dict[str, str]] = [
    {"python_version": version, "python_full_version": f"{version}.9", "sys_platform": "linux"}
    for version in ("3.11", "3.12", "3.13", "3.14")
]


def pins(text: str) -> list[Requirement]:
    """Read what a file in the form of pip's requirements names, without hashes and remarks."""
    lines = [line.removesuffix("\\").strip() for line in text.splitlines() if re.match(r"[a-zA-Z0-9]", line)]
    return [Requirement(line) for line in lines]


def lock(name: str) -> str:
    return (ROOT / "deploy/container" / name).read_text("utf-8")


def versions(requirements: list[Requirement], platform: dict[str, str]) -> dict[str, str]:
    return {one.name: str(one.specifier) for one in requirements if one.marker is None or one.marker.evaluate(platform)}


def runtime() -> set[str]:
    """Name everything that the program needs, told by what the installed packages say of themselves."""
    found: set[str] = set()
    queue = ["cromwelld"]
    while queue:
        needed = [Requirement(text) for text in metadata.requires(queue.pop()) or ()]
        here = {
            canonicalize_name(one.name) for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})
        }
        queue += sorted(here - found)
        found |= here
    return found


@pytest.mark.parametrize("name", LOCKS)
@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform["python_version"])
def test_the_locks_hold_what_was_tested(name: str, platform: dict[str, str]) -> None:
    tested = versions(pins((ROOT / "deploy/constraints.txt").read_text("utf-8")), platform)
    locked = versions(pins(lock(name)), platform)
    assert {one: version for one, version in locked.items() if tested.get(one, version) != version} == {}
    assert name == "build.lock" or locked.keys() <= tested.keys()


def test_the_lock_lacks_nothing_and_has_nothing_beside() -> None:
    assert versions(pins(lock("requirements.lock")), {}).keys() == runtime()


def test_the_build_lock_begins_with_what_the_project_is_built_by() -> None:
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    assert set(needed) <= {one.name for one in pins(lock("build.lock"))}


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_one_version_and_its_hashes(name: str) -> None:
    lines = lock(name).splitlines()
    for number, line in enumerate(lines):
        if re.match(r"[a-zA-Z0-9]", line):
            assert re.fullmatch(r"[a-z0-9-]+==[^ ]+( ; [^\\]+)? \\", line), line
            hashes = [*takewhile(lambda one: one.startswith("    --hash="), lines[number + 1 :])]
            assert hashes, line
            assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", one) for one in hashes), line


def test_hadolint_finds_nothing() -> None:
    program = Path(sysconfig.get_path("scripts")) / "hadolint"
    done = subprocess.run([program, ROOT / "Containerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_hadolint_would_find_something(tmp_path: Path) -> None:
    program = Path(sysconfig.get_path("scripts")) / "hadolint"
    bad = tmp_path / "Containerfile"
    bad.write_text("FROM debian\nRUN sudo apt-get install python3\n", encoding="utf-8")
    assert subprocess.run([program, bad], capture_output=True, check=False).returncode == 1


def test_the_base_is_named_by_its_content() -> None:
    assert re.search(
        r"^ARG BASE=docker\.io/library/debian:bookworm-\d{8}-slim@sha256:[0-9a-f]{64}$", CONTAINERFILE, re.MULTILINE
    )
    assert set(re.findall(r"^FROM (\S+)", CONTAINERFILE, re.MULTILINE)) == {"${BASE}", "python", "labelled"}


def test_the_image_says_which_version_it_is() -> None:
    assert f'org.opencontainers.image.version="{cromwelld.__version__}"' in CONTAINERFILE


def test_every_package_is_installed_by_its_hash_or_from_the_source() -> None:
    commands = re.findall(r"pip (?:--python \S+ )?install (?:[^;\\]|\\\n)*", CONTAINERFILE)
    assert len(commands) == 3
    for command in commands:
        assert "--require-hashes --no-deps --only-binary :all:" in command or "--no-index --no-deps" in command, command


def test_a_build_takes_in_only_what_it_is_given() -> None:
    lines = (ROOT / ".containerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = [rule.removeprefix("!") for rule in rules if rule.startswith("!")]
    copied = {
        source.rstrip("/")
        for line in re.findall(r"^COPY (?!--from)(.+)$", CONTAINERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    }
    assert copied
    for source in copied:
        assert (ROOT / source).exists(), source
        assert any(Path(source).match(rule) or Path(source).is_relative_to(rule) for rule in allowed), source


@pytest.fixture
def health() -> ModuleType:
    spec = importlib.util.spec_from_file_location("healthy", ROOT / "deploy/container/healthy.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def answering(status: int) -> Iterator[int]:
    """Answer everything that is asked with one status; give the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()

        def log_request(self, code: object = "-", size: object = "-") -> None:
            del code, size

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("status", "well"), [(200, True), (503, False), (421, False)])
def test_a_container_is_as_well_as_its_daemon(health: ModuleType, tmp_path: Path, status: int, *, well: bool) -> None:
    config = tmp_path / "config.toml"
    with answering(status) as port:
        config.write_text(f'[http]\nlisten = "0.0.0.0:{port}"\n', encoding="utf-8")
        assert health.healthy(config) is well


@pytest.mark.parametrize("text", ["listen = [", '[http]\nlisten = "0.0.0.0:http"\n', '[http]\nlisten = "0.0.0.0:1"\n'])
def test_a_container_without_an_answer_is_not_well(health: ModuleType, tmp_path: Path, text: str) -> None:
    config = tmp_path / "config.toml"
    assert health.healthy(config) is False  # no file
    config.write_text(text, encoding="utf-8")
    assert health.healthy(config) is False


def test_the_port_is_that_of_the_daemon_when_none_is_said(health: ModuleType, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("", encoding="utf-8")
    assert health.port(config) == Http().listen.port == 8377
