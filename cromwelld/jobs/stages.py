"""How long each stage of a job takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

FETCH, STORE, READ_BACK = "fetch", "store", "read_back"
STAGES = (FETCH, STORE, READ_BACK)


class Stages:
    """Add up the seconds of each stage, by a clock that only goes forward."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seconds: dict[str, float] = {}

    @contextmanager
    def during(self, stage: str) -> Iterator[None]:
        """Count what is done in here as a stage, however it ends."""
        began = self._clock()
        try:
            yield
        finally:
            self._seconds[stage] = self._seconds.get(stage, 0.0) + self._clock() - began

    def fields(self) -> Mapping[str, float]:
        """Give the seconds as an event has them: `fetch_s` and so on."""
        return {f"{stage}_s": round(seconds, 3) for stage, seconds in self._seconds.items()}
