"""What holds for every test: fixed seeds, no surroundings of the machine, no internet."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "fixed",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("fixed")

SURROUNDINGS = ("CROMWELLD_CONFIG", "CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide what a developer's machine or a service manager tells its programs."""
    for name in [*SURROUNDINGS, *(name for name in os.environ if name.lower().endswith("_proxy"))]:
        monkeypatch.delenv(name, raising=False)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Use every core, but run alone what compares times or is told to be soaked."""
    wanted = str(config.getoption("markexpr"))
    alone = any(f"not {mark}" not in wanted and mark in wanted for mark in ("bench", "soak"))
    return 0 if alone else os.cpu_count() or 1
