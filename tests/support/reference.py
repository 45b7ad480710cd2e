"""Where the vendors' published samples lie, which are read but never copied into the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ABSENT = "reference files are not here: set CROMWELLD_REFERENCE"
BESIDE_THE_PROJECT = Path(__file__).resolve().parents[2].parent / "shared" / "reference"


def reference_root() -> Path | None:
    """Name the folder of the reference files, or None where there is none.

    A folder named in CROMWELLD_REFERENCE must exist: what was asked for by name is never skipped in silence.
    """
    named = os.environ.get("CROMWELLD_REFERENCE")
    if named:
        return Path(named)
    return BESIDE_THE_PROJECT if BESIDE_THE_PROJECT.is_dir() else None


def reference(relative: str) -> Path:
    """Find one file or folder of the reference, skip where the reference is absent, fail where only the file is."""
    root = reference_root()
    if root is None:
        pytest.skip(ABSENT, allow_module_level=True)
    path = root / relative
    if not path.exists():
        pytest.fail(f"the reference has no {relative}", pytrace=False)
    return path


def references(folder: str, pattern: str = "*") -> list[Path]:
    """List the files of a reference folder by name; skip or fail as `reference` does."""
    found = sorted(path for path in reference(folder).glob(pattern) if path.is_file())
    if not found:
        pytest.fail(f"the reference has no {folder}/{pattern}", pytrace=False)
    return found
