"""Rows of equal windows on a clock, and which points count in which of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from cromwelld.simulator.google_health.aggregates import Aggregate, Share
from cromwelld.simulator.google_health.points import Point
from cromwelld.simulator.google_health.times import HIGHEST_OFFSET_S, LOWEST_OFFSET_S, day_at

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Hold windows of `size` seconds from `start` to `end`, of which the last may be shorter.

    The clock is UTC, or the person's own where they are `civil`: every point then counts by the clock of its start.
    """

    start: int
    end: int
    size: int
    civil: bool

    @property
    def count(self) -> int:
        """Count the windows."""
        return -((self.start - self.end) // self.size)

    def edges(self, number: int) -> tuple[int, int]:
        """Give the start and the end of a window by its number from 0."""
        start = self.start + number * self.size
        return start, min(start + self.size, self.end)

    def some(self, first: int, end: int) -> Windows:
        """Keep some windows by their numbers, the end not included."""
        last = self.edges(end - 1)[1] if end > first else self.edges(first)[0]
        return Windows(start=self.edges(first)[0], end=last, size=self.size, civil=self.civil)

    def days(self) -> tuple[date, date]:
        """Give the civil dates, both included, on which points may lie that count; a day more on either side."""
        lowest, highest = (0, 0) if self.civil else (LOWEST_OFFSET_S, HIGHEST_OFFSET_S)
        return day_at(self.start + lowest) - ONE_DAY, day_at(self.end - 1 + highest) + ONE_DAY

    def shares(self, points: Iterable[Point], aggregate: Aggregate) -> dict[int, list[Share]]:
        """Lay the points into the windows, by the windows' numbers."""
        found: dict[int, list[Share]] = {}
        for point in points:
            shift = point.offset_s if self.civil else 0
            start, end = point.start + shift, point.end + shift
            if not aggregate.cut:
                end = min(start + 1, end)
            for number, seconds in self._parts(start, end):
                found.setdefault(number, []).append(Share(point=point, seconds=seconds))
        return found

    def _parts(self, start: int, end: int) -> Iterable[tuple[int, int]]:
        """Cut a stretch at the borders of the windows; one without length lies where it starts."""
        if start == end:
            if self.start <= start < self.end:
                yield (start - self.start) // self.size, 0
            return
        start, end = max(start, self.start), min(end, self.end)
        while start < end:
            number = (start - self.start) // self.size
            border = self.edges(number)[1]
            yield number, min(border, end) - start
            start = border
