"""What holds for every test: fixed seeds, no surroundings of the machine, no internet."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support import s3

settings.register_profile(
    "fixed",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("fixed")

MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder of its own in it
ROOM_BYTES = 1_000_000_000

SURROUNDINGS = ("CROMWELLD_CONFIG", "CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide what a developer's machine or a service manager tells its programs."""
    told = (name for name in os.environ if name.lower().endswith("_proxy") or name.startswith("AWS_"))
    for name in [*SURROUNDINGS, *told]:
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="session")
def moto() -> Iterator[s3.Server]:
    with s3.moto() as server:
        yield server


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3.Server]:
    with s3.seaweedfs(tmp_path_factory.mktemp("seaweedfs")) as server:
        yield server


@pytest.fixture(scope="session")
def rclone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3.Server]:
    with s3.rclone(tmp_path_factory.mktemp("rclone")) as server:
        yield server


def pytest_configure(config: pytest.Config) -> None:
    """Keep the tests' files in memory: a disk would be waited for some seventy thousand times."""
    if not _is_alone(config) and _has_room(MEMORY):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def _has_room(folder: Path) -> bool:
    """Tell whether a folder takes the files of the tests, programs among them."""
    if not os.access(folder, os.W_OK):
        return False
    disk = os.statvfs(folder)
    return not disk.f_flag & os.ST_NOEXEC and disk.f_bavail * disk.f_frsize >= ROOM_BYTES


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Use every core, but run alone what compares times or is told to be soaked."""
    return 0 if _is_alone(config) else os.cpu_count() or 1


def _is_alone(config: pytest.Config) -> bool:
    wanted = str(config.getoption("markexpr"))
    return any(f"not {mark}" not in wanted and mark in wanted for mark in ("bench", "soak"))
