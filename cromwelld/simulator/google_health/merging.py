"""One stream out of the copies of several sources, as `reconcile` and the roll-ups have it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from cromwelld.simulator.google_health.datatypes import DataType
from cromwelld.simulator.google_health.points import Point

Spans = list[tuple[int, int]]


def merged(points: Sequence[Point], kind: DataType) -> list[Point]:
    """Drop copies: samples that share a second, days that are told twice, and stretches that a better source covers.

    A wearable is better than everything else; between others the order of their names decides, which is arbitrary.
    """
    if kind.record in {"sample", "daily"}:
        return _one_each(points)
    kept: list[Point] = []
    for source in _by_source(points):
        spans = _joined(kept)
        kept.extend(point for point in source if not _covered(point, spans))
    return kept


def _one_each(points: Sequence[Point]) -> list[Point]:
    found: dict[object, Point] = {}
    for point in sorted(points, key=lambda one: not one.wearable):
        found.setdefault(point.start if point.day is None else point.day, point)
    return list(found.values())


def _by_source(points: Sequence[Point]) -> list[list[Point]]:
    """Put the wearables first, all of them together."""
    groups: dict[tuple[bool, str], list[Point]] = {}
    for point in points:
        rank = (not point.wearable, "" if point.wearable else str(point.source))
        groups.setdefault(rank, []).append(point)
    return [groups[rank] for rank in sorted(groups)]


def _joined(points: Iterable[Point]) -> Spans:
    spans: Spans = []
    for start, end in sorted((point.start, point.end) for point in points):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def _covered(point: Point, spans: Spans) -> bool:
    """Say whether any part of a point lies within the spans."""
    before = bisect_left(spans, (point.end, 0)) - 1
    return before >= 0 and spans[before][1] > point.start
