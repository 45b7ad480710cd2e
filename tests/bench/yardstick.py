"""Where the straightforward way lies, which the ratios are taken against."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

BESIDE_THE_PROJECT = Path(__file__).resolve().parents[2].parent / "shared" / "yardstick"


def yardstick_file(name: str) -> Path:
    """Find a module of the yardstick; skip where it is not."""
    folder = Path(os.environ.get("CROMWELLD_YARDSTICK", BESIDE_THE_PROJECT))
    if not folder.is_dir():
        pytest.skip("the yardstick is not here: set CROMWELLD_YARDSTICK")
    return folder / f"{name}.py"
