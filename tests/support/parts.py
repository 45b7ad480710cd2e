"""What a test does when a program that it needs is not on this machine."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def missing(part: str, remedy: str) -> NoReturn:
    """Skip for want of a part, or fail where CROMWELLD_REQUIRE_PARTS says that every part must be here."""
    reason = f"{part} is not here: {remedy}"
    if os.environ.get("CROMWELLD_REQUIRE_PARTS") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def program(name: str, remedy: str) -> str:
    """Find a program on the PATH; skip or fail as `missing` does."""
    return shutil.which(name) or missing(name, remedy)
