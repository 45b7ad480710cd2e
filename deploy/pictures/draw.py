"""Draw the pictures of the README: dates of an invented person, collected from one vendor and then from the other."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from cromwelld import load_date, load_days, load_range
from cromwelld.plots import sleep, sleep_by_date
from cromwelld.plots.canvas import Figure

FOLDER = Path(__file__).parent
NIGHT, FIRST, LAST = "2025-10-07", "2025-10-05", "2025-11-09"
COLLECTED = (("fitbit_web", FIRST, 14), ("google_health", "2025-10-19", 22))
SLEEP = ("SleepSummary", "SleepLevels")


def collect(home: Path) -> Path:
    """Collect the dates and give the folder of their tables."""
    for source, first, days in COLLECTED:
        told = ["--data-dir", str(home), "--source", source, "--from", first, "--days", str(days)]
        subprocess.run([sys.executable, "-m", "cromwelld", "demo", *told], check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
    return home / "data"


def figures(data: Path) -> dict[str, Figure]:
    """Draw what the README shows, by file name."""
    days = load_days(FIRST, LAST, data)
    return {
        "night.png": sleep.timeline(load_date(NIGHT, data), load_days(NIGHT, NIGHT, data)),
        "nights.png": sleep_by_date.composition(load_range(FIRST, LAST, data, measurements=SLEEP), days),
    }


def main() -> None:
    """Draw them all beside this file."""
    with tempfile.TemporaryDirectory() as home:
        for name, figure in figures(collect(Path(home) / "demo")).items():
            figure.savefig(FOLDER / name, bbox_inches="tight", metadata={"Software": None})


if __name__ == "__main__":
    main()
