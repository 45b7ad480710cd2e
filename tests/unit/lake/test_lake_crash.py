"""A writer that is stopped after any step: the same batch again gives what an undisturbed one gives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pytest

from cromwelld.lake.files import Files
from cromwelld.lake.writer import LakeDay
from tests.support.lake import at, contents, day, lake, night, partial, rows, usual, whole

EARLIER = ("2025-09-30", "2025-10-08")


class Stopped(Exception):
    """The machine stopped."""


class Stopping(Files):
    """File operations of which only the first few happen; every change is one, a new file is two."""

    def __init__(self, root: Path, steps: int) -> None:
        super().__init__(root)
        self.left = steps

    def _step(self) -> None:
        if self.left == 0:
            raise Stopped
        self.left -= 1

    @contextmanager
    def create(self, path: str) -> Iterator[pa.NativeFile]:
        self._step()
        with super().create(path) as sink:
            yield sink
            self._step()

    def remove(self, path: str) -> None:
        self._step()
        super().remove(path)

    def remove_folder(self, path: str) -> None:
        self._step()
        super().remove_folder(path)


def batch() -> list[LakeDay]:
    """Add a date, change one, take measurements from another, and answer a part of a fourth."""
    hrv = rows("HRV", {"time": at("2025-09-30 11:00"), "field_dailyRmssd": 40.0, "field_new": 1.0})
    return [
        whole(usual("2025-10-07")),
        whole(usual("2025-10-08", beats=70.0)),
        whole(day("2025-10-09", night("2025-10-09 01:00", "2025-10-09 07:00"))),
        partial(day("2025-09-30", {"HRV": hrv})),
    ]


def seeded(root: Path) -> Path:
    lake(root).write([whole(usual(date)) for date in (*EARLIER, "2025-10-09")])
    return root


def stopped_after(root: Path, steps: int) -> bool:
    """Write until the machine stops; tell whether it did."""
    try:
        lake(root, files=Stopping(root, steps)).write(batch())
    except Stopped:
        return True
    return False


@pytest.mark.parametrize("fresh", [False, True], ids=["over earlier dates", "in an empty folder"])
def test_a_stop_after_any_step_is_made_good(tmp_path: Path, fresh: bool) -> None:  # noqa: FBT001 - a case
    undisturbed = tmp_path / "undisturbed" if fresh else seeded(tmp_path / "undisturbed")
    lake(undisturbed).write(batch())
    expected = contents(undisturbed)
    steps = 0
    while True:
        root = tmp_path / str(steps) if fresh else seeded(tmp_path / str(steps))
        if not stopped_after(root, steps):
            break
        (root / ".tmp" / ".days.parquet.00.tmp").write_bytes(b"half a file, left by a kill")
        lake(root).write(batch())
        assert contents(root) == expected, f"stopped after {steps} steps"
        steps += 1
    assert steps >= 15
