"""The simulated vendor with latency, in a process of its own: vendor.py SECONDS. Prints where it serves."""

from __future__ import annotations

import datetime as dt
import sys

from cromwelld.simulator.fitbit_web import Options, application
from cromwelld.simulator.person import Person
from cromwelld.simulator.serve import run

NOW = dt.datetime(2025, 10, 12, 3, tzinfo=dt.UTC)


def announce(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    options = Options(latency_s=float(sys.argv[1]), quota=None)
    run(application(Person(), clock=lambda: NOW, options=options), announce=announce)
